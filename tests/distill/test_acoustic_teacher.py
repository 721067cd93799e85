"""The acoustic teacher: the ridge done again by hand, what it does not hear (level), and voices edited on purpose."""

from __future__ import annotations

import hashlib
import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaffect.distill.teacher import open_teacher
from openaffect.distill.teachers.acoustic import WEIGHTS
from openaffect.errors import DataError, InputError, UsageError
from tests import speech


def by_hand(sound: np.ndarray) -> float:
    """The same index in plain Python, from the JSON file alone."""
    from afx_audio.extractors.egemaps import egemaps

    table = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    samples = [float(x) for x in sound]
    rms = math.sqrt(math.fsum(x * x for x in samples) / len(samples))
    found = egemaps(np.array([0.1 * x / rms for x in samples]), 16_000)
    index = table["bias"]
    for name, mean, scale, weight in zip(
        table["features"], table["mean"], table["scale"], table["weights"], strict=True
    ):
        index += weight * min(4.0, max(-4.0, (found[name] - mean) / scale))
    return index


def test_it_is_the_ridge_of_its_file() -> None:
    sound = speech.say(speech.SENTENCES[0])
    assert open_teacher("acoustic")(sound)[0] == pytest.approx(by_hand(sound), abs=1e-9)


def test_it_says_what_it_is() -> None:
    teacher = open_teacher("acoustic")
    assert (teacher.licence, teacher.permissive, teacher.present) == ("Apache-2.0", True, ("arousal",))
    assert teacher.identity == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    assert np.isnan(teacher(speech.say(speech.SENTENCES[1]))).tolist() == [False, True, True]


@pytest.mark.parametrize("decibels", [-30.0, -6.0, 12.0])
def test_level_changes_nothing(decibels: float) -> None:
    teacher, sound = open_teacher("acoustic"), speech.say(speech.SENTENCES[2])
    assert teacher(speech.louder(sound, decibels))[0] == pytest.approx(teacher(sound)[0], abs=1e-4)


def test_breath_in_the_voice_reads_as_less_activation() -> None:
    teacher = open_teacher("acoustic")
    for text in speech.SENTENCES:
        sound = speech.say(text)
        assert teacher(speech.breathy(sound, 10.0))[0] < teacher(sound)[0] - 0.03


def test_a_higher_voice_reads_as_more_activation_on_average() -> None:
    """One sentence alone may go the other way: the ridge holds dozens of features that the pitch moves too."""
    teacher = open_teacher("acoustic")
    steps = [
        teacher(speech.say(text, semitones=5.0))[0] - teacher(speech.say(text))[0] for text in speech.MORE_SENTENCES
    ]
    assert np.mean(steps) > 0.01


def test_the_callers_sound_is_left_alone() -> None:
    sound = speech.say(speech.SENTENCES[0])
    before = sound.copy()
    open_teacher("acoustic")(sound)
    assert np.array_equal(sound, before)


@pytest.mark.parametrize(
    ("sound", "error"),
    [
        (np.zeros(16_000, np.float32), UsageError),
        (np.ones(100, np.float32), InputError),
        (np.full(16_000, np.nan, np.float32), InputError),
        (np.ones((16_000, 2), np.float32), UsageError),
    ],
)
def test_what_is_no_voice_is_refused(sound: np.ndarray, error: type[Exception]) -> None:
    with pytest.raises(error):
        open_teacher("acoustic")(sound)


def without(key: str) -> dict[str, Any]:
    content = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    del content[key]
    return content


def changed(**new: Any) -> dict[str, Any]:
    return json.loads(WEIGHTS.read_text(encoding="utf-8")) | new


@pytest.mark.parametrize(
    "content",
    [[], without("bias"), without("features"), changed(mean=[1.0]), changed(scale="x"), changed(features=["loud"])],
)
def test_a_file_without_a_ridge_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"other\.json"):
        open_teacher(f"acoustic:{path}")


def test_a_file_with_nan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    weights[random.Random(0).randrange(len(weights))] = math.nan
    path.write_text(json.dumps(changed(weights=weights)), encoding="utf-8")
    with pytest.raises(DataError, match="finite"):
        open_teacher(f"acoustic:{path}")


def test_weights_of_ones_own_have_no_licence_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(WEIGHTS.read_text(encoding="utf-8"), encoding="utf-8")
    teacher = open_teacher(f"acoustic:{path}")
    assert (teacher.name, teacher.licence, teacher.permissive) == ("acoustic:mine.json", "", False)
