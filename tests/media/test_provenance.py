"""A file that says that it is composed is believed; others say nothing."""

from pathlib import Path

from openaffect.media.provenance import composed_note
from tests.media_files import BAD_INPUTS

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.mp4"


def test_the_demo_says_that_it_is_composed() -> None:
    assert (composed_note(DEMO) or "").startswith("composed: altered stock footage")


def test_files_without_a_word_and_broken_files_have_no_note(tmp_path: Path) -> None:
    for name in ("silent", "empty"):
        assert composed_note(BAD_INPUTS[name][0](tmp_path)) is None
