"""The sentences about what is seen and what is heard, and what all sentences are made from.

Each sentence names every clue that it cites, so that none can be taken away without a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openaffect.analysis import wording
from openaffect.analysis.pull_rows import MEASURES
from openaffect.analysis.pulls import Pull
from openaffect.analysis.weighing import WEAK, Weighing
from openaffect.analysis.wording import NOTICED, Language, join, short
from openaffect.records import Contradiction, Label, Modality, Statement

_ABSENT: Mapping[Modality, tuple[str, str]] = {
    "visual": ("No clue comes from the face.", "没有来自面部的线索。"),
    "acoustic": ("No clue comes from the voice.", "没有来自声音的线索。"),
    "lexical": ("No clue comes from the words.", "没有来自话语的线索。"),
}


@dataclass(frozen=True)
class Found:
    """What the sentences are made from.  `pulls` holds all clues of the person, also the weak and the silent ones."""

    pulls: tuple[Pull, ...]
    weighing: Weighing
    labels: tuple[Label, ...]
    competing: tuple[Label, ...]
    contradictions: tuple[Contradiction, ...]
    abstained: str | None
    absent: Mapping[str, str]
    language: Language

    def of(self, modality: Modality) -> list[Pull]:
        """Return the pulls of *modality* that are sure enough to count, in order."""
        return [p for p in self.pulls if p.clue.modality == modality and p.clue.confidence >= WEAK]

    def pick(self, english: str, chinese: str) -> str:
        """Return the text in the report's language."""
        return chinese if self.language == "zh" else english


def ids(pulls: Sequence[Pull]) -> tuple[str, ...]:
    """Return the clue ids of *pulls*, each once, in order."""
    return tuple(dict.fromkeys(pull.clue.id for pull in pulls))


def sentence(parts: Sequence[str], language: Language) -> str:
    """Return *parts* as one sentence."""
    text = ("；" if language == "zh" else "; ").join(parts)
    return text[:1].upper() + text[1:] + ("。" if language == "zh" else ".")


def missing(found: Found, modality: Modality) -> Statement:
    """Return the sentence that *modality* is absent, with the reason where it is known."""
    reason = found.absent.get(modality, "").strip()
    if reason:
        return Statement(text=reason if reason[-1] in ".。!！?？" else reason + found.pick(".", "。"))
    return Statement(text=found.pick(*_ABSENT[modality]))


def too_weak(found: Found, modality: Modality) -> tuple[Statement, ...]:
    """Return the sentence about the clues of *modality* that are shown and decide nothing, if there are any."""
    weak = [p for p in found.pulls if p.clue.modality == modality and p.clue.confidence < WEAK]
    if not weak:
        return ()
    zh = found.language == "zh"
    named = [
        short(p, found.language) + (f"（置信度 {p.clue.confidence:.2f}）" if zh else f" ({p.clue.confidence:.2f})")
        for p in weak
    ]
    listed = join(named, found.language)
    text = f"过于不确定而未计入（置信度低于 {WEAK:.2f}）：{listed}。"
    if not zh:
        text = f"Too uncertain to count (confidence below {WEAK:.2f}): {listed}."
    return (Statement(text=text, clues=ids(weak)),)


def _levels(found: Found, pulls: Sequence[Pull], owner: str) -> list[str]:
    """Return the fragments about measured levels: changed, near the usual, without anything to compare with."""
    language = found.language
    rows = [p for p in pulls if p.clue.name in MEASURES and not p.clue.points_to]
    compared = [p for p in rows if p.speaks]
    changed = [wording.level(p, language) for p in compared if abs(p.departure) >= NOTICED]
    usual = [wording.near(p, language) for p in compared if abs(p.departure) < NOTICED]
    alone = [wording.bare(p.clue, language) for p in rows if not p.speaks]
    parts = []
    if changed:
        listed = join(changed, language)
        parts.append(
            found.pick(f"against this person's own level, the {owner} is {listed}", f"与此人平时相比，{listed}")
        )
    if usual:
        listed = join(usual, language)
        parts.append(found.pick(f"near the usual: {listed}", f"接近平时：{listed}"))
    if alone:
        listed = join(alone, language)
        parts.append(found.pick(f"without a usual level to compare with: {listed}", f"没有平时水平可比：{listed}"))
    return parts


def visual(found: Found) -> tuple[Statement, ...]:
    """Return what is seen."""
    pulls, language = found.of("visual"), found.language
    weak = too_weak(found, "visual")
    if not pulls:
        return weak or (missing(found, "visual"),)
    faces = sorted((p for p in pulls if wording.expression_of(p.clue)), key=lambda p: -p.departure)
    parts = []
    if faces:
        listed = join([wording.seen(p, language) for p in faces], language)
        parts.append(found.pick(f"the face appears {listed}", f"面部看起来{listed}"))
    parts += _levels(found, pulls, "head")
    parts += [wording.own_words(p.clue) for p in pulls if p not in faces and not _is_level(p)]
    return (Statement(text=sentence(parts, language), clues=ids(pulls)), *weak)


def _is_level(pull: Pull) -> bool:
    return pull.clue.name in MEASURES and not pull.clue.points_to


def acoustic(found: Found) -> tuple[Statement, ...]:
    """Return what is heard, and what such a voice can and cannot tell."""
    pulls, language = found.of("acoustic"), found.language
    weak = too_weak(found, "acoustic")
    if not pulls:
        return weak or (missing(found, "acoustic"),)
    parts = _levels(found, pulls, "voice")
    pauses = [p.clue for p in pulls if p.clue.name == "pause" and not p.clue.points_to]
    if pauses:
        english = join([f"{c.value:.1f} s at {wording.clock(c.start)}" for c in pauses], "en")
        chinese = join([f"{wording.clock(c.start)} 处 {c.value:.1f} 秒" for c in pauses], "zh")
        lead = "there is a pause of" if len(pauses) == 1 else "there are pauses of"
        parts.append(found.pick(f"{lead} {english}", f"有停顿：{chinese}"))
    parts += [wording.own_words(p.clue) for p in pulls if not _is_level(p) and p.clue not in pauses]
    voice = found.weighing.stances["acoustic"]
    active = voice.place.get("arousal", 0.0) if voice.mass.get("arousal", 0.0) >= 0.3 else 0.0
    if active >= 0.3:
        parts.append(
            found.pick(
                "an activated voice, which alone fits joy as well as anger", "声音激活度高，单凭这一点喜怒皆有可能"
            )
        )
    elif active <= -0.3:
        parts.append(
            found.pick(
                "a subdued voice, which alone fits sadness, tiredness or calm",
                "声音低沉，单凭这一点可能是悲伤、疲倦或平静",
            )
        )
    return (Statement(text=sentence(parts, language), clues=ids(pulls)), *weak)
