"""The recipe of the built-in student: the measure on acted lines against scikit-learn, and what its lists promise."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.linear_model import Ridge as TheirRidge
from sklearn.metrics import roc_auc_score

from openaffect.distill.options import options_of

RECIPE = Path(__file__).parents[2] / "recipes" / "activation"
NAMES = [path.stem for path in RECIPE.glob("*.py")]


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Imports modules of the recipe and forgets them afterwards: their names are short."""
    monkeypatch.syspath_prepend(str(RECIPE))
    yield import_module
    for name in NAMES:
        sys.modules.pop(name, None)


def line(acted: ModuleType, pack: str, name: str) -> object:
    return acted.Line(pack, name, name in acted.HIGH, Path("none.ogg"))


def test_auc_is_that_of_scikit_learn_within_each_pack(recipe) -> None:
    evaluate, acted = recipe("evaluate_acted"), recipe("acted")
    rng = np.random.default_rng(3)
    names = sorted(acted.HIGH | acted.LOW)
    found = [line(acted, pack, name) for pack in ("A", "B", "C") for name in rng.choice(names, 25, replace=False)]
    values = np.round(rng.standard_normal(len(found)), 1)
    high, packs = np.array([each.high for each in found]), np.array([each.pack for each in found])
    theirs = [roc_auc_score(high[packs == pack], values[packs == pack]) for pack in ("A", "B", "C")]
    ours = evaluate.auc(evaluate.by_pack(found, values))
    assert ours.value == pytest.approx(np.mean(theirs))
    assert min(theirs) <= ours.low <= ours.value <= ours.high <= max(theirs)


def test_a_line_without_a_value_decides_nothing(recipe) -> None:
    pairs = recipe("evaluate_acted").pairs
    assert pairs(np.array([np.nan, 0.0]), np.array([True, False])) == (0.5, 1)
    assert pairs(np.array([1.0, np.nan, 0.0]), np.array([True, False, False])) == (1.5, 2)


def test_shuffled_labels_read_nothing(recipe) -> None:
    evaluate, acted = recipe("evaluate_acted"), recipe("acted")
    found = [line(acted, "A", name) for name in sorted(acted.HIGH | acted.LOW)]
    values = np.array([float(each.high) for each in found])
    assert evaluate.auc(evaluate.by_pack(found, values)).value == 1.0
    mean, low, high = evaluate.shuffled(found, values)
    assert mean == pytest.approx(0.5, abs=0.03)
    assert low < 0.5 < high


def test_duplicates_and_the_robot_are_left_out(recipe, tmp_path: Path) -> None:
    acted = recipe("acted")
    for name, content in (("A/Traitor", b"1"), ("B/Traitor", b"1"), ("B/Missed", b"2"), ("Robot/Laugh", b"3")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.ogg").write_bytes(content)
    (tmp_path / "B" / "Jump1.ogg").write_bytes(b"4")
    found = [(each.pack, each.name, each.high) for each in acted.lines(tmp_path)]
    assert found == [("A", "Traitor", True), ("B", "Missed", False)]


def test_the_lists_do_not_overlap(recipe) -> None:
    acted, sentences = recipe("acted"), recipe("sentences")
    assert not acted.HIGH & acted.LOW
    assert len(acted.HIGH) == len(acted.ANGER) + len(acted.JOY) + len(acted.PAIN_AND_FEAR)
    texts = [*sentences.TRAIN, *sentences.DEV, *sentences.TEST]
    assert len(set(texts)) == len(texts)


def test_a_package_with_another_sha256_is_refused(recipe, tmp_path: Path) -> None:
    packages = recipe("packages")
    version, _ = packages.PACKAGES["hibari-tts"]
    (tmp_path / f"hibari_tts-{version}-py3-none-any.whl").write_bytes(b"not it")
    with pytest.raises(SystemExit, match="sha256"):
        packages.unpacked("hibari-tts", tmp_path)
    assert not (tmp_path / "hibari-tts").exists()


def test_the_ridge_is_that_of_scikit_learn(recipe) -> None:
    fit_ridge = recipe("fit_ridge")
    rng = np.random.default_rng(5)
    x = rng.standard_normal((60, 4)) * [1, 10, 0.1, 3] + [0, 5, -1, 2]
    y = x @ [0.5, 0.02, 1.0, -0.1] + rng.standard_normal(60) * 0.2
    ours = fit_ridge.fitted(x, y, ("a", "b", "c", "d"), 7.0)
    z = np.clip((x - x.mean(0)) / x.std(0), -4, 4)
    theirs = TheirRidge(alpha=7.0).fit(z, y)
    assert ours(x) == pytest.approx(theirs.predict(z))


def acted_row(name: str, value: float, low: float, better: int, shuffled: float = 0.5) -> dict[str, object]:
    figures = [value, low, value + 0.1]
    return {
        "measure": name,
        "all": figures,
        "without_grunts": figures,
        "better_than_f0": better,
        "packs": 14,
        "shuffled": [shuffled, 0.4, 0.6],
    }


def held_out_row(name: str, ccc: float) -> dict[str, object]:
    columns = ("clean, labels", "changed, labels", "clean, intent", "changed, intent")
    return {"student": name, "clips": 96} | {column: [ccc, ccc - 0.1, ccc + 0.1] for column in columns}


@pytest.mark.parametrize(
    ("row", "ccc", "words"),
    [
        (acted_row("seed-1", 0.63, 0.57, 10), 0.5, []),
        (acted_row("seed-1", 0.61, 0.57, 10), 0.5, ["AUC all 0.610", "AUC without_grunts"]),
        (acted_row("seed-1", 0.63, 0.56, 10), 0.5, ["AUC all", "AUC without_grunts"]),
        (acted_row("seed-1", 0.63, 0.57, 9), 0.5, ["9 packs"]),
        (acted_row("seed-1", 0.63, 0.57, 10, 0.56), 0.5, ["shuffled labels"]),
        (acted_row("seed-1", 0.63, 0.57, 10), 0.499, ["CCC"]),
    ],
)
def test_every_gate_can_be_missed(recipe, row: dict[str, object], ccc: float, words: list[str]) -> None:
    found = recipe("gates").missed(row, held_out_row("seed-1", ccc))
    assert len(found) == len(words)
    assert all(word in each for word, each in zip(words, found, strict=True))


@pytest.mark.parametrize(("value", "code"), [(0.7, 0), (0.6, 1)])
def test_the_card_shows_every_row_and_the_code_says_whether_it_ships(
    recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str], value: float, code: int
) -> None:
    names = ("random", "raw level", "F0 median", "duration", "level-normalised flux", "acoustic ridge", "seed-1")
    acted = [acted_row(name, value if name == "seed-1" else 0.73, 0.6, 12) for name in names]
    (tmp_path / "acted.json").write_text(json.dumps(acted))
    (tmp_path / "held.json").write_text(json.dumps([held_out_row("seed-1", 0.8)]))
    assert recipe("gates").main(tmp_path / "acted.json", tmp_path / "held.json", tmp_path / "out") == code
    assert ("all gates are met" in capsys.readouterr().out) == (code == 0)
    written = (tmp_path / "out" / "evaluation.md").read_text()
    assert all(f"| {name} |" in written for name in names)
    assert ".730 (.600–.830)" in written


def test_the_recipe_holds_known_options(recipe) -> None:
    table = tomllib.loads((RECIPE / "recipe.toml").read_text(encoding="utf-8"))
    options_of(table).check()
