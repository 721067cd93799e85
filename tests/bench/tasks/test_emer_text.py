"""BLEU, METEOR and ROUGE-L in a run of EMER, against the packages themselves; what is not installed, Chinese, gaps."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from nltk.translate.meteor_score import single_meteor_score
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU
from tests.emer_files import emer_run, write_emer

from openaffect.bench.task import Item, Source, Step
from openaffect.bench.tasks.emer import EMER, emer
from openaffect.bench.tasks.emer_scores import EmerScores
from openaffect.bench.tasks.emer_text import CAVEAT, text_scores
from openaffect.records import Score

REFERENCES = ["The woman smiles and waves, so she is happy.", "He frowns and shouts, so he is angry.", "She is calm."]
EXPLAINED = ["A woman smiles; she seems happy.", "He shouts loudly and is angry.", "Her voice is calm and low."]
NAMES = [f"BLEU-{order}" for order in (1, 2, 3, 4)]


@pytest.fixture(autouse=True)
def _no_wordnet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENAFFECT_WORDNET", raising=False)
    monkeypatch.setattr("openaffect.bench.tasks.emer_text._USUAL", tmp_path / "none")


def scores(
    references: list[str], explained: list[str | None], language: str = "en", more: Mapping[str, str] = {}
) -> dict[str, Score]:
    items, steps = [], {}
    for at, (reference, text) in enumerate(zip(references, explained, strict=True)):
        items.append(Item(f"emer-v2/{at}", "emer-v2", facts={"reference": reference, "language": language}))
        outcome = "refused" if text is None else "answered"
        steps[items[-1].id] = Step(items[-1].id, text or "", text, outcome)
    for name, reference in more.items():
        items.append(Item(name, "emer-v2", facts={"reference": reference, "language": language}))
    return {score.name: score for score in text_scores(items, {"explain": steps})}


def test_the_figures_are_those_of_the_packages_with_the_caveat() -> None:
    found = scores(REFERENCES, [*EXPLAINED])
    assert list(found) == [*NAMES, "METEOR without synonyms", "ROUGE-L"]
    for order, name in enumerate(NAMES, 1):
        truth = BLEU(max_ngram_order=order).corpus_score(EXPLAINED, [REFERENCES]).score / 100
        assert found[name].value == pytest.approx(truth) and found[name].low is None
        assert "without an interval" in found[name].note and "tok:13a" in found[name].note
    rouge = [
        RougeScorer(["rougeL"]).score(*pair)["rougeL"].fmeasure for pair in zip(REFERENCES, EXPLAINED, strict=True)
    ]
    assert found["ROUGE-L"].value == pytest.approx(np.mean(rouge))
    low, high = found["ROUGE-L"].low, found["ROUGE-L"].high
    assert low is not None and high is not None and min(rouge) <= low < np.mean(rouge) < high <= max(rouge)
    assert all(CAVEAT in each.note and each.n == 3 and "by word" in each.note for each in found.values())
    meteor = found["METEOR without synonyms"]
    assert "no WordNet files" in meteor.note and meteor.value is not None
    without = [
        single_meteor_score(split(a), split(b), wordnet=_Empty()) for a, b in zip(REFERENCES, EXPLAINED, strict=True)
    ]
    assert meteor.value == pytest.approx(np.mean(without))


def split(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


class _Empty:
    """A WordNet that knows no word."""

    def synsets(self, word: str) -> list[object]:
        return []


def test_with_a_folder_of_wordnet_the_score_has_its_plain_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for pos in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"index.{pos}").write_text("glad a 1 0 1 0 00000000\nhappy a 1 0 1 0 00000000\n" * (pos == "adj"))
        (tmp_path / f"data.{pos}").write_text("00000000 00 a 02 glad 0 happy 0 000 | joy\n" * (pos == "adj"))
        (tmp_path / f"{pos}.exc").write_text("")
    plain = scores(["she is glad"], ["she is happy"])["METEOR without synonyms"]
    monkeypatch.setenv("OPENAFFECT_WORDNET", str(tmp_path))
    found = scores(["she is glad"], ["she is happy"])
    assert "METEOR without synonyms" not in found and "synonym" in found["METEOR"].note
    assert found["METEOR"].value is not None and plain.value is not None and found["METEOR"].value > plain.value


@pytest.mark.parametrize("named", ["nowhere", "x" * 300, "file", "broken"])
def test_a_wrong_folder_of_wordnet_is_named_and_costs_the_synonyms_alone(
    named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = scores(REFERENCES, [*EXPLAINED])
    (tmp_path / "file").write_text("")
    (tmp_path / "broken").mkdir()
    for pos in ("noun", "verb", "adj", "adv"):
        for name in (f"index.{pos}", f"data.{pos}", f"{pos}.exc"):
            (tmp_path / "broken" / name).write_text("no such line\n")
    monkeypatch.setenv("OPENAFFECT_WORDNET", str(tmp_path / named))
    found = scores(REFERENCES, [*EXPLAINED])
    assert list(found) == list(plain)
    meteor = found["METEOR without synonyms"]
    assert meteor.value == plain["METEOR without synonyms"].value
    assert "OPENAFFECT_WORDNET: " in meteor.note and str(tmp_path / named)[:40] in meteor.note


def test_chinese_is_taken_by_character_and_has_no_meteor() -> None:
    references, explained = ["她笑得很开心。", "他很生气。"], ["她很开心。", "他在喊,很生气。"]
    found = scores(references, [*explained], "zh")
    assert list(found) == [*NAMES, "ROUGE-L"]
    truth = BLEU(max_ngram_order=2, tokenize="zh").corpus_score(explained, [references]).score / 100
    assert found["BLEU-2"].value == pytest.approx(truth)
    # 她很开心 in 她笑得很开心: 4 of 6 and 4 of 4 characters; 他很生气 in 他在喊很生气: 4 of 4 and 4 of 6.
    assert found["ROUGE-L"].value == pytest.approx(2 * 4 / (6 + 4))
    assert all("by character" in each.note for each in found.values())


def test_a_missing_explanation_counts_as_an_empty_text_and_is_counted() -> None:
    found, whole = scores(REFERENCES, [EXPLAINED[0], None, EXPLAINED[2]]), scores(REFERENCES, [*EXPLAINED])
    assert (found["ROUGE-L"].n, found["ROUGE-L"].n_failed) == (3, 1)
    rouge = [RougeScorer(["rougeL"]).score(REFERENCES[at], EXPLAINED[at])["rougeL"].fmeasure for at in (0, 2)]
    assert found["ROUGE-L"].value == pytest.approx(sum(rouge) / 3)
    assert found["BLEU-1"].value is not None and whole["BLEU-1"].value is not None
    assert found["BLEU-1"].value < whole["BLEU-1"].value
    assert scores(REFERENCES, [*EXPLAINED], more={"emer-v2/x": "He laughs."})["ROUGE-L"].n_failed == 1
    nothing = scores(REFERENCES, [None] * 3)
    assert (nothing["BLEU-4"].value, nothing["ROUGE-L"].value, nothing["ROUGE-L"].n_failed) == (0.0, 0.0, 3)


def test_references_without_words_are_skipped_and_counted() -> None:
    found = scores(["...", *REFERENCES[:2]], ["x", *EXPLAINED[:2]])
    assert (found["ROUGE-L"].n, found["ROUGE-L"].n_skipped, found["BLEU-1"].n) == (2, 1, 2)
    assert scores(["...", ""], ["x", "y"]) == {}


def test_two_languages_are_not_mixed() -> None:
    items = [
        Item("a", "emer-v2", facts={"reference": "She is happy.", "language": "en"}),
        Item("b", "emer-v2", facts={"reference": "她很开心。", "language": "zh"}),
    ]
    steps = {"explain": {"a": Step("a", "", "She is happy."), "b": Step("b", "", "她很开心。")}}
    found = {score.name: score for score in text_scores(items, steps)}
    assert found["ROUGE-L, en"].value == found["ROUGE-L, zh"].value == 1.0 and found["ROUGE-L, zh"].n == 1


def test_without_the_packages_there_is_a_note_and_rouge(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("sacrebleu", "nltk"):
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError):
        importlib.import_module("sacrebleu.metrics")
    found = scores(REFERENCES, [*EXPLAINED])
    for name in (*NAMES, "METEOR without synonyms"):
        assert found[name].value is None and found[name].n == 3 and "pip install '.[text]'" in found[name].note
    assert found["ROUGE-L"].value is not None


def test_they_stand_last_in_a_run_and_not_where_no_reference_is_used(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", 3)
    given = [*EMER.items(Source(data))]
    steps = {"explain": {item.id: Step(item.id, "", "he laughs") for item in given}}
    found = EMER.score(given, {**steps, "clue_overlap": {}}, Source(data))
    assert isinstance(found, EmerScores)
    assert [score.name for score in found.parts[0].scores][-6:] == [*NAMES, "METEOR without synonyms", "ROUGE-L"]
    emer_run(data, tmp_path / "run")
    without = emer(overlap=False).score(given, steps, Source(data))
    assert isinstance(without, EmerScores) and without.parts[0].score("ROUGE-L") is None
