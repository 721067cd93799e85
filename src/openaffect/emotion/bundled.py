"""Our own wheel, from ``labels.tsv`` and ``data/wheel.tsv``; see `openaffect.emotion.wheel.bundled_wheel`.

Level 1 is the family, level 2 the label.  M1 sends a form to its English base word (a Chinese word to the label itself,
as Chinese has no forms), M2 the base word to the label.  The table names its sources; nobody has rated it, and a word
stands in it once, with its commonest meaning as a word for an emotion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from openaffect.emotion.labels import Entry, parse_table
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError

_HERE = Path(__file__).parent
_NO_WORD = "-"


@cache
def bundled() -> Wheels:
    """Return the wheel of the two tables that are part of the package; they are read at the first call.

    >>> bundled().form("saddened"), bundled().cluster("开心"), bundled().cluster("fearless")
    ('sad', 'joy', 'pride')
    """
    return read_tables((_HERE / "labels.tsv").read_bytes(), (_HERE / "data" / "wheel.tsv").read_bytes())


def read_tables(labels: bytes, words: bytes) -> Wheels:
    """Return the wheel that *labels* (as ``labels.tsv``) and *words* (as ``data/wheel.tsv``), both in UTF-8, make.

    Its ``sha256`` is that of both tables, one after the other.  Raises `DataError`, with the line, where a row has no
    word or names an unknown label, or where a form stands in the tables twice.

    >>> head = b"name\\tchinese\\tfamily\\tuse\\tarousal\\tdominance\\tvalence\\tparts\\n"
    >>> made = read_tables(head + "sad\\t悲伤\\tsadness\\teveryday\\t0.3\\t0.3\\t0.2\\t-\\n".encode(),
    ...                    b"sad\\tsad\\tsadness|sadly\\nsad\\ttearful\\n")
    >>> made.form("sadly"), made.form("tearful"), made.synonym("tearful"), made.cluster("tearful")
    ('sad', 'tearful', 'sad', 'sadness')
    """
    vocabulary = parse_table(labels.decode("utf-8"))
    bases = {name: entry.name for entry in vocabulary.values() for name in (entry.name, entry.chinese)}
    synonyms = {name: [name] for name in vocabulary}
    for number, label, word, forms in _rows(words.decode("utf-8"), vocabulary):
        base = label if word == _NO_WORD else word
        new = forms if base == label else [word, *forms]
        for form in new:
            if form in bases:
                raise DataError(f"wheel.tsv, line {number}: {form!r} is already a form of {bases[form]!r}; keep one.")
            bases[form] = base
        synonyms[base] = [label]
    return Wheels.build(
        edition="openaffect",
        sha256=hashlib.sha256(labels + words).hexdigest(),
        forms={form: [base] for form, base in bases.items()},
        words=synonyms,
        wheels=[[(entry.family, entry.name, entry.name) for entry in vocabulary.values()]],
    )


def _rows(text: str, vocabulary: Mapping[str, Entry]) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield line number, label, word and further forms of each row."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            continue
        label, _, rest = line.partition("\t")
        word, _, forms = rest.partition("\t")
        if label not in vocabulary or not word:
            raise DataError(f"wheel.tsv, line {number}: {line[:40]!r} is no label of labels.tsv, a tab and a word.")
        yield number, label, word, forms.split("|") if forms else []
