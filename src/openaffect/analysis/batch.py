"""Many inputs: each in its own time, one bad file never stops the others, a killed run goes on where it was.

Beside the results lies ``records.jsonl``, one line an input, done or failed with its cause, and ``run-card.json``.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from openaffect import __version__
from openaffect.analysis.exports import EXPORTS
from openaffect.analysis.frames import keep_frames
from openaffect.analysis.options import Options
from openaffect.analysis.pipeline import analyze
from openaffect.analysis.pool import in_processes
from openaffect.analysis.progress import Tell, silent
from openaffect.analysis.remote import prompt_hashes
from openaffect.analysis.student import student_files
from openaffect.errors import MissingPart, OfflineError, OpenAffectError, OutputError, UsageError
from openaffect.lookup import resolve
from openaffect.media.inputs import Input
from openaffect.media.names import path_text
from openaffect.records import Failure, Report
from openaffect.runtime.models import MODELS
from openaffect.store import RecordFile, write_atomic, write_card

RECORDS = "records.jsonl"
CARD = "run-card.json"
_DIED = "the process that read this file died (out of memory, or a decoder fault); try --fast or repair it."


@dataclass(frozen=True)
class Task:
    """One input with all that a worker must know."""

    number: int
    path: Path
    transcript: Path | None
    stem: str
    options: Options
    out: Path | None = None
    formats: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Identity of the work: the input's bytes and every choice that can change the result."""
        choices = {k: v for k, v in asdict(self.options).items() if k != "threads"}
        parts = [
            __version__,
            path_text(self.path),
            _digest(self.path),
            _digest(self.transcript),
            self.stem,
            sorted(self.formats),
            choices,
            student_files(self.options),
        ]
        return _key(parts)


@dataclass(frozen=True)
class Outcome:
    """What became of one task: a report (without its curves), a failure, or ``skipped`` when it was done before."""

    task: Task
    report: Report | None = None
    failure: Failure | None = None
    outputs: tuple[Path, ...] = ()
    skipped: bool = False


@dataclass
class Tally:
    """Counts of a run."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count *outcome*."""
        self.skipped += outcome.skipped
        self.done += outcome.report is not None
        if outcome.failure is not None:
            self.failed += 1
            self.failures.append(outcome.failure)


def _key(parts: Sequence[Any]) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def plan(inputs: Sequence[Input], options: Options, *, out: Path | None, formats: Sequence[str]) -> list[Task]:
    """Return a task for each input; output names are unique and safe, and depend on the inputs alone."""
    for name in formats:
        resolve(EXPORTS, name, kind="export format")
    if options.transcript and len(inputs) > 1:
        raise UsageError(
            f"--transcript belongs to one recording, but {len(inputs)} came; lay each transcript beside its recording "
            "under the same name instead."
        )
    tasks: list[Task] = []
    taken: set[str] = set()
    for number, item in enumerate(inputs):
        path = item.media or item.transcript
        if path is None:
            raise UsageError("an input needs a media file or a transcript.")
        transcript = item.transcript if item.media is not None else None
        chosen = Path(options.transcript) if options.transcript else transcript
        stem = _stem(path, taken)
        tasks.append(Task(number, path, chosen, stem, options, out, tuple(dict.fromkeys(formats))))
    return tasks


def _stem(path: Path, taken: set[str]) -> str:
    """Return an output name for *path* that no other input has and every file system takes."""
    plain = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", "_", path_text(path.stem)).strip(" .")[:120] or "input"
    plain = f"_{plain[1:]}" if plain.startswith("-") else plain
    stem, count = plain, 1
    while stem.casefold() in taken:
        count += 1
        stem = f"{plain}-{path.suffix.lstrip('.')}" if count == 2 and path.suffix else f"{plain}-{count}"
    taken.add(stem.casefold())
    return stem


def _digest(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def check_folder(out: Path) -> None:
    """Raise `UsageError` when nothing can be written into *out*; better now than after an hour."""
    probe = out / ".openaffect-write-test"
    try:
        write_atomic(probe, b"")
        probe.unlink()
    except (OutputError, OSError) as error:
        raise UsageError(f"cannot write into the folder {str(out)!r}; choose another one with --out.") from error


def run(
    tasks: Sequence[Task],
    *,
    lost: Sequence[Failure] = (),
    out: Path | None = None,
    jobs: int = 1,
    tell: Tell = silent,
    started: Callable[[Task], None] = lambda task: None,
) -> Iterator[Outcome]:
    """Yield the outcome of every task as soon as it is there; *jobs* processes share the work when there are several.

    *lost* are inputs that could not even be found.  With an output folder *out*, what was done before by the same
    version, options and bytes is skipped, every outcome is recorded when it is there, and a run card is written at
    the end.  Raises `OutputError` on a full disk.
    """
    if out is None:
        yield from _outcomes(tasks, jobs, tell, started)
        return
    check_folder(out)
    tally = Tally(failed=len(lost))
    with RecordFile(out / RECORDS) as records:
        keys = {task.number: task.key for task in tasks}
        before = frozenset(records.done)
        fresh = [task for task in tasks if keys[task.number] not in before]
        for failure in lost:
            _record_failure(records, {"path": failure.path}, failure, _key([failure.path]))
        for task in tasks:
            if keys[task.number] in before:
                tally.skipped += 1
                yield Outcome(task, skipped=True)
        for outcome in _outcomes(fresh, jobs, tell, started):
            _record(records, outcome, keys[outcome.task.number])
            tally.add(outcome)
            yield outcome
    write_card(out / CARD, _card(tasks, tally))


def _record(records: RecordFile, outcome: Outcome, key: str) -> None:
    task = outcome.task
    line: dict[str, Any] = {"path": path_text(task.path), "stem": task.stem}
    if outcome.failure is not None:
        _record_failure(records, line, outcome.failure, key)
    elif outcome.report is not None:
        report = outcome.report
        line |= {
            "sha256": report.media.sha256,
            "outputs": [path.name for path in outcome.outputs],
            "labels": [label.name for label in report.overall.labels],
            "abstained": report.overall.abstained,
            "segments": len(report.segments),
            "clues": len(report.clues),
        }
        records.append(line | {"id": key})


def _record_failure(records: RecordFile, line: dict[str, Any], failure: Failure, key: str) -> None:
    """A failure keeps its record but not the id of the work, so that the next run tries again."""
    count = sum(name.startswith(f"{key}:failed") for name in records.done)
    records.append(line | {"id": f"{key}:failed-{count + 1}", "failure": failure.model_dump()})


def _card(tasks: Sequence[Task], tally: Tally) -> dict[str, Any]:
    used = {"options": asdict(replace(tasks[0].options, threads=0)), "formats": list(tasks[0].formats)} if tasks else {}
    return used | {
        "openaffect": __version__,
        "python": platform.python_version(),
        "models": {name: card.sha256 for name, card in MODELS.items()},
        "prompts": prompt_hashes(),
        "inputs": len(tasks),
        "done": tally.done,
        "failed": tally.failed,
        "skipped_as_done_before": tally.skipped,
    }


def work(task: Task, tell: Tell = silent) -> Outcome:
    """Analyse one input and write its results; whatever goes wrong with the input becomes a `Failure`.

    Raises what would be wrong for every input alike: `OutputError`, `UsageError`, `MissingPart`, `OfflineError`.
    """
    try:
        report = analyze(task.path, transcript=task.transcript, options=task.options, tell=tell)
    except (UsageError, MissingPart, OfflineError):
        # Wrong for every input alike: the run ends with one sentence instead of one failure a file.
        raise
    except OpenAffectError as error:
        return Outcome(task, failure=_failure(task, "input", str(error), error))
    except Exception as error:  # noqa: BLE001 - a bug in one file must not take the others with it; it is recorded
        return Outcome(task, failure=_failure(task, "bug", _where(error), error))
    outputs: list[Path] = []
    if task.out is not None:
        for name in task.formats:
            outputs += resolve(EXPORTS, name, kind="export format")(report, task.out, task.stem)
        if task.options.keep_frames:
            outputs += keep_frames(report, task.path, task.out / f"{task.stem}.frames", blur=task.options.blur)
    return Outcome(task, report=report, outputs=tuple(outputs))


def _failure(task: Task, stage: str, cause: str, error: BaseException) -> Failure:
    return Failure(path=path_text(task.path), stage=stage, cause=cause, error=type(error).__name__)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "openaffect" in Path(frame.filename).parts] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "unknown place"
    text = " ".join(str(error).split())[:300]
    return f"internal error at {place} ({type(error).__name__}: {text}); please report it with the file that caused it."


def _outcomes(tasks: Sequence[Task], jobs: int, tell: Tell, started: Callable[[Task], None]) -> Iterator[Outcome]:
    if jobs <= 1 or len(tasks) <= 1:
        for task in tasks:
            started(task)
            yield work(task, tell)
    else:
        yield from _parallel(tasks, min(jobs, len(tasks)))


def _parallel(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Run *tasks* in processes that share the cores; a file that kills its process is recorded as the failure it is."""
    share = max(1, tasks[0].options.cores // jobs)
    waiting = [replace(task, options=replace(task.options, threads=share)) for task in tasks]
    for task, outcome in in_processes(_quietly, waiting, jobs):
        yield outcome or Outcome(
            task, failure=Failure(path=path_text(task.path), stage="crash", cause=_DIED, error="Crash")
        )


def _quietly(task: Task) -> Outcome:
    outcome = work(task)
    if outcome.report is None:
        return outcome
    # The curves of a long recording would only be copied between processes to be thrown away.
    return replace(outcome, report=outcome.report.model_copy(update={"tracks": ()}))
