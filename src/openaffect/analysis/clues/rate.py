"""How fast somebody speaks, in syllables per second of speech.

Syllables are counted in the transcript where every turn of the person has words in a language whose syllables can be
counted here (English roughly by rules of spelling, Chinese by characters), else in the sound, where a tenth may be
missed.  One person is always measured in one way, so that turns compare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openaffect.analysis.clues.heard import Wording, level_clue, of_speech, once, speech_of
from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders.measures import Summary
from openaffect.encoders.timing import speaking_rate, speech_seconds
from openaffect.records import Clue, Utterance

_from_sound = of_speech(speaking_rate)

_WORDING: Mapping[Language, Wording] = {
    "en": Wording(
        "speaks {percent:.0f} % faster than usual for the speaker ({value:.1f} syllables per second)",
        "speaks {percent:.0f} % slower than usual for the speaker ({value:.1f} syllables per second)",
        "speaks at the speaker's usual rate ({value:.1f} syllables per second)",
        "speaks at {value:.1f} syllables per second",
    ),
    "zh": Wording(
        "语速比说话人平时快 {percent:.0f}%（每秒 {value:.1f} 个音节）",
        "语速比说话人平时慢 {percent:.0f}%（每秒 {value:.1f} 个音节）",
        "语速与说话人平时相当（每秒 {value:.1f} 个音节）",
        "语速为每秒 {value:.1f} 个音节",
    ),
}
_VOWELS = re.compile(r"[aeiouy]+")
_HIATUS = re.compile(r"[aeouy](?=ings?$)|e(?=um$)|(?<=[^cstg])i(?=a)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `speaking_rate` (syllable/s), pauses of 0.3 s and more taken out of the time."""
    by_words = once(evidence, ("rate by words", turn.person), lambda: _by_words(evidence, turn.person))
    measure = _from_words if by_words else _from_sound
    return level_clue(
        evidence, turn, measure, name="speaking_rate", unit="syllable/s", enough=3.0, notable=0.3, wording=_WORDING
    )


def _by_words(evidence: Evidence, person: str) -> bool:
    own = [t for t in evidence.turns if t.person == person and speech_of(evidence, t)]
    return bool(own) and all(_countable(t) for t in own)


def count_syllables(text: str, language: str) -> int:
    """Return the number of syllables of an English (``en``) or Chinese (``zh``) text.

    Chinese: one per character (plus Latin words as English).  English: groups of vowel letters, less a silent final
    *e* or *ed*, at least one a word; a few words in a hundred are a syllable off.  Digits are not read.

    >>> count_syllables("She asked a simple question.", "en"), count_syllables("我很高兴", "zh")
    (7, 4)
    """
    words = _LATIN_WORD.findall(text.lower())
    return sum(map(_word_syllables, words)) + (len(_HAN.findall(text)) if language == "zh" else 0)


def _word_syllables(word: str) -> int:
    word, whole = re.sub(r"(?:n't|'.*)$", "", word), word
    stem = re.sub(r"(?<=[^aeiouytd])ed$", "d", word) if len(word) > 3 else word
    stem = re.sub(r"(?<=[^aeioul])e(s?)$", r"\1", stem) if not re.search(r"(?:[csxzg]|ch|sh)es$", stem) else stem
    stem = re.sub(r"(?<=[aeiouyr]l)e$", "", stem)
    spoken = len(_VOWELS.findall(stem)) + len(_HIATUS.findall(word))
    return max(1, spoken + whole.endswith(("dn't", "sn't")))


def _countable(turn: Turn) -> bool:
    said = turn.utterance
    return said is not None and said.language in ("en", "zh") and not re.search(r"\d", said.text)


def _from_words(evidence: Evidence, turn: Turn) -> Summary | None:
    speech = speech_of(evidence, turn)
    if evidence.prosody is None or not speech or turn.utterance is None:
        return None
    seconds = speech_seconds(evidence.prosody, speech, turn.start, turn.end)
    count = count_syllables(_said(turn.utterance, turn), turn.utterance.language or "")
    if seconds < 0.8 or count < 3:
        return None
    return Summary(count / seconds, seconds, {"syllables": float(count)})


def _said(utterance: Utterance, turn: Turn) -> str:
    """Return the words that fall into the turn; the whole text where words have no times."""
    inside = [w.text for w in utterance.words if turn.start <= (w.start + w.end) / 2 < turn.end]
    return " ".join(inside) if utterance.words else utterance.text
