"""Parquet holds what the CSV tables hold; read back by pandas."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from tests.reports import rich

from openaffect.analysis.exports import csv, parquet
from openaffect.errors import MissingPart


def test_the_tables_are_those_of_the_csv(tmp_path: Path) -> None:
    report = rich(hostile="plain words")
    paths = parquet.write(report, tmp_path, "clip")
    csv.write(report, tmp_path, "clip")
    assert [path.name for path in paths] == ["clip.frames.parquet", "clip.segments.parquet"]
    for path in paths:
        table, truth = pd.read_parquet(path), pd.read_csv(path.with_suffix(".csv"))
        assert list(table.columns) == list(truth.columns)
        assert len(table) == len(truth) > 0
        numbers = truth.select_dtypes("number").columns
        pd.testing.assert_frame_equal(
            table[numbers].astype(float), truth[numbers].astype(float), check_dtype=False, check_exact=False
        )


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPart, match=r"\.\[data\]"):
        parquet.render("a\n1\n")
