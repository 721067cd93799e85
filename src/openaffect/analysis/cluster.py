"""A cluster of Ray's: the one at ``RAY_ADDRESS``, else one of this machine that ends with the work.

Its ports can be reached from the network, and a token that is made for the run guards them.  Needs the extra ``[ray]``.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from openaffect.errors import MissingPart, UsageError


@contextmanager
def cluster(workers: int | None) -> Iterator[int]:
    """Yield how many cores the cluster has; without ``RAY_ADDRESS`` one of *workers* processes is started here.

    Raises `MissingPart` without Ray and `UsageError` where no cluster answers or starts.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if "RAY_ADDRESS" not in os.environ:  # Ray reads these when it is imported
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        import ray
    except ImportError as error:
        raise MissingPart("--engine ray needs Ray; install openaffect[ray].") from error
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as room:
        _join(workers, room)
        try:
            yield int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]  # Ray gives no types here
        finally:
            ray.shutdown()


def _join(workers: int | None, room: str) -> None:
    """Join the cluster at ``RAY_ADDRESS``; else start one here, with its files in *room*."""
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    address = os.environ.get("RAY_ADDRESS")
    try:
        if address is None:
            ray.init("local", num_cpus=workers or os.cpu_count(), include_dashboard=False, _temp_dir=room, **quiet)
        else:
            _check_there(address)
            ray.init(**quiet)
    except (OSError, ValueError, RuntimeError) as error:
        cause = str(error).strip().partition("\n")[0]
        where = "on this machine" if address is None else f"at RAY_ADDRESS={address!r}"
        raise UsageError(f"no Ray cluster {where}: {cause}; set or unset RAY_ADDRESS.") from error


def _check_there(address: str) -> None:
    """Raise `OSError` where nobody listens at ``HOST:PORT``, for which Ray would look for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit() and "//" not in address:
        socket.create_connection((host, int(port)), timeout=5).close()
