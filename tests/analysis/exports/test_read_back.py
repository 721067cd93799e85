"""Other people's readers find the same spans and texts in our files."""

from __future__ import annotations

import html
import re
import unicodedata
from pathlib import Path

import audformat.utils
import numpy as np
import pandas as pd
import pytest
import webvtt
from hypothesis import assume, example, given
from hypothesis import strategies as st
from praatio import textgrid as praat
from pyannote.core import Annotation, Segment
from pyannote.database.util import load_rttm
from pympi import Eaf
from tests import reports

from openaffect.analysis.exports import audformat as audformat_export
from openaffect.analysis.exports import eaf, rttm, srt, textgrid, vtt
from openaffect.records import Report

NASTY = [
    reports.HOSTILE,
    "-->",
    "1\n00:00:00,000 --> 00:00:01,000\nnot a cue",
    'say ""quoted"" "text = "',
    "intervals [2]:",
    "</v><c.red>&amp;&lt;",
    "\ufeff\u2028\u2029\x85\x0b\x0c\x1c",
    "مرحبا \u202eabc עברית",
    "漢字 かな 한글 😀👩‍👩‍👧",
    "=HYPERLINK(1)",
    "\ud800lone",
    "]]>",
]
ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(NASTY)


def told(text: str) -> str:
    """What any reader should find: controls replaced, line breaks as one space, ends stripped (derived anew)."""
    kept = []
    for char in text:
        if char in "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            if kept[-1:] != ["\n"]:
                kept.append("\n")
        elif char == "\t" or ((ord(char) > 0x9F or unicodedata.category(char) != "Cc") and not illegal(char)):
            kept.append(char)
        else:
            # C1 controls are legal in XML and harmless elsewhere; the others are replaced
            kept.append(char if "\x80" <= char <= "\x9f" else "\ufffd")
    return "".join(" " if char == "\n" else char for char in kept).strip()


def illegal(char: str) -> bool:
    return unicodedata.category(char) == "Cs" or char in "\ufffe\uffff"


def read_eaf(report: Report, folder: Path) -> Eaf:
    return Eaf(str(eaf.write(report, folder, "x")[0]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_elan_file_holds_segments_and_clues(tmp_path: Path, language: str) -> None:
    report = reports.rich(language)  # type: ignore[arg-type]
    found = read_eaf(report, tmp_path)
    said = [(500, 3200, told(report.segments[0].utterance.text)), (7500, 9000, "-well, yes")]  # type: ignore[union-attr]
    assert [item[:3] for item in found.get_annotation_data_for_tier("P1 transcript")] == said
    first = "grateful 0.71; happy 0.62" if language == "en" else "感激 0.71; 快乐 0.62"
    assert found.get_annotation_data_for_tier("P1 labels")[0][:3] == (500, 3200, first)
    clues = [
        item for name in found.get_tier_names() for item in found.get_annotation_data_for_tier(name) if "clue" in name
    ]
    spans = sorted((round(clue.start * 1000), round(clue.end * 1000)) for clue in report.clues)
    assert sorted(item[:2] for item in clues) == spans
    assert {item[2].split(":")[0] for item in clues} == {clue.id for clue in report.clues}


def test_elan_file_links_the_recording_by_a_relative_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my clip #1.mp4").write_bytes(b"")
    (tmp_path / "out").mkdir()
    found = read_eaf(reports.rich(path="my clip #1.mp4"), tmp_path / "out")
    assert found.get_linked_files() == [
        {
            "MEDIA_URL": "../my%20clip%20%231.mp4",
            "RELATIVE_MEDIA_URL": "../my%20clip%20%231.mp4",
            "MIME_TYPE": "video/mp4",
        }
    ]


def test_praat_file_holds_segments_without_overlap(tmp_path: Path) -> None:
    report = reports.rich()
    grid = praat.openTextgrid(str(textgrid.write(report, tmp_path, "x")[0]), includeEmptyIntervals=False)
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, 12)
    assert [tuple(item) for item in grid.getTier("P2 transcript").entries] == [(3.2, 7.0, "太好了，我真是“高兴”。=1+1")]
    assert [tuple(item)[:2] for item in grid.getTier("P1 labels").entries] == [(0.5, 3.2), (7.5, 9.0)]
    assert set(grid.tierNames) == set(read_eaf(report, tmp_path).get_tier_names())
    assert grid.validate(reportingMode="silence")


def test_overlapping_clues_of_one_name_get_a_second_tier(tmp_path: Path) -> None:
    report = reports.rich()
    twice = report.model_copy(
        update={"clues": (*report.clues, reports.clue(9, "acoustic", "P1", 1.0, 4.0, "f0_level", 2.0))}
    )
    grid = praat.openTextgrid(str(textgrid.write(twice, tmp_path, "x")[0]), includeEmptyIntervals=False)
    assert [tuple(item)[:2] for item in grid.getTier("P1 clue f0_level 2").entries] == [(1.0, 4.0)]


def test_webvtt_reader_finds_the_cues(tmp_path: Path) -> None:
    report = reports.rich()
    cues = webvtt.read(str(vtt.write(report, tmp_path, "x")[0])).captions
    assert [(cue.start, cue.end) for cue in cues] == [
        ("00:00:00.500", "00:00:03.200"),
        ("00:00:03.200", "00:00:07.000"),
        ("00:00:07.500", "00:00:09.000"),
    ]
    assert [cue.voice for cue in cues] == ["P1", "P2", "P1"]
    assert html.unescape(cues[1].text) == "太好了，我真是“高兴”。=1+1\n[apparent: sarcastic]"
    assert html.unescape(cues[2].text) == "-well, yes"


def test_srt_reader_finds_the_cues(tmp_path: Path) -> None:
    cues = webvtt.from_srt(str(srt.write(reports.rich(), tmp_path, "x")[0])).captions
    assert [(cue.start_in_seconds, cue.end_in_seconds) for cue in cues] == [(0, 3), (3, 7), (7, 9)]
    assert [cue.start for cue in cues] == ["00:00:00.500", "00:00:03.200", "00:00:07.500"]
    assert cues[1].text == "P2: 太好了，我真是“高兴”。=1+1\n[apparent: sarcastic]"


def test_rttm_reader_finds_the_turns_and_pyannote_writes_the_same(tmp_path: Path) -> None:
    path = rttm.write(reports.rich(), tmp_path, "x")[0]
    found = load_rttm(path)["clip"]
    turns = [(round(span.start, 3), round(span.end, 3), who) for span, _, who in found.itertracks(yield_label=True)]
    assert turns == [(0.5, 3.2, "P1"), (3.2, 7.0, "P2"), (7.5, 9.0, "P1")]
    theirs = Annotation(uri="clip")
    for start, end, who in turns:
        theirs[Segment(start, end)] = who
    assert path.read_text() == theirs.to_rttm()


def test_rttm_leaves_out_what_nobody_said() -> None:
    report = reports.rich()
    silent = report.segments[2].model_copy(update={"utterance": None, "clues": ("C1",)})
    changed = report.model_copy(update={"segments": (*report.segments[:2], silent)})
    assert len(rttm.render(changed).splitlines()) == 2


def test_audformat_reads_its_table(tmp_path: Path) -> None:
    report = reports.rich()
    frame = audformat.utils.read_csv(str(audformat_export.write(report, tmp_path, "x")[0]))
    assert audformat.is_segmented_index(frame.index)
    expected = audformat.segmented_index(["clip.mp4"] * 3, ["0.5s", "3.2s", "7.5s"], ["3.2s", "7s", "9s"])
    pd.testing.assert_index_equal(frame.index, expected)
    assert frame["label"].tolist()[:2] == ["grateful", "sarcastic"]
    assert pd.isna(frame["label"].iloc[2])
    np.testing.assert_allclose(frame["confidence"].iloc[:2], [0.71, 0.44])
    assert frame["transcription"].iloc[1] == "太好了，我真是“高兴”。=1+1"


def test_audformat_keeps_a_text_without_times(tmp_path: Path) -> None:
    frame = audformat.utils.read_csv(
        str(audformat_export.write(reports.text_only(), tmp_path, "x")[0]), as_dataframe=True
    )
    assert frame.index.get_level_values("end").isna().all()


@given(seconds=st.floats(0, 4e5))
def test_timedeltas_read_as_pandas_means_them(seconds: float) -> None:
    assert abs(pd.Timedelta(audformat_export.timedelta(seconds)).total_seconds() - seconds) <= 1e-6


@given(text=ANY_TEXT)
@example(text=reports.HOSTILE)
def test_any_text_survives_elan(text: str, tmp_path: Path) -> None:
    found = read_eaf(reports.with_text(text), tmp_path)
    read = {name: [item[:3] for item in found.get_annotation_data_for_tier(name)] for name in found.get_tier_names()}
    assert read.get("P1 transcript", []) == ([(1000, 2500, told(text))] if told(text) else [])
    assert read["P1 labels"] == [(1000, 2500, "happy 0.6")]


@given(text=ANY_TEXT)
def test_any_text_survives_praat(text: str, tmp_path: Path) -> None:
    # praatio splits files at these words even inside quotes; it cannot read back its own files with them either
    assume(not re.search(r"(item|intervals) ?\[|size ?= ?0", f"{told(text)} ["))
    path = textgrid.write(reports.with_text(text), tmp_path, "x")[0]
    grid = praat.openTextgrid(str(path), includeEmptyIntervals=False)
    assert [tuple(item) for item in grid.getTier("P1 labels").entries] == [(1.0, 2.5, "happy 0.6")]
    read = [tuple(item) for item in grid.getTier("P1 transcript").entries] if told(text) else []
    assert read == ([(1.0, 2.5, told(text))] if told(text) else [])


@given(text=ANY_TEXT)
def test_any_text_survives_webvtt(text: str, tmp_path: Path) -> None:
    cues = webvtt.read(str(vtt.write(reports.with_text(text), tmp_path, "x")[0])).captions
    assert [(cue.start, cue.end) for cue in cues] == [("00:00:01.000", "00:00:02.500")]
    lines = html_lines(cues[0].raw_text.removeprefix("<v P1>"))
    assert lines == ([told(text)] if told(text) else []) + ["[apparent: happy]"]


def html_lines(raw: str) -> list[str]:
    assert "<" not in raw and "-->" not in raw
    return [line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for line in raw.split("\n")]


@given(text=ANY_TEXT)
def test_any_text_stays_one_srt_cue(text: str, tmp_path: Path) -> None:
    cues = webvtt.from_srt(str(srt.write(reports.with_text(text), tmp_path, "x")[0])).captions
    assert [(cue.start, cue.end) for cue in cues] == [("00:00:01.000", "00:00:02.500")]
    lines = cues[0].raw_text.split("\n")
    assert lines[-1].endswith("[apparent: happy]") and len(lines) == (2 if told(text) else 1)
    if not re.search("-->|<", text):
        assert lines[0].removeprefix("P1: ").strip() == (told(text) or "[apparent: happy]")


@given(name=st.text(st.characters(), min_size=1, max_size=20) | st.sampled_from(NASTY))
def test_any_name_stays_one_rttm_field(name: str, tmp_path: Path) -> None:
    path = rttm.write(reports.with_text("hello", person=name), tmp_path, "x")[0]
    found = load_rttm(path)["clip"]
    assert [(span.start, span.end) for span in found.itersegments()] == [(1.0, 2.5)]
    assert len(found.labels()) == 1


@given(text=ANY_TEXT)
def test_any_text_survives_audformat(text: str, tmp_path: Path) -> None:
    frame = audformat.utils.read_csv(
        str(audformat_export.write(reports.with_text(text), tmp_path, "x")[0]), keep_default_na=False, as_dataframe=True
    )
    assert frame.index[0][1:] == (pd.Timedelta("1s"), pd.Timedelta("2.5s"))
    assert frame["label"].tolist() == ["happy"]
    assert len(frame) == 1
