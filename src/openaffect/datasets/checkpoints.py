"""The prediction files of every checkpoint of a run, as the official scripts lay them out.

``<output>/results-<data set>/<run>/checkpoint_000030_loss_0.602.npz`` holds a model's texts; the files with
``-openset`` and ``-openset-sentiment`` before the ending hold what was taken from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openaffect.datasets.files import entries, is_folder, no_folder, quoted, resolved, shown
from openaffect.datasets.places import spelled
from openaffect.errors import AbsentData, DataError
from openaffect.lookup import suggest
from openaffect.media.names import path_text

_FILE = re.compile(r"(?P<name>.+?)(?P<stage>-openset|-openset-sentiment)?\.npz", re.I | re.S)
_EPOCH = re.compile(r"checkpoint_(\d{1,9})(?!\d)")
_RESULTS = "results-"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The prediction files of one checkpoint; a stage that was not run is None."""

    name: str
    """File name without stage and ending, e.g. ``checkpoint_000030_loss_0.602``."""
    epoch: int | None
    """Epoch that the name tells, None when it tells none."""
    run: str | None = None
    """Name of the run's folder, None for files that lie in the results folder itself."""
    reasons: Path | None = None
    openset: Path | None = None
    sentiment: Path | None = None


def epoch_of(name: str) -> int | None:
    """Return the epoch that the name of a prediction file tells, or None.

    >>> epoch_of("checkpoint_000030_loss_0.602"), epoch_of("mine")
    (30, None)
    """
    match = _EPOCH.match(name)
    return int(match[1]) if match else None


def find_checkpoints(folder: str | Path, key: str, run: str | None = None) -> list[Checkpoint]:
    """Return the checkpoints of the data set *key*, by epoch and then by name.

    *folder* may be the output folder, one ``results-<key>`` folder or the folder of a run.  Where a results folder has
    several runs, *run* is the name of the one to take.  Raises `AbsentData` when there is no result of *key*, and
    `DataError` that lists what is there when no run is called *run* or when there are several and none was named.
    """
    folder = Path(folder)
    if not is_folder(folder):
        raise no_folder(folder, "name the folder or the file with the predictions.")
    results = _results(folder, key)
    if results is None:
        _check_run(folder, key)
        return _checkpoints(entries(folder), path_text(resolved(folder).name))
    runs = {path_text(room.name): _checkpoints(entries(room), path_text(room.name)) for room in _folders(results)}
    runs = {path_text(results.name): _checkpoints(entries(results), None), **runs}
    runs = {name: found for name, found in runs.items() if found}
    return runs[_chosen(runs, results, None if run is None else path_text(run))]


def results_folders(folder: Path, key: str) -> list[Path]:
    """Return the folders in *folder* that are named ``results-<key>``, in whatever spelling."""
    return [room for room in _folders(folder) if _is_results(room.name, key)]


def _results(folder: Path, key: str) -> Path | None:
    """Return the results folder of *key*, or None where *folder* is the folder of a run."""
    if _is_results(resolved(folder).name, key):
        return folder
    named = results_folders(folder, key)
    if len(named) > 1:
        both = " and ".join(shown(room.name) for room in named)
        raise DataError(f"{quoted(folder)} has {both} for {key}; keep one or name it.")
    if named:
        return named[0]
    names = [shown(room.name) for room in _folders(folder) if room.name.lower().startswith(_RESULTS)]
    if names:
        raise AbsentData(
            f"{quoted(folder)} has no predictions for {key} ({_RESULTS}{key})"
            f"{suggest(_RESULTS + key, names) or '.'} It has {', '.join(names)}."
        )
    return None


def _is_results(name: str, key: str) -> bool:
    return name.lower().startswith(_RESULTS) and spelled(name[len(_RESULTS) :]) == spelled(key)


def _check_run(folder: Path, key: str) -> None:
    """Refuse the run folder of another data set, and a folder that holds no prediction file at all."""
    whole = resolved(folder)
    for name in (whole.name, whole.parent.name):
        if name.lower().startswith(_RESULTS) and not _is_results(name, key):
            other = shown(name[len(_RESULTS) :])
            raise DataError(f"{quoted(folder)} holds the predictions of {other}, {key} was asked for.")
    if not _checkpoints(entries(folder), None):
        raise AbsentData(
            f"{quoted(folder)} has no {_RESULTS}{key} folder and no prediction file (.npz) such as "
            "checkpoint_000030_loss_0.602-openset.npz; name the output folder or the folder of a run."
        )


def _chosen(runs: dict[str, list[Checkpoint]], results: Path, run: str | None) -> str:
    if run is not None and run in runs:
        return run
    if not runs:
        raise AbsentData(f"{quoted(results)} has no run with a prediction file (.npz) as yet.")
    names = [shown(name) for name in runs]
    if run is not None:
        near = suggest(shown(run), names) or "."
        raise DataError(f"no run {quoted(run)} in {quoted(results)}{near} It has {', '.join(names)}.")
    if len(runs) > 1:
        listed = ", ".join(names)
        raise DataError(f"{quoted(results)} has {len(runs)} runs: {listed}; choose one by its name (run=...).")
    return next(iter(runs))


def _folders(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if is_folder(path)]


def _checkpoints(paths: Iterable[Path], run: str | None) -> list[Checkpoint]:
    """Return the checkpoints of *run* that *paths* make up.

    The name alone counts: a folder, a pipe or a link that leads nowhere in the place of a file is not passed over, and
    reading it says what is wrong with it.
    """
    stages: dict[str, dict[str, Path]] = {}
    for path in paths:
        if match := _FILE.fullmatch(path.name):
            files = stages.setdefault(path_text(match["name"]), {})
            if (other := files.setdefault((match["stage"] or "").lower(), path)) != path:
                raise DataError(f"{quoted(other)} and {quoted(path)} are one stage of one checkpoint; keep one.")
    found = [
        Checkpoint(
            name=name,
            epoch=epoch_of(name),
            run=run,
            reasons=files.get(""),
            openset=files.get("-openset"),
            sentiment=files.get("-openset-sentiment"),
        )
        for name, files in stages.items()
    ]
    # Without an epoch a checkpoint comes last.
    return sorted(found, key=lambda each: (each.epoch is None, each.epoch or 0, each.name))
