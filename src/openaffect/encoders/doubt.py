"""When not to believe a transcript: loops, stock phrases and words that nobody seems to have said.

Whisper models fill silence, noise and music with words of their training subtitles, and sometimes repeat a
phrase until they run out of room.  These are pure checks on what came out; `words.py` decides what follows.
Thresholds of compression ratio and log-probability are those of the Whisper paper (Radford et al. 2022, sec. 4.5).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

COMPRESSION_RATIO = 2.4
LOG_PROBABILITY = -1.0
NO_SPEECH = 0.6
WORDS_PER_SECOND = 8.0
_WEAK_MEAN, _WEAK_STOCK = 0.15, 0.4

_ALWAYS_INVENTED = (
    "amara.org",
    "subtitles by",
    "subtitled by",
    "captioning by",
    "transcribed by",
    "thanks for watching",
    "thank you for watching",
    "don't forget to subscribe",
    "please subscribe",
    "like and subscribe",
    "see you in the next video",
    "字幕by",
    "字幕由",
    "字幕提供",
    "中文字幕",
    "请不吝点赞",
    "點贊訂閱",
    "点赞订阅",
    "谢谢观看",
    "謝謝觀看",
    "感谢观看",
    "感謝觀看",
    "以下是普通话",
)
_OFTEN_INVENTED = frozenset(
    [
        "you",
        "thank you",
        "thanks",
        "bye",
        "bye bye",
        "okay",
        "so",
        "oh",
        "the",
        "i'm sorry",
        "hmm",
        "谢谢",
        "謝謝",
        "谢谢大家",
        "好",
        "嗯",
        "再见",
        "我们下期再见",
    ]
)


def compression_ratio(text: str) -> float:
    """Return the number of UTF-8 bytes of *text* over those of its zlib compression; loops compress well.

    >>> compression_ratio("no " * 40) > COMPRESSION_RATIO
    True
    >>> compression_ratio("We should have called the doctor much earlier.") < 1.2
    True
    """
    raw = text.encode("utf-8")
    return len(raw) / len(zlib.compress(raw))


def repeats(text: str) -> bool:
    """Return whether a stretch of at least three words (or six characters) follows itself at once.

    People do repeat themselves, so this is a reason to listen again, not a reason to disbelieve.

    >>> repeats("Fail better. Fail better. Fail better.")
    True
    >>> repeats("It was the best of times, it was the worst of times.")
    False
    """
    tokens = _plain(text).split()
    if any("\u3040" <= letter <= "\u9fff" for letter in text):
        tokens = [letter for letter in _plain(text) if not letter.isspace()]
        return _has_repeat(tokens, shortest=2, least=6)
    return _has_repeat(tokens, shortest=1, least=3)


def _has_repeat(tokens: list[str], *, shortest: int, least: int) -> bool:
    """A block of n tokens that comes again at once; *least* tokens must lie in the repeated part."""
    for size in range(shortest, min(len(tokens) // 2, 24) + 1):
        run = 0
        for here in range(len(tokens) - size):
            run = run + 1 if tokens[here] == tokens[here + size] else 0
            if run >= max(size, least):
                return True
    return False


def suspicious(text: str, *, seconds: float, log_probability: float, full: bool) -> bool:
    """Return whether a transcript of *seconds* of speech deserves a second, slower pass.

    *full* says that the decoder ran out of room.
    """
    crowded = len(_plain(text).split()) > WORDS_PER_SECOND * max(seconds, 1.0)
    looping = repeats(text) or compression_ratio(text) > COMPRESSION_RATIO
    return full or crowded or looping or log_probability < LOG_PROBABILITY


def reason_to_drop(text: str, *, seconds: float, log_probability: float, no_speech: float, full: bool) -> str | None:
    """Return why a transcript is not believed, as a clause, or None when it is.

    *log_probability* is the mean per token, *no_speech* the model's probability that nobody speaks.

    >>> reason_to_drop("Thank you.", seconds=1.0, log_probability=-0.8, no_speech=0.5, full=False)
    'a stock phrase with little support in the sound'
    >>> reason_to_drop("Thank you.", seconds=1.0, log_probability=-0.1, no_speech=0.02, full=False) is None
    True
    """
    plain = _plain(text)
    if not plain:
        return "no words"
    if log_probability < LOG_PROBABILITY:
        return "the words are too uncertain"
    if no_speech > NO_SPEECH and log_probability < -0.6:
        return "the sound does not seem to be speech"
    if any(phrase in text.lower() for phrase in _ALWAYS_INVENTED):
        return "a phrase that recognisers invent"
    if plain in _OFTEN_INVENTED and (no_speech > 0.3 or log_probability < -0.7):
        return "a stock phrase with little support in the sound"
    if compression_ratio(text) > COMPRESSION_RATIO or (full and repeats(text)):
        return "the words go round in a loop"
    if len(plain.split()) > WORDS_PER_SECOND * max(seconds, 1.0):
        return "more words than anybody can say in the time"
    return None


def weak_words(text: str, probabilities: Sequence[float]) -> str | None:
    """Return why one utterance of a believed window is not believed, from the probabilities of its words.

    >>> weak_words("Thank you.", [0.2, 0.3])
    'a stock phrase with little support in the sound'
    >>> weak_words("Leave me alone.", [0.9, 0.8, 0.9]) is None
    True
    """
    mean = sum(probabilities) / max(len(probabilities), 1)
    if mean < _WEAK_MEAN:
        return "the words are too uncertain"
    if _plain(text) in _OFTEN_INVENTED and mean < _WEAK_STOCK:
        return "a stock phrase with little support in the sound"
    return None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w' ]+", " ", text.lower()).split())
