"""What is in a copy of a data set, and where it differs from the figures that were published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from openaffect.datasets.places import own_files
from openaffect.emotion.parse import normalise
from openaffect.records import Record, Sample

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset
    from openaffect.emotion.wheel import Wheels


class Facts(Record):
    """What is known of a data set without any of its files."""

    key: str
    title: str
    task: str
    metric: str
    split: str
    languages: tuple[str, ...]
    labels: tuple[str, ...]
    rows: int | None
    """Samples as published."""
    files: tuple[str, ...]
    """Official files."""
    own_files: tuple[str, ...]
    """Plain files that a user may write instead or beside them."""
    licence: str
    obtain: str


class Word(Record):
    """What one label maps to."""

    label: str
    tables: str
    official_tables: bool
    known: bool
    maps: dict[str, str | None]
    """Mapping (``M1``, ``M2``, ``M3-W1-L1`` ...) → word or cluster, None where it is dropped."""


class Difference(Record):
    """A figure that is not the published one."""

    what: str
    published: str
    found: str


class Summary(Record):
    """Counts over the samples of one data set; labels are lower-cased and stripped first, as for every score."""

    dataset: str
    rows: int
    labelled: int
    """Samples with a label or a rating."""
    annotated: int
    """Samples with the views of annotators."""
    transcribed: int
    described: int
    labels: int
    """Distinct labels as written."""
    base_words: int
    """Distinct base words (M1) that the labels are forms of."""
    wheel_words: int
    """Distinct wheel words (M2) that these are synonyms of."""
    unknown: int
    """Distinct labels that the tables do not have; scores drop them."""
    clusters: dict[str, dict[str, int]]
    """Wheel → cluster of level 1 → samples with a label in it; ``none`` are labelled samples that lose all labels."""
    classes: dict[str, int]
    """Samples of each class of a closed set, or with a negative, zero and positive rating; empty for open sets."""
    tables: str
    """Edition of the wheel tables: ``2025``, ``2026``, or ``openaffect``, our own, whose numbers are not official."""
    official_tables: bool
    notes: dict[str, int]
    """Note on samples → how many have it."""
    differences: tuple[Difference, ...]
    """Where the counts are not the published ones."""


def facts(dataset: Dataset) -> Facts:
    """Return what is known of *dataset* without any of its files."""
    return Facts(
        key=dataset.key,
        title=dataset.title,
        task=dataset.task,
        metric=dataset.metric,
        split=dataset.split,
        languages=dataset.languages,
        labels=dataset.labels,
        rows=dataset.n,
        files=dataset.files,
        own_files=own_files(dataset),
        licence=dataset.licence,
        obtain=dataset.obtain,
    )


def word(label: str, wheels: Wheels) -> Word:
    """Return what *label*, lower-cased and stripped, maps to in *wheels*."""
    [plain] = normalise([label.encode("utf-8", "replace").decode()])
    return Word(
        label=plain,
        tables=wheels.edition,
        official_tables=wheels.official,
        known=wheels.form(plain) is not None,
        maps={name: wheels.mapping(name)(plain) for name in wheels.names},
    )


def summary(samples: Sequence[Sample], dataset: Dataset, wheels: Wheels) -> Summary:
    """Return the counts over *samples* of *dataset*, mapped with *wheels*."""
    sets = [normalise(sample.labels) for sample in samples]
    labels = {label for each in sets for label in each}
    classes = _classes(samples, dataset)
    return Summary(
        dataset=dataset.key,
        rows=len(samples),
        labelled=sum(bool(sample.labels or sample.ratings) for sample in samples),
        annotated=sum(bool(sample.annotations) for sample in samples),
        transcribed=sum(any(sample.transcript.values()) for sample in samples),
        described=sum(bool(sample.descriptions) for sample in samples),
        labels=len(labels),
        base_words=len({word for label in labels if (word := wheels.form(label))}),
        wheel_words=len({word for label in labels if (word := wheels.synonym(label))}),
        unknown=sum(wheels.form(label) is None for label in labels),
        clusters=_clusters([each for each in sets if each], wheels),
        classes=classes,
        tables=wheels.edition,
        official_tables=wheels.official,
        notes=dict(Counter(note for sample in samples for note in sample.notes).most_common()),
        differences=tuple(_differences(samples, labels, classes, dataset)),
    )


def _clusters(sets: Iterable[Sequence[str]], wheels: Wheels) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {f"W{wheel}": Counter() for wheel in range(1, wheels.count + 1)}
    for labels in sets:
        for wheel, count in enumerate(counts.values(), start=1):
            found = {cluster for label in labels if (cluster := wheels.cluster(label, wheel))}
            count.update(found or {"none"})
    return {wheel: dict(count.most_common()) for wheel, count in counts.items()}


def _classes(samples: Sequence[Sample], dataset: Dataset) -> dict[str, int]:
    if dataset.task == "sentiment":
        signs = Counter(_sign(sample.ratings["sentiment"]) for sample in samples if "sentiment" in sample.ratings)
        return {name: signs[name] for name in ("negative", "neutral", "positive")}
    if not dataset.labels:
        return {}
    counts = Counter(label for sample in samples for label in sample.labels)
    return {label: counts[label] for label in dict.fromkeys([*dataset.labels, *counts])}


def _sign(rating: float) -> str:
    return "positive" if rating > 0 else "negative" if rating < 0 else "neutral"


def _differences(
    samples: Sequence[Sample], labels: set[str], classes: dict[str, int], dataset: Dataset
) -> Iterator[Difference]:
    published = dataset.published
    if published.rows is not None and published.rows != len(samples):
        yield Difference(what="rows", published=str(published.rows), found=str(len(samples)))
    written = {label for sample in samples for label in sample.labels}
    # The sources do not say whether they counted before or after lower-casing.
    if published.labels and not {len(labels), len(written)} & set(published.labels):
        either = " or ".join(map(str, published.labels))
        yield Difference(what="distinct labels", published=either, found=str(len(labels)))
    for name in dict.fromkeys([*published.classes, *(classes if published.classes else ())]):
        if published.classes.get(name, 0) != classes.get(name, 0):
            wanted, found = published.classes.get(name, 0), classes.get(name, 0)
            yield Difference(what=f"samples of class {name}", published=str(wanted), found=str(found))
