"""Emotion wheels: from any word for an emotion to the cluster of a wheel on which scores are compared.

Three mappings, as the open-vocabulary benchmarks (OV-MER, AffectGPT, MER2025, MER2026) define them:

- **M1** `Wheels.form`: an inflected form to its base word (*angered* → *anger*),
- **M2** `Wheels.synonym`: the base word to the wheel word that it is a synonym of,
- **M3** `Wheels.cluster`: the label to the cluster of one wheel, at level 1 (inner ring) or level 2.

A label is looked up **as written**; the scores lower-case and strip it first.  Unknown labels map to None.

The official tables are not part of this package: `load_wheels` reads them from a folder of yours and tells the edition
by its hash.  `bundled_wheel` is our own small wheel, for grouping labels without any download; a score taken with it
is never an official one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from openaffect.errors import UsageError
from openaffect.lookup import suggest

Level = Literal[1, 2]
Row = tuple[str, str, str]
"""A row of a wheel, blanks filled: the words of level 1, level 2 and level 3."""
Entry = tuple[str | None, ...]
"""What a label maps to: M1, M2, then level 1 and level 2 of each wheel."""

_TABLES = "openaffect.datasets.wheel_tables"
# The files are read two floors above this one (xlsx has no place here), so the reader is found by its name.


@dataclass(frozen=True)
class Wheels:
    """The mappings of one set of tables; build it with `load_wheels`, `bundled_wheel` or `Wheels.build`."""

    edition: str
    """``"2025"``, ``"2026"``, or another name for tables that are not official."""
    sha256: str
    """Hash of the tables, which every score carries."""
    count: int
    """Number of wheels."""
    entries: Mapping[str, Entry] = field(repr=False)
    """Label → M1, M2, then for each wheel its cluster at level 1 and at level 2."""

    @property
    def official(self) -> bool:
        """Whether these are the tables that the benchmarks publish."""
        return self.edition in ("2025", "2026")

    def form(self, label: str) -> str | None:
        """Return M1: the alphabetically first base word that *label* is a form of, or None.

        >>> bundled_wheel().form("sadness")
        'sad'
        """
        return self._at(label, 0)

    def synonym(self, label: str) -> str | None:
        """Return M2: the alphabetically first wheel word that the base word of *label* is a synonym of, or None."""
        return self._at(label, 1)

    def cluster(self, label: str, wheel: int = 1, level: int = 1) -> str | None:
        """Return M3: the cluster of *label* on *wheel* (1, 2, ...) at *level* (1 or 2), or None.

        All base words of *label* and all their wheel words are tried in alphabetical order; the first that lies on the
        wheel decides.  M3 therefore does not pass through M2.  Raises `UsageError` for a wheel or level there is not.

        >>> bundled_wheel().cluster("furious")
        'anger'
        """
        return self._at(label, self._column(wheel, level))

    def mapping(self, name: str) -> Callable[[str], str | None]:
        """Return the mapping called *name*: ``"M1"``, ``"M2"``, or ``"M3-W2-L1"`` (wheel 2, level 1)."""
        if name not in self.names:
            near = suggest(name, self.names) or "."
            raise UsageError(f"unknown mapping '{name}'{near} Known: {', '.join(self.names)}.")
        return partial(self._at, column=self.names.index(name))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all mappings: M1, M2, then M3 by wheel and level (twelve for five wheels)."""
        return ("M1", "M2", *(f"M3-W{wheel}-L{level}" for wheel in range(1, self.count + 1) for level in (1, 2)))

    def _column(self, wheel: int, level: int) -> int:
        if wheel not in range(1, self.count + 1) or level not in (1, 2):
            raise UsageError(f"these tables have wheels 1 to {self.count} and levels 1 and 2; {wheel}, {level} came.")
        return 2 * wheel + level - 1

    def _at(self, label: str, column: int) -> str | None:
        entry = self.entries.get(label)
        return None if entry is None else entry[column]

    @classmethod
    def build(
        cls,
        *,
        edition: str,
        sha256: str,
        forms: Mapping[str, Iterable[str]],
        words: Mapping[str, Iterable[str]],
        wheels: Sequence[Sequence[Row]],
    ) -> Wheels:
        """Return the mappings that three tables make.

        *forms*: each form → the base words it belongs to (a base word is a form of itself, so list it too).
        *words*: each base word → the wheel words it is a synonym of.
        *wheels*: each wheel as its rows in file order.

        >>> rows = [("sad", "lonely", "left out"), ("glad", "proud", "bold")]
        >>> made = Wheels.build(edition="mine", sha256="", forms={"glad": ["glad"], "gladly": ["glad"]},
        ...                     words={"glad": ["proud", "bold"]}, wheels=[rows])
        >>> made.form("gladly"), made.synonym("gladly"), made.cluster("gladly", 1, 2)
        ('glad', 'bold', 'proud')
        """
        maps = [cluster_map(rows, level) for rows in wheels for level in (1, 2)]
        entries = {form: _entry(set(bases), words, maps) for form, bases in forms.items()}
        return cls(edition=edition, sha256=sha256, count=len(wheels), entries=entries)


def _entry(bases: set[str], words: Mapping[str, Iterable[str]], maps: Sequence[Mapping[str, str]]) -> Entry:
    first = min(bases)
    on_wheels = sorted({word for base in bases for word in words.get(base, ())})
    clusters = (next((each[word] for word in on_wheels if word in each), None) for each in maps)
    return (first, min(words.get(first, ()), default=None), *clusters)


def cluster_map(rows: Sequence[Row], level: int) -> dict[str, str]:
    """Return word → cluster for one wheel at *level* 1 or 2.

    The wheel is walked from the inner ring outwards: level-1 names in the order of the rows, in each its level-2 names
    as they first appear, in each of those its level-3 words; what is written later overwrites.

    Level 1 sends every word to its level-1 name.  Level 2 sends a level-1 name to the alphabetically first of its
    level-2 names, a level-2 name to itself, and a level-3 word to its level-2 name.

    >>> cluster_map([("sad", "lonely", "isolated"), ("sad", "hurt", "let down")], 2)
    {'sad': 'hurt', 'lonely': 'lonely', 'isolated': 'lonely', 'hurt': 'hurt', 'let down': 'hurt'}
    """
    tree: dict[str, dict[str, list[str]]] = {}
    for first, second, third in rows:
        tree.setdefault(first, {}).setdefault(second, []).append(third)
    found: dict[str, str] = {}
    for first, branches in tree.items():
        found[first] = first if level == 1 else min(branches)
        for second, leaves in branches.items():
            name = first if level == 1 else second
            found |= dict.fromkeys([second, *leaves], name)
    return found


def load_wheels(folder: str | Path) -> Wheels:
    """Return the official tables in *folder* (``format.csv``, ``synonym.xlsx``, ``wheel1.xlsx`` … ``wheel5.xlsx``).

    The edition, 2025 or 2026, is told by the sha256 of the files; what was parsed is cached by that hash.  Raises
    `openaffect.errors.DataError` when a file is missing or is not the published one, naming it.
    """
    return _tables().load(Path(folder))  # type: ignore[no-any-return]


def _tables() -> Any:
    return importlib.import_module(_TABLES)


def bundled_wheel() -> Wheels:
    """Return our own wheel: the families and labels of `openaffect.emotion.labels`, English and Chinese.

    One wheel; level 1 is the family, level 2 the label; ``neutral`` is a family like the others.  The words come from
    ``data/wheel.tsv`` beside this file, which names its sources.  Scores taken with it are not official scores.

    >>> bundled_wheel().cluster("委屈"), bundled_wheel().cluster("neutral"), bundled_wheel().official
    ('sadness', 'neutral', False)
    """
    from openaffect.emotion.bundled import bundled

    return bundled()
