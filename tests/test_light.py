"""Light doors: what an import may load, in a fresh interpreter."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "scipy", "pandas", "pyarrow", "cv2", "librosa", "sklearn", "matplotlib"}


def loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*{{m.partition('.')[0] for m in sys.modules}})"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_openaffect_loads_nothing_heavy() -> None:
    assert not loaded("import openaffect") & (
        HEAVY | {"numpy", "pydantic", "av", "onnxruntime", "openai", "rich", "PIL"}
    )


def test_the_analysis_loads_no_torch_and_no_sdk() -> None:
    assert not loaded("import openaffect.analysis.batch") & (HEAVY | {"faster_whisper", "ctranslate2", "openai"})


def test_scoring_loads_no_table_library() -> None:
    names = loaded("import openaffect.cli.scores, openaffect.datasets.predictions, openaffect.metrics.agreement")
    assert not names & (HEAVY | {"openpyxl", "nltk", "sacrebleu", "onnxruntime", "av", "openai", "http", "ssl"})


def test_the_vocabulary_needs_the_standard_library_only() -> None:
    names = loaded("import openaffect.emotion.wheel, openaffect.emotion.parse, openaffect.emotion.labels")
    assert not names & (HEAVY | {"numpy", "pydantic"})


def test_the_runtime_needs_numpy_and_onnxruntime_only() -> None:
    names = loaded("import openaffect.runtime.vad, openaffect.runtime.faces")
    assert {"numpy", "onnxruntime"} <= names
    assert not names & (HEAVY | {"pydantic", "av", "PIL", "openai", "rich", "typer", "jinja2", "soxr"})


def test_help_loads_no_library_of_the_analysis() -> None:
    names = loaded("from openaffect.cli import app")
    assert not names & (HEAVY | {"numpy", "av", "onnxruntime", "openai", "pydantic"})


@pytest.mark.parametrize("name", ["analyze", "Report", "OpenAffectError"])
def test_public_names_come_when_they_are_used(name: str) -> None:
    import openaffect

    assert name in dir(openaffect)
    assert getattr(openaffect, name).__name__ == name


def test_unknown_public_name() -> None:
    import openaffect

    with pytest.raises(AttributeError, match="nothing"):
        _ = openaffect.nothing
