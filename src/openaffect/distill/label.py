"""Sound to labels: what a teacher says about each piece of speech, and about mixtures of them.

Files are labelled in any order and by any number of processes; the id of a row says which piece of which file it is of,
so that a run that was stopped goes on with the files that are not done.  Recordings are streamed, never held whole.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from openaffect import __version__
from openaffect.distill.hearing import FAILED, SILENT, Cutting, Mixture, Recording, Seat, Work, without_label
from openaffect.distill.label_engines import Item, Spread, open_engine
from openaffect.distill.label_files import finished, forget_failures, sound_files
from openaffect.distill.labels import LabelCard, LabelWriter, read_labels
from openaffect.distill.mixtures import mixtures_of
from openaffect.distill.permission import is_limited
from openaffect.distill.speakers import voices_of
from openaffect.distill.teacher import Teacher
from openaffect.errors import UsageError
from openaffect.records import PseudoLabel

Tell = Callable[[str, int, int], None]
"""Told after each item: ``files`` or ``mixtures``, how many are done, how many there are."""
_DIED = "the process that heard it died, twice (out of memory, or a fault of a decoder); repair it or leave it out."


@dataclass(frozen=True)
class LabelOptions:
    """How sound becomes labels."""

    cutting: Cutting = field(default_factory=Cutting)
    speakers: str = "folder"
    """``folder``, ``file`` or a table, as `openaffect.distill.speakers.voices_of` reads it."""
    dev: float = 0.1
    """Share of the speakers in the split dev."""
    test: float = 0.1
    """Share of the speakers in the split test."""
    mix: int = 0
    """Mixtures for every 100 pieces of the split train; the teacher hears the mixture."""
    mix_db: float = 10.0
    """One part of a mixture is softened by up to so many decibels."""
    seed: int = 0
    """Of splits and mixtures."""

    def check(self) -> None:
        """Raise `UsageError` for what cannot be meant."""
        low, high = self.cutting.shortest_s, self.cutting.longest_s
        if not 0.1 <= low <= high <= 600:
            raise UsageError(
                f"pieces need a shortest and a longest length from 0.1 to 600 s; {low:g} and {high:g} came."
            )
        if self.mix < 0 or self.mix_db < 0:
            raise UsageError(f"mixtures need a share and decibels of 0 or more; {self.mix} and {self.mix_db:g} came.")


DEFAULTS = LabelOptions()


@dataclass(frozen=True)
class Labelled:
    """What a LABELS folder holds after a run."""

    folder: Path
    n_files: int
    n_pieces: int
    """Pieces of speech with a label, mixtures not counted."""
    n_mixtures: int
    n_silent: int
    """Files without a piece of speech."""
    n_failed: int
    """Files that could not be read, and pieces about which the teacher said nothing."""
    splits: dict[str, int]
    """Labels by split."""
    causes: dict[str, int]
    """Why there is no label, the commonest first."""
    permissive: bool


def label(
    teacher: str | Teacher,
    audio: Sequence[str | Path],
    out: str | Path,
    options: LabelOptions = DEFAULTS,
    *,
    audio_licence: str = "",
    offline: bool = False,
    accept_licence: bool = False,
    engine: str = "local",
    workers: int = 1,
    again: bool = False,
    tell: Tell | None = None,
) -> Labelled:
    """Label the sound files that *audio* names (files, folders, globs) and return what *out* holds then.

    *teacher* is a spec of `openaffect.distill.teacher.open_teacher`, or a teacher itself, which works in this process
    alone.  Files that *out* is done with are not heard again; *again* tries those that failed once more.  The labels
    are permissive where the teacher is and *audio_licence* names a licence without limits.

    Raises `UsageError` for impossible options and for an *out* with other settings, `DataError` when *audio* holds no
    sound file, and what opening the teacher raises.
    """
    out, here = Path(out), engine == "local" and workers == 1
    options.check()
    if workers < 1 or not (here or isinstance(teacher, str)):
        raise UsageError("1 worker at least; and for more than one, name the teacher as ./FILE.py:NAME.")
    seat = Seat(_found_anywhere(teacher) if isinstance(teacher, str) else "", offline, accept_licence)
    heard = seat.open() if isinstance(teacher, str) else teacher
    files, causes = sound_files(audio)
    recordings = _recordings(files, out, options)
    if again:
        forget_failures(out)
    work = Work(seat, options.cutting, heard if here else None)
    with (
        LabelWriter(out, _card(heard, audio, audio_licence, options)) as writer,
        open_engine(engine, workers) as spread,
    ):
        done = finished(writer.done)
        _all(spread, work, [each for each in recordings if each.file not in done], writer, tell, len(recordings))
        for name, cause in causes.items():
            if name + FAILED not in writer.done:
                writer.append(PseudoLabel(id=name + FAILED, parts=(), error=cause))
        mixtures = _mixtures(out, options)
        _all(spread, work, [each for each in mixtures if each.row.id not in writer.done], writer, tell, len(mixtures))
    return _counted(out)


def _found_anywhere(spec: str) -> str:
    """Return *spec* with the whole path of its file, where it is one of ``./FILE.py:NAME``."""
    path, own, name = spec.partition(".py:")
    return f"{Path(path).resolve()}.py:{name}" if own else spec


def _recordings(files: Sequence[Path], out: Path, options: LabelOptions) -> list[Recording]:
    voices = voices_of(files, options.speakers, dev=options.dev, test=options.test, seed=options.seed)
    home = out.absolute()
    named = ((file, file.relative_to(home) if file.is_relative_to(home) else file) for file in files)
    return [Recording(str(name), home, voices[file]) for file, name in named]


def _card(teacher: Teacher, audio: Sequence[str | Path], licence: str, options: LabelOptions) -> LabelCard:
    names = dict.fromkeys(Path(each).absolute().name for each in audio)
    return LabelCard(
        teacher=teacher.name,
        identity=teacher.identity,
        licence=teacher.licence,
        permissive=teacher.permissive and not is_limited(licence),
        present=tuple(teacher.present),
        audio=tuple(f"{name} ({licence or 'licence not stated'})" for name in names),
        versions={"openaffect": __version__, "numpy": np.__version__, "python": platform.python_version()},
        settings=asdict(options),
    )


def _all(
    spread: Spread,
    work: Work,
    items: Sequence[Item],
    writer: LabelWriter,
    tell: Tell | None,
    total: int,
) -> None:
    """Let *work* be done on *items* of *total* and write its rows."""
    count = total - len(items)
    for item, rows in spread(work, items):
        for row in _died(item) if rows is None else rows:
            if row.id not in writer.done:
                writer.append(row)
        count += 1
        if tell is not None:
            tell("mixtures" if isinstance(item, Mixture) else "files", count, total)


def _died(item: Item) -> list[PseudoLabel]:
    if isinstance(item, Mixture):
        return [item.row.model_copy(update={"error": _DIED})]
    return [without_label(item, FAILED, _DIED)]


def _mixtures(out: Path, options: LabelOptions) -> list[Mixture]:
    if not options.mix:
        return []
    rows = read_labels(out).rows
    return mixtures_of(rows, out.absolute(), share=options.mix, softer_db=options.mix_db, seed=options.seed)


def _counted(out: Path) -> Labelled:
    labels = read_labels(out)
    silent = [row for row in labels.failed if row.id.endswith(SILENT)]
    mixtures = [row for row in labels.rows if len(row.parts) > 1]
    files = {part.file for row in labels.rows for part in row.parts} | {
        row.id for row in labels.failed if not row.parts
    }
    return Labelled(
        folder=out,
        n_files=len(files),
        n_pieces=len(labels.rows) - len(mixtures),
        n_mixtures=len(mixtures),
        n_silent=len(silent),
        n_failed=len(labels.failed) - len(silent),
        splits=dict(Counter(row.split for row in labels.rows)),
        causes=dict(Counter(row.error for row in labels.failed).most_common()),
        permissive=labels.card.permissive,
    )
