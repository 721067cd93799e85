"""A ranking from pairwise answers, and whether the judge that gave them looked at the texts or at their places.

Each pair of a clip is answered in both orders.  A pair whose two answers name different explanations is a tie and is
counted as inconsistent: the judge looked at the place and not at the text.  A pair with a failed answer is left out and
counted.  Clips are resampled for the intervals, each with all its pairs, for these are no independent observations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaffect.bench.estimates import Estimate
from openaffect.bench.judges.preference import Answer, Better, Question
from openaffect.errors import DataError
from openaffect.metrics.agreement import bradley_terry
from openaffect.metrics.columns import Floats
from openaffect.metrics.interval import bootstrap, bootstrap_weights
from openaffect.metrics.resampling import percentiles
from openaffect.records import Record, Score

Given = Mapping[tuple[str, str, str], Better | None]
"""Clip, first, second → the answer, None where there is none."""
LEVEL = 0.95
_CREDIT: Mapping[Better, float] = {"first": 1.0, "second": 0.0, "neither": 0.5}


@dataclass(frozen=True)
class _Pair:
    """Two explanations of a clip, with the answers in both orders."""

    clip: str
    one: str
    other: str
    there: Better
    back: Better

    @property
    def won(self) -> float:
        """What `one` gets: 1, 0, or 0.5 for a tie."""
        share = (_CREDIT[self.there] + 1 - _CREDIT[self.back]) / 2
        return 1.0 if share > 0.5 else 0.0 if share < 0.5 else 0.5

    @property
    def same(self) -> bool:
        """Whether both orders have the same verdict."""
        return _CREDIT[self.there] == 1 - _CREDIT[self.back]


class PreferenceScores(Record):
    """A ranking and what it takes to trust it."""

    ranking: tuple[str, ...]
    strengths: dict[str, Estimate]
    """Bradley-Terry strengths, which sum to 1, with intervals over clips; empty where no pair was answered."""
    n_pairs: int
    """Pairs that were answered in both orders."""
    n_ties: int
    """Pairs of these that count half for each, the inconsistent ones among them."""
    n_inconsistent: int
    """Pairs in which the same place won both times."""
    n_failed: int
    """Pairs without two answers; they are in no figure."""
    consistent: Score
    """Share of the pairs with the same verdict in both orders; "neither" beside a choice is another verdict."""
    first_place: Score
    """Share of the answers that choose in which the first place wins; 0.5 is no position bias."""
    prior: float
    resamples: int
    seed: int


def aggregate(
    answers: Iterable[tuple[Question, Answer]], *, prior: float = 0.5, resamples: int = 1000, seed: int = 0
) -> PreferenceScores:
    """Return the ranking that *answers* make, each pair in both orders.

    *prior* wins are added to every ordered pair, so that a model that never lost has a strength too; with 0 the
    strengths have no intervals, since in some draws they would not exist.  Raises `DataError` for a model that is
    compared with itself, and as `bradley_terry` does.

    >>> from openaffect.bench.judges.preference import questions
    >>> good = {"m": "first", "n": "second"}
    >>> asked = questions({"a": {"m": "", "n": ""}})
    >>> found = aggregate((q, Answer(better=good[q.first])) for q in asked)
    >>> found.ranking, found.strengths["m"].value, found.consistent.value
    (('m', 'n'), 0.75, 1.0)
    """
    given: Given = {(q.clip, q.first, q.second): answer.better for q, answer in answers}
    asked, pairs = _pairs(given)
    chosen = [(clip, better == "first") for (clip, *_), better in given.items() if better in ("first", "second")]
    strengths = _strengths(pairs, prior, resamples, seed)
    return PreferenceScores(
        # Of equals, the one that stands first in the table.
        ranking=tuple(sorted(strengths, key=lambda name: -round(strengths[name].value or 0, 9))),
        strengths=strengths,
        n_pairs=len(pairs),
        n_ties=sum(pair.won == 0.5 for pair in pairs),
        n_inconsistent=sum(pair.there == pair.back != "neither" for pair in pairs),
        n_failed=asked - len(pairs),
        consistent=_share("same verdict in both orders", [(pair.clip, pair.same) for pair in pairs], resamples, seed),
        first_place=_share("first place wins", chosen, resamples, seed),
        prior=prior,
        resamples=resamples,
        seed=seed,
    )


def _pairs(given: Given) -> tuple[int, list[_Pair]]:
    """Return how many pairs were asked, and those with two answers."""
    seen: dict[tuple[str, frozenset[str]], tuple[str, str, str]] = {}
    for clip, one, other in given:
        if one == other:
            raise DataError(f"'{one}' is compared with itself on clip '{clip}'; give two different models.")
        seen.setdefault((clip, frozenset((one, other))), (clip, one, other))
    found = []
    for clip, one, other in seen.values():
        there, back = given.get((clip, one, other)), given.get((clip, other, one))
        if there is not None and back is not None:
            found.append(_Pair(clip, one, other, there, back))
    return len(seen), found


def _strengths(pairs: Sequence[_Pair], prior: float, resamples: int, seed: int) -> dict[str, Estimate]:
    """Return the strength of everybody in *pairs*, none without pairs."""
    if not pairs:
        return {}
    names = list(dict.fromkeys(name for pair in pairs for name in (pair.one, pair.other)))
    clips = list(dict.fromkeys(pair.clip for pair in pairs))
    place = {name: at for at, name in enumerate([*names, *clips])}
    # By clip: how often the row was preferred to the column.
    wins = np.zeros((len(clips), len(names), len(names)))
    for pair in pairs:
        won = wins[place[pair.clip] - len(names)]
        won[place[pair.one], place[pair.other]] += pair.won
        won[place[pair.other], place[pair.one]] += 1 - pair.won
    values = _ranked(wins.sum(axis=0), prior)
    drawn = np.full((1, len(names)), np.nan)
    if prior > 0 and len(clips) > 1:
        weights = bootstrap_weights(len(clips), n=resamples, seed=seed)
        drawn = np.array([_ranked(np.tensordot(each, wins, axes=1), prior) for each in weights])
    edges = [percentiles(column[~np.isnan(column)], LEVEL) for column in drawn.T]
    return {
        name: Estimate(value=value, low=_known(low), high=_known(high), n=len(clips))
        for name, value, (low, high) in zip(names, values.tolist(), edges, strict=True)
    }


def _ranked(wins: Floats, prior: float) -> Floats:
    return np.array(list(bradley_terry(wins, prior=prior).strengths.values()))


def _share(name: str, hits: Sequence[tuple[str, bool]], resamples: int, seed: int) -> Score:
    """Return the share of hits among (clip, hit), with its interval over clips."""
    if not hits:
        return Score(name=name, value=None, n=0, note="nothing to take a share of")
    value = np.array([hit for _, hit in hits], dtype=np.float64)
    found = bootstrap(
        lambda weights: float(weights @ value / weights.sum()),
        len(hits),
        takes="weights",
        groups=[clip for clip, _ in hits],
        n=resamples,
        level=LEVEL,
        seed=seed,
    )
    several = (found.n_groups or 0) > 1
    return Score(
        name=name,
        value=found.value,
        low=found.low if several else None,
        high=found.high if several else None,
        n=len(hits),
        note="" if several else "one clip: no interval",
    )


def _known(edge: float) -> float | None:
    return None if np.isnan(edge) else edge
