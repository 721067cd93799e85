"""The numbers that the public scorers return for synthetic inputs, entry by entry (tests/golden/README.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.references import mer_unibench as reference

from openaffect.emotion.parse import clean_reply, parse_labels
from openaffect.emotion.wheel import Wheels, load_wheels
from openaffect.metrics.open_vocabulary import (
    hit_rate,
    mapping_scores,
    same_family,
    sentiment_scores,
    set_scores,
    wheel_scores,
)

SAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "mer_unibench_sample.json").read_text(encoding="utf-8")
)
EDITIONS = ("2025", "2026")
# the sample's mapping keys to our names
NAMES = {"case1": "M1", "case2": "M2"} | {
    f"case3_wheel{wheel}_level{level}": f"M3-W{wheel}-L{level}" for wheel in range(1, 6) for level in (1, 2)
}
TOLERANCE = 1e-9
needs_tables = [
    pytest.mark.needs_reference_data,
    pytest.mark.skipif(reference.REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set"),
]


def tables_needed(test: Any) -> Any:
    for mark in needs_tables:
        test = mark(test)
    return test


def entries(part: str, name: str | None = None) -> Any:
    """Every entry of *part* of the sample, one test each."""
    found = SAMPLE[part]
    names = [str(entry[name]) if name else f"{part}{number}" for number, entry in enumerate(found)]
    return pytest.mark.parametrize("entry", found, ids=names)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Wheels]]:
    """The official tables through the library's own reader, past any cache of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAFFECT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield {edition: load_wheels(reference.folder_of(edition)) for edition in EDITIONS}


def equal(ours: Sequence[float], theirs: Sequence[float | str]) -> bool:
    """Within the sample's tolerance; its string "nan" is NaN."""
    return list(ours) == pytest.approx([float(value) for value in theirs], abs=TOLERANCE, rel=0, nan_ok=True)


def test_the_sample_is_whole() -> None:
    sizes = {part: len(SAMPLE[part]) for part in ("label_mapping", "pairs", "string_to_list", "hitrate")}
    assert sizes == {"label_mapping": 30, "pairs": 22, "string_to_list": 8, "hitrate": 3}
    assert {part: len(SAMPLE[part]) for part in ("hit_or_not", "sentiment", "llm_postprocess")} == {
        "hit_or_not": 3,
        "sentiment": 2,
        "llm_postprocess": 3,
    }


# ---------------------------------------------------------------- without tables


@entries("string_to_list", "input")
def test_label_strings(entry: dict[str, Any]) -> None:
    assert parse_labels(entry["input"]) == entry["output"]


@entries("llm_postprocess", "input")
def test_replies(entry: dict[str, Any]) -> None:
    assert clean_reply(entry["input"]) == entry["output"]


@entries("sentiment", "id")
def test_sentiment(entry: dict[str, Any]) -> None:
    scores = sentiment_scores(entry["name2gt"], entry["name2pred"])
    assert equal([scores.waf, scores.accuracy], entry["expected"])


def test_the_reference_agrees_where_no_tables_are_needed() -> None:
    for entry in SAMPLE["string_to_list"]:
        assert reference.string_to_list(entry["input"]) == entry["output"]
    for entry in SAMPLE["llm_postprocess"]:
        assert reference.clean_reply(entry["input"]) == entry["output"]
    for entry in SAMPLE["sentiment"]:
        assert equal(reference.sentiment(entry["name2gt"], entry["name2pred"]), entry["expected"])


# ---------------------------------------------------------------- with the official tables


@tables_needed
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_tables_are_those_of_the_sample(edition: str, wheels: dict[str, Wheels]) -> None:
    folder = reference.folder_of(edition)
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    assert found == SAMPLE["table_sha256"][f"mer{edition}"]
    assert wheels[edition].edition == edition and wheels[edition].official


@tables_needed
@pytest.mark.parametrize("edition", EDITIONS)
@entries("label_mapping", "label")
def test_label_mapping(entry: dict[str, Any], edition: str, wheels: dict[str, Wheels]) -> None:
    expected = entry["expected"][f"mer{edition}"]
    assert expected.keys() == NAMES.keys()
    ours = {key: wheels[edition].mapping(name)(entry["label"]) or "" for key, name in NAMES.items()}
    assert ours == expected
    direct = [wheels[edition].form(entry["label"]), wheels[edition].synonym(entry["label"])]
    direct += [wheels[edition].cluster(entry["label"], wheel, level) for wheel in range(1, 6) for level in (1, 2)]
    assert [value or "" for value in direct] == [expected[key] for key in NAMES]


@tables_needed
@pytest.mark.parametrize("edition", EDITIONS)
@entries("pairs", "id")
def test_pairs_under_each_mapping(entry: dict[str, Any], edition: str, wheels: dict[str, Wheels]) -> None:
    truth, given = {"a": entry["gt"]}, {"a": entry["pred"]}
    together = mapping_scores(truth, given, wheels[edition])
    for key, expected in entry["expected"][f"mer{edition}"]["precision_recall"].items():
        scores = set_scores(truth, given, wheels[edition].mapping(NAMES[key]), zero=edition)  # type: ignore[arg-type]
        assert equal([scores.precision, scores.recall], expected), key
        one = together[NAMES[key]]
        assert equal([one.precision, one.recall], expected), key


@tables_needed
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("level", [1, 2])
@entries("pairs", "id")
def test_pairs_over_the_wheels(entry: dict[str, Any], level: Any, edition: str, wheels: dict[str, Wheels]) -> None:
    # what 0/0 is comes from the edition of the tables
    scores = wheel_scores({"a": entry["gt"]}, {"a": entry["pred"]}, wheels[edition], level=level)
    expected = entry["expected"][f"mer{edition}"][f"wheel_level{level}_F_P_R"]
    assert equal([scores.f, scores.precision, scores.recall], expected)


@tables_needed
@entries("hitrate", "id")
def test_hit_rate(entry: dict[str, Any], wheels: dict[str, Wheels]) -> None:
    rates = hit_rate(entry["name2gt"], entry["name2pred"], wheels["2025"])
    per_wheel = entry["expected"]["per_wheel_hitrate_mscore"]
    assert len(rates.per_wheel) == len(per_wheel) == 5
    for number, rate in enumerate(rates.per_wheel, 1):
        assert equal([rate.hit, rate.mscore], per_wheel[f"case3_wheel{number}_level1"]), number
    assert equal([rates.hit, rates.mscore], entry["expected"]["mean_hitrate_mscore"])


@tables_needed
@entries("hit_or_not", "pred")
def test_same_family(entry: dict[str, Any], wheels: dict[str, Wheels]) -> None:
    assert same_family(entry["gt"], entry["pred"], wheels["2025"]) is entry["expected"]


@tables_needed
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_reference_agrees_with_every_entry(edition: str) -> None:
    tables = reference.official(edition)
    for entry in SAMPLE["label_mapping"]:
        for key, expected in entry["expected"][f"mer{edition}"].items():
            assert tables.map_label(key, entry["label"]) == expected, (entry["label"], key)
    for entry in SAMPLE["pairs"]:
        truth, given, expected = {"a": entry["gt"]}, {"a": entry["pred"]}, entry["expected"][f"mer{edition}"]
        for key, pair in expected["precision_recall"].items():
            assert equal(reference.set_overlap(tables, key, truth, given, edition)[1:], pair), (entry["id"], key)
        for level in (1, 2):
            ours = reference.wheel_metric(tables, level, truth, given, edition)
            assert equal(ours, expected[f"wheel_level{level}_F_P_R"]), (entry["id"], level)
    if edition == "2025":  # the only tables that these parts of the sample were taken with
        for entry in SAMPLE["hitrate"]:
            per_wheel, means = reference.hit_rates(tables, entry["name2gt"], entry["name2pred"])
            expected = entry["expected"]
            for pair, wanted in zip(per_wheel, expected["per_wheel_hitrate_mscore"].values(), strict=True):
                assert equal(pair, wanted), entry["id"]
            assert equal(means, expected["mean_hitrate_mscore"]), entry["id"]
        for entry in SAMPLE["hit_or_not"]:
            assert reference.hit_or_not(tables, entry["gt"], entry["pred"]) is entry["expected"]
