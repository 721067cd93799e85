"""Labels to a student: the training itself.

A step is a pure function of the state before it and of its number, so that a run that was killed and started again
ends with the weights of one that was not (one process, CPU, the same number of threads).  Under ``torchrun`` each
process takes its share of the batch; the CCC is that of the whole batch, batch normalisation sees the share alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from openaffect.distill.checkpoint import save_student
from openaffect.distill.crops import Batches
from openaffect.distill.curves import check_plots, draw_curves
from openaffect.distill.journal import CHECKPOINT, LAST, STUDENT, Journal, card_of, finish, journal, keep_card, read_run
from openaffect.distill.labels import Labels, read_labels
from openaffect.distill.options import FitOptions
from openaffect.distill.ranks import Ranks, joined
from openaffect.distill.resume import Progress
from openaffect.distill.sounds import Sounds, load_sounds
from openaffect.distill.students import build
from openaffect.distill.teacher import Teacher
from openaffect.distill.training import Told, Training
from openaffect.errors import DataError, UsageError
from openaffect.runtime.facts import StudentFacts

Tell = Callable[[Told], None]
DEFAULTS = FitOptions()


@dataclass(frozen=True)
class Fitted:
    """What came of a training."""

    student: Path
    """Folder of the best weights."""
    steps: int
    best_step: int
    """After which step the weights of `student` were taken."""
    dev: dict[str, float | None]
    """Their CCC by dimension over the split ``dev``; empty without one."""
    n_train: int
    n_dev: int
    n_unreadable: int
    """Labels that were left out because their sound cannot be read."""
    before: bool = False
    """Whether all of it was there already."""


def fit(
    student: str,
    labels: Labels | str | Path,
    out: str | Path,
    options: FitOptions = DEFAULTS,
    *,
    teacher: Teacher | None = None,
    tell: Tell | None = None,
) -> Fitted:
    """Train the *student* (a key of ``STUDENTS`` or ``./mine.py:NAME``) on *labels* and leave it in *out*.

    What *out* holds of the same run is gone on with; a finished run is returned as it is.  *teacher* hears mixtures
    where the options say ``mixup="teacher"``.  *tell* is told after each step.  The split ``test`` is never read.

    Raises `UsageError` for impossible options and for an *out* that holds another run, `DataError` for labels that
    cannot be used, `openaffect.errors.MissingPart` without matplotlib.
    """
    options.check()
    check_plots()
    labels = labels if isinstance(labels, Labels) else read_labels(labels)
    if (options.mixup == "teacher") != (teacher is not None):
        raise UsageError("a teacher and mixup='teacher' need one another; give both (--mixup teacher --teacher SPEC).")
    out, threads = Path(out), torch.get_num_threads()
    torch.set_num_threads(options.threads)
    try:
        with joined() as ranks, journal(out, writes=ranks.first) as log:
            if options.batch % ranks.world:
                raise UsageError(f"a batch of {options.batch} cannot be shared by {ranks.world} processes.")
            if ranks.first:
                keep_card(out, card_of(student, labels, options, _mixing(teacher), ranks.world))
            ranks.wait()
            if result := read_run(out).get("result"):
                return Fitted(**{**result, "student": out / STUDENT, "before": True})
            return _run(_Run(student, labels, out, options, teacher, ranks, log, tell))
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Run:
    student: str
    labels: Labels
    out: Path
    options: FitOptions
    teacher: Teacher | None
    ranks: Ranks
    log: Journal
    tell: Tell | None


def _run(run: _Run) -> Fitted:
    train, dev = _sounds(run)
    training = _training(run, train, dev)
    progress = training.progress
    for told in training.steps():
        _note(run, told)
        if told.better:
            _keep(run, training, STUDENT)
        if told.looked or told.step % run.options.checkpoint_every == 0 or told.step == run.options.steps:
            _save(run, training)
        if told.looked and run.ranks.first:
            draw_curves(run.out)
        if run.tell is not None and run.ranks.first:
            run.tell(told)
    if not dev.rows:
        progress.best_step = progress.step
        _keep(run, training, STUDENT)
    _keep(run, training, LAST)
    return _finished(run, progress, train, dev)


def _sounds(run: _Run) -> tuple[Sounds, Sounds]:
    rows = [row for row in run.labels.split("train") if run.options.mixup != "off" or len(row.parts) == 1]
    if len(rows) < 2:
        raise DataError(
            f"{str(run.labels.folder)!r} holds {len(rows)} labels of the split train; a student needs two, and many."
        )
    memory, place = run.options.memory_mb, f".{run.ranks.rank}.i16"
    train = load_sounds(run.labels, rows, memory_mb=memory, cache=run.out / f"train{place}")
    return train, load_sounds(run.labels, run.labels.split("dev"), memory_mb=memory, cache=run.out / f"dev{place}")


def _training(run: _Run, train: Sounds, dev: Sounds) -> Training:
    torch.manual_seed(run.options.seed)
    module = build(run.student)
    batches = Batches(train, run.options, run.teacher, run.ranks.rank, run.ranks.world)
    training = Training(module, batches, dev, run.options, run.labels.card.present, run.ranks)
    if (state := run.out / CHECKPOINT).exists():
        training.go_on(state)
    else:
        training.begin_at_the_mean()
    return training


def _note(run: _Run, told: Told) -> None:
    run.log.note("step", told.step, loss=told.loss, rate=told.rate, gradient=told.gradient, seconds=told.seconds)
    if told.looked:
        run.log.note("dev", told.step, **told.dev)


def _save(run: _Run, training: Training) -> None:
    if run.ranks.first:
        training.save(run.out / CHECKPOINT)


def _keep(run: _Run, training: Training, folder: str) -> None:
    if run.ranks.first:
        save_student(training.module, run.out / folder, facts_of(run.student, run.labels, run.teacher))


def facts_of(student: str, labels: Labels, teacher: Teacher | None) -> StudentFacts:
    """Return what a student learnt from *labels* says about itself; *teacher* heard mixtures, if any."""
    card = labels.card
    other = teacher is not None and teacher.identity != card.identity
    return StudentFacts(
        network=student,
        present=card.present,
        teacher=f"{card.teacher}; mixtures: {teacher.name}" if teacher is not None and other else card.teacher,
        teacher_licence=f"{card.licence}; {teacher.licence}" if teacher is not None and other else card.licence,
        audio=card.audio,
        permissive=card.permissive and (teacher is None or teacher.permissive),
        trained=True,
    )


def _mixing(teacher: Teacher | None) -> dict[str, str]:
    return {} if teacher is None else {"teacher": teacher.name, "identity": teacher.identity}


def _finished(run: _Run, progress: Progress, train: Sounds, dev: Sounds) -> Fitted:
    result: dict[str, Any] = {
        "steps": progress.step,
        "best_step": progress.best_step,
        "dev": progress.dev,
        "n_train": len(train.rows),
        "n_dev": len(dev.rows),
        "n_unreadable": len(train.unreadable) + len(dev.unreadable),
    }
    if run.ranks.first:
        draw_curves(run.out)
        finish(run.out, result, train.unreadable | dev.unreadable)
        for cache in run.out.glob("*.i16"):
            cache.unlink()
            cache.with_suffix(".json").unlink(missing_ok=True)
    run.ranks.wait()
    return Fitted(student=run.out / STUDENT, **result)
