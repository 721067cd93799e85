"""Runs an analysis in the terminal: progress on stderr, results on stdout."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from openaffect.analysis.batch import Outcome, Task, plan, run
from openaffect.analysis.exports.json import render as as_json_text
from openaffect.analysis.options import Options
from openaffect.analysis.progress import STEPS, Step
from openaffect.analysis.reasoners import remote_host
from openaffect.cli.terminal import print_report
from openaffect.media.inputs import find_inputs
from openaffect.records import Failure


def show_run(
    paths: Sequence[str],
    options: Options,
    *,
    out: Path | None,
    formats: Sequence[str] | None,
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """Analyse *paths* and show what comes; return the exit code."""
    say = Console(stderr=True, soft_wrap=True, highlight=False)
    host = remote_host(options)
    if host:
        say.print(f"[bold yellow]Frames, sound and clues will be sent to {escape(host)}.[/]")
    inputs, lost = find_inputs(paths)
    wanted = formats or (["json", "html"] if out is not None else [])
    tasks = plan(inputs, options, out=out, formats=wanted)
    for failure in lost:
        _say_failure(say, failure)
    failed = len(lost)
    with _Bars(say, hidden=quiet or not say.is_terminal) as bars:
        outcomes = run(
            tasks, lost=lost, out=out, jobs=jobs or min(len(tasks), options.cores), tell=bars.tell, started=bars.start
        )
        try:
            for outcome in outcomes:
                bars.finish(outcome.task)
                failed += outcome.failure is not None
                _show(outcome, say, as_json=as_json, quiet=quiet)
        except KeyboardInterrupt:
            bars.stop()
            say.print("openaffect: interrupted; what was finished is kept, the same command goes on from there.")
            return 130
    if len(tasks) + len(lost) > 1 and not quiet:
        say.print(f"{len(tasks) + len(lost) - failed} of {len(tasks) + len(lost)} inputs done, {failed} failed.")
    return 1 if failed else 0


def _show(outcome: Outcome, say: Console, *, as_json: bool, quiet: bool) -> None:
    if outcome.failure is not None:
        _say_failure(say, outcome.failure)
    elif outcome.skipped:
        say.print(f"{escape(_shown(outcome.task.path))}: done before, skipped.")
    elif outcome.report is not None:
        if as_json:
            print(" ".join(as_json_text(outcome.report).split("\n")), flush=True)  # noqa: T201 - the result itself
        elif not quiet:
            print_report(outcome.report, Console(highlight=False))
        if outcome.outputs and not quiet:
            say.print("written: " + escape(", ".join(str(path) for path in outcome.outputs)))


def _say_failure(say: Console, failure: Failure) -> None:
    say.print(f"[bold red]failed[/] {escape(_shown(Path(failure.path)))}: {escape(failure.cause)}")


def _shown(path: Path) -> str:
    """Return *path* on one line; control characters must not reach the terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(path))


class _Bars:
    """A bar for each step of the file in work, or nothing at all."""

    def __init__(self, console: Console, *, hidden: bool) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
            disable=hidden,
            transient=True,
        )
        self._rows: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stop(self) -> None:
        """Take the bars off the screen."""
        self._progress.stop()

    def start(self, task: Task) -> None:
        """Open the rows of a file."""
        with self._lock:
            name = escape(_shown(Path(task.path.name)))
            self._rows = {step: self._progress.add_task(f"{name}: {step}", total=1.0) for step in STEPS}

    def tell(self, step: Step, share: float) -> None:
        """Move the bar of *step*; called from any thread."""
        with self._lock:
            if step in self._rows:
                self._progress.update(self._rows[step], completed=share)

    def finish(self, task: Task) -> None:
        """Take the rows away; the result takes their place."""
        with self._lock:
            for row in self._rows.values():
                self._progress.remove_task(row)
            self._rows = {}
