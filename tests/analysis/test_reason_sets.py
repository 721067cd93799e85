"""The 48 clue sets: outcomes as a thoughtful person would expect them, written before the reasoner."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.analysis.reasoning_sets import SETS, faults, met, read

from openaffect.emotion.labels import FAMILIES, VOCABULARY
from openaffect.records import Explanation, Label, Reading

KINDS = {"agreement", "sarcasm", "masking", "silence", "one_modality", "weak", "two_people"}


def test_the_sets_are_what_was_asked_for():
    assert len(SETS) == 48
    assert len({case["id"] for case in SETS}) == 48
    assert {case["kind"] for case in SETS} == KINDS
    assert Counter(case["language"] for case in SETS)["zh"] >= 16


def test_every_token_names_something():
    for case in SETS:
        for token in [*(token for group in case["required"] for token in group), *case["forbidden"]]:
            kind, _, what = token.partition(":")
            if kind.endswith("family"):
                assert what in FAMILIES, token
            elif kind.endswith(("label", "shown")):
                # Groups of alternatives may name a word that we do not have; what is forbidden must exist.
                assert what in VOCABULARY or token not in case["forbidden"], token


def test_at_least_44_of_48_pass():
    failed = {case["id"]: wrong for case in SETS if (wrong := faults(case, read(case)))}
    assert len(SETS) - len(failed) >= 44, failed


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_is_given_up(kind):
    mine = [case for case in SETS if case["kind"] == kind]
    passed = sum(not faults(case, read(case)) for case in mine)
    assert passed >= 0.8 * len(mine)


def test_the_judge_can_fail():
    """A reasoner that always says happy, and one that always abstains, must do badly on these sets."""
    happy = Reading(labels=(Label(name="happy", text="happy", family="joy", confidence=0.5, clues=("c1",)),))
    silent = Reading(abstained="no", explanation=Explanation())
    assert sum(not faults(case, happy) for case in SETS) <= 12
    assert sum(not faults(case, silent) for case in SETS) <= 12
    assert met("family:joy", happy)
    assert not met("contradiction", happy)
