"""Where a model's files are, and what identifies them: a folder, or a model of the Hugging Face hub."""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from openaffect.errors import InputError, OfflineError, RemoteError, UsageError
from openaffect.media.names import show
from openaffect.mllm.local.libraries import library

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "merges.txt", "vocab.txt")
"""Files that are read of a model: settings, weights, templates, vocabularies.  Pickles and code are not among them."""

_DECIDE = (*WANTED, "additional_chat_templates/*.jinja")
"""Files that decide replies; transformers takes a default template from the last ones too."""
_DIGEST = "sha256:"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_YES = {"1", "on", "yes", "true"}
_WORKERS = 4


@dataclass(frozen=True)
class Source:
    """A model's files in `folder`; `name` is for people, `revision` is the same for the same weights only."""

    folder: Path
    name: str
    revision: str


def find_source(place: str, revision: str = "") -> Source:
    """Return the files that *place* names: a folder, or ``owner/name`` or ``owner/name@revision`` of the hub.

    Of the hub, what is not in its cache is fetched, unless ``HF_HUB_OFFLINE`` or ``TRANSFORMERS_OFFLINE`` is set.
    The revision is the hub's commit, or of a folder the digest of its files (`folder_digest`).
    Raises `UsageError` for a place that is neither, `RemoteError` when the hub does not give it, `OfflineError` when
    that is forbidden, `InputError` when files cannot be read.
    """
    if not place:
        raise UsageError("no model is named; write a folder or a name of the hub after transformers:")
    folder = Path(place).expanduser()
    if folder.is_dir():
        if revision:
            raise UsageError(f"a folder has one revision, that of its files; {revision!r} came for {show(folder)}.")
        return Source(folder, folder.resolve().name, folder_digest(folder))
    name, _, asked = place.partition("@")
    if revision and asked and revision != asked:
        raise UsageError(f"two revisions are given for {name}: {asked!r} and {revision!r}; give one.")
    if not _HUB_NAME.fullmatch(name):
        raise UsageError(f"there is no folder {place!r}, and it is no name of the hub like owner/name; check the path.")
    found = _from_hub(name, asked or revision)
    return Source(found, name, found.name)


def folder_digest(folder: Path) -> str:
    """Return ``sha256:`` and 32 digits over the names and contents of the files in *folder* that decide replies.

    These are the files of `WANTED` at the top of the folder, and the further chat templates.  The name of the folder
    and times do not count.
    """
    try:
        paths = sorted({path for pattern in _DECIDE for path in folder.glob(pattern) if path.is_file()})
        with ThreadPoolExecutor(_WORKERS) as pool:  # hashing leaves the interpreter free
            digests = list(pool.map(_digest_now, paths))
    except OSError as error:
        raise InputError(
            f"cannot read the model in {show(folder)}: {(error.strerror or str(error)).lower()}."
        ) from error
    lines = (f"{path.relative_to(folder).as_posix()}\0{digest}\n" for path, digest in zip(paths, digests, strict=True))
    return _DIGEST + hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def check_unchanged(source: Source) -> None:
    """Raise `InputError` when the files of a folder are no longer those that gave *source* its revision."""
    if source.revision.startswith(_DIGEST) and folder_digest(source.folder) != source.revision:
        raise InputError(f"the model in {show(source.folder)} has changed since it was opened; open it again.")


def _digest_now(path: Path) -> str:
    state = path.stat()
    return _digest(path.resolve(), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _digest(path: Path, size: int, time_ns: int) -> str:
    """Return the digest of the file at *path*; a file that has not changed is not read again in this process."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_offline(environment: Mapping[str, str] | None = None) -> bool:
    """Return whether the *environment* (this process's, by default) forbids asking the hub.

    >>> is_offline({"HF_HUB_OFFLINE": "1"}), is_offline({})
    (True, False)
    """
    known = os.environ if environment is None else environment
    return any(known.get(name, "").lower() in _YES for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def _from_hub(name: str, revision: str) -> Path:
    hub, offline = library("huggingface_hub"), is_offline()
    library("huggingface_hub.errors")
    which = f"{name}@{revision}" if revision else name
    try:
        return Path(
            hub.snapshot_download(
                name, revision=revision or None, allow_patterns=list(WANTED), local_files_only=offline
            )
        )
    except (OSError, ValueError) as error:
        # The hub's own words may quote addresses and tokens, so they are left out.
        raise _refused(error, which, offline) from None


def _refused(error: Exception, which: str, offline: bool) -> RemoteError:
    kind = {each.__name__ for each in type(error).__mro__}
    if offline:
        return OfflineError(f"{which} is not in the hub's cache and the network is forbidden; give a folder instead.")
    if "GatedRepoError" in kind:
        return RemoteError(f"the owner of {which} asks for consent first; give it on the hub and set HF_TOKEN.")
    if "RevisionNotFoundError" in kind:
        return RemoteError(f"the hub has no such revision: {which}; check what follows the @.")
    if "RepositoryNotFoundError" in kind:
        return RemoteError(f"there is no folder {which!r}, and the hub shows no model of that name; check the name.")
    return RemoteError(f"cannot fetch {which} from the hub ({type(error).__name__}); try again, or give a folder.")
