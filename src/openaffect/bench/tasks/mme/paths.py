"""Where the files and clips of MME-Emotion lie, by the rules of its releases.

Question files name a clip ``CORPUS/video/NAME.EXT``; the archives hold it as ``ER_Lab/NAME.mp4``.  What a question file
says is not trusted: a name that would leave the folder finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from openaffect.bench.tasks.mme.tasks import TASKS
from openaffect.datasets.files import entries, is_file, is_folder, no_folder, quoted
from openaffect.errors import AbsentData, DataError

ENDINGS = (".mp4", ".avi", ".mkv")
"""Containers of the releases, in the order in which they are tried."""
_CLUES = ("qwen2audioclues", "audioclues", "audioclue", "clues", "clue")
_AROUND = ("mmeemotion", "questions", "question", "dataset", "data", "labels", "label", "test", "qa")
_ALSO = MappingProxyType({"erslwild": "ER-Wild"})
"""Names of the releases that are not the key of their task."""
OBTAIN = "put the question files, one a task (such as ER_Lab.json), and the audio clues (ER_Lab_qwen2_audio_clues.json)"


def find_files(folder: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Return task → question file and task → audio-clue file, found in *folder* and in the folders inside it by name.

    Names are compared by letters and digits: ``ER_Lab.json``, ``er-lab_questions.json``,
    ``ER_Lab_qwen2_audio_clues.json``.  Raises `AbsentData` when there is no question file at all, `DataError` when
    a task has two.
    """
    if not is_folder(folder):
        raise no_folder(folder, f"{OBTAIN} into one folder and name it.")
    rooms = [folder, *(path for path in entries(folder) if is_folder(path))]
    questions: dict[str, Path] = {}
    clues: dict[str, Path] = {}
    for path in (path for room in rooms for path in entries(room) if path.suffix.lower() == ".json"):
        task, is_clue = _named(path.stem)
        found = clues if is_clue else questions
        if task and task in found:
            kind = "audio clues" if is_clue else "questions"
            raise DataError(f"{task} has two files of {kind}: {quoted(found[task])} and {quoted(path)}; keep one.")
        if task:
            found[task] = path
    if not questions:
        raise AbsentData(
            f"no question file of MME-Emotion in {quoted(folder)} or the folders inside it; {OBTAIN} there."
        )
    return questions, clues


def _named(stem: str) -> tuple[str, bool]:
    """Return the task that a file name means, "" for none, and whether the file holds audio clues."""
    plain = _plain(stem)
    ending = next((each for each in _CLUES if plain.endswith(each)), "")
    plain = plain.removesuffix(ending)
    for each in _AROUND:
        plain = plain.removeprefix(each).removesuffix(each)
    return {**{_plain(key): key for key in TASKS}, **_ALSO}.get(plain, ""), bool(ending)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def find_clip(folder: Path, task: str, name: str) -> Path | None:
    """Return the clip that a question of *task* calls *name*, None where it is not there.

    Tried in this order: the name as it stands; with ``.mp4``, ``.avi`` or ``.mkv`` appended (names without an ending)
    or instead of its own ending (clips that were converted); then the layout of the archives, the task's folder
    (``ER_Lab``, ``ER-Lab``, also twice, as some programs unpack) with the last part of the name alone.
    """
    if not is_inside(name):
        return None
    return next((folder / path for path in _places(task, name) if is_file(folder / path)), None)


def is_inside(name: str) -> bool:
    r"""Return whether *name* is a relative path that stays in its folder, on any system.

    >>> is_inside("MELD/video/a.mp4"), is_inside("../a.mp4"), is_inside("/etc/passwd"), is_inside("C:\\a.mp4")
    (True, False, False, False)
    """
    parts = name.split("/")
    return name.isprintable() and not any(c in name for c in "\\:") and not {"", ".", ".."} & set(parts)


def _places(task: str, name: str) -> Iterator[PurePosixPath]:
    plain = PurePosixPath(name)
    inside = [PurePosixPath(room) for room in _rooms(task)]
    for base in (plain, *(room / plain.name for room in inside)):
        yield base
        for ending in ENDINGS:
            yield base.with_name(base.name + ending)
            yield base.with_suffix(ending)


@cache
def _rooms(task: str) -> tuple[str, ...]:
    spellings: Mapping[str, None] = dict.fromkeys((task.replace("-", "_"), task))
    return tuple(room for each in spellings for room in (each, f"{each}/{each}"))
