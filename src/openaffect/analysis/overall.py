"""The reading of a whole recording, from the readings of its segments.

Weight of a family = Σ duration · confidence of its best label, over Σ duration of **all** segments, those without a
reading included: silence and abstention make the whole less sure.  Nothing is re-measured here.
"""

from __future__ import annotations

from collections.abc import Sequence

from openaffect.analysis.weighing import LEAST
from openaffect.analysis.wording import Language, clock, join
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Explanation, Label, Reading, SegmentReport, Statement

BESIDE = 0.5
"""A family with this share of the leader's weight is given beside it."""
OPEN = 0.25
"""A family with this share is shown as competing."""
MOST = 3
MOST_CHANGES = 6


def _durations(segments: Sequence[SegmentReport]) -> list[float]:
    """Return the weight in time of each segment; still images and untimed text count alike."""
    lengths = [segment.end - segment.start for segment in segments]
    if not any(lengths):
        return [1.0] * len(lengths)
    shortest = min(length for length in lengths if length > 0)
    return [length or shortest for length in lengths]


def _families(segments: Sequence[SegmentReport], language: Language) -> list[Label]:
    """Return one label per family that some segment names, weightiest first."""
    lengths = _durations(segments)
    total = sum(lengths)
    weights: dict[str, float] = {}
    names: dict[str, dict[str, float]] = {}
    clues: dict[str, list[str]] = {}
    for segment, length in zip(segments, lengths, strict=True):
        best: dict[str, Label] = {}
        for item in segment.reading.labels:
            best.setdefault(item.family, item)
        for family, item in best.items():
            weight = length * item.confidence / total
            weights[family] = weights.get(family, 0.0) + weight
            names.setdefault(family, {})
            names[family][item.name] = names[family].get(item.name, 0.0) + weight
            clues.setdefault(family, []).extend(item.clues)
    labels = []
    for family in sorted(weights, key=lambda f: (-weights[f], f)):
        name = max(sorted(names[family]), key=names[family].__getitem__)
        sure = round(min(1.0, weights[family]), 3)
        text = _word(name, language)
        labels.append(Label(name=name, text=text, family=family, confidence=sure, clues=_once(clues[family])))
    return labels


def _word(name: str, language: Language) -> str:
    """Return a label as a sentence needs it; a remote reasoner may have used a word that the vocabulary lacks."""
    return VOCABULARY[name].text(language) if name in VOCABULARY else name


def _once(clues: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clues))


def _changes(segments: Sequence[SegmentReport], language: Language) -> list[Statement]:
    """Return a sentence for each time that one person's leading family changes from one reading to the next."""
    last: dict[str, tuple[SegmentReport, Label]] = {}
    several = len({segment.person for segment in segments}) > 1
    statements = []
    for segment in sorted(segments, key=lambda s: (s.start, s.end, s.person, s.id)):
        if not segment.reading.labels:
            continue
        now = segment.reading.labels[0]
        before = last.get(segment.person)
        last[segment.person] = (segment, now)
        if before is None or before[1].family == now.family:
            continue
        who = f"{segment.person} " if several else ""
        at, old, new = clock(segment.start), _word(before[1].name, language), _word(now.name, language)
        text = f"{who or 'The expression '}goes from apparently {old} to apparently {new} at {at}."
        if language == "zh":
            text = f"{at} 处，{who or '表情与语气'}看起来由{old}转为{new}。"
        statements.append(Statement(text=text, clues=_once([*before[1].clues, *now.clues])))
    return statements


def _silent(segments: Sequence[SegmentReport], language: Language) -> str:
    zh = language == "zh"
    if not segments:
        return "录音中没有可以分析的人，因此不作判断。" if zh else "Nobody was found to read, so no emotion is named."
    reasons = {segment.reading.abstained or segment.reading.refused or "" for segment in segments}
    if len(segments) == 1 or len(reasons) == 1:
        reason = min(reasons)
        if reason:
            return reason
    n = len(segments)
    return f"{n} 个片段均未得出判断。" if zh else f"None of the {n} segments allowed a reading."


def overall(segments: Sequence[SegmentReport], *, language: Language = "en") -> Reading:
    """Return the reading of the recording: its families by time and confidence, its changes, its contradictions.

    Confidences are shares of the time weighted by the segments' own confidences, in 0–1 and uncalibrated.
    Contradictions of the segments are all kept.  Where no segment was read, the reading abstains and says why.
    """
    labels = _families(segments, language)
    kept = tuple(c for segment in segments for c in segment.reading.contradictions)
    if not labels or labels[0].confidence < LEAST / 2:
        text = _silent([s for s in segments if not s.reading.labels] or segments, language)
        return Reading(explanation=Explanation(conclusion=(Statement(text=text),)), contradictions=kept, abstained=text)
    top = labels[0].confidence
    given = tuple(item for item in labels if item.confidence >= BESIDE * top)[:MOST]
    rivals = tuple(item for item in labels if item not in given and item.confidence >= OPEN * top)[:MOST]
    statements = [_summary(segments, given, language)]
    changes = _changes(segments, language)
    statements += changes[:MOST_CHANGES]
    if len(changes) > MOST_CHANGES:
        rest = changes[MOST_CHANGES:]
        text = f"{len(rest)} further changes follow." if language == "en" else f"此后还有 {len(rest)} 次变化。"
        statements.append(Statement(text=text, clues=_once([c for s in rest for c in s.clues])))
    return Reading(
        labels=given,
        competing=rivals,
        explanation=Explanation(conclusion=tuple(statements)),
        contradictions=kept,
    )


def _summary(segments: Sequence[SegmentReport], given: Sequence[Label], language: Language) -> Statement:
    read = sum(1 for segment in segments if segment.reading.labels)
    clues = _once([clue for item in given for clue in item.clues])
    if language == "zh":
        names = join([f"{item.text}（{item.confidence:.2f}）" for item in given], "zh")
        text = f"综观整段录音，{len(segments)} 个片段中有 {read} 个可以判断，主要表达为{names}，置信度未经校准。"
    else:
        names = join([f"{item.text} ({item.confidence:.2f})" for item in given], "en")
        text = (
            f"Over the recording, {read} of {len(segments)} segments allow a reading; the expressed emotion is mostly "
            f"{names}, an uncalibrated share of the time."
        )
    return Statement(text=text, clues=clues)
