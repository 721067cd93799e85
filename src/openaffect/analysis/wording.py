"""The words of an explanation, in English and Chinese.

Every function here turns numbers into a phrase and decides nothing.  People are "this person"; no phrase knows a
gender.  Emotions are *apparent* or *expressed*: nothing here says what somebody feels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from openaffect.analysis.pull_rows import MEASURES, RELIABILITY
from openaffect.analysis.pulls import Pull
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Clue

Language = Literal["en", "zh"]

NOTICED = 0.25
"""Departure (tanh scale) from which a level is called higher or lower and not near the usual."""

_UNITS_EN: Mapping[str, str] = MappingProxyType(
    {
        "semitone": "semitones",
        "semitone re 27.5 Hz": "semitones",
        "syllable/s": "syllables/s",
        "face width/s": "face widths/s",
        "face widths per second": "face widths/s",
    }
)
_UNITS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "semitone": "半音",
        "semitone re 27.5 Hz": "半音",
        "dB": "分贝",
        "syllable/s": "音节/秒",
        "s": "秒",
        "face width/s": "脸宽/秒",
        "face widths per second": "脸宽/秒",
    }
)

# name → (raised, lowered, subject) as a predicate of the voice, and (raised, lowered) as a noun phrase
_LEVELS_EN: Mapping[str, tuple[str, str, str, str, str]] = MappingProxyType(
    {
        "f0_level": ("higher", "lower", "pitch", "a raised pitch", "a lowered pitch"),
        "f0_range": ("more varied in pitch", "flatter in pitch", "pitch range", "a lively pitch", "a flat pitch"),
        "loudness": ("louder", "softer", "loudness", "a louder voice", "a softer voice"),
        "speaking_rate": ("faster", "slower", "speaking rate", "faster speech", "slower speech"),
        "vocal_activation": ("more activated", "less activated", "activation", "an activated voice", "a slack voice"),
        "voice_quality": ("clearer", "rougher", "voice quality", "a clearer voice", "a rougher voice"),
        "head_motion": ("moving more", "moving less", "head movement", "a moving head", "a still head"),
    }
)
_LEVELS_ZH: Mapping[str, tuple[str, str, str, str, str]] = MappingProxyType(
    {
        "f0_level": ("音高升高", "音高降低", "音高", "升高的音高", "降低的音高"),
        "f0_range": ("音高起伏更大", "音高更平", "音高起伏", "起伏较大的音高", "平直的音高"),
        "loudness": ("音量更大", "音量更小", "音量", "更大的音量", "更小的音量"),
        "speaking_rate": ("语速更快", "语速更慢", "语速", "更快的语速", "更慢的语速"),
        "vocal_activation": ("更有力", "更松弛", "声音激活度", "有力的声音", "松弛的声音"),
        "voice_quality": ("嗓音更清亮", "嗓音更粗糙", "嗓音质量", "清亮的嗓音", "粗糙的嗓音"),
        "head_motion": ("头部动作更多", "头部动作更少", "头部动作", "较多的头部动作", "较少的头部动作"),
    }
)


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds.

    >>> clock(70.4)
    '1:10'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def join(parts: Sequence[str], language: Language) -> str:
    """Return *parts* as a list in a sentence.

    >>> join(["high", "loud", "fast"], "en"), join(["高", "响"], "zh")
    ('high, loud and fast', '高、响')
    """
    if language == "zh":
        return "、".join(parts)
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def unit(name: str, language: Language) -> str:
    """Return a unit in *language*; an unknown one stays as it is."""
    return (_UNITS_ZH if language == "zh" else _UNITS_EN).get(name, name)


def label(name: str, language: Language) -> str:
    """Return a label in *language*."""
    return VOCABULARY[name].text(language)


def expression_of(clue: Clue) -> str | None:
    """Return the expression that *clue* measures, if it measures one of the net's."""
    kind = clue.name.removeprefix("expression_")
    return kind if clue.name.startswith("expression_") and kind in RELIABILITY and not clue.points_to else None


def own_words(clue: Clue) -> str:
    """Return the clue's own sentence without its full stop, or its name and value."""
    text = clue.sentence.strip().rstrip(".。！!")
    return text or f"{clue.name} {clue.value:.2f} {clue.unit}".strip()


def short(pull: Pull, language: Language) -> str:
    """Return a noun phrase for what the clue shows: ``a happy face``, ``a raised pitch``, ``“words”``."""
    clue = pull.clue
    kind = expression_of(clue)
    zh = language == "zh"
    if kind is not None:
        name = label(kind, language)
        return f"{name}的面部表情" if zh else f"{'an' if name[0] in 'aeiou' else 'a'} {name} face"
    if clue.name in MEASURES and not clue.points_to:
        row = (_LEVELS_ZH if zh else _LEVELS_EN)[clue.name]
        if abs(pull.departure) < NOTICED:
            return f"接近平时的{row[2]}" if zh else f"a near-usual {row[2]}"
        return row[3] if pull.departure > 0 else row[4]
    if clue.name == "pause" and not clue.points_to:
        return f"{clue.value:.1f} 秒的停顿" if zh else f"a pause of {clue.value:.1f} s"
    return own_words(clue)


def shorts(pulls: Sequence[Pull], language: Language) -> str:
    """Return noun phrases for *pulls* as a list; words stand once, with all that they say in brackets."""
    spoken: dict[str, list[str]] = {}
    phrases: list[str] = []
    for pull in pulls:
        quote = pull.clue.quote
        if pull.clue.modality != "lexical" or not quote:
            phrases.append(short(pull, language))
            continue
        if quote not in spoken:
            phrases.append(f"“{quote}”")
        spoken.setdefault(quote, []).append(" ".join(sense(pull, language)))
    for quote, senses in spoken.items():
        listed = ", ".join(senses) if language == "en" else "，".join(senses)
        at = phrases.index(f"“{quote}”")
        phrases[at] += f" ({listed})" if language == "en" else f"（{listed}）"
    return join(phrases, language)


def seen(pull: Pull, language: Language) -> str:
    """Return an expression as the end of *the face appears ...*, with its numbers."""
    clue, zh = pull.clue, language == "zh"
    kind = clue.name.removeprefix("expression_")
    if kind == "neutral":
        degree = ""
    elif pull.departure < 0.35:
        degree = "有些" if zh else "slightly "
    else:
        degree = ("明显" if zh else "clearly ") if pull.departure >= 0.7 else ""
    usual = ""
    if clue.baseline is not None:
        usual = f"，平时 {clue.baseline:.2f}" if zh else f", usually {clue.baseline:.2f}"
    peak = ""
    if clue.peak is not None:
        peak = f"，{clock(clue.peak)} 处最强" if zh else f", strongest at {clock(clue.peak)}"
    numbers = f"{clue.value:.2f}{usual}{peak}"
    return f"{degree}{label(kind, language)}" + (f"（{numbers}）" if zh else f" ({numbers})")


def _change(clue: Clue, language: Language) -> str:
    usual = clue.baseline or 0.0
    change = clue.value - usual
    if MEASURES[clue.name].relative and usual:
        text = f"{100 * change / abs(usual):+.0f} %"
    else:
        text = f"{change:+.{2 if abs(change) < 1 else 1}f} {unit(clue.unit, language)}"
    return f"（{text}）" if language == "zh" else f" ({text})"


def level(pull: Pull, language: Language) -> str:
    """Return a changed level as a predicate with the size of the change: ``higher (+3.0 semitones)``."""
    row = (_LEVELS_ZH if language == "zh" else _LEVELS_EN)[pull.clue.name]
    return (row[0] if pull.departure > 0 else row[1]) + _change(pull.clue, language)


def near(pull: Pull, language: Language) -> str:
    """Return a level that stays near the usual, with the change: ``pitch (+0.2 semitones)``."""
    return (_LEVELS_ZH if language == "zh" else _LEVELS_EN)[pull.clue.name][2] + _change(pull.clue, language)


def bare(clue: Clue, language: Language) -> str:
    """Return a level that has nothing to be compared with: ``pitch (34.0 semitones)``."""
    row = (_LEVELS_ZH if language == "zh" else _LEVELS_EN)[clue.name]
    text = f"{clue.value:.1f} {unit(clue.unit, language)}"
    return f"{row[2]}（{text}）" if language == "zh" else f"{row[2]} ({text})"


_COUNTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "emphasis": ("stressed", "带有强调"),
        "question": ("like a question", "像在发问"),
        "laughter": ("like laughter", "带着笑"),
    }
)


def sense(pull: Pull, language: Language) -> tuple[str, str]:
    """Return what the words of a lexical clue sound like, and its number: ``("happy", "0.80")``."""
    clue, zh = pull.clue, language == "zh"
    name = clue.name.removeprefix("affect_")
    if not clue.points_to and clue.name.startswith("affect_") and name in VOCABULARY:
        return label(name, language), f"{clue.value:.2f}"
    if not clue.points_to and clue.name == "sentiment":
        tones = (("even", "平和"), ("pleasant", "正面"), ("unpleasant", "负面"))
        return tones[0 if abs(clue.value) < 0.1 else 1 if clue.value > 0 else 2][zh], f"{clue.value:+.2f}"
    if not clue.points_to and clue.name in _COUNTED:
        return _COUNTED[clue.name][zh], f"×{clue.value:g}"
    return own_words(clue), f"{clue.value:.2f}"
