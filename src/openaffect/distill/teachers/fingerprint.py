"""What identifies a teacher: the sha256 of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from openaffect.errors import DataError
from openaffect.media.names import show


def fingerprint(paths: Sequence[Path]) -> str:
    """Return the sha256 of the file at *paths*, or of the names and sha256 of several."""
    digests = []
    for path in paths:
        try:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise DataError(f"cannot read {show(path)}: {(error.strerror or str(error)).lower()}.") from error
    if len(digests) == 1:
        return digests[0]
    lines = "".join(f"{path.name}\0{digest}\n" for path, digest in zip(paths, digests, strict=True))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
