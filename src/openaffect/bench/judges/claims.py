"""A sentence of an explanation taken apart: clauses, what each names, in which direction, denied or not, and quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from openaffect.bench.judges.feelings import Feeling, denied, entry_of, feelings
from openaffect.bench.judges.observations import LEVELS, Move, Seen, observe

_SPLIT = re.compile(
    r"(?<!\d)[.:]|[.:](?!\d)|[,;!?，；。！？、：]|\b(?:and|but|yet|while|whereas|although|though|with)\b"
    r"|但是?|可是|而且|然而|同时",
    re.I,
)
_QUOTE = re.compile(r"[“\"「『]([^“”\"「」『』]{1,400})[”\"」』]")
_BRACKETS = re.compile(r"[(（][^()（）]*\d[^()（）]*[)）]")
_COMPARED = re.compile(
    r"\b(?:than|from|with|against|to) (?:(?:is|the|its|his|her|their|this person's|the speaker's) )*"
    r"(?:usual|normal(?:ly)?|own (?:level|average)|baseline)\b|\busually\b|(?<=above )the usual|(?<=below )the usual"
    r"|比(?:此人|说话人)?平时|与(?:此人)?平时相比|平时只有",
    re.I,
)
_MOVES: tuple[tuple[Move, re.Pattern[str]], ...] = (
    (
        "+",
        re.compile(
            r"\b(?:ris(?:es|ing|e)|rose|raise[ds]?|climb\w*|mounts?|soars?|higher|high|up|above|increas\w*|more|livelier|elevated)\b"
            r"|升高|提高|上升|变高|更高|加大|增大|更大|变大|更多|变多|偏高|较高|拔高|越来越[高大响强]|(?<=平时)高",
            re.I,
        ),
    ),
    (
        "-",
        re.compile(
            r"\b(?:lower(?:ed|s)?|low|drop(?:s|ped)?|falls?|fell|sinks?|sank|fades?|below|down|less|decreas\w*|reduced)\b"
            r"|降低|下降|变低|更低|更小|变小|减小|减少|更少|偏低|较低|放低|压低|低沉|越来越[低小轻弱]|(?<=平时)低",
            re.I,
        ),
    ),
    (
        "=",
        re.compile(
            r"\b(?:usual|normal|unchanged|steady|own average)\b|与平时相当|接近平时|正常|不变|平稳|如常|一样", re.I
        ),
    ),
)
_INFERRED = re.compile(
    r"\b(?:so|therefore|thus|hence|fits?|suggest\w*|mean(?:s|ing)?|reading|read|infer\w*|conclu\w*|appears to be)\b"
    r"|\b(?:looks like|beside|as if|as though)\b"
    r"|因此|所以|可见|推断|理解为|表现为|意味|综合|像是|好像|似乎",
    re.I,
)
_PLEASANT = re.compile(r"\b(?:pleasant|positive)\b|(?<!不)愉快|正面|积极", re.I)
_UNPLEASANT = re.compile(r"\b(?:unpleasant|negative)\b|不愉快|负面|消极", re.I)
_SUBJECTS = ("face", "words", "smile")


@dataclass(frozen=True)
class Named:
    """Something observable that a clause names."""

    aspect: str
    move: Move
    denied: bool


@dataclass(frozen=True)
class Clause:
    """One clause; `about` is the subject that the next clause goes on with when it has none."""

    text: str
    named: tuple[Named, ...]
    feelings: tuple[Feeling, ...]
    about: str
    inferred: bool
    """Whether it says what follows and not what is seen or heard."""
    tone: int = 0
    """1 where something is called pleasant, -1 unpleasant, 0 neither or both."""


def quotes(text: str) -> list[str]:
    """Return what stands in quotation marks; a single word for an emotion is no quotation.

    >>> quotes('“我很好” is said, a "happy" remark')
    ['我很好']
    """
    return [quote for quote in _QUOTE.findall(text) if entry_of(quote) is None]


def clauses(text: str) -> list[Clause]:
    """Return the clauses of *text*; one without a subject goes on about that of the clause before.

    >>> [(c.named[0].aspect, c.named[0].move) for c in clauses("The pitch is higher, and lower than usual at the end")]
    [('pitch', '+'), ('pitch', '-')]
    """
    found: list[Clause] = []
    subject, about = "", ""
    for raw in _SPLIT.split(_QUOTE.sub(" ⟦words⟧ ", _BRACKETS.sub(" ", text))):
        clause, subject, about = _clause(_COMPARED.sub(" ", raw), subject, about)
        if clause.text:
            found.append(clause)
    return found


def _clause(text: str, subject: str, about: str) -> tuple[Clause, str, str]:
    seen = observe(text)
    move, at = _move(text)
    named = [_named(text, one, move, at) for one in seen]
    if not any(one.aspect in LEVELS or one.aspect == "voice" for one in seen) and move in "+-" and subject:
        named.append(Named(subject, move, denied(text, at)))
    levels = [one.aspect for one in seen if one.aspect in LEVELS or one.aspect == "voice"]
    spots = [(one.start, one.aspect) for one in seen if one.aspect in _SUBJECTS]
    about = spots[-1][1] if spots else levels[-1] if levels else about
    said = [each for each in feelings(text) if not any(s.start <= each.start < s.end for s in seen)]
    placed = tuple(replace(each, about=_nearest(each.start, spots) or about) for each in said)
    inferred = _INFERRED.search(text) is not None
    clause = Clause(text.strip(), tuple(named), placed, about, inferred, _tone(text))
    return clause, levels[-1] if levels else subject, about


def _nearest(at: int, spots: list[tuple[int, str]]) -> str:
    return min(spots, key=lambda spot: abs(spot[0] - at))[1] if spots else ""


def _named(text: str, seen: Seen, move: Move, at: int) -> Named:
    plain = seen.move == "." and (seen.aspect in LEVELS or seen.aspect == "voice")
    shown = move if plain else seen.move
    return Named(seen.aspect, shown, denied(text, at if plain and move != "." else seen.start))


def _move(text: str) -> tuple[Move, int]:
    found = [(match.start(), move) for move, pattern in _MOVES if (match := pattern.search(text))]
    at, move = min(found, default=(0, "."))
    return move, at


def _tone(text: str) -> int:
    total = 0
    for sign, pattern in ((1, _PLEASANT), (-1, _UNPLEASANT)):
        if match := pattern.search(text):
            total += -sign if denied(text, match.start()) else sign
    return total
