"""Synonyms from a folder of WordNet files, such as ``/usr/share/wordnet`` of Debian's package ``wordnet-base``.

Reads ``index.*``, ``data.*`` and ``*.exc`` as the manual pages wndb(5WN) and morphy(7WN) describe them.  NLTK has a
reader too, but that wants ``lexnames``, which Debian leaves out, a second WordNet among NLTK's own data, and the folder
on a list of allowed ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openaffect.errors import DataError, UsageError

_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "noun": (
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),  # not in the manual, but in NLTK's METEOR
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "verb": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}
"""By part of speech: endings of inflected forms, and those of the words that they may belong to."""


@dataclass(frozen=True)
class Lemma:
    """A word of a `Synset`."""

    word: str

    def name(self) -> str:
        """Return the word, with ``_`` for a blank."""
        return self.word


@dataclass(frozen=True)
class Synset:
    """The words of one meaning, with the methods that NLTK's METEOR calls."""

    words: tuple[Lemma, ...]

    def lemmas(self) -> tuple[Lemma, ...]:
        """Return the words."""
        return self.words


class WordNet:
    """The synsets of one folder; `synsets` is all that METEOR asks of it."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        wanted = [f"{part}.{pos}" for part in ("index", "data") for pos in _ENDINGS] + [
            f"{pos}.exc" for pos in _ENDINGS
        ]
        absent = [name for name in wanted if not (self._folder / name).is_file()]
        if absent:
            raise UsageError(
                f"'{folder}' is no folder of WordNet files, for it lacks {', '.join(absent)}; "
                "give the folder that holds index.noun (Debian: apt install wordnet-base, /usr/share/wordnet)."
            )
        self._offsets = {pos: dict(self._index(pos)) for pos in _ENDINGS}
        self._exceptions = {pos: {line[0]: line[1:] for line in self._lines(f"{pos}.exc") if line} for pos in _ENDINGS}
        self._known: dict[str, list[Synset]] = {}

    @property
    def version(self) -> str:
        """The version that the head of ``data.noun`` names, or ``unknown``."""
        with (self._folder / "data.noun").open(encoding="utf-8", errors="replace") as file:
            head = file.read(2000)
        found = re.search(r"WordNet (\d[\w.+-]*)", head)
        return found[1] if found else "unknown"

    def synsets(self, word: str) -> list[Synset]:
        """Return the meanings of *word* and of the words that it may be a form of; none for an unknown word."""
        if word not in self._known:
            self._known[word] = [
                self._synset(pos, offset)
                for pos, offsets in self._offsets.items()
                for base in self._bases(word.lower(), pos)
                for offset in offsets.get(base, ())
            ]
        return self._known[word]

    def _bases(self, word: str, pos: str) -> dict[str, None]:
        """Return *word* and what it may be an inflected form of, known or not; irregular forms have their list."""
        forms = self._exceptions[pos].get(word)
        if forms is None:
            forms = [word.removesuffix(old) + new for old, new in _ENDINGS[pos] if word.endswith(old)]
        return dict.fromkeys([word, *forms])

    def _index(self, pos: str) -> Iterator[tuple[str, list[int]]]:
        for line in self._lines(f"index.{pos}"):
            try:
                senses = int(line[2])
                yield line[0], [int(offset) for offset in line[-senses:]]
            except (IndexError, ValueError) as error:
                raise self._broken(f"index.{pos}", " ".join(line[:3])) from error

    def _synset(self, pos: str, offset: int) -> Synset:
        name = f"data.{pos}"
        with (self._folder / name).open("rb") as file:
            file.seek(offset)
            fields = file.readline().decode("utf-8", "replace").split()
        try:
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
        except (IndexError, ValueError) as error:
            raise self._broken(name, f"byte {offset}") from error
        # An adjective may carry a mark of where it stands, as in "galore(ip)".
        return Synset(tuple(Lemma(word.partition("(")[0]) for word in words))

    def _lines(self, name: str) -> Iterator[list[str]]:
        with (self._folder / name).open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.startswith(" "):  # the licence at the head of a file
                    yield line.split()

    def _broken(self, name: str, where: str) -> DataError:
        return DataError(f"{self._folder / name} cannot be read at '{where}'; get the WordNet files again.")
