"""The JSON report: schema, fixed bytes, reading back."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import reports

from openaffect.analysis.exports import json as report_json
from openaffect.analysis.schema import report_schema, schema
from openaffect.errors import InputError, UsageError
from openaffect.records import Report

ALL = [reports.rich, lambda: reports.rich("zh"), reports.empty, reports.text_only, reports.refused]
VALIDATOR = jsonschema.Draft202012Validator(report_schema())


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())
    jsonschema.Draft202012Validator.check_schema(schema("failure"))
    jsonschema.validate(reports.failure().model_dump(), schema("failure"))
    with pytest.raises(UsageError, match="did you mean 'report'"):
        schema("repotr")


@pytest.mark.parametrize("make", ALL)
def test_reports_validate_and_read_back_equal(make: object, tmp_path: Path) -> None:
    report: Report = make()  # type: ignore[operator]
    path = report_json.write(report, tmp_path, "x")[0]
    value = json.loads(path.read_text(encoding="utf-8"))
    VALIDATOR.validate(value)
    again = report_json.read(path)
    assert report_json.render(again) == report_json.render(report)
    assert again.segments == report.segments


@pytest.mark.parametrize(
    "break_it",
    [
        lambda value: value.pop("schema_version"),
        lambda value: value.update(extra=1),
        lambda value: value["segments"][0].update(start=-1),
        lambda value: value["clues"][0].update(confidence=2),
        lambda value: value["modalities"].update(smell=value["modalities"]["visual"]),
        lambda value: value["generator"].update(language="fr"),
    ],
)
def test_the_schema_refuses_what_is_no_report(break_it: object) -> None:
    value = json.loads(report_json.render(reports.rich()))
    break_it(value)  # type: ignore[operator]
    assert not VALIDATOR.is_valid(value)


def test_bytes_do_not_depend_on_the_order_of_mappings() -> None:
    report = reports.rich()
    turned = report.model_copy(update={"modalities": dict(reversed(report.modalities.items()))})
    assert report_json.render(turned) == report_json.render(report)


def test_floats_have_six_digits_and_lists_one_record_a_line() -> None:
    report = reports.rich()
    fine = report.clues[0].model_copy(update={"value": 0.123456789, "baseline": -0.0})
    text = report_json.render(report.model_copy(update={"clues": (fine, *report.clues[1:])}))
    assert '"value":0.123457,' in text and '"baseline":0.0,' in text
    assert sum(line.lstrip().startswith('{"start"') for line in text.splitlines()) >= len(report.clues)


@given(text=st.text(st.characters(), max_size=40))
def test_any_text_comes_back(text: str, tmp_path: Path) -> None:
    report = reports.with_text(text)
    path = report_json.write(report, tmp_path, "x")[0]
    path.read_bytes().decode("utf-8")
    assert report_json.read(path).segments == report.segments


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "not an openaffect report"),
        (b'{"kind":"openaffect.report","schema_version":"9.0"}', "not a report of version 1.0"),
    ],
)
def test_what_is_no_report_is_told_in_one_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        report_json.read(path)
    with pytest.raises(InputError, match="cannot read"):
        report_json.read(tmp_path / "absent.json")


@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_never_crash_the_reader(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError):
        report_json.read(path)
