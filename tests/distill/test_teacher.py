"""The seat of the teacher: names, functions of the user's own, and what every answer is checked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from openaffect.distill.teacher import TEACHERS, Listener, open_teacher
from openaffect.errors import DataError, InputError, UsageError
from openaffect.lookup import resolve

X = np.linspace(-0.5, 0.5, 1600, dtype=np.float32)


def own(tmp_path: Path, code: str, name: str = "hear") -> str:
    path = tmp_path / "mine.py"
    path.write_text(code)
    return f"{path}:{name}"


@pytest.mark.parametrize("name", TEACHERS)
def test_every_line_of_the_table_leads_to_something_that_opens(name: str) -> None:
    assert callable(resolve(TEACHERS, name, kind="teacher"))


def test_an_unknown_teacher_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown teacher 'odysey', did you mean 'odyssey'\?"):
        open_teacher("odysey:weights")


def test_a_function_of_ones_own(tmp_path: Path) -> None:
    code = "def hear(signal):\n    return [signal.mean(), 2.5, float(len(signal))]\n"
    teacher = open_teacher(own(tmp_path, code))
    assert teacher(X).tolist() == [pytest.approx(0, abs=1e-6), 2.5, 1600.0] and teacher(X).dtype == np.float64
    assert (teacher.name, teacher.licence, teacher.permissive) == ("mine.py:hear", "", False)
    assert teacher.identity == hashlib.sha256(code.encode()).hexdigest()
    assert teacher.present == ("arousal", "dominance", "valence")


def test_an_object_brings_its_facts_and_absent_dimensions_stay_absent(tmp_path: Path) -> None:
    code = (
        "class Mine:\n"
        "    name, licence, permissive, present = 'mine', 'Apache-2.0', True, ['valence', 'arousal']\n"
        "    identity = 'v2'\n"
        "    def __call__(self, signal):\n"
        "        return 0.25, 0.5, 0.75\n"
        "hear = Mine()\n"
    )
    teacher = open_teacher(own(tmp_path, code))
    assert (teacher.name, teacher.identity, teacher.licence, teacher.permissive) == ("mine", "v2", "Apache-2.0", True)
    assert teacher.present == ("arousal", "valence")
    np.testing.assert_array_equal(teacher(X), [0.25, np.nan, 0.75])


def test_a_function_may_lack_a_value_now_and_then(tmp_path: Path) -> None:
    teacher = open_teacher(own(tmp_path, "def hear(signal):\n    return [0.5, float('nan'), 0.5]\n"))
    np.testing.assert_array_equal(teacher(X), [0.5, np.nan, 0.5])


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("[0.1, 0.2]", "must give 3 numbers"),
        ("0.5", "must give 3 numbers"),
        ("None", "must give 3 numbers"),
        ("['a', 'b', 'c']", "must give 3 numbers"),
        ("[True, False, True]", "must give 3 numbers"),
        ("[0.1, float('inf'), 0.2]", "which are no numbers"),
        ("[1][2]", "fails on this sound .IndexError"),
    ],
)
def test_answers_that_are_not_three_numbers(answer: str, part: str, tmp_path: Path) -> None:
    teacher = open_teacher(own(tmp_path, f"def hear(signal):\n    return {answer}\n"))
    with pytest.raises(DataError, match=part):
        teacher(X)


@pytest.mark.parametrize(
    ("attribute", "part"),
    [
        ("present = ('anger',)", "'present' must be some of arousal, dominance, valence"),
        ("present = ()", "'present' must be"),
        ("permissive = 'yes'", "'permissive' must be True or False"),
        ("licence = 3", "'licence' must be text"),
    ],
)
def test_facts_of_another_kind(attribute: str, part: str, tmp_path: Path) -> None:
    code = f"class M:\n    {attribute}\n    def __call__(self, signal):\n        return 0, 0, 0\nhear = M()\n"
    with pytest.raises(UsageError, match=part):
        open_teacher(own(tmp_path, code))


def test_what_cannot_be_called_and_what_is_not_there(tmp_path: Path) -> None:
    spec = own(tmp_path, "hear = 3\nclass Maker:\n    pass\n")
    for wrong in (spec, spec.replace(":hear", ":Maker")):
        with pytest.raises(UsageError, match="cannot be called"):
            open_teacher(wrong)
    with pytest.raises(UsageError, match="has no 'ear'"):
        open_teacher(spec.replace(":hear", ":ear"))
    with pytest.raises(UsageError, match="there is no file"):
        open_teacher("./absent.py:hear")


def test_the_callers_sound_is_untouched_even_by_a_function_that_writes_into_it(tmp_path: Path) -> None:
    teacher = open_teacher(own(tmp_path, "def hear(signal):\n    signal *= 0\n    return 0, 0, 0\n"))
    heard = X.copy()
    teacher(heard)
    np.testing.assert_array_equal(heard, X)


def test_single_precision_is_what_a_teacher_hears() -> None:
    seen = []
    steady = Listener(name="s", identity="", ask=lambda signal: seen.append(signal) or (0, 0, 0))
    steady(X.astype(np.float64))
    assert seen[0].dtype == np.float32 and np.array_equal(seen[0], X)
    with pytest.raises(InputError, match="absurd"):
        steady(np.full(100, 1e300))
    with pytest.raises(InputError, match="at least 1 samples"):
        steady(np.zeros(0, np.float32))


def test_a_teacher_that_may_not_lack_a_value() -> None:
    teacher = Listener(name="strict", identity="", ask=lambda signal: (0.5, np.nan, 0.5))
    with pytest.raises(DataError, match="the teacher strict gave"):
        teacher(X)
