"""Fetches the official wheel tables once, from the repository of their owners, checked by sha256."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from openaffect.datasets.files import is_file, read_bytes
from openaffect.datasets.wheel_tables import FILES, OFFICIAL, load
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError, OfflineError, RemoteError, UsageError
from openaffect.lookup import suggest
from openaffect.store import cache_folder, write_atomic

_REPOSITORY = "https://raw.githubusercontent.com/zeroQiaoba/MERTools/89120b780ab18b28349f0e37dcc12b8cc253cb02"
_FOLDERS = {
    "2025": f"{_REPOSITORY}/MER2025/MER2025_Track23/emotion_wheel",
    "2026": f"{_REPOSITORY}/MER2026/MER2026_Track2/emotion_wheel",
}
_TERMS = "the tables are for research, non-commercial use (see the repository of their owners)"
_LARGEST = 1 << 20


def fetch_wheels(edition: str, *, offline: bool = False, source: str | None = None) -> Wheels:
    """Return the official tables of *edition* (``"2025"`` or ``"2026"``), fetched into the cache when they are absent.

    Every file is checked against its published sha256 before it is kept; a fetched file is never fetched again.
    *source* is another address of the folder (a mirror).  Raises `UsageError` for an unknown edition, `OfflineError`
    when a file is absent and *offline* forbids the network, `RemoteError` when it cannot be fetched or is another file.
    """
    if edition not in OFFICIAL:
        near = suggest(edition, OFFICIAL) or "."
        raise UsageError(f"unknown edition '{edition}' of the wheel tables{near} Known: {', '.join(OFFICIAL)}.")
    folder = cache_folder() / "emotion_wheel" / edition
    for name, wanted in OFFICIAL[edition].items():
        if not _have(folder / name, wanted):
            if offline:
                raise OfflineError(
                    f"the official wheel tables of {edition} are not in the cache ({str(folder)!r}) and --offline "
                    "forbids fetching them; name a folder that holds them with --wheels."
                )
            write_atomic(folder / name, _fetch(f"{source or _FOLDERS[edition]}/{name}", wanted))
    return load(folder)


def notice(edition: str) -> str | None:
    """Return what a user should know before the tables of *edition* are fetched, None when all are in the cache."""
    folder = cache_folder() / "emotion_wheel" / edition
    if all(is_file(folder / name) for name in FILES):
        return None
    return f"Fetching the official wheel tables of {edition} from github.com into {str(folder)!r}; {_TERMS}."


def _have(path: Path, wanted: str) -> bool:
    try:
        return hashlib.sha256(read_bytes(path, _LARGEST)).hexdigest() == wanted
    except DataError:
        return False


def _fetch(address: str, wanted: str) -> bytes:
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise UsageError(f"tables are fetched by https only, not from {address!r}.")
    try:
        with urllib.request.urlopen(address, timeout=30) as reply:  # noqa: S310 - the scheme is checked above
            data: bytes = reply.read(_LARGEST)
    except (urllib.error.URLError, OSError) as error:
        code = f"{error.code} " if isinstance(error, urllib.error.HTTPError) else ""
        reason = f"{code}{getattr(error, 'reason', None) or error}"
        raise RemoteError(
            f"cannot fetch {address} ({reason}); try again, or name a folder that holds the tables with --wheels."
        ) from error
    if hashlib.sha256(data).hexdigest() != wanted:
        raise RemoteError(f"{address} is not the published table (its sha256 differs), so it was not kept.")
    return data
