"""One measure: what any two raters both rated, and what several did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np

from openaffect.bench.agreement.figures import Floats, group_figures, pair_figures, scale_of
from openaffect.bench.agreement.ratings import ABSENT, Place, Ratings
from openaffect.bench.agreement.records import LeftOut, MeasureAgreement, PairAgreement
from openaffect.bench.estimates import Draw

At = Mapping[Place, float | str]
"""Place → rating, or why there is none."""


def compare(measure: str, everyone: Mapping[str, Ratings], draw: Draw) -> MeasureAgreement:
    """Return how far all who rated *measure* agree on it; *everyone* is rater → ratings."""
    raters = {name: found[measure] for name, found in everyone.items() if measure in found}
    values = [value for at in raters.values() for value in at.values() if not isinstance(value, str)]
    scale = scale_of(np.array(values, dtype=np.float64))
    pairs = []
    for first, second in combinations(raters, 2):
        shared, left_out = shared_places({name: raters[name] for name in (first, second)})
        one, two = (_column(raters[name], shared) for name in (first, second))
        figures = pair_figures(one, two, list(map(_clip, shared)), scale, draw)
        pairs.append(
            PairAgreement.model_validate(
                {"first": first, "second": second, "n": len(shared), "left_out": left_out, **figures}
            )
        )
    together = None
    if len(raters) > 2:
        places = _places(raters.values())
        table = np.stack([_column(at, places) for at in raters.values()])
        together = group_figures(table, list(map(_clip, places)), scale, draw)
    return MeasureAgreement(measure=measure, scale=scale, pairs=tuple(pairs), together=together)


def shared_places(raters: Mapping[str, At]) -> tuple[list[Place], tuple[LeftOut, ...]]:
    """Return the places that all of *raters* rated, and how many others there are by cause and rater.

    >>> one, two = {("a", 0): 1.0, ("b", 0): "failed"}, {("a", 0): 0.0, ("b", 0): 1.0}
    >>> shared_places({"one": one, "two": two})
    ([('a', 0)], (LeftOut(cause='failed', rater='one', n=1),))
    """
    shared, left_out = [], Counter[tuple[str, str]]()
    for place in _places(raters.values()):
        causes = [(cause, name) for name, at in raters.items() if isinstance(cause := _at(at, place), str)]
        if causes:
            left_out[causes[0]] += 1
        else:
            shared.append(place)
    return shared, tuple(LeftOut(cause=cause, rater=name, n=n) for (cause, name), n in left_out.items())


def _places(raters: Iterable[At]) -> list[Place]:
    """Return every place once; an item whose steps somebody rated is no place by itself."""
    places = dict.fromkeys(place for at in raters for place in at)
    stepped = {name for name, step in places if step}
    return [(name, step) for name, step in places if step or name not in stepped]


def _at(at: At, place: Place) -> float | str:
    # Why an item has no rating holds for all of its steps.
    found = at.get(place, at.get((place[0], 0), ABSENT))
    return ABSENT if place not in at and not isinstance(found, str) else found


def _column(at: At, places: list[Place]) -> Floats:
    found = (_at(at, place) for place in places)
    return np.array([np.nan if isinstance(each, str) else each for each in found], dtype=np.float64)


def _clip(place: Place) -> str:
    """Return the clip of an item: several tasks, parts, and pairs of explanations may be of one clip."""
    name = place[0].partition(" | ")[0]
    return name.partition("/")[2] or name
