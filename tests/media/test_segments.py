"""Span arithmetic against a brute-force picture of the same spans."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.media import segments
from openaffect.media.segments import Span

END = 40
spans = st.lists(
    st.tuples(st.integers(0, END), st.integers(0, END)).map(lambda s: (float(min(s)), float(max(s)))), max_size=12
)


def cells(some: list[Span]) -> set[int]:
    """The unit cells that spans with whole borders cover."""
    return {c for start, end in some for c in range(int(start), int(end))}


def is_tidy(some: list[Span]) -> bool:
    return all(s < e for s, e in some) and all(a[1] <= b[0] for a, b in pairwise(some))


@given(spans)
def test_merge(some: list[Span]) -> None:
    found = segments.merge(some)
    assert cells(found) == cells(some)
    assert is_tidy(found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert segments.total(some) == len(cells(some))


@given(spans, st.integers(0, 5))
def test_merge_over_gaps(some: list[Span], gap: int) -> None:
    found = segments.merge(some, gap=gap)
    assert all(b[0] - a[1] > gap for a, b in pairwise(found))
    assert cells(some) <= cells(found)


@given(spans, spans)
def test_intersect(a: list[Span], b: list[Span]) -> None:
    found = segments.intersect(a, b)
    assert cells(found) == cells(a) & cells(b)
    assert is_tidy(found)


@given(spans, st.integers(0, END), st.integers(0, END))
def test_gaps_and_clip(some: list[Span], start: int, end: int) -> None:
    free, inside = segments.gaps(some, start, end), segments.clip(some, start, end)
    window = set(range(start, end))
    assert cells(free) == window - cells(some)
    assert cells(inside) == window & cells(some)
    assert is_tidy(free)
    assert is_tidy(inside)


@given(spans, st.floats(0.5, 10), st.floats(0, 3))
def test_group(some: list[Span], longest: float, pause: float) -> None:
    found = segments.group(some, longest=longest, pause=pause)
    assert is_tidy(found)
    assert all(e - s <= longest * (1 + 1e-9) for s, e in found)
    assert cells(some) <= {c for s, e in found for c in range(int(s), -int(-e // 1))}
    assert all(s >= 0 and e <= END for s, e in found)


@given(spans, st.floats(0.5, 10))
def test_cut(pauses: list[Span], longest: float) -> None:
    pieces = segments.cut((1.0, 37.0), pauses, longest=longest)
    assert pieces[0][0] == 1.0
    assert pieces[-1][1] == 37.0
    assert all(a[1] == b[0] for a, b in pairwise(pieces))
    assert all(0 < e - s <= longest * (1 + 1e-9) for s, e in pieces)
    assert pieces == segments.cut((1.0, 37.0), pauses[::-1], longest=longest)


def test_cuts_lie_in_pauses_where_there_are_any() -> None:
    pauses = [(float(t), t + 0.4) for t in range(3, 60, 4)]
    pieces = segments.cut((0.0, 60.0), pauses, longest=10.0)
    assert all(any(p[0] <= end <= p[1] for p in pauses) for _, end in pieces[:-1])


def test_a_useless_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        segments.cut((0.0, 1.0), [], longest=0.0)


@given(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_overlap(a: tuple[int, int], b: tuple[int, int]) -> None:
    one, two = (float(min(a)), float(max(a))), (float(min(b)), float(max(b)))
    assert segments.overlap(one, two) == len(cells([one]) & cells([two]))
