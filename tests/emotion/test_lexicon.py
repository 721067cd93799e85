"""The affect lexicon: its size, its well-formedness, and tokens and verb forms against cases worked out by hand."""

from collections import Counter
from pathlib import Path

import pytest

import openaffect.emotion.lexicon as lexicon
from openaffect.emotion.labels import VOCABULARY
from openaffect.emotion.lexicon import chinese, english, english_tokens, verb_forms

PLEASANT = {"joy", "love", "pride", "calm"}
UNPLEASANT = {"sadness", "anger", "fear", "disgust", "shame", "boredom"}


@pytest.mark.parametrize(("table", "least"), [(english, 1500), (chinese, 1200)])
def test_it_is_large_and_covers_the_labels(table, least):
    labels = Counter(entry.label for entry in table().values() if entry.kind != "b")
    assert sum(labels.values()) >= least
    assert set(labels) <= set(VOCABULARY)
    assert min(labels.values()) >= 10


@pytest.mark.parametrize("table", [english, chinese])
def test_strength_and_polarity_agree_with_the_label(table):
    for phrase, entry in table().items():
        assert 0 < entry.strength <= 1 and -1 <= entry.polarity <= 1
        family = VOCABULARY[entry.label].family
        if entry.kind != "b" and entry.label not in {"nostalgic", "sympathetic", "jealous"}:
            assert not (family in PLEASANT and entry.polarity < 0), phrase
            assert not (family in UNPLEASANT and entry.polarity > 0), phrase


@pytest.mark.parametrize("file", ["affect.en.tsv", "affect.zh.tsv"])
def test_no_entry_is_listed_twice(file):
    rows = (Path(lexicon.__file__).parent / "data" / file).read_text(encoding="utf-8").splitlines()
    entries = Counter(e for row in rows if not row.startswith("#") for e in row.split("\t")[4].split("|"))
    assert [entry for entry, count in entries.items() if count > 1 or entry != entry.strip() or not entry] == []


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Can't", ["can", "not"]),
        ("won't cannot shan't", ["will", "not", "can", "not", "shall", "not"]),
        ("I’m you're they've", ["i", "am", "you", "are", "they", "have"]),
        ("it's John's", ["it", "is", "john", "'s"]),
        ("n't", ["not"]),
        ("x2 — ok!", ["x", "2", "—", "ok", "!"]),
        ("", []),
    ],
)
def test_tokens(text, tokens):
    found = english_tokens(text)
    assert [token for token, _, _ in found] == tokens
    assert all(0 <= start < end <= len(text) for _, start, end in found)


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("enjoy", ("enjoy", "enjoys", "enjoyed", "enjoying")),
        ("worry", ("worry", "worries", "worried", "worrying")),
        ("hug", ("hug", "hugs", "hugged", "hugging")),
        ("kiss", ("kiss", "kisses", "kissed", "kissing")),
        ("fail", ("fail", "fails", "failed", "failing")),
        ("tease", ("tease", "teases", "teased", "teasing")),
    ],
)
def test_verb_forms(verb, forms):
    assert verb_forms(verb) == forms


def test_a_row_with_an_unknown_label_is_refused(tmp_path):
    table = tmp_path / "affect.en.tsv"
    table.write_text("# head\njoyousness\t0.5\t1\tf\tgleeful\n", encoding="utf-8")
    with pytest.raises(ValueError, match="joyousness"):
        dict(lexicon._rows(table))
