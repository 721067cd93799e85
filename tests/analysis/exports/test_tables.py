"""The three CSV tables."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import reports

from openaffect.analysis.escape import csv_text, safe_path
from openaffect.analysis.exports import csv as tables


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values={})


def test_frames_are_the_union_of_the_curves_times() -> None:
    report = reports.rich()
    frame = pd.read_csv(io.StringIO(tables.frames(report)))
    # steps of 0.1 s and 0.05 s over 12 s: 240 rows a person, every second one with an expression where there is no hole
    assert frame.groupby("person").size().to_dict() == {"P1": 240, "P2": 240}
    mine = frame[frame["person"] == "P1"].set_index("time")
    f0, happy = report.tracks[3], report.tracks[0]
    for index in (0, 7, 200):
        assert mine["f0_hz"][round(index * 0.05, 3)] == pytest.approx(f0.values[index], abs=1e-6)
    assert mine["expression_happy_probability"][0.5] == pytest.approx(happy.values[5], abs=1e-6)
    assert mine["expression_happy_probability"].notna().sum() == sum(value is not None for value in happy.values)
    assert mine.index.is_monotonic_increasing


def test_segments_have_one_row_each_with_labels_and_measures() -> None:
    frame = pd.read_csv(io.StringIO(tables.segments(reports.rich())))
    assert frame["segment"].tolist() == ["S1", "S2", "S3"]
    assert frame["labels"][0] == "grateful 0.71; happy 0.62"
    assert frame["abstained"][2] == "One weak clue only; nothing stands out."
    assert frame["clue_f0_level"].tolist()[0] == 4.25 and math.isnan(frame["clue_f0_level"].tolist()[1])
    assert frame["contradictions"][1] == "The face smiles while the words are angry."


def test_recording_is_one_row_with_shares_of_time() -> None:
    frame = pd.read_csv(io.StringIO(tables.recording(reports.rich())))
    assert len(frame) == 1 and frame.columns.is_unique
    # segments last 2.7, 3.8 and 1.5 s
    assert frame["label_happy"][0] == pytest.approx(2.7 / 8)
    assert frame["family_anger"][0] == pytest.approx(3.8 / 8)
    assert frame["abstained"][0] == pytest.approx(1.5 / 8)
    assert frame["contradicted"][0] == pytest.approx(3.8 / 8)
    assert frame["clue_f0_level"][0] == pytest.approx((4.25 + 0.1) / 2)
    assert frame["confidence"][0] == pytest.approx((0.71 + 0.44) / 2)


@pytest.mark.parametrize("make", [reports.empty, reports.text_only, reports.refused])
def test_tables_of_poor_reports_have_a_header(make: object, tmp_path: Path) -> None:
    for path in tables.write(make(), tmp_path, "x"):  # type: ignore[operator]
        assert path.read_text(encoding="utf-8").startswith("file,")


@given(text=st.text(st.characters(), max_size=30) | st.sampled_from(["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1"]))
def test_no_text_cell_starts_a_formula_and_rows_stay_rows(text: str) -> None:
    table = tables.table(["a", "b"], [{"a": text, "b": 1.0}, {"a": "next", "b": -2.0}])
    frame = read(table)
    assert frame["b"].tolist() == [1.0, -2.0]
    assert not str(csv_text(text)).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert not safe_path(text).startswith(("=", "+", "-", "@"))


def test_negative_numbers_stay_numbers() -> None:
    assert tables.table(["a"], [{"a": -18.25}]) == "a\n-18.25\n"
