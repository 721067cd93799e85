"""Sentiment against vaderSentiment, an independent lexicon and set of rules, on the hand-labelled English sentences.

The two need not agree; where they say opposite things the hand label decides, and VADER's known misreadings of these
sentences are counted so that one of ours would show.
"""

import csv
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from openaffect.encoders.text import read_affect, sentiment

DATA = Path(__file__).parents[1] / "data"


def sign(score):
    return "+" if score > 0.1 else "-" if score < -0.1 else "0"


@pytest.fixture(scope="module")
def signs():
    vader = SentimentIntensityAnalyzer()
    found = []
    for kind in ("", "_held_out"):
        with (DATA / f"affect_sentences{kind}.tsv").open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["language"] == "en":
                    ours = sign(sentiment(read_affect(row["text"], "en")))
                    theirs = sign(vader.polarity_scores(row["text"])["compound"])
                    found.append((row["text"], row["polarity"], ours, theirs))
    return found


def test_mostly_the_same_sign_where_both_speak(signs):
    both = [(ours, theirs) for _, _, ours, theirs in signs if ours != "0" and theirs != "0"]
    assert len(both) >= 60
    assert sum(ours == theirs for ours, theirs in both) / len(both) > 0.8


def test_where_they_contradict_each_other_ours_is_the_hand_label(signs):
    opposite = [row for row in signs if {row[2], row[3]} == {"+", "-"}]
    assert opposite, "the comparison must be able to fail"
    assert [text for text, label, ours, _ in opposite if ours != label] == []
