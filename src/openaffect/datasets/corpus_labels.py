"""Reader of the label archives of MERBench: ``label.npz`` and its kin, one dict of samples for each part of a corpus.

Each entry is ``{'emo': word or number, 'val': rating}``; the number counts the classes in the official order.  A rating
of -10 is what the archives write where a corpus has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from openaffect.brief import brief
from openaffect.datasets.files import quoted
from openaffect.datasets.label_values import class_of, rating_of
from openaffect.datasets.npz import read_npz
from openaffect.errors import DataError
from openaffect.records import Sample

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset
    from openaffect.datasets.places import Place

_NO_RATING = -10
_ANY = (-1e6, 1e6)


def corpus_reader(
    corpus: str,
    *,
    keep: Callable[[str], bool] | None = None,
    speaker: Callable[[str], str | None] | None = None,
) -> Callable[[Dataset, Place], list[Sample]]:
    """Return a reader of the part called *corpus* (``test_corpus`` ...) of a label archive.

    *keep* tells by its name whether a sample belongs to the split, *speaker* who speaks in it.  The reader raises
    `DataError` with file, key and name for an archive without that part, an entry of another form, a class or a rating
    that the data set does not have.
    """

    def read(dataset: Dataset, place: Place) -> list[Sample]:
        path = place.official[0]
        entries = read_npz(path, [corpus])[corpus]
        where = f"{quoted(path)}, key '{corpus}'"
        if not isinstance(entries, dict):
            raise DataError(f"{where}: a dict of samples was expected, {type(entries).__name__} came.")
        origin = f"{path.name}:{corpus}"
        samples = [
            _sample(dataset, name, entry, where, origin, speaker)
            for name, entry in entries.items()
            if keep is None or (isinstance(name, str) and keep(name))
        ]
        if not samples:
            raise DataError(f"{where}: none of its {len(entries)} samples belongs to the {dataset.split}.")
        return samples

    return read


def _sample(
    dataset: Dataset, name: Any, entry: Any, where: str, origin: str, speaker: Callable[[str], str | None] | None
) -> Sample:
    if not isinstance(name, str) or not name or not isinstance(entry, dict):
        raise DataError(
            f"{where}: name → {{'emo': ..., 'val': ...}} was expected, {brief(name)} → {brief(entry)} came."
        )
    where = f"{where}, sample '{name}'"
    labels: tuple[str, ...] = ()
    label_note = ""
    if dataset.task == "basic":
        label, label_note = class_of(_field(entry, "emo", where), dataset.labels, where)
        labels = (label,)
    ratings, rating_note = _ratings(dataset, entry, where)
    return Sample(
        id=name,
        dataset=dataset.key,
        labels=labels,
        ratings=ratings,
        speaker=speaker(name) if speaker else None,
        origin=f"{origin}:{name}",
        notes=tuple(note for note in (label_note, rating_note) if note),
    )


def _ratings(dataset: Dataset, entry: dict[Any, Any], where: str) -> tuple[dict[str, float], str]:
    """Return the sentiment; outside the sentiment data sets it is an extra that may be absent."""
    if dataset.task != "sentiment":
        value = entry.get("val", _NO_RATING)
        if isinstance(value, int | float) and (value == _NO_RATING or value != value):  # NaN differs from itself
            return {}, ""
        rating, note = rating_of(value, _ANY, where)
    else:
        rating, note = rating_of(_field(entry, "val", where), dataset.scale or _ANY, where)
    return {"sentiment": rating}, note


def _field(entry: dict[Any, Any], key: str, where: str) -> Any:
    if key not in entry:
        raise DataError(f"{where} has no '{key}'; it has {', '.join(map(brief, list(entry)[:9]))}.")
    return entry[key]
