"""BLEU, ROUGE-L and METEOR against sacrebleu, nltk, rouge-score, and counts by hand."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu
from nltk.translate.meteor_score import single_meteor_score
from rouge_score import rouge_scorer
from tests.metrics.wordnet_files import write_wordnet

from openaffect.errors import DataError, MissingPart, NothingToScore, UsageError
from openaffect.metrics.text import bleu, meteor, rouge_l
from openaffect.metrics.wordnet import WordNet

REFERENCES = [
    "The woman smiles broadly, and her voice rises with excitement.",
    "He frowns; his tone is low and he sighs deeply before he speaks.",
    "At first she looks calm, but her hands tremble and she avoids eye contact.",
]
HYPOTHESES = [
    "The woman smiles and her voice rises, which shows excitement.",
    "He frowns and his tone is low before he speaks.",
    "She looks calm at first but she avoids eye contact and her hands tremble.",
]
CHINESE = ["她笑得很开心，声音也变高了。", "他皱着眉头，语气低沉。"]
CHINESE_GUESS = ["她很开心，声音变高。", "他皱眉，语气很低沉，OK。"]
WORD = st.sampled_from(["he", "she", "smiles", "smiled", "sad", "and", "calm"])
TEXT = st.lists(WORD, min_size=1, max_size=12).map(" ".join)


class NoWordNet:
    def synsets(self, word: str) -> list[object]:
        return []


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_bleu_is_sacrebleus(order: int) -> None:
    theirs = sacrebleu.BLEU(max_ngram_order=order).corpus_score(HYPOTHESES, [REFERENCES])
    found = bleu(REFERENCES, HYPOTHESES, order=order)
    assert found.value == pytest.approx(theirs.score / 100)
    assert found.name == f"BLEU-{order}" and found.n == 3
    assert "tok:13a" in found.made_with and sacrebleu.__version__ in found.made_with


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_bleu_is_nltks_on_words_without_punctuation(order: int) -> None:
    references = [text.replace(",", "").replace(".", "").replace(";", "") for text in REFERENCES]
    hypotheses = [text.replace(",", "").replace(".", "") for text in HYPOTHESES]
    theirs = corpus_bleu(
        [[text.split()] for text in references], [text.split() for text in hypotheses], weights=[1 / order] * order
    )
    assert bleu(references, hypotheses, order=order).value == pytest.approx(theirs)


@given(pairs=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_bleu_1_and_its_brevity_by_counting(pairs: list[tuple[str, str]]) -> None:
    matched = sum((Counter(a.split()) & Counter(b.split())).total() for a, b in pairs)
    long, short = (sum(len(text.split()) for text in column) for column in zip(*pairs, strict=True))
    found = bleu([a for a, _ in pairs], [b for _, b in pairs], order=1).value
    if matched:
        assert found == pytest.approx(matched / short * min(1, math.exp(1 - long / short)))
    else:
        assert found < 0.5 / short + 1e-9


def test_bleu_takes_any_number_of_references() -> None:
    several = [[REFERENCES[0], HYPOTHESES[0]], REFERENCES[1], [REFERENCES[2]]]
    theirs = sacrebleu.BLEU().corpus_score(HYPOTHESES, [REFERENCES, [HYPOTHESES[0], None, None]])
    assert bleu(several, HYPOTHESES).value == pytest.approx(theirs.score / 100)
    assert bleu(several, HYPOTHESES).value > bleu(REFERENCES, HYPOTHESES).value


def test_chinese_bleu_counts_characters() -> None:
    found = bleu(CHINESE, CHINESE_GUESS, language="zh", order=2)
    theirs = sacrebleu.BLEU(tokenize="zh", max_ngram_order=2).corpus_score(CHINESE_GUESS, [CHINESE])
    assert found.value == pytest.approx(theirs.score / 100)
    spaced = [" ".join(text.replace("OK", "X")) for text in CHINESE_GUESS]
    by_hand = corpus_bleu([[list(text)] for text in CHINESE], [text.split() for text in spaced], weights=[0.5, 0.5])
    assert found.value == pytest.approx(by_hand)
    assert found.value > bleu(CHINESE, CHINESE_GUESS, order=2).value


def test_rouge_is_that_of_the_rouge_score_package() -> None:
    scorer = rouge_scorer.RougeScorer(["rougeL"])
    theirs = [scorer.score(a, b)["rougeL"].fmeasure for a, b in zip(REFERENCES, HYPOTHESES, strict=True)]
    found = rouge_l(REFERENCES, HYPOTHESES)
    assert found.by_sample == pytest.approx(theirs) and found.value == pytest.approx(np.mean(theirs))
    several, hypothesis = [REFERENCES[0], HYPOTHESES[0]], "The woman laughs and her voice rises"
    best = scorer.score_multi(several, hypothesis)["rougeL"].fmeasure
    assert rouge_l([several], [hypothesis]).value == pytest.approx(best)


@given(reference=TEXT, hypothesis=TEXT)
def test_rouge_of_any_words(reference: str, hypothesis: str) -> None:
    theirs = rouge_scorer.RougeScorer(["rougeL"]).score(reference, hypothesis)["rougeL"].fmeasure
    found = rouge_l([reference], [hypothesis]).value
    assert found == pytest.approx(theirs)
    assert rouge_l([hypothesis], [reference]).value == pytest.approx(found)
    assert rouge_l([reference] * 3, [hypothesis] * 3).value == pytest.approx(found)
    assert 0 <= found <= 1 and rouge_l([reference], [reference]).value == 1


@given(first=st.text("abc", min_size=1, max_size=70), second=st.text("abc", max_size=70))
def test_rouge_by_the_table_of_the_textbook(first: str, second: str) -> None:
    table = np.zeros((len(first) + 1, len(second) + 1), int)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            table[i + 1, j + 1] = table[i, j] + 1 if a == b else max(table[i, j + 1], table[i + 1, j])
    expected = 2 * table[-1, -1] / (len(first) + len(second))
    assert rouge_l([" ".join(first)], [" ".join(second)]).value == pytest.approx(expected)


def test_chinese_rouge_counts_characters() -> None:
    class Characters:
        def tokenize(self, text: str) -> list[str]:
            return [char for char in text if char.isalnum()]

    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Characters())
    guess = [text.replace("OK", "") for text in CHINESE_GUESS]
    theirs = [scorer.score(a, b)["rougeL"].fmeasure for a, b in zip(CHINESE, guess, strict=True)]
    assert rouge_l(CHINESE, guess, language="zh").by_sample == pytest.approx(theirs)
    # 他皱眉语气很低沉 + ok: nine tokens beside nine, 他皱眉语气低沉 in both
    assert rouge_l(CHINESE[1:], CHINESE_GUESS[1:], language="zh").value == pytest.approx(2 * 7 / (9 + 9))


def test_meteor_is_nltks() -> None:
    found = meteor(REFERENCES, HYPOTHESES)
    theirs = [
        single_meteor_score(
            *(text.translate(str.maketrans("", "", ",.;")).split() for text in pair), wordnet=NoWordNet()
        )
        for pair in zip(REFERENCES, HYPOTHESES, strict=True)
    ]
    assert found.by_sample == pytest.approx(theirs) and found.value == pytest.approx(np.mean(theirs))
    assert found.stages == ("exact", "stem") and "exact+stem" in found.made_with and found.name == "METEOR"


@given(reference=TEXT, hypothesis=TEXT)
def test_meteor_of_any_words(reference: str, hypothesis: str) -> None:
    found = meteor([reference], [hypothesis]).value
    assert found == pytest.approx(single_meteor_score(reference.split(), hypothesis.split(), wordnet=NoWordNet()))
    assert 0 <= found < 1
    assert meteor([[hypothesis, reference]], [hypothesis]).value == pytest.approx(
        1 - 0.5 / len(hypothesis.split()) ** 3
    )


def by_hand(matched: int, reference: int, hypothesis: int, runs: int) -> float:
    precision, recall = matched / hypothesis, matched / reference
    return precision * recall / (0.9 * precision + 0.1 * recall) * (1 - 0.5 * (runs / matched) ** 3)


def test_each_stage_of_meteor_by_hand(tmp_path: Path) -> None:
    reference, hypothesis = ["he was glad and smiled at automobiles"], ["he was happy and smiles at a car"]
    wordnet = write_wordnet(tmp_path)
    exact = meteor(reference, hypothesis, stages=("exact",))
    stem = meteor(reference, hypothesis, stages=("exact", "stem"))
    synonym = meteor(reference, hypothesis, wordnet=wordnet)
    assert exact.value == pytest.approx(by_hand(4, 7, 8, 3))  # he was · and · at
    assert stem.value == pytest.approx(by_hand(5, 7, 8, 2))  # he was · and smiles at
    assert synonym.value == pytest.approx(by_hand(7, 7, 8, 2))  # he was happy and smiles at · car
    assert [one.stages for one in (exact, stem, synonym)] == [
        ("exact",),
        ("exact", "stem"),
        ("exact", "stem", "synonym"),
    ]
    assert "WordNet 0.1" in synonym.made_with
    named = meteor(reference, hypothesis, stages=("exact", "stem", "synonym"), wordnet=str(wordnet))
    assert named == synonym


def test_synonyms_are_nltks_where_stems_are_words(tmp_path: Path) -> None:
    folder = write_wordnet(tmp_path)
    reference, hypothesis = "in grief he will grin and howl", "in sorrow he will sob and grin"
    theirs = single_meteor_score(reference.split(), hypothesis.split(), wordnet=WordNet(folder))
    assert theirs > single_meteor_score(reference.split(), hypothesis.split(), wordnet=NoWordNet())
    assert meteor([reference], [hypothesis], wordnet=folder).value == pytest.approx(theirs)


def test_an_empty_hypothesis_scores_nothing() -> None:
    assert rouge_l(["he smiles", "he"], ["", "he"]).by_sample == (0, 1)
    assert meteor(["he smiles"], ["..."]).value == 0
    assert bleu(["he smiles"], [""]).value == 0


@pytest.mark.parametrize("score", [bleu, rouge_l, meteor])
@pytest.mark.parametrize(
    ("references", "hypotheses", "error", "message"),
    [
        ([], [], NothingToScore, "are empty"),
        (["a"], ["a", "b"], UsageError, "equally long, but 1 and 2 came"),
        ("a", ["a"], UsageError, "put it in a list"),
        (["a"], "a", UsageError, "put it in a list"),
        (["a", " "], ["a", "b"], DataError, "sample 1 has a blank reference"),
        ([[]], ["a"], DataError, "sample 0 must be"),
        (["a"], [None], DataError, "sample 0 must be"),
        ([[3]], ["a"], DataError, "sample 0 must be"),
    ],
)
def test_refuses(
    score: Callable[..., object], references: Any, hypotheses: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        score(references, hypotheses)


def test_refuses_options() -> None:
    with pytest.raises(UsageError, match="order must be"):
        bleu(["a"], ["a"], order=5)
    for score in (bleu, rouge_l):
        with pytest.raises(UsageError, match="'de' came"):
            score(["a"], ["a"], language="de")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="exact, stem, synonym came without a folder"):
        meteor(["a"], ["a"], stages=("exact", "stem", "synonym"))
    with pytest.raises(UsageError, match="stem came without"):
        meteor(["a"], ["a"], stages=("stem",))
    with pytest.raises(UsageError, match="exact came with a folder"):
        meteor(["a"], ["a"], stages=("exact",), wordnet="/nowhere")
    with pytest.raises(UsageError, match="no folder of WordNet files"):
        meteor(["a"], ["a"], wordnet="/nowhere")
    with pytest.raises(DataError, match="check the language"):
        rouge_l(CHINESE, CHINESE)


@pytest.mark.parametrize(("score", "package"), [(bleu, "sacrebleu"), (meteor, "nltk")])
def test_says_how_to_install_what_is_missing(
    score: Callable[..., object], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)  # an import of it now fails
    with pytest.raises(MissingPart, match=rf"needs {package}, .* pip install '\.\[text\]'"):
        score(["a"], ["a"])
    assert rouge_l(["a"], ["a"]).value == 1
