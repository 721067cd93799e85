"""The reader of WordNet files against nltk's, on a small dictionary that the test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nltk.data
import pytest
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from tests.metrics.wordnet_files import write_wordnet

from openaffect.errors import DataError, UsageError
from openaffect.metrics.wordnet import WordNet

KNOWN = ["car", "cars", "automobiles", "man", "men", "cherries", "mice", "mouse", "oxen", "wolves", "grins"]
KNOWN += ["smiled", "weeping", "wept", "went", "goes", "happy", "Glad", "largest", "gladly", "delights", "sobs"]
UNKNOWN = ["cried", "grinning", "happier", "saddest", "nothing", "ed", "s", "ing", ""]


def words_of(meanings: Any) -> set[str]:
    return {lemma.name() for meaning in meanings for lemma in meaning.lemmas()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_wordnet(tmp_path)


@pytest.mark.filterwarnings("ignore:The multilingual functions")
def test_finds_what_nltk_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # nltk reads allowed folders only, and compares with a WordNet of its own that is not installed here.
    monkeypatch.setattr(nltk.data, "path", [*nltk.data.path, str(folder)])
    monkeypatch.setattr(WordNetCorpusReader, "map_wn", lambda self: None)
    theirs, ours = WordNetCorpusReader(str(folder), None), WordNet(folder)
    for word in KNOWN + UNKNOWN:
        assert words_of(ours.synsets(word)) == words_of(theirs.synsets(word)), word
        assert bool(ours.synsets(word)) == (word in KNOWN), word


def test_by_hand(folder: Path) -> None:
    ours = WordNet(str(folder))
    assert words_of(ours.synsets("automobiles")) == {"car", "automobile"}
    assert words_of(ours.synsets("wept")) == {"weep", "cry"}
    assert words_of(ours.synsets("saddest")) == set() and words_of(ours.synsets("sad")) == {"sad", "gloomy"}
    assert words_of(ours.synsets("cherries")) == {"cherry", "Red_Cherry"}
    assert ours.version == "0.1"


def test_refuses_a_folder_that_lacks_files(folder: Path, tmp_path: Path) -> None:
    (folder / "data.verb").unlink()
    with pytest.raises(UsageError, match=r"lacks data\.verb; give the folder"):
        WordNet(folder)
    with pytest.raises(UsageError, match=r"lacks index\.noun"):
        WordNet(tmp_path / "nowhere")


@pytest.mark.parametrize("line", ["broken", "car n x 0 1 0 00000000", "car n 1 0 1 0 zero"])
def test_refuses_a_broken_index(folder: Path, line: str) -> None:
    (folder / "index.noun").write_text(line + "\n", "utf-8")
    with pytest.raises(DataError, match=r"index\.noun cannot be read at"):
        WordNet(folder)


def test_refuses_an_index_of_other_data(folder: Path) -> None:
    (folder / "data.noun").write_text("", "utf-8")
    with pytest.raises(DataError, match=r"data\.noun cannot be read at 'byte"):
        WordNet(folder).synsets("car")


def test_a_version_that_nobody_wrote(folder: Path) -> None:
    text = (folder / "data.noun").read_text("utf-8")
    (folder / "data.noun").write_text(text.replace("WordNet", "Wordlist"), "utf-8")
    assert WordNet(folder).version == "unknown"
