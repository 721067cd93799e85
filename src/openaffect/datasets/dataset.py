"""What a data set is to openaffect: its key, its task, the facts published about it, and how its files are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from openaffect.datasets.files import is_file, quoted
from openaffect.datasets.own_labels import attach, read_own
from openaffect.datasets.places import Place, locate
from openaffect.datasets.transcripts import with_transcripts
from openaffect.errors import AbsentData, DataError
from openaffect.records import Sample

Task = Literal["open vocabulary", "basic", "sentiment", "description", "dimensions"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """Figures that were published about a data set, to tell whether a copy of it is the one that was meant."""

    rows: int | None = None
    labels: tuple[int, ...] = ()
    """Number of distinct labels; several where the sources differ."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """Samples of each class; for sentiment of ``negative``, ``neutral`` (exactly zero) and ``positive``."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One data set; build it in a file of its own and name it in `openaffect.datasets.DATASETS`."""

    key: str
    title: str
    task: Task
    metric: str
    """What it is scored with: ``EW``, ``HIT``, ``WAF``, ``CCC``, ``grouped`` (synonyms, by a judge), or ``judge``."""
    split: str
    """Which part is read, in the words of its owners."""
    languages: tuple[str, ...]
    """What is spoken."""
    files: tuple[str, ...]
    """Names of the official files; one of them must be there, more are read where the reader knows more."""
    reader: Callable[[Dataset, Place], list[Sample]]
    """Makes samples of the official files that were found."""
    labels: tuple[str, ...] = ()
    """The closed set of labels in the official order, which numbers in the files refer to."""
    scale: tuple[float, float] | None = None
    """Lowest and highest rating."""
    published: Published = Published()
    licence: str
    obtain: str
    """How to get the files."""
    spellings: tuple[str, ...] = ()
    """Further names that its folder goes by, as `openaffect.datasets.places.spelled` gives them."""
    subtitles: tuple[str, ...] = ("subtitles.csv",)
    """Names of files with what is said."""
    sound: Callable[[Place, Sample], Path] | None = None
    """Tells where the sound of a sample lies, there or not; None where that is not known."""

    @property
    def n(self) -> int | None:
        """Number of samples as published, None where it is not known."""
        return self.published.rows

    def read(self, folder: str | Path, *, transcripts: bool = True) -> list[Sample]:
        """Return the samples in *folder*, in the order of the file; what is said in them only with *transcripts*.

        The official files decide which samples there are and what their consensus is.  The plain file ``<key>.csv`` or
        ``<key>.jsonl`` beside them adds the views of annotators; without official files it gives everything
        (see `openaffect.datasets.own_labels`).  Raises `openaffect.errors.AbsentData` when there is
        nothing, and `openaffect.errors.DataError` when the files are ambiguous or cannot be used.
        """
        place = locate(self, Path(folder))
        own = None if place.own is None else read_own(self, place.own)
        if not place.official:
            samples = own or []
        else:
            samples = self.reader(self, place)
            samples = samples if own is None else attach(samples, own, self, place)
        return with_transcripts(samples, place) if transcripts else samples

    def sound_file(self, folder: str | Path, sample: Sample) -> Path:
        """Return the file with the sound of *sample*, which was read from *folder*.

        Raises `openaffect.errors.AbsentData` when it is not there, and `openaffect.errors.DataError` for a data set
        whose sound is not known here, and for a name that leads out of the folder.
        """
        if self.sound is None:
            raise DataError(f"where the sound of {self.key} lies is not known here; only its labels are read.")
        path = self.sound(locate(self, Path(folder)), sample)
        if not is_file(path):
            raise AbsentData(f"the sound of {sample.id} is not there: {quoted(path)}; copy it, or leave it out.")
        return path
