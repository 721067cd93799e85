"""Set overlap after a language model has grouped the labels of each clip by meaning (EMER, MER2024-OV)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaffect.brief import brief
from openaffect.emotion.parse import clean_reply, normalise
from openaffect.errors import DataError, MissingPrediction, UndefinedScore
from openaffect.metrics.overlap import Labels, Missing, read_lists, select

Groups = Sequence[Sequence[str]] | str
"""The groups of one clip: lists of labels, or the model's reply as text."""


@dataclass(frozen=True)
class GroupedOverlap:
    """Means over the clips; `average` is (accuracy + recall) / 2, not F1."""

    accuracy: float
    """Mean of |G ∩ P| / |P|, 0 for an empty prediction (the papers call it accuracy; it is set precision)."""
    recall: float
    """Mean of |G ∩ P| / |G|."""
    average: float
    n: int
    n_empty: int
    """Clips with an empty prediction."""
    n_ungrouped: int
    """Distinct labels, counted by clip, that stand in no group and stay themselves."""
    missing: tuple[str, ...] = ()


def grouped_overlap(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    groups: Mapping[str, Groups],
    *,
    missing: Missing = "raise",
) -> GroupedOverlap:
    """Return accuracy and recall of label sets in which the labels of one group count as one.

    Every label becomes the first label of its group; a label in no group stays itself, one in two groups follows the
    **later** one.  Labels are lower-cased.  *groups* maps each clip to its groups.

    Raises `MissingPrediction` (a ``KeyError``) for a clip without groups, and without a prediction unless
    ``missing="count"``; `UndefinedScore` (a ``ZeroDivisionError``) for a clip without true labels.

    >>> scores = grouped_overlap({"a": "happy, calm"}, {"a": "joyful"}, {"a": [["happy", "joyful"], ["calm"]]})
    >>> scores.accuracy, scores.recall, scores.average
    (1.0, 0.5, 0.75)
    """
    absent = select(truth, predictions, missing)
    predictions = {**dict.fromkeys(absent, ""), **predictions}
    names = tuple(truth)
    pairs, empty, ungrouped = [], 0, 0
    wanted, given = read_lists(truth, names, "the labels"), read_lists(predictions, names, "the prediction")
    for name, true_labels, predicted in zip(names, wanted, given, strict=True):
        heads = _heads(name, groups)
        true_words, predicted_words = set(normalise(true_labels)), set(normalise(predicted))
        ungrouped += len((true_words | predicted_words) - heads.keys())
        g = {heads.get(word, word) for word in true_words}
        p = {heads.get(word, word) for word in predicted_words}
        if not g:
            raise UndefinedScore(f"{name!r} has no true label, so its recall does not exist; leave it out or label it.")
        empty += not p
        pairs.append((len(g & p) / len(p) if p else 0.0, len(g & p) / len(g)))
    accuracy, recall = np.mean(pairs, axis=0) if pairs else (np.nan, np.nan)
    return GroupedOverlap(
        float(accuracy), float(recall), float((accuracy + recall) / 2), len(pairs), empty, ungrouped, absent
    )


def parse_groups(text: str) -> list[list[str]]:
    """Return the groups in a model's reply as the official scorer reads them.

    The reply is cleaned (`openaffect.emotion.parse.clean_reply`), split at brackets, each part at quotation marks;
    commas and blanks between are dropped.  So an apostrophe inside a label breaks it in two, and a group without
    quotation marks is one label.

    >>> parse_groups("Output: [['happy', 'joyful'], ['sad']]")
    [['happy', 'joyful'], ['sad']]
    """
    parts = re.split(r"[\[\]]", clean_reply(text))
    groups = [[piece for label in re.split(r"['\"]", part) if (piece := label.strip(", "))] for part in parts]
    return [group for group in groups if group]


def _heads(name: str, groups: Mapping[str, Groups]) -> dict[str, str]:
    """Return label → first label of its group for one clip; a later group overwrites an earlier one."""
    if name not in groups:
        raise MissingPrediction(f"{name!r} has no groups; give an empty list if every label stands for itself.")
    found = groups[name]
    lists = parse_groups(found) if isinstance(found, str) else found
    if not isinstance(lists, list | tuple) or not all(isinstance(group, list | tuple) for group in lists):
        raise DataError(f"the groups of {name!r} must be lists of labels or text, {brief(found)} came.")
    return {label: words[0] for words in map(normalise, lists) if words for label in words}
