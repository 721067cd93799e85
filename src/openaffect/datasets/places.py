"""Where the files of a data set lie in the folder that the user names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openaffect.datasets.files import entries, is_file, is_folder, is_there, no_folder, quoted
from openaffect.errors import AbsentData, DataError

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset

_ENDINGS = ("process", "dataset", "data", "labels", "label")


@dataclass(frozen=True)
class Place:
    """What was found of one data set."""

    official: tuple[Path, ...] = ()
    """The official files that are there, in the order of `Dataset.files`."""
    own: Path | None = None
    """The user's own ``<key>.csv`` or ``<key>.jsonl``."""
    subtitles: Path | None = None

    def file(self, name: str) -> Path | None:
        """Return the official file called *name* if it was found."""
        return next((path for path in self.official if path.name == name), None)


def spelled(name: str) -> str:
    """Return *name* as folders and keys are compared: letters and digits, lower case, no ``process`` or ``dataset``.

    >>> spelled("mer2023-dataset-process"), spelled("OV-MERD+"), spelled("CH-SIMS-process")
    ('mer2023', 'ovmerdplus', 'chsims')
    """
    plain = "".join(c for c in name.lower().replace("+", "plus") if c.isalnum())
    while ending := next((each for each in _ENDINGS if plain.endswith(each) and plain != each), ""):
        plain = plain.removesuffix(ending)
    return plain


def locate(dataset: Dataset, folder: Path) -> Place:
    """Return where the files of *dataset* are: in *folder*, or in one folder inside it that is named like the data set.

    *folder* may also be one of the files.  Raises `AbsentData` that lists what was looked for, and where, when nothing
    is there, and `DataError` when there is more than one copy.
    """
    if is_file(folder):
        return _one_file(dataset, folder)
    if not is_folder(folder):
        raise no_folder(folder, f"name the folder with the labels of {dataset.key}.")
    names = {spelled(dataset.key), *dataset.spellings}
    rooms = [folder, *(path for path in entries(folder) if spelled(path.name) in names and is_folder(path))]
    official = [found for room in rooms if (found := _present(room, dataset.files))]
    own = [path for room in rooms for path in _present(room, own_files(dataset))]
    if len(official) > 1 or len(own) > 1:
        copies = [*(found[0] for found in official if len(official) > 1), *(own if len(own) > 1 else ())]
        raise DataError(
            f"there are several copies of the labels of {dataset.key}: {', '.join(map(quoted, copies))}; "
            "name the folder of the one that you mean."
        )
    if not official and not own:
        raise _absent(dataset, folder, rooms)
    room = official[0][0].parent if official else own[0].parent
    subtitles = _present(room, dataset.subtitles)
    return Place(official[0] if official else (), own[0] if own else None, subtitles[0] if subtitles else None)


def own_files(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the plain files that a user may write for *dataset*."""
    return () if dataset.task in ("description", "dimensions") else (f"{dataset.key}.csv", f"{dataset.key}.jsonl")


def _present(room: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    # A link that leads nowhere is there, and reading it says what is wrong with it.
    return tuple(room / name for name in names if is_there(room / name))


def _one_file(dataset: Dataset, path: Path) -> Place:
    subtitles = _present(path.parent, dataset.subtitles)
    beside = subtitles[0] if subtitles else None
    if path.name in dataset.files:
        return Place((path,), None, beside)
    if path.name in own_files(dataset):
        return Place((), path, beside)
    raise DataError(
        f"{quoted(path)} is not called as the files of {dataset.key} are "
        f"({', '.join((*dataset.files, *own_files(dataset)))}); rename it or name its folder."
    )


def _absent(dataset: Dataset, folder: Path, rooms: list[Path]) -> AbsentData:
    inside = ", ".join(quoted(room.name) for room in rooms[1:])
    return AbsentData(
        f"no labels of {dataset.title}: looked for {', '.join((*dataset.files, *own_files(dataset)))} in "
        f"{quoted(folder)} and in the folders inside it that are named like {dataset.key} "
        f"({inside or 'there is none'}). To get them: {dataset.obtain}"
    )
