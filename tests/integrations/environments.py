"""Interpreters of their own for harnesses: they bring packages that the project must neither depend on nor suffer."""

from __future__ import annotations

import hashlib
import os
import subprocess
import venv
from pathlib import Path

from openaffect.store import cache_folder

ROOT = Path(__file__).resolve().parents[2]
INSPECT = "inspect-ai==0.3.285"
LMMS_EVAL = "lmms-eval==0.7.3"
"""Several GB: it wants a torch of its own."""


def python_with(harness: str, variable: str) -> Path:
    """Return an interpreter that has *harness* and the project as it is now, installed.

    It is the one that the environment *variable* names, else one made in the cache, which stays there.
    """
    python = Path(os.environ[variable]) if variable in os.environ else _made(harness)
    # After the harness, since lmms-eval pins av below 16 and the project needs a newer one; both work with that.
    _pip(python, str(ROOT))
    return python


def _made(harness: str) -> Path:
    name = f"{harness.partition('=')[0]}-{hashlib.sha256(harness.encode()).hexdigest()[:8]}"
    folder = cache_folder() / "environments" / name
    if not (folder / "whole").exists():
        venv.create(folder, with_pip=True, clear=True)
        _pip(folder / "bin" / "python", harness)
        (folder / "whole").touch()
    return folder / "bin" / "python"


def _pip(python: Path, *wanted: str) -> None:
    run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], Path.cwd(), 1500)


def run(command: list[str], room: Path, timeout: float = 240, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *command* in *room*; a status other than 0 fails the test."""
    done = attempt(command, room, timeout, **variables)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def attempt(command: list[str], room: Path, timeout: float = 240, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *command* in *room* whatever its status."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    return subprocess.run(
        command, cwd=room, env=environment | variables, capture_output=True, text=True, timeout=timeout, check=False
    )
