"""The explanation: what is seen, heard, said (read in the light of the other two), and what follows.

Only two kinds of sentence cite no clue: that a modality is absent, and that no emotion is named.  The conclusion
counts the clues that carry it: those without which its labels would score lower.
"""

from __future__ import annotations

from collections.abc import Sequence

from openaffect.analysis import wording
from openaffect.analysis.disagreement import against, turned
from openaffect.analysis.pulls import Pull
from openaffect.analysis.sentences import Found, acoustic, ids, missing, sentence, too_weak, visual
from openaffect.analysis.wording import join, shorts
from openaffect.records import Explanation, Statement


def _quotes(found: Found, pulls: Sequence[Pull]) -> str:
    """Return the words with what they sound like, grouped by the words; a clue of one's own speaks for itself."""
    grouped: dict[str, list[str]] = {}
    parts = [wording.own_words(p.clue) for p in pulls if p.clue.points_to]
    for p in pulls:
        if not p.clue.points_to:
            word, number = wording.sense(p, found.language)
            grouped.setdefault(p.clue.quote or "", []).append(found.pick(f"{word} ({number})", f"{word}（{number}）"))
    for quote, senses in grouped.items():
        listed = join(senses, found.language)
        words = f"“{quote}”" if quote else ""
        parts.append(found.pick(" ".join(f"the words {words} sound {listed}".split()), f"话语{words}听起来{listed}"))
    return found.pick("; ", "；").join(parts)


def _backing(found: Found, words: Sequence[Pull]) -> list[Pull]:
    """Return the clues of face and voice that go the way of the words."""
    stance = found.weighing.stances["lexical"]
    backing = []
    for p in found.weighing.pulls:
        axis = "arousal" if p.clue.modality == "acoustic" else "valence"
        if p.clue.modality == "lexical" or axis not in p.axes:
            continue
        theirs, ours = stance.place.get(axis, 0.0), p.axes[axis][0]
        if theirs * ours > 0 and abs(theirs) >= 0.1 and abs(ours) >= 0.2:
            backing.append(p)
    return backing


def lexical(found: Found) -> tuple[Statement, ...]:
    """Return what is said, read in the light of face and voice."""
    words, language = found.of("lexical"), found.language
    weak = too_weak(found, "lexical")
    if not words:
        return weak or (missing(found, "lexical"),)
    said = _quotes(found, words)
    others = [p for p in found.weighing.pulls if p.clue.modality != "lexical"]
    conflicts = [c for c in found.weighing.conflicts if "lexical" in {c.pleasant, c.unpleasant}]
    if not any(p.speaks for p in words):
        parts, cited = [said, found.pick("no feeling is named", "没有说出情绪")], list(words)
    elif conflicts:
        stand = against(found, conflicts)
        parts, cited = [said, turned(found, conflicts, stand)], [*words, *stand]
    elif backing := _backing(found, words):
        listed = shorts(backing, language)
        parts, cited = [said, found.pick(f"{listed} bear this out", f"{listed}与之相符")], [*words, *backing]
        if len(backing) == 1:
            parts[1] = found.pick(f"{listed} bears this out", parts[1])
    elif others:
        parts = [said, found.pick("face and voice add little to them", "面部和声音对此没有多少补充")]
        cited = list(words)
    else:
        parts = [said, found.pick("there is neither face nor voice to colour them", "没有面部或声音可供参照")]
        cited = list(words)
    return (Statement(text=sentence(parts, language), clues=ids(cited)), *weak)


def _count(found: Found, number: int) -> str:
    return found.pick("one clue" if number == 1 else f"{number} clues", f"{number} 条线索")


def conclusion(found: Found) -> tuple[Statement, ...]:
    """Return what follows: the labels, what else stays possible, and the disagreements; or the abstention."""
    if found.abstained is not None:
        return (Statement(text=found.abstained),)
    names = join([f"{item.text} ({item.confidence:.2f})" for item in found.labels], "en")
    if found.language == "zh":
        names = join([f"{item.text}（{item.confidence:.2f}）" for item in found.labels], "zh")
    cited = tuple(dict.fromkeys(clue for item in found.labels for clue in item.clues))
    best = found.labels[0].confidence
    sure = ("is best described as", "最宜描述为") if best >= 0.5 else ("may be described as", "可以描述为")
    hedge = sure if best >= 0.25 else ("can only be guessed at:", "只能大致推测为")
    n = _count(found, len(cited))
    english = f"On {n}, the expressed emotion {hedge[0]} {names}; the confidence is uncalibrated."
    chinese = f"综合 {n}，所表达的情绪{hedge[1]}{names}；置信度未经校准。"
    statements = [Statement(text=found.pick(english, chinese), clues=cited)]
    if found.competing:
        statements.append(_rivals(found, best))
    statements += [Statement(text=item.text, clues=item.clues) for item in found.contradictions]
    return tuple(statements)


def _rivals(found: Found, best: float) -> Statement:
    """Return what else the evidence admits, each with the clues that carry it."""
    items = []
    for item in found.competing:
        evidence = shorts([p for p in found.weighing.pulls if p.clue.id in item.clues], found.language)
        english = f"{item.text} ({item.confidence:.2f}), for {evidence}"
        items.append(found.pick(english, f"{item.text}（{item.confidence:.2f}），依据是{evidence}"))
    level = found.competing[0].confidence >= 0.85 * best
    english = "The evidence does not decide against " if level else "Less likely but open: "
    chinese = "证据同样不排除" if level else "可能性较小但未排除："
    text = found.pick(english + "; ".join(items) + ".", chinese + "；".join(items) + "。")
    return Statement(text=text, clues=tuple(dict.fromkeys(c for item in found.competing for c in item.clues)))


def explain(found: Found) -> Explanation:
    """Return all four parts of the explanation."""
    return Explanation(
        visual=visual(found), acoustic=acoustic(found), lexical=lexical(found), conclusion=conclusion(found)
    )
