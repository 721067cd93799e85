"""The scorers of OV-MER, MER-UniBench and EMER once more, for the tests: plain loops, nothing clever.

Derived from the published description of the scorers (the definitions of OV-MER, AffectGPT / MER-UniBench, MER2025,
MER2026 and EMER as our specification words them), not from their code and not from `openaffect`, of which it
imports nothing.  Slow on purpose: every line can be held against a sentence.

A dropped label is ``""``.  An edition is ``"2025"`` or ``"2026"``; it says which tables, and separately what 0/0 is.
"""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

NAN = float("nan")
WHEELS = (1, 2, 3, 4, 5)
LEVELS = (1, 2)
KEYS = ("case1", "case2", *(f"case3_wheel{wheel}_level{level}" for wheel in WHEELS for level in LEVELS))
SENTIMENTS = {"positive": 1, "negative": -1, "neutral": 0}
PREFIXES = ("输入", "输出", "翻译", "让我们来翻译一下：", "output", "Output", "input", "Input")

Row = tuple[str, str, str]

# ---------------------------------------------------------------- tables


def read_forms(path: Path) -> dict[str, set[str]]:
    """Form -> the words it is a form of; every word is also a form of itself."""
    form2word: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            forms = [form for form in row["format"].split(",") if form != ""]
            for form in [*forms, row["name"]]:
                form2word.setdefault(form, set()).add(row["name"])
    return form2word


def sheet(path: Path) -> list[tuple[Any, ...]]:
    """The rows of Sheet1, the heading first."""
    return list(openpyxl.load_workbook(path)["Sheet1"].iter_rows(values_only=True))


def read_synonyms(path: Path) -> dict[str, set[str]]:
    """Word -> the wheel words it is a synonym of; the union of the eight runs."""
    word2wheel: dict[str, set[str]] = {}
    heading, *rows = sheet(path)
    for run in range(1, 9):
        at_word, at_synonym = heading.index(f"word_run{run}"), heading.index(f"synonym_run{run}")
        for row in rows:
            word = row[at_word].lower().strip()
            synonyms = [synonym.lower().strip() for synonym in row[at_synonym].split(",")]
            for known in [word, *synonyms]:
                if known != "":
                    word2wheel.setdefault(known, set()).add(word)
    return word2wheel


def read_wheel(path: Path) -> list[Row]:
    """The rows of a wheel in file order, blanks filled with what stands above."""
    heading, *rows = sheet(path)
    filled = []
    above = {"level1": "", "level2": "", "level3": ""}
    for row in rows:
        for name, cell in zip(heading, row, strict=True):
            if cell is not None:
                above[name] = cell.lower().strip()
        filled.append((above["level1"], above["level2"], above["level3"]))
    return filled


def wheel_tree(rows: list[Row]) -> dict[str, dict[str, list[str]]]:
    """level 1 -> level 2 -> the level-3 cells, each in the order of its first appearance."""
    tree: dict[str, dict[str, list[str]]] = {}
    for level1, level2, level3 in rows:
        tree.setdefault(level1, {}).setdefault(level2, []).append(level3)
    return tree


def wheel_map(rows: list[Row], level: int) -> dict[str, str]:
    """Word of a wheel -> its cluster; later writes overwrite earlier ones."""
    found = {}
    for level1, inner in wheel_tree(rows).items():
        found[level1] = level1 if level == 1 else sorted(inner)[0]
        for level2, cells in inner.items():
            found[level2] = level1 if level == 1 else level2
            for level3 in cells:
                found[level3] = level1 if level == 1 else level2
    return found


class Tables:
    """The three mappings."""

    def __init__(self, form2word: dict[str, set[str]], word2wheel: dict[str, set[str]], wheels: list[list[Row]]):
        self.form2word = form2word
        self.word2wheel = word2wheel
        self.wheels = wheels
        self.maps = {
            (number, level): wheel_map(rows, level) for number, rows in enumerate(wheels, 1) for level in LEVELS
        }

    def map_label(self, key: str, label: str) -> str:
        """What *label*, exactly as written, becomes under the mapping *key* of the official scorer."""
        if label not in self.form2word:
            return ""
        words = self.form2word[label]
        if key == "case1":
            return sorted(words)[0]
        if key == "case2":
            wheel_words = self.word2wheel.get(sorted(words)[0], set())
            return sorted(wheel_words)[0] if wheel_words else ""
        _, wheel, level = key.split("_")
        clusters = self.maps[int(wheel.removeprefix("wheel")), int(level.removeprefix("level"))]
        all_wheel_words = set()
        for word in words:
            all_wheel_words |= self.word2wheel.get(word, set())
        for wheel_word in sorted(all_wheel_words):
            if wheel_word in clusters:
                return clusters[wheel_word]
        return ""

    def map_labels(self, key: str, labels: list[str]) -> set[str]:
        """The set that a list of labels becomes; labels are lower-cased and stripped first."""
        mapped = set()
        for label in labels:
            cluster = self.map_label(key, label.lower().strip())
            if cluster != "":
                mapped.add(cluster)
        return mapped


def read_tables(folder: Path) -> Tables:
    """The official tables of one edition."""
    return Tables(
        read_forms(folder / "format.csv"),
        read_synonyms(folder / "synonym.xlsx"),
        [read_wheel(folder / f"wheel{number}.xlsx") for number in WHEELS],
    )


REFERENCE = os.environ.get("OPENAFFECT_REFERENCE_DIR")
"""Where the official tables lie, None where a machine has none."""


def folder_of(edition: str) -> Path:
    """The folder of the official tables of *edition*."""
    return Path(str(REFERENCE)) / "data" / "emotion_wheel" / edition


@cache
def official(edition: str) -> Tables:
    """The official tables of *edition*, read once."""
    return read_tables(folder_of(edition))


# ---------------------------------------------------------------- label strings and replies


def string_to_list(value: Any) -> list[Any]:
    """A label string (or list, or array) -> its labels, before lower-casing."""
    if isinstance(value, list):
        return value
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:
        return list(value.tolist())
    if value is None or value == "" or value != value:
        return []
    if value[0] == "[":
        value = value[1:]
    if value[-1] == "]":  # an IndexError for the string "["
        value = value[:-1]
    for separator in ("'", '"'):
        value = value.replace(separator, ",")
    return [piece.strip() for piece in value.split(",") if piece.strip() != ""]


def clean_reply(text: str) -> str:
    """A language model's reply without what it repeats from the prompt."""
    text = text.strip()
    for prefix in PREFIXES:
        if text.startswith(prefix):
            text = text[len(prefix) :]
    text = text.strip()
    for colon in (":", "："):
        if text.startswith(colon):
            text = text[len(colon) :]
    text = text.strip()
    text = text.replace("\n", "")
    return text.strip()


# ---------------------------------------------------------------- scores


def mean(values: list[float], zero: str) -> float:
    """Arithmetic mean; of nothing: NaN in 2025, 0 in 2026."""
    if not values:
        return NAN if zero == "2025" else 0.0
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def harmonic(precision: float, recall: float, zero: str) -> float:
    """2PR / (P + R); 0/0 is NaN in 2025 and 0 in 2026."""
    if precision != precision or recall != recall:
        return NAN
    if precision + recall == 0:
        return NAN if zero == "2025" else 0.0
    return 2 * precision * recall / (precision + recall)


def set_overlap(
    tables: Tables, key: str, name2gt: dict[str, Any], name2pred: dict[str, Any], zero: str
) -> tuple[float, float, float]:
    """F, precision and recall of a corpus under the mapping *key*."""
    precisions, recalls = [], []
    for name in name2gt:
        truth = tables.map_labels(key, string_to_list(name2gt[name]))
        given = tables.map_labels(key, string_to_list(name2pred[name]))
        if len(truth) == 0:
            continue
        if len(given) == 0:
            precisions.append(0.0)
            recalls.append(0.0)
            continue
        shared = 0
        for cluster in truth:
            if cluster in given:
                shared += 1
        precisions.append(shared / len(given))
        recalls.append(shared / len(truth))
    precision, recall = mean(precisions, zero), mean(recalls, zero)
    return harmonic(precision, recall, zero), precision, recall


def wheel_metric(
    tables: Tables, level: int, name2gt: dict[str, Any], name2pred: dict[str, Any], zero: str
) -> tuple[float, float, float]:
    """Mean over the wheels of (F, precision, recall)."""
    per_wheel = [
        set_overlap(tables, f"case3_wheel{number}_level{level}", name2gt, name2pred, zero)
        for number in range(1, len(tables.wheels) + 1)
    ]
    f, precision, recall = (mean([scores[i] for scores in per_wheel], zero) for i in range(3))
    return f, precision, recall


def hit_rates(
    tables: Tables,
    name2gt: dict[str, str],
    name2pred: dict[str, Any],
    candidates: list[str] | None = None,
    zero: str = "2025",
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """(hit rate, mscore) of each wheel at level 1, and their means over the wheels.

    The candidate labels are looked up as written; by default they are the ground-truth labels.
    """
    if candidates is None:
        candidates = list(name2gt.values())
    per_wheel = []
    for number in range(1, len(tables.wheels) + 1):
        key = f"case3_wheel{number}_level1"
        classes = {tables.map_label(key, candidate) for candidate in candidates} - {""}
        hits, mscores = [], []
        for name in name2gt:
            truth = tables.map_labels(key, string_to_list(name2gt[name]))
            given = tables.map_labels(key, string_to_list(name2pred[name]))
            if len(truth) == 0:
                continue
            hits.append(float(len(given & truth)))
            denominator = len(given & classes)
            mscores.append(len(given & truth) / denominator if denominator else 0.0)
        per_wheel.append((mean(hits, zero), mean(mscores, zero)))
    means = (mean([scores[0] for scores in per_wheel], zero), mean([scores[1] for scores in per_wheel], zero))
    return per_wheel, means


def sentiment(name2gt: dict[str, float], name2pred: dict[str, str]) -> tuple[float, float]:
    """Weighted F1 and accuracy of gold > 0 against predicted > 0, samples with gold 0 left out."""
    gold, given = [], []
    for name in name2gt:
        value = SENTIMENTS.get(name2pred[name], 0)
        if name2gt[name] == 0:
            continue
        gold.append(name2gt[name] > 0)
        given.append(value > 0)
    if not gold:
        raise IndexError("every gold value is zero")
    right = 0
    for true, found in zip(gold, given, strict=True):
        if true == found:
            right += 1
    weighted = 0.0
    for side in (False, True):
        hit = false_alarm = miss = 0
        for true, found in zip(gold, given, strict=True):
            if true == side and found == side:
                hit += 1
            elif true != side and found == side:
                false_alarm += 1
            elif true == side and found != side:
                miss += 1
        f1 = 2 * hit / (2 * hit + false_alarm + miss) if hit else 0.0
        weighted += f1 * (hit + miss) / len(gold)
    return weighted, right / len(gold)


def hit_or_not(tables: Tables, gt: Any, pred: Any) -> bool:
    """Whether two label lists share a level-1 cluster of any wheel, with the neutral rule."""
    truth_labels, given_labels = string_to_list(gt), string_to_list(pred)
    for number in range(1, len(tables.wheels) + 1):
        key = f"case3_wheel{number}_level1"
        truth, given = tables.map_labels(key, truth_labels), tables.map_labels(key, given_labels)
        if not truth_labels or "neutral" in truth_labels:
            truth.add("neutral")
        if not given_labels or "neutral" in given_labels:
            given.add("neutral")
        if truth & given:
            return True
    return False


# ---------------------------------------------------------------- grouped overlap (EMER-V2, MER2024-OV)


def grouped(
    name2gt: dict[str, Any], name2pred: dict[str, Any], name2groups: dict[str, list[list[str]]]
) -> tuple[float, float, float]:
    """Accuracy, recall and their plain average, a label standing for the first label of its (last) group."""
    accuracies, recalls = [], []
    for name in name2gt:
        first = {}
        for group in name2groups[name]:
            for label in group:
                first[label] = group[0]
        truth, given = set(), set()
        for label in string_to_list(name2gt[name]):
            truth.add(first.get(label.lower().strip(), label.lower().strip()))
        for label in string_to_list(name2pred[name]):
            given.add(first.get(label.lower().strip(), label.lower().strip()))
        shared = len(truth & given)
        accuracies.append(shared / len(given) if len(given) else 0.0)
        recalls.append(shared / len(truth))
    accuracy, recall = mean(accuracies, "2026"), mean(recalls, "2026")
    return accuracy, recall, (accuracy + recall) / 2


def reply_to_groups(text: str) -> list[list[str]]:
    """A model's grouping reply: cleaned, split on brackets, each part on quotation marks."""
    parts = [clean_reply(text)]
    for bracket in "[]":
        parts = [piece for part in parts for piece in part.split(bracket)]
    groups = []
    for part in parts:
        for quote in "'\"":
            part = part.replace(quote, "\0")
        labels = [label.strip(" ,") for label in part.split("\0")]
        labels = [label for label in labels if label != ""]
        if labels:
            groups.append(labels)
    return groups
