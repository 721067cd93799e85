"""Which files hold the predictions for a data set: one file, a plain folder, or the official layout of checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openaffect.datasets.checkpoints import epoch_of, find_checkpoints, results_folders
from openaffect.datasets.files import is_file, is_there, quoted, shown
from openaffect.errors import DataError
from openaffect.media.names import path_text


@dataclass(frozen=True)
class Found:
    """A prediction file and the checkpoint that it stands for."""

    name: str
    epoch: int | None
    path: Path
    run: str | None = None
    """Name of the run's folder in the official layout, None for plain files."""

    @property
    def shared_name(self) -> str:
        """What names the checkpoint across data sets: its epoch, since the file names also hold a loss."""
        return self.name if self.epoch is None else str(self.epoch)


@dataclass(frozen=True)
class PredictionFiles:
    """The files of one data set, by epoch, and the checkpoints that have not been through the stage."""

    found: tuple[Found, ...]
    unfinished: tuple[str, ...] = ()


def find_predictions(
    place: str | Path, key: str, *, sentiment: bool = False, run: str | None = None
) -> PredictionFiles:
    """Return the files with predictions for the data set *key*, one a checkpoint, by epoch.

    *place* is a file; a folder with ``<key>.csv``, ``<key>.jsonl`` or ``<key>.npz``; or a folder in the official layout
    (see `openaffect.datasets.checkpoints.find_checkpoints`, which *run* goes to).  With *sentiment* the files of the
    sentiment stage are taken, else those of the label stage; a checkpoint that lacks the stage is ``unfinished``.
    Raises `openaffect.errors.AbsentData` when there is nothing for *key*, `DataError` when more than one thing could be
    meant or when no checkpoint has been through that stage.
    """
    place = Path(place)
    if is_file(place):
        name = path_text(place.stem)
        return PredictionFiles((Found(name, epoch_of(name), place),))
    plain = [path for ending in ("csv", "jsonl", "npz") if is_there(path := place / f"{key}.{ending}")]
    named = [*plain, *(results_folders(place, key) if plain else ())]
    if len(named) > 1:
        both = " and ".join(shown(path.name) for path in named)
        raise DataError(f"{quoted(place)} has {both} for {key}; keep one or name it.")
    if plain:
        return PredictionFiles((Found(key, None, plain[0]),))
    checkpoints = find_checkpoints(place, key, run)
    stages = [(each, each.sentiment if sentiment else each.openset) for each in checkpoints]
    found = tuple(Found(each.name, each.epoch, path, each.run) for each, path in stages if path is not None)
    if not found:
        stage = "-openset-sentiment" if sentiment else "-openset"
        raise DataError(
            f"the {len(checkpoints)} checkpoints of {key} under {quoted(place)} have no {stage}.npz; "
            f"only {checkpoints[0].name}.npz and the like: take the labels from these texts first."
        )
    return PredictionFiles(found, tuple(each.name for each, path in stages if path is None))
