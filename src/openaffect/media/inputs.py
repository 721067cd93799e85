"""From what the user typed to recordings and their transcripts.

A transcript belongs to a recording when both were found and their names agree up to the ending (``talk.mp4`` with
``talk.srt``, ``talk.txt``, ``talk.en.vtt`` or ``talk.mp4.srt`` in the same folder).
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openaffect.lookup import suggest
from openaffect.media.names import MEDIA_ENDINGS, TEXT_ENDINGS, path_text, show
from openaffect.media.subtitles import looks_like_text
from openaffect.records import Failure

_PREFERRED = {".vtt": 0, ".srt": 1, ".txt": 2}


@dataclass(frozen=True)
class Input:
    """One thing to analyse: a recording, a transcript, or a recording with its transcript; never neither."""

    media: Path | None
    transcript: Path | None


@dataclass
class _Found:
    files: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add(self, path: Path) -> None:
        """Take *path* unless the same file was taken before, under whatever name."""
        real = os.path.realpath(path)
        if real not in self.seen:
            self.seen.add(real)
            self.files.append(path)

    def fail(self, path: str, cause: str) -> None:
        """Note that *path* cannot be used."""
        self.failures.append(Failure(path=path_text(path), stage="find", cause=cause, error="InputError"))


def find_inputs(paths: Sequence[str]) -> tuple[list[Input], list[Failure]]:
    """Return the inputs that *paths* (files, folders, globs) stand for, in the order given, and what failed.

    Folders are searched to the bottom in the order of names; hidden files, files of unknown endings and folders seen
    before (symbolic links in a circle) are left out.  A file that is named outright is taken whatever its ending.
    The same file is taken once.
    """
    found = _Found()
    for path in paths:
        _find(path, found)
    return _paired(found.files), found.failures


def _find(given: str, found: _Found) -> None:
    path = Path(given)
    if not given or "\0" in given:
        found.fail(given.replace("\0", "\\0"), "an empty path or one with a zero byte; give the name of a file.")
    elif os.path.isdir(given):  # noqa: PTH112  Path.is_dir("") would mean the current folder
        _find_in_folder(path, found)
    elif os.path.lexists(given):
        found.add(path)
    elif glob.has_magic(given):
        matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207  Path.glob takes no absolute patterns
        for match in matches:
            if Path(match).is_dir():
                _find_in_folder(Path(match), found)
            elif Path(match).suffix.lower() in MEDIA_ENDINGS | TEXT_ENDINGS or len(matches) == 1:
                found.add(Path(match))
        if not matches:
            found.fail(given, f"no file matches {show(given)}; check the pattern.")
    else:
        found.fail(given, _absent(given))


def _absent(given: str) -> str:
    if "://" in given:
        return "an address on the network, which is not opened; download the file first and give its path."
    path = Path(given)
    try:
        siblings = sorted(os.listdir(path.parent))  # noqa: PTH208  names, not paths
    except OSError:
        return f"the folder {show(path.parent)} does not exist; check the path."
    return f"{show(path)} does not exist{suggest(path.name, siblings) or '; check the path'}."


def _find_in_folder(folder: Path, found: _Found) -> None:
    before = len(found.files), len(found.seen)
    for path in _walk(folder, found):
        if path.suffix.lower() in MEDIA_ENDINGS | TEXT_ENDINGS:
            found.add(path)
    if len(found.files) == before[0] and not any(f.path == path_text(folder) for f in found.failures):
        found.fail(str(folder), f"the folder {show(folder)} holds no recording and no transcript of a known ending.")


def _walk(folder: Path, found: _Found) -> Iterator[Path]:
    """Yield the files below *folder*, names in order, following links but entering no folder twice."""
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(here))  # noqa: PTH208  names, not paths
        except OSError as error:
            found.fail(str(here), f"the folder cannot be read: {error.strerror}; check its permissions.")
            continue
        inside = [here / name for name in names if not name.startswith(".")]
        yield from (path for path in inside if path.is_file())
        waiting.extend(path for path in reversed(inside) if path.is_dir())


def _paired(files: list[Path]) -> list[Input]:
    texts = {file for file in files if _is_transcript(file)}
    partners = _partners([f for f in files if f not in texts], texts)
    taken = set(partners.values())
    return [
        Input(None, file) if file in texts else Input(file, partners.get(file)) for file in files if file not in taken
    ]


def _partners(recordings: list[Path], texts: set[Path]) -> dict[Path, Path]:
    """Return the transcript of each recording that has one."""
    named: dict[tuple[str, str], set[Path]] = {}
    for text in texts:
        for stem in (text.stem, _without_language(text.stem)):
            named.setdefault((os.path.realpath(text.parent), stem), set()).add(text)
    partners: dict[Path, Path] = {}
    for media in recordings:
        folder = os.path.realpath(media.parent)
        near = named.get((folder, media.stem), set()) | named.get((folder, media.name), set())
        if near:
            partners[media] = min((_distance(text, media), text) for text in near)[1]
    return partners


def _distance(text: Path, media: Path) -> tuple[bool, int, str]:
    """What is smallest for the transcript that suits *media* best: same name, then subtitles before plain text."""
    return text.stem not in (media.stem, media.name), _PREFERRED.get(text.suffix.lower(), 3), text.name


def _without_language(stem: str) -> str:
    """``talk.en`` and ``talk.zh-CN`` to ``talk``."""
    name, dot, language = stem.rpartition(".")
    return name if dot and language.replace("-", "").isalpha() and 2 <= len(language) <= 7 else stem


def _is_transcript(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending in TEXT_ENDINGS or ending in MEDIA_ENDINGS:
        return ending in TEXT_ENDINGS
    try:
        if not path.is_file():  # a pipe would wait for ever
            return False
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return False
    return bool(head) and looks_like_text(head)
