"""MSP-Podcast, v1.7 and later: spontaneous speech from podcasts, arousal, dominance and valence from 1 to 7.

::

    DIR/Labels/labels_consensus.csv   one row a file (v1.7 spells it labels_concensus.csv)
    DIR/Labels/labels_detailed.csv    one row a file and worker, where it is there
    DIR/Audios/*.wav

The ratings of workers come as one text (``WORKER00000001; Neutral; Amused; A:4.0; V:3.0; D:5.0;``) or in columns,
by release; both are read, without the secondary emotions.  Rows of workers about files that the consensus does not
list are left out.  Labels in JSON are not read.
"""

from __future__ import annotations

from pathlib import Path

from openaffect.datasets.dataset import Dataset
from openaffect.datasets.files import entries, is_file, is_folder, quoted
from openaffect.datasets.label_values import rating_of
from openaffect.datasets.msp_workers import COLUMNS, SCALE, Views, read_views
from openaffect.datasets.places import Place
from openaffect.datasets.tables import Row, Wanted, read_table
from openaffect.errors import AbsentData, DataError
from openaffect.records import Sample

DETAILED = "labels_detailed.csv"
ABSENT = "its sound file is absent"
"""The note on a sample without sound."""
_CODES = {
    "N": "neutral",
    "H": "happy",
    "S": "sad",
    "A": "angry",
    "U": "surprise",
    "F": "fear",
    "D": "disgust",
    "C": "contempt",
    "O": "other",
}
_NONE = ("x", "noagreement")
_SPLITS = {"train": "train", "development": "dev", "validation": "dev", "dev": "dev"}
_SPLITS |= {f"test{n}": f"test-{n}" for n in (1, 2, 3)}
_SEX = {"male": "m", "female": "f"}
_NEED: Wanted = {"name": ("FileName", "Filename"), "Split_Set": ("Split_Set", "SplitSet", "Split")} | {
    column: (column,) for column in COLUMNS.values()
}
_MAY: Wanted = {"EmoClass": ("EmoClass", "EmoClass_Major"), "SpkrID": ("SpkrID", "SpkrId"), "Gender": ("Gender",)}


def _read(dataset: Dataset, place: Place) -> list[Sample]:
    path = _consensus(place)
    rows = read_table(path, _NEED, _MAY).by_name()
    views = read_views(path.parent / DETAILED, rows, tuple(_CODES.values())) if is_file(path.parent / DETAILED) else {}
    room = _audio_folder(path)
    heard = frozenset(file.name for file in entries(room)) if room else frozenset()
    return [_sample(row, name, views.get(name, Views()), name in heard) for name, row in rows.items()]


def _consensus(place: Place) -> Path:
    found = [path for path in place.official if path.name != DETAILED]
    if not found:
        raise AbsentData(f"{quoted(place.official[0])} has no labels_consensus.csv beside it; copy the folder Labels.")
    if len(found) > 1:
        raise DataError(f"there are {' and '.join(map(quoted, found))}, two spellings of one file; keep one.")
    return found[0]


def _sample(row: Row, name: str, views: Views, heard: bool) -> Sample:
    if not _is_plain(name):
        row.fail(f"'FileName' must be the name of a file, {name[:60]!r} came.")
    label, note = _class(row)
    ratings = {dimension: _rating(row, column) for dimension, column in COLUMNS.items() if row.text(column).strip()}
    notes = [note, "" if ratings else "no consensus ratings", "" if heard else ABSENT, *views.notes]
    speaker = row.text("SpkrID").strip()
    sex = _SEX.get(row.text("Gender").strip().lower(), "")
    return Sample(
        id=name,
        dataset=MSP_PODCAST.key,
        labels=(label,) if label else (),
        ratings=ratings,
        annotations=tuple(views.by_worker.values()),
        speaker=None if speaker.lower() in ("", "unknown") else speaker,
        split=_split(row),
        groups={"sex": sex} if sex else {},
        origin=row.origin,
        notes=tuple(dict.fromkeys(filter(None, notes))),
    )


def _class(row: Row) -> tuple[str, str]:
    written = row.text("EmoClass").strip()
    plain = "".join(letter for letter in written.lower() if letter.isalpha())
    if plain in _NONE:
        return "", "the workers do not agree on a class"
    if not written:
        return "", ""
    if written in _CODES or plain in _CODES.values():
        return _CODES.get(written, plain), ""
    row.fail(f"'EmoClass' must be one of {', '.join(_CODES)} or X, {written[:40]!r} came.")


def _rating(row: Row, column: str) -> float:
    return rating_of(row.number(column), SCALE, f"{row.where}, '{column}'")[0]


def _split(row: Row) -> str:
    written = row.text("Split_Set")
    name = "".join(letter for letter in written.lower() if letter.isalnum())
    if name not in _SPLITS:
        row.fail(f"'Split_Set' must be Train, Development, Test1, Test2 or Test3, {written[:40]!r} came.")
    return _SPLITS[name]


def _is_plain(name: str) -> bool:
    return name == Path(name).name and not name.startswith(".") and name.isprintable() and "\\" not in name


def _audio_folder(labels: Path) -> Path | None:
    """Return the folder with the sound for the file *labels*: beside it, or beside its folder ``Labels``."""
    rooms = [labels.parent, *([labels.parent.parent] if labels.parent.name.lower() == "labels" else [])]
    places = [room / name for room in rooms for name in ("Audios", "Audio", "audios", "audio")]
    return next(filter(is_folder, places), None)


def _sound(place: Place, sample: Sample) -> Path:
    labels = _consensus(place)
    if not _is_plain(sample.id):
        raise DataError(f"{sample.id[:60]!r} is no name of a sound file of MSP-Podcast.")
    return (_audio_folder(labels) or labels.parent / "Audios") / sample.id


MSP_PODCAST = Dataset(
    key="msp-podcast",
    title="MSP-Podcast",
    task="dimensions",
    metric="CCC",
    split="all: train, dev, test-1, test-2, test-3",
    languages=("en",),
    files=("labels_consensus.csv", "labels_concensus.csv", DETAILED),
    reader=_read,
    labels=tuple(_CODES.values()),
    scale=SCALE,
    licence="the academic licence of the MSP lab (University of Texas at Dallas), to be signed; not to be passed on",
    obtain="ask the MSP lab for the licence of MSP-Podcast; name the folder that holds Labels and Audios.",
    spellings=("labels",),
    sound=_sound,
)
"""`openaffect.datasets.load` reads it as ``msp-podcast``."""
