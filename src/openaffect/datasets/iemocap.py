"""IEMOCAP: dyads of actors in five sessions, with arousal, dominance and valence from 1 to 5 by each annotator.

::

    DIR/Session1/dialog/EmoEvaluation/Ses01F_impro01.txt     a block a turn:
        [6.29 - 8.24]  Ses01F_impro01_F000  neu  [2.5, 2.5, 2.5]     valence, activation, dominance: in this order
        C-E2:  Neutral;  ()                                         a class by annotator E2
        A-E3:  val 3; act 2; dom  2;  ()                            numbers by annotator E3
        A-F1:  val 3; act 2; dom  1;  ()                            numbers by the actor, about herself
    DIR/Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav

Activation is called arousal here.  Annotators of classes and of numbers are not known to be the same people, so their
ids keep the letter (``C-E2``, ``A-E2``).  Actors judge themselves, marked ``(self)``; the consensus is without them.
The four-class version of MERBench is ``iemocapfour``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.files import entries, is_file, quoted, read_bytes
from openaffect.datasets.iemocapfour import speaker_of
from openaffect.datasets.places import Place
from openaffect.errors import DataError
from openaffect.records import Annotation, Sample

ABSENT = "its sound file is absent"
"""The note on a sample without sound."""
_EVALUATION = Path("dialog") / "EmoEvaluation"
_SCALE = (1.0, 5.0)
_CODES = {
    "ang": "anger",
    "hap": "happiness",
    "exc": "excited",
    "sad": "sadness",
    "neu": "neutral",
    "fru": "frustration",
    "fea": "fear",
    "sur": "surprise",
    "dis": "disgust",
    "oth": "other",
}
_NONE = "xxx"
_SPELLINGS = {"neutral state": "neutral"}
_IN_FILE = ("valence", "arousal", "dominance")
"""The order of the numbers behind a turn."""
_WORDS = {"arousal": "act", "dominance": "dom", "valence": "val"}
_NUMBER = r"([0-9]{1,4}(?:\.[0-9]*)?)"
_TURN = re.compile(
    rf"\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s+(\S+)\s+(\S+)\s+\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]"
)
_VIEW = re.compile(r"([CA])-([EFM][0-9]+)\s*:(.*)")
_NAME = re.compile(r"Ses0([1-5])[FM]_[A-Za-z0-9_]+")
_OUTSIDE = "a rating outside 1 to 5 is kept as it stands"
_NOTHING = "an annotator gave nothing"
_TWICE = "an annotator has two rows of a kind; the first counts"


@dataclass
class _Turn:
    """What is gathered about one turn while its block is read."""

    name: str
    code: str
    ratings: dict[str, float]
    origin: str
    where: str
    views: dict[str, Annotation] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _read(dataset: Dataset, place: Place) -> list[Sample]:
    turns: dict[str, _Turn] = {}
    for session in place.official:
        for path in entries(session / _EVALUATION):
            # A Mac leaves files that begin with a dot beside those that it copied.
            if path.suffix.lower() == ".txt" and not path.name.startswith(".") and is_file(path):
                for turn in _turns(path):
                    if turn.name in turns:
                        raise DataError(f"{turn.where}: {turn.name} stands in {turns[turn.name].where} already.")
                    turns[turn.name] = turn
    if not turns:
        raise DataError(f"{quoted(place.official[0].parent)} has no turns in Session1/{_EVALUATION}; copy it again.")
    return [_sample(turn, place) for turn in turns.values()]


def _turns(path: Path) -> Iterator[_Turn]:
    turn: _Turn | None = None
    # Names and numbers are ASCII; a comment in another encoding must not cost the file.
    lines = read_bytes(path).decode("utf-8-sig", "replace").splitlines()
    for number, line in enumerate(map(str.strip, lines), start=1):
        where = f"{quoted(path)} line {number}"
        if line.startswith("["):
            if turn:
                yield turn
            turn = _begun(line, f"{path.name}:{number}", where)
        elif view := _VIEW.match(line):
            if turn is None:
                raise DataError(f"{where}: an annotator's line stands before the first turn; copy the file again.")
            _add(turn, view[1], view[2], view[3])
    if turn:
        yield turn


def _begun(line: str, origin: str, where: str) -> _Turn:
    match = _TURN.match(line)
    if match is None or not _NAME.fullmatch(match[3]):
        raise DataError(
            f"{where}: '[start - end] Ses01F_impro01_F000 neu [valence, activation, dominance]' was expected, "
            f"{line[:80]!r} came."
        )
    if match[4].lower() not in (*_CODES, _NONE):
        raise DataError(f"{where}: {match[4][:40]!r} is no class; known are {', '.join(_CODES)} and {_NONE}.")
    ratings = {name: float(match[place]) for place, name in enumerate(_IN_FILE, start=5)}
    ordered = {name: ratings[name] for name in _WORDS}
    return _Turn(match[3], match[4].lower(), ordered, origin, where, notes=_outside(ordered))


def _outside(ratings: dict[str, float]) -> list[str]:
    return [] if all(_SCALE[0] <= value <= _SCALE[1] for value in ratings.values()) else [_OUTSIDE]


def _add(turn: _Turn, kind: str, code: str, written: str) -> None:
    who = f"{kind}-{code}" if code[0] == "E" else f"{kind}-{code} {turn.name[:5]} (self)"
    given = written.partition("(")[0]  # what follows is a comment
    labels: tuple[str, ...] = ()
    ratings: dict[str, float] = {}
    if kind == "C":
        words = [word.strip().lower() for word in given.split(";")]
        labels = tuple(dict.fromkeys(_SPELLINGS.get(word, word) for word in words if word))
    else:
        found = {name: re.search(rf"\b{word}\s+{_NUMBER}\s*(?:;|$)", given) for name, word in _WORDS.items()}
        ratings = {name: float(match[1]) for name, match in found.items() if match}
        turn.notes += _outside(ratings)
    if not labels and not ratings:
        turn.notes.append(_NOTHING)
    elif who in turn.views:
        turn.notes.append(_TWICE)
    else:
        turn.views[who] = Annotation(annotator=who, labels=labels, ratings=ratings)


def _sample(turn: _Turn, place: Place) -> Sample:
    speaker = speaker_of(turn.name)
    label = _CODES.get(turn.code, "")
    notes = [*turn.notes, "" if label else "the annotators do not agree on a class"]
    sample = Sample(
        id=turn.name,
        dataset=IEMOCAP.key,
        labels=(label,) if label else (),
        ratings=turn.ratings,
        annotations=tuple(turn.views.values()),
        speaker=speaker,
        split=f"session-{turn.name[4]}",
        groups={"sex": speaker[-1].lower()} if speaker else {},
        origin=turn.origin,
    )
    notes.append("" if is_file(_sound(place, sample)) else ABSENT)
    return sample.model_copy(update={"notes": tuple(dict.fromkeys(filter(None, notes)))})


def _sound(place: Place, sample: Sample) -> Path:
    match = _NAME.fullmatch(sample.id)
    if match is None:
        raise DataError(f"{sample.id[:60]!r} is no name of a turn of IEMOCAP.")
    dialog = sample.id.rpartition("_")[0]
    return place.official[0].parent / f"Session{match[1]}" / "sentences" / "wav" / dialog / f"{sample.id}.wav"


IEMOCAP = Dataset(
    key="iemocap",
    title="IEMOCAP",
    task="dimensions",
    metric="CCC",
    split="all: session-1 to session-5",
    languages=("en",),
    files=tuple(f"Session{number}" for number in range(1, 6)),
    reader=_read,
    labels=tuple(_CODES.values()),
    scale=_SCALE,
    # Busso et al. 2008, Language Resources and Evaluation 42
    published=Published(rows=10039),
    licence="the licence of the SAIL lab (University of Southern California): research only, to be signed",
    obtain="ask the SAIL lab for IEMOCAP; name the folder that holds Session1 to Session5.",
    spellings=("iemocapfullrelease",),
    sound=_sound,
)
"""`openaffect.datasets.load` reads it as ``iemocap``."""
