"""The sound files that are to be labelled, and which of them a LABELS folder is done with."""

from __future__ import annotations

import mimetypes
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from openaffect.distill.hearing import FAILED, SILENT
from openaffect.distill.labels import LABELS
from openaffect.errors import DataError
from openaffect.media.inputs import find_inputs
from openaffect.media.names import path_text
from openaffect.store import dump, read_records, write_atomic

_PIECE = re.compile(r"(.*)#\d+of(\d+)", re.DOTALL)


def sound_files(audio: Sequence[str | Path]) -> tuple[list[Path], dict[str, str]]:
    """Return the recordings that *audio* (files, folders, globs) names, and the cause by name of what is none.

    Raises `DataError` where there is nothing to hear.
    """
    found, failures = find_inputs([str(each) for each in audio])
    files = [each.media.absolute() for each in found if each.media is not None and not _is_picture(each.media)]
    causes = {failure.path: failure.cause for failure in failures}
    causes |= {
        path_text(file): "its name cannot stand in a table of labels; rename it." for file in files if _odd(file)
    }
    if not (good := [file for file in files if not _odd(file)]):
        first = next((f" ({name}: {cause})" for name, cause in causes.items()), "")
        raise DataError(
            f"there is no sound file in {', '.join(map(str, audio))}{first}; name files or folders of sound."
        )
    return good, causes


def _is_picture(path: Path) -> bool:
    kind, _ = mimetypes.guess_type(path.name)
    return kind is not None and kind.startswith("image/")


def _odd(file: Path) -> bool:
    return path_text(file) != str(file) or not str(file).isprintable()


def finished(done: Iterable[str]) -> set[str]:
    """Return the files of which the ids *done* hold every row.

    >>> sorted(finished(["a.wav#1of2", "a.wav#2of2", "b.wav#1of2", "c.wav#silent"]))
    ['a.wav', 'c.wav']
    """
    counts: Counter[tuple[str, int]] = Counter()
    files: set[str] = set()
    for name in done:
        if piece := _PIECE.fullmatch(name):
            counts[piece[1], int(piece[2])] += 1
        else:
            files.update(name.removesuffix(end) for end in (SILENT, FAILED) if name.endswith(end))
    return files | {file for (file, of), count in counts.items() if count == of}


def forget_failures(folder: Path) -> None:
    """Take the rows of what failed out of the labels in *folder*, so that it is tried again; silence is no failure."""
    path = folder / LABELS
    if path.exists():
        kept = [each for each in read_records(path) if not each.get("error") or str(each.get("id")).endswith(SILENT)]
        write_atomic(path, "".join(dump(each) + "\n" for each in kept))
