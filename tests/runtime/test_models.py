"""The networks in the package are what the register says and compute what their sources compute."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tools import build_models

from openaffect.errors import MissingPart
from openaffect.runtime import models

REGISTER = (Path(__file__).parents[2] / "MODELS.md").read_text()


def test_register_table_and_files_agree() -> None:
    rows = {}
    for line in REGISTER.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) >= 6 and cells[1].endswith(".onnx"):
            rows[cells[0]] = cells
    assert list(rows) == list(models.MODELS)
    assert {path.name for path in models.FOLDER.iterdir()} == {card.file for card in models.MODELS.values()}
    for name, card in models.MODELS.items():
        data = (models.FOLDER / card.file).read_bytes()
        _, file, source, licence, size, sha256 = rows[name][:6]
        assert (file, licence, sha256) == (card.file, card.licence, card.sha256)
        assert hashlib.sha256(data).hexdigest() == sha256
        assert int(size.replace(" ", "")) == len(data)
        assert card.source.startswith(source.split(" (")[0]), (card.source, source)
        assert re.search(rf"^### `{name}`", REGISTER, re.M), f"no section on {name} with training data and weaknesses"


def test_all_models_together_stay_below_ten_megabytes() -> None:
    assert sum(path.stat().st_size for path in models.FOLDER.iterdir()) < 10e6


def test_a_changed_or_absent_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = models.MODELS["expression"]
    data = bytearray((models.FOLDER / card.file).read_bytes())
    data[1000] ^= 1
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    with pytest.raises(MissingPart, match="cannot be read"):
        models.open_session("expression")
    (tmp_path / card.file).write_bytes(data)
    with pytest.raises(MissingPart, match="not the one that was shipped"):
        models.open_session("expression")


@pytest.mark.parametrize("name", models.MODELS)
def test_rebuilding_from_the_source_package_gives_the_shipped_bytes(name: str) -> None:
    shipped = (models.FOLDER / models.MODELS[name].file).read_bytes()
    assert build_models.build(name) == shipped
    if build_models.SOURCES[name].outputs:
        assert build_models.build(name) == shipped, "a second build differs"


@pytest.fixture(scope="module")
def images() -> list:
    found = build_models.fifty_images()
    assert len(found) == 50
    return found


@pytest.mark.parametrize("name", build_models.FACE_NETS)
def test_face_networks_equal_litert_on_fifty_images(name: str, images: list) -> None:
    assert build_models.compare_with_litert(name, images) <= build_models.TOLERANCE


def test_expression_net_equals_its_packages_own_code(images: list) -> None:
    assert build_models.compare_expression(images[::9]) <= build_models.TOLERANCE


@pytest.mark.slow
def test_expression_net_equals_its_packages_own_code_on_fifty_images(images: list) -> None:
    assert build_models.compare_expression(images) <= build_models.TOLERANCE


def test_the_comparison_notices_a_wrong_network(images: list, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights moved by a hundredth of their size must not pass, or the comparison proves nothing."""
    import numpy as np
    import onnx
    import onnxruntime

    def spoiled(name: str) -> onnxruntime.InferenceSession:
        model = onnx.load_from_string((models.FOLDER / models.MODELS[name].file).read_bytes())
        weight = max(model.graph.initializer, key=lambda each: len(each.raw_data))
        array = onnx.numpy_helper.to_array(weight)
        weight.CopyFrom(onnx.numpy_helper.from_array((array * 1.01).astype(np.float32), weight.name))
        return onnxruntime.InferenceSession(model.SerializeToString())

    monkeypatch.setattr(build_models, "open_session", spoiled)
    assert build_models.compare_with_litert("face_mesh", images[:3]) > build_models.TOLERANCE
