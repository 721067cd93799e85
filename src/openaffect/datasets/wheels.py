"""What ``--wheels`` names: a folder, an edition that is fetched once, or nothing, which is our own wheel."""

from __future__ import annotations

from pathlib import Path

from openaffect.datasets.wheel_tables import OFFICIAL
from openaffect.emotion.wheel import Wheels, bundled_wheel, load_wheels
from openaffect.errors import UsageError


def find_wheels(name: str | None, *, offline: bool = False) -> Wheels:
    """Return the wheels that *name* stands for: a folder, ``"2025"`` or ``"2026"``, or None for `bundled_wheel`.

    A folder that happens to be called 2025 wins over the edition.  Raises `DataError` for a folder without the tables,
    `OfflineError` and `RemoteError` as `openaffect.datasets.wheel_fetch.fetch_wheels` does.

    >>> find_wheels(None).official
    False
    """
    if name is None:
        return bundled_wheel()
    if name in OFFICIAL and not Path(name).is_dir():
        from openaffect.datasets.wheel_fetch import fetch_wheels  # brings http and ssl along

        return fetch_wheels(name, offline=offline)
    if not Path(name).exists() and name.isdigit():
        raise UsageError(f"unknown edition '{name}' of the wheel tables. Known: {', '.join(OFFICIAL)}, or a folder.")
    return load_wheels(name)


def notice(name: str | None, *, offline: bool = False) -> str | None:
    """Return what a user should know before `find_wheels` goes to the network, None when it will not."""
    if name in OFFICIAL and not offline and not Path(str(name)).is_dir():
        from openaffect.datasets.wheel_fetch import notice as fetch_notice

        return fetch_notice(str(name))
    return None
