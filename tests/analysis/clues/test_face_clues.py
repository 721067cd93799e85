"""Visual clues from made curves, whose means, peaks and changes are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.analysis.clues import expression, head
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.encoders.tracks import FaceTrack
from openaffect.runtime.faces import EXPRESSIONS


def track(curve: np.ndarray, *, motion: float = 0.1, trust: float = 0.9) -> FaceTrack:
    """A face of ten pictures a second; rows of *curve* are probabilities."""
    n = len(curve)
    flat = np.full(n, 0.95, np.float32)
    moved = np.full(n, motion, np.float32)
    moved[0] = np.nan
    boxes = np.tile(np.array([10, 10, 50, 50], np.float32), (n, 1))
    return FaceTrack(
        "F1", np.arange(n) / 10, boxes, curve.astype(np.float32), flat, moved, flat, np.full(n, trust, np.float32)
    )


def mostly(name: str, value: float, n: int) -> np.ndarray:
    rows = np.full((n, 7), (1 - value) / 6)
    rows[:, EXPRESSIONS.index(name)] = value
    return rows


def read(face: FaceTrack, start: float, end: float, language: str = "en") -> Evidence:
    turn = Turn("P1", start, end, face="F1")
    return Evidence(duration=float(face.times[-1]), language=language, faces={"F1": face}, turns=(turn,))  # type: ignore[arg-type]


def test_value_baseline_peak_and_detail_are_those_of_the_curve() -> None:
    curve = np.concatenate([mostly("neutral", 0.88, 30), mostly("happy", 0.8, 10)])
    curve[35] = mostly("happy", 0.9, 1)
    evidence = read(track(curve), 3.0, 3.95)
    clues = expression.extract(evidence, evidence.turns[0])
    assert [clue.name for clue in clues] == ["expression_happy"]
    (clue,) = clues
    happy = curve[:, EXPRESSIONS.index("happy")]
    assert clue.value == pytest.approx(happy[30:].mean(), abs=1e-4)
    assert clue.baseline == pytest.approx(happy.mean(), abs=1e-4)
    assert clue.peak == 3.5 and clue.detail["peak_value"] == pytest.approx(0.9)
    assert sum(clue.detail[name] for name in EXPRESSIONS) == pytest.approx(1, abs=1e-3)
    for part in ("apparent", "0.81", f"own average {happy.mean():.2f}"):
        assert part in clue.sentence


def test_a_turn_that_is_nearly_all_has_no_baseline() -> None:
    evidence = read(track(mostly("sad", 0.7, 20)), 0.0, 2.0)
    (clue,) = expression.extract(evidence, evidence.turns[0])
    assert clue.baseline is None and "average" not in clue.sentence
    (moved,) = head.extract(evidence, evidence.turns[0])
    assert moved.baseline is None


def test_a_blend_gives_two_clues_and_a_tie_is_less_sure() -> None:
    blend = np.zeros((20, 7))
    blend[:, EXPRESSIONS.index("surprised")], blend[:, EXPRESSIONS.index("happy")] = 0.55, 0.45
    evidence = read(track(blend), 0.0, 2.0)
    clues = expression.extract(evidence, evidence.turns[0])
    assert [clue.name for clue in clues] == ["expression_surprised", "expression_happy"]
    plain = read(track(mostly("surprised", 0.95, 20)), 0.0, 2.0)
    assert expression.extract(plain, plain.turns[0])[0].confidence > clues[0].confidence


def test_confidence_is_its_formula_and_weak_expressions_are_capped() -> None:
    face = track(mostly("disgusted", 0.94, 20), trust=0.8)
    inside = np.arange(20) < 9
    found = expression.confidence(face, inside, EXPRESSIONS.index("disgusted"))
    assert found == pytest.approx(0.4 * 0.8 * 9 / 10 * 0.94 / 0.95, abs=1e-3)
    sure = track(mostly("happy", 1.0, 1000), trust=1.0)
    assert 0.8 < expression.confidence(sure, np.ones(1000, bool), 1) <= 0.85


def test_a_change_is_told_with_its_direction() -> None:
    curve = np.concatenate([mostly("sad", 0.9, 15), mostly("happy", 0.9, 15)])
    for language, words in (("en", ("from sad towards happy",)), ("zh", ("悲伤", "高兴"))):
        evidence = read(track(curve), 0.0, 3.0, language)
        change = expression.extract(evidence, evidence.turns[0])[-1]
        assert change.name == "expression_change" and all(word in change.sentence for word in words)
        assert change.value == pytest.approx(0.9 - 0.1 / 6, abs=1e-3)
        assert change.detail == {"from_sad": pytest.approx(0.9), "to_happy": pytest.approx(0.9)}
    steady = read(track(mostly("sad", 0.9, 30)), 0.0, 3.0)
    assert [clue.name for clue in expression.extract(steady, steady.turns[0])] == ["expression_sad"]


def test_nothing_is_read_into_a_face_turned_away_or_not_there() -> None:
    turned = read(track(mostly("sad", 0.9, 20), trust=0.1), 0.0, 2.0)
    assert expression.extract(turned, turned.turns[0]) == []
    elsewhere = read(track(mostly("sad", 0.9, 20)), 5.0, 7.0)
    assert expression.extract(elsewhere, elsewhere.turns[0]) == []
    assert head.extract(elsewhere, elsewhere.turns[0]) == []
    nobody = Turn("P2", 0.0, 2.0, face=None)
    assert expression.extract(turned, nobody) == head.extract(turned, nobody) == []


def test_a_still_image_has_an_expression_and_no_motion() -> None:
    evidence = read(track(mostly("happy", 0.9, 1)), 0.0, 0.0)
    (clue,) = expression.extract(evidence, evidence.turns[0])
    assert clue.name == "expression_happy" and 0.2 < clue.confidence < 0.5
    assert head.extract(evidence, evidence.turns[0]) == []


def test_motion_is_the_median_against_the_own_median() -> None:
    face = track(mostly("neutral", 0.9, 40))
    face.motion[20:30] = 0.5
    evidence = read(face, 2.0, 2.95)
    (clue,) = head.extract(evidence, evidence.turns[0])
    assert (clue.value, clue.baseline) == pytest.approx((0.5, 0.1))
    assert "0.50" in clue.sentence and "0.10" in clue.sentence
    chinese = read(face, 2.0, 2.95, "zh")
    assert "脸宽" in head.extract(chinese, chinese.turns[0])[0].sentence


@given(st.integers(1, 40), st.integers(0, 10**6), st.floats(0, 4), st.floats(0, 4))
def test_clues_hold_their_promises_on_any_curve(n: int, seed: int, one: float, other: float) -> None:
    curve = np.random.default_rng(seed).dirichlet(np.full(7, 0.3), n)
    evidence = read(track(curve), min(one, other), max(one, other))
    for clue in [*expression.extract(evidence, evidence.turns[0]), *head.extract(evidence, evidence.turns[0])]:
        assert 0 <= clue.confidence <= 0.85
        assert clue.peak is None or clue.start <= clue.peak <= clue.end
        assert clue.value >= 0 and clue.sentence
