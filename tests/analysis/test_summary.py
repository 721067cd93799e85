"""Group means over reports."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests import reports

from openaffect.analysis.exports import json as report_json
from openaffect.analysis.measures import recording_measures
from openaffect.analysis.summary import GroupMean, Summary, find_reports, read_column, summarize, summary_csv
from openaffect.errors import InputError, UsageError
from openaffect.records import Report


def numbered(number: int, f0: float, *, happy: bool = True, folder: str = "") -> Report:
    """A recording of its own with one clue value of its own, happy or not."""
    report = reports.with_text("hello")
    clue = reports.clue(1, "acoustic", "P1", 1.0, 2.5, "f0_level", f0)
    reading = report.segments[0].reading if happy else reports.rich().segments[2].reading
    segment = report.segments[0].model_copy(update={"reading": reading})
    media = reports.media(f"{folder}take{number}.wav", kind="audio", sha=f"{number:064d}")
    return report.model_copy(update={"media": media, "clues": (clue,), "segments": (segment,), "overall": reading})


VALUES = [1.0, 2.0, 4.0, 5.5, 6.0, 8.0]


def group(summary: Summary, name: str, measure: str) -> GroupMean:
    return next(row for row in summary.rows if row.group == name and row.measure == measure)


def test_means_and_intervals_per_group() -> None:
    made = [numbered(i, value) for i, value in enumerate(VALUES)]
    made += [numbered(10 + i, 10 * value, happy=i < 3) for i, value in enumerate(VALUES)]
    columns = {f"take{i}.wav": "a" if i < 10 else "b" for i in range(20)}
    summary = summarize(made, by="condition", columns=columns)
    assert summary.groups == {"a": 6, "b": 6}
    row = group(summary, "a", "clue:f0_level")
    theirs = stats.bootstrap((np.array(VALUES),), np.mean, n_resamples=2000, batch=1, method="percentile", rng=0)
    assert row.mean == pytest.approx(np.mean(VALUES))
    assert (row.low, row.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.3)
    assert group(summary, "b", "clue:f0_level").mean == pytest.approx(10 * np.mean(VALUES))
    assert group(summary, "b", "label:happy").mean == pytest.approx(0.5)
    assert group(summary, "a", "abstained").mean == 0
    assert (group(summary, "a", "family:joy").low, group(summary, "a", "family:joy").high) == (1, 1)


def test_small_groups_are_counted_but_not_told() -> None:
    made = [numbered(i, value) for i, value in enumerate(VALUES)]
    columns = {f"take{i}.wav": "many" if i < 5 else "one" for i in range(6)}
    summary = summarize(made, by="group", columns=columns)
    assert summary.groups == {"many": 5, "one": 1}
    assert all(row.mean is None and row.low is None for row in summary.rows if row.group == "one")
    assert all(row.mean is not None for row in summary.rows if row.group == "many")
    assert any("one (1)" in note and "withheld" in note for note in summary.notes)
    cells = list(csv.DictReader(io.StringIO(summary_csv(summary))))
    assert {row["mean"] for row in cells if row["group"] == "one"} == {""}


def test_a_measure_that_few_recordings_have_is_withheld_too() -> None:
    made = [numbered(i, value, happy=i < 3) for i, value in enumerate(VALUES)]
    summary = summarize(made, by="kind")
    row = group(summary, "audio", "confidence")
    assert (row.n, row.n_missing, row.mean) == (3, 3, None)
    assert any("means withheld" in note for note in summary.notes)
    # a label that is not seen is a share of zero, not a missing value
    assert group(summary, "audio", "label:happy").n == 6


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("kind", "audio"),
        ("language", "en"),
        ("people", "1"),
        ("family", "joy"),
        ("label", "happy"),
        ("reasoner", "rules"),
    ],
)
def test_properties_of_the_report_can_group(by: str, value: str) -> None:
    summary = summarize([numbered(i, 1.0) for i in range(5)], by=by)
    assert summary.groups == {value: 5}


def test_a_csv_is_joined_on_path_or_file_name(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\ufefffile,condition\na/take0.wav,x\nb/take0.wav,y\ntake1.wav,x\n", encoding="utf-8")
    assert read_column(path, "condition") == {"a/take0.wav": "x", "b/take0.wav": "y", "take1.wav": "x"}
    made = [numbered(0, 1.0, folder="b/"), numbered(1, 1.0, folder="elsewhere/"), numbered(2, 1.0)]
    summary = summarize(made, by="condition", columns=path, min_group=2)
    assert summary.groups == {"(unknown)": 1, "x": 1, "y": 1}


def test_a_csv_that_contradicts_itself_or_lacks_a_column_is_told(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("file,condition\na.wav,x\na.wav,y\n")
    with pytest.raises(InputError, match="two groups, 'x' and 'y'"):
        read_column(path, "condition")
    with pytest.raises(UsageError, match="did you mean 'condition'"):
        read_column(path, "conditon")
    path.write_text("who,condition\na,x\n")
    with pytest.raises(UsageError, match="no column 'file'"):
        read_column(path, "condition")
    with pytest.raises(InputError, match="cannot read"):
        read_column(tmp_path / "absent.csv", "condition")
    path.write_bytes(b"file,condition\n\xff\xfe,x\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_column(path, "condition")


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError, match="no report came"):
        summarize([], by="kind")
    with pytest.raises(UsageError, match="give 2 or more"):
        summarize([numbered(0, 1.0)], by="kind", min_group=1)
    with pytest.raises(UsageError, match="came twice"):
        summarize([numbered(0, 1.0), numbered(0, 2.0)], by="kind")
    with pytest.raises(UsageError, match="did you mean 'language'"):
        summarize([numbered(0, 1.0)], by="langauge")


def test_reports_are_found_in_folders_among_other_files(tmp_path: Path) -> None:
    wanted = report_json.write(reports.empty(), tmp_path / "deep", "one")[0]
    (tmp_path / "card.json").write_text('{"kind":"other"}')
    assert find_reports([tmp_path, wanted]) == [wanted]
    with pytest.raises(InputError, match="does not exist"):
        find_reports([tmp_path / "absent"])
    (tmp_path / "bare").mkdir()
    with pytest.raises(UsageError, match="no report was found"):
        find_reports([tmp_path / "bare"])


def test_shares_are_shares_of_time_and_of_segments_without_time() -> None:
    measures = recording_measures(reports.rich())
    assert measures["family:love"] == pytest.approx(2.7 / 8)
    assert recording_measures(reports.text_only())["label:happy"] == 1
    assert recording_measures(reports.empty()) == {}
