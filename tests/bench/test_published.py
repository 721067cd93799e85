"""The published rows: their sums and means taken again, and the places where the publications contradict themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from openaffect.bench.published import TABLES, Row, published_rows
from openaffect.bench.tasks.mme_emotion import TASKS
from openaffect.errors import UsageError

MME = published_rows("mme-emotion")
SCORES = ("recognition", "reasoning", "cot")
CLIPS = {
    "ER-Lab": 500,
    "ER-Wild": 1800,
    "Noise-ER": 500,
    "FG-ER": 500,
    "ML-ER": 600,
    "SA": 1600,
    "FG-SA": 500,
    "IR": 500,
}
# Figures are printed with one decimal, so a sum of two is up to 0.1 off, and a mean of eight up to 0.05 beside the
# 0.05 of the printed overall figure.
PRINTED = 0.1


def row(name: str, table: str = "mme-emotion") -> Row:
    (found,) = [each for each in published_rows(table) if each.name == name]
    return found


def by_clips(each: Row, key: str) -> float:
    return sum(CLIPS[task] * each.tasks[task][key] for task in CLIPS) / sum(CLIPS.values())


# ---------------------------------------------------------------- MME-Emotion


def test_twenty_models_with_eight_tasks() -> None:
    assert len({each.name for each in MME}) == len(MME) == 20
    assert CLIPS.keys() == TASKS.keys() and sum(CLIPS.values()) == 6500
    for each in MME:
        assert each.scores.keys() == set(SCORES) and each.tasks.keys() == CLIPS.keys()
        assert {key for task in each.tasks.values() for key in task} == {*SCORES, "steps", "tokens"}
        assert each.steps is not None and each.tokens is not None


def test_the_best_and_the_means_that_the_authors_state() -> None:
    assert max(each.scores["recognition"] for each in MME) == 39.3
    assert max(each.scores["cot"] for each in MME) == 56.0
    means = [fmean(each.scores[key] for each in MME) for key in SCORES]
    assert means == pytest.approx([29.415, 49.49, 39.45], abs=1e-9)


@pytest.mark.parametrize("each", MME, ids=lambda each: each.name)
def test_chain_of_thought_is_the_mean_of_the_two_others(each: Row) -> None:
    for scores in (each.scores, *each.tasks.values()):
        middle = (scores["recognition"] + scores["reasoning"]) / 2
        assert scores["cot"] == pytest.approx(middle, abs=PRINTED + 1e-9)


@pytest.mark.parametrize("each", MME, ids=lambda each: each.name)
def test_the_overall_scores_are_means_over_clips(each: Row) -> None:
    for key in SCORES:
        assert by_clips(each, key) == pytest.approx(each.scores[key], abs=0.08)
    assert by_clips(each, "steps") == pytest.approx(each.steps, abs=PRINTED)


def test_the_mean_over_tasks_is_another_number() -> None:
    best = row("Gemini-2.5-Pro")
    over_tasks = [fmean(task[key] for task in best.tasks.values()) for key in SCORES]
    assert over_tasks == pytest.approx([37.38, 72.55, 54.96], abs=0.006)
    assert [by_clips(best, key) for key in SCORES] == pytest.approx([39.28, 72.66, 55.96], abs=0.006)


def test_two_averages_of_tokens_do_not_follow_from_their_tasks() -> None:
    off = {
        each.name: round(by_clips(each, "tokens"), 1)
        for each in MME
        if abs(by_clips(each, "tokens") - (each.tokens or 0)) > 0.1
    }
    assert off == {"Qwen2.5-VL-72B": 266.7, "Gemini-2.5-Flash": 262.4}
    assert [row(name).tokens for name in off] == [266.3, 261.8]


def test_where_page_and_heat_map_differ_the_page_is_kept() -> None:
    # The heat map has 4.3 / 7.5 for the first, which are Emotion-LLaMA's, and 34.8 for the second.
    fine = row("Video-LLaMA").tasks["FG-ER"]
    assert [fine[key] for key in SCORES] == [33.7, 34.6, 34.1]
    other = row("Emotion-LLaMA").tasks["FG-ER"]
    assert [other["reasoning"], other["cot"]] == [4.3, 7.5]
    assert row("GPT-4.1").tasks["ER-Wild"]["cot"] == 42.1


def test_two_models_share_figures_of_one_task() -> None:
    one, two = row("Video-LLaMA").tasks["ER-Wild"], row("Video-LLaMA2").tasks["ER-Wild"]
    assert {key for key in one if one[key] == two[key]} == {"reasoning", "steps", "tokens"}
    assert "judged twice" in row("Video-LLaMA2").note
    assert [each.name for each in MME if each.note] == ["Video-LLaMA2"]


def test_single_step_models_have_next_to_no_reasoning() -> None:
    single = [each for each in MME if each.steps == 1.0]
    assert [each.name for each in single] == ["Emotion-LLaMA", "HumanOmni"]
    assert max(each.scores["reasoning"] for each in single) < 0.5
    ranks = sorted((each.scores["recognition"] for each in MME), reverse=True)
    assert ranks.index(row("HumanOmni").scores["recognition"]) == 3  # the fourth best, with a CoT of 18.1


def test_who_says_that_a_model_is_a_specialist() -> None:
    assert {each.name for each in MME if each.kind == "specialist"} == {
        "Emotion-LLaMA",
        "HumanOmni",
        "R1-Omni",
        "AffectGPT",
    }
    assert {each.name for each in MME if each.kind_source == "paper"} == {"R1-Omni", "Gemini-2.5-Pro"}
    assert all(each.kind and each.kind_source for each in MME)


def test_inputs_and_sizes() -> None:
    counts = {inputs: sum(each.inputs == inputs for each in MME) for inputs in ("AT", "VT", "AVT")}
    assert counts == {"AT": 2, "VT": 11, "AVT": 7}
    assert {each.name for each in MME if not each.size} == {
        "GPT-4o",
        "GPT-4.1",
        "Gemini-2.0-Flash",
        "Gemini-2.5-Flash",
        "Gemini-2.5-Pro",
    }
    assert row("R1-Omni").billions == 0.5 and row("GPT-4o").billions is None
    assert row("QVQ").billions == 72


# ---------------------------------------------------------------- the other tables


def test_mer_unibench_means() -> None:
    rows = published_rows("mer-unibench")
    assert len(rows) == len({(each.name, each.inputs) for each in rows}) == 19
    for each in rows:
        single = [value for key, value in each.scores.items() if key != "mean"]
        assert len(single) == 9
        assert fmean(single) == pytest.approx(each.scores["mean"], abs=0.0101), each.name
    best = max(rows, key=lambda each: each.scores["mean"])
    assert (best.name, best.inputs, best.scores["mean"]) == ("AffectGPT", "AVT", 74.77)


def test_the_benchmark_of_the_house_has_the_same_data_sets() -> None:
    from openaffect.bench.benchmarks import find_benchmark

    keys = [key for key in published_rows("mer-unibench")[0].scores if key != "mean"]
    assert tuple(keys) == find_benchmark("mer-unibench").datasets


def test_ov_merd() -> None:
    rows = published_rows("ov-merd")
    assert len(rows) == 12
    assert max(rows, key=lambda each: each.scores["m_avg"]).name == "Chat-UniVi"
    assert all(0 < each.scores["m_avg"] < 100 for each in rows)


def test_emer_v1_is_second_hand_and_close_together() -> None:
    rows = published_rows("emer-v1")
    assert len(rows) == 7 and all(each.second_hand for each in rows)
    clue = [each.scores["clue_overlap"] for each in rows]
    assert clue == sorted(clue) and max(clue[:-1]) - min(clue[:-1]) < 1
    assert rows[-1].scores == {"clue_overlap": 7.83, "label_overlap": 6.25}


def test_emer_fine_averages_but_for_one() -> None:
    off = {}
    for each in published_rows("emer-fine"):
        average = (each.scores["accuracy"] + each.scores["recall"]) / 2
        if abs(average - each.scores["average"]) > 0.0051:
            off[each.name] = average
    assert off == {"AcoustEmo": pytest.approx(67.775)}
    assert "67.78" in row("AcoustEmo", "emer-fine").note
    assert row("EMER (Multi)", "emer-fine").kind is None


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_marked_with_its_source_and_date(table: str) -> None:
    for each in published_rows(table):
        assert each.published and each.benchmark == table and each.scores
        assert (each.citation, each.date) == (TABLES[table].citation, TABLES[table].date)
        assert each.date[:2] == "20" and each.second_hand == TABLES[table].second_hand
        assert set(each.inputs) <= set("AVT")


def test_an_unknown_table() -> None:
    with pytest.raises(UsageError, match="did you mean 'mme-emotion'"):
        published_rows("mme-emotions")


def test_the_files_are_read_when_they_are_asked_for() -> None:
    code = "import openaffect.bench.published as p; print(p.published_rows.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    assert published_rows("mme-emotion") is published_rows("mme-emotion")


def test_sizes_that_cannot_be_read() -> None:
    made = [Row(name="m", benchmark="b", scores={}, size=size) for size in ("", "large", "7b", "500M", "1.5 B")]
    assert [each.billions for each in made] == [None, None, 7, 0.5, 1.5]


# ---------------------------------------------------------------- number by number, where the specification is at hand

REFERENCE = os.environ.get("OPENAFFECT_REFERENCE_DIR")


def cells(line: str) -> list[str]:
    return [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")]


def tables_of(file: str, heading: str) -> list[list[list[str]]]:
    """The tables of a page of the specification whose first line begins with *heading*."""
    lines = (Path(str(REFERENCE)) / "spec" / file).read_text(encoding="utf-8").splitlines()
    found = []
    for place, line in enumerate(lines):
        if line.startswith(heading):
            body = lines[place + 2 :]
            end = next((n for n, each in enumerate(body) if not each.startswith("|")), len(body))
            found.append([cells(line), *map(cells, body[:end])])
    return found


@pytest.mark.needs_reference_data
@pytest.mark.skipif(REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set")
def test_every_number_is_that_of_the_specification() -> None:
    ((_, *overall),) = tables_of("mme_emotion.md", "| Model | inputs | LLM |")
    assert [line[0] for line in overall] == [each.name for each in MME]
    for each, line in zip(MME, overall, strict=True):
        ours: list[Any] = [
            each.inputs,
            each.size or "-",
            each.steps,
            each.tokens,
            *(each.scores[key] for key in SCORES),
        ]
        assert ours == [line[1], line[2], *map(float, line[3:])]
    scores, steps = tables_of("mme_emotion.md", "| Model | ER-Lab |")
    for keys, (heading, *lines) in ((SCORES, scores), (("steps", "tokens"), steps)):
        assert heading[1:] == list(CLIPS)
        for each, line in zip(MME, lines, strict=True):
            for task, cell in zip(heading[1:], line[1:], strict=True):
                assert [each.tasks[task][key] for key in keys] == [float(value) for value in cell.split("/")]
    ((_, *lines),) = tables_of("affectgpt.md", "| model | A V T |")
    for each, line in zip(published_rows("mer-unibench"), lines, strict=True):
        assert [each.name, " ".join(each.inputs), *each.scores.values()] == [*line[:2], *map(float, line[2:])]
    for table, heading in (("emer-v1", "| EMER-V1, 100"), ("emer-fine", "| EMER-Fine")):
        ((_, *lines),) = tables_of("emer.md", heading)
        for each, line in zip(published_rows(table), lines, strict=True):
            assert list(each.scores.values()) == [float(value) for value in line[1:]]
