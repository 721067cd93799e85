"""A folder of labels: what is read back, and what is said of a folder that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openaffect.distill.labels import LabelCard, LabelWriter, read_labels, targets_of
from openaffect.errors import DataError, OutputError, UsageError
from openaffect.records import AudioPart, PseudoLabel
from tests.distill.river_files import CARD

GOOD = {"id": "b", "parts": [{"file": "a.wav", "start": 0, "end": 1}], "arousal": 0.5}


def row(name: str = "a", **values: object) -> PseudoLabel:
    return PseudoLabel.model_validate({**GOOD, "id": name, **values})


def written(folder: Path, *rows: PseudoLabel) -> Path:
    with LabelWriter(folder, CARD) as writer:
        for each in rows:
            writer.append(each)
    return folder


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    rows = (row("a"), row("b", arousal=-0.2, split="dev", speaker="Ann", groups={"sex": "f"}))
    failed = PseudoLabel(id="c", parts=(), error="no speech was found")
    labels = read_labels(written(tmp_path, *rows, failed))
    assert labels.rows == rows and labels.failed == (failed,) and labels.card == CARD
    assert labels.split("dev") == (rows[1],)
    assert labels.path(rows[0].parts[0]) == tmp_path / "a.wav"
    assert np.array_equal(targets_of(labels.rows)[:, 0], [0.5, -0.2])
    assert np.isnan(targets_of(labels.rows)[:, 1:]).all()


def test_the_digest_follows_labels_and_card(tmp_path: Path) -> None:
    first = read_labels(written(tmp_path / "one", row("a"))).digest
    assert read_labels(written(tmp_path / "same", row("a"))).digest == first
    assert read_labels(written(tmp_path / "other", row("a", arousal=0.6))).digest != first
    (tmp_path / "one" / "card.json").write_text(CARD.model_copy(update={"licence": "other"}).model_dump_json())
    assert read_labels(tmp_path / "one").digest != first


def test_a_half_written_line_is_passed_over_and_cut_off_by_the_writer(tmp_path: Path) -> None:
    written(tmp_path, row("a"))
    with (tmp_path / "labels.jsonl").open("a") as file:
        file.write('{"id":"b","par')
    assert [each.id for each in read_labels(tmp_path).rows] == ["a"]
    with LabelWriter(tmp_path, CARD) as writer:
        assert writer.done == {"a"}
        writer.append(row("b"))
    assert [each.id for each in read_labels(tmp_path).rows] == ["a", "b"]


BAD_ROWS: dict[str, Callable[[], dict[str, object]]] = {
    "leaves the folder": lambda: {**GOOD, "parts": [{"file": "../secret.wav", "start": 0, "end": 1}]},
    "not the path of a file": lambda: {**GOOD, "parts": [{"file": "http://host/a.wav", "start": 0, "end": 1}]},
    "without control characters": lambda: {**GOOD, "parts": [{"file": "a\x1b[2J.wav", "start": 0, "end": 1}]},
    "shorter than 64 samples": lambda: {**GOOD, "parts": [{"file": "a.wav", "start": 0, "end": 0.003}]},
    "longer than 3600 s": lambda: {**GOOD, "parts": [{"file": "a.wav", "start": 0, "end": 1e12}]},
    "must not end": lambda: {**GOOD, "parts": [{"file": "a.wav", "start": 2, "end": 1}]},
    "names no sound": lambda: {**GOOD, "parts": []},
    "neither a value nor an 'error'": lambda: {**GOOD, "arousal": None},
    "a value for valence": lambda: {**GOOD, "valence": 0.1},
    "'split'": lambda: {**GOOD, "split": "validation"},
    "'arousal'": lambda: {**GOOD, "arousal": "loud"},
    "'mood'": lambda: {**GOOD, "mood": 1},
    "stands in line 1 too": lambda: {**GOOD, "id": "a"},
}


@pytest.mark.parametrize("says", BAD_ROWS)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, says: str) -> None:
    written(tmp_path, row("a"))
    with (tmp_path / "labels.jsonl").open("a") as file:
        file.write(json.dumps(BAD_ROWS[says]()) + "\n")
    with pytest.raises(DataError) as caught:
        read_labels(tmp_path)
    message = str(caught.value)
    assert "line 2" in message and says in message and "\n" not in message


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_a_value_that_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    written(tmp_path, row("a"))
    line = json.dumps(GOOD).replace("0.5", value)
    (tmp_path / "labels.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match="line 1 is no label: 'arousal'"):
        read_labels(tmp_path)


@pytest.mark.parametrize("line", ["[1]", "{", "null", '{"id": 3}'])
def test_a_line_that_is_no_record_is_refused(tmp_path: Path, line: str) -> None:
    written(tmp_path)
    (tmp_path / "labels.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match="line 1"):
        read_labels(tmp_path)


def test_a_folder_without_card_or_labels_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no card\.json"):
        read_labels(tmp_path)
    written(tmp_path)
    with pytest.raises(DataError, match="holds no label"):
        read_labels(tmp_path)
    (tmp_path / "labels.jsonl").unlink()
    with pytest.raises(DataError, match="cannot read"):
        read_labels(tmp_path)


@pytest.mark.parametrize("card", ["{}", "[]", "no json", '{"teacher": "a", "present": ["mood"]}', '{"teacher": 1}'])
def test_a_damaged_card_is_refused(tmp_path: Path, card: str) -> None:
    written(tmp_path, row("a"))
    (tmp_path / "card.json").write_text(card)
    with pytest.raises(DataError, match=r"card\.json"):
        read_labels(tmp_path)


def test_another_card_is_refused_and_versions_may_differ(tmp_path: Path) -> None:
    written(tmp_path, row("a"))
    other = CARD.model_copy(update={"teacher": "ear", "versions": {"numpy": "9"}})
    with pytest.raises(UsageError, match=r'other teacher \("pitch" there, "ear" now\)'):
        LabelWriter(tmp_path, other)
    LabelWriter(tmp_path, CARD.model_copy(update={"versions": {"numpy": "9"}}))._file.close()


def test_the_writer_refuses_what_the_reader_would(tmp_path: Path) -> None:
    with LabelWriter(tmp_path, CARD) as writer:
        writer.append(row("a"))
        with pytest.raises(DataError, match="its own"):
            writer.append(row("a"))
        with pytest.raises(DataError, match="card names arousal alone"):
            writer.append(row("b", dominance=0.1))
        with pytest.raises(DataError, match="leaves the folder"):
            writer.append(row("c", parts=(AudioPart(file="../a.wav", start=0, end=1),)))


def test_two_writers_at_once_are_one_too_many(tmp_path: Path) -> None:
    with LabelWriter(tmp_path, CARD), pytest.raises(OutputError, match="another command"):
        LabelWriter(tmp_path, CARD)


def test_a_card_without_dimensions_is_refused(tmp_path: Path) -> None:
    written(tmp_path, row("a"))
    card = LabelCard(teacher="mute", present=())
    (tmp_path / "card.json").write_text(card.model_dump_json())
    with pytest.raises(DataError, match="'present'"):
        read_labels(tmp_path)
