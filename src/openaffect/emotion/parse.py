"""From text to labels: the parser that the official scorers use, and the clean-up of a reply.

`read_labels` is the robust reader beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from openaffect.brief import brief
from openaffect.emotion.label_reader import LabelReading, read_labels
from openaffect.emotion.replies import clean_reply
from openaffect.errors import DataError, UnreadableLabels

__all__ = ["LabelReading", "clean_reply", "normalise", "parse_labels", "read_labels"]


def parse_labels(text: Any) -> list[str]:
    """Return the labels in *text* as the official scorers read them, case and inner blanks untouched.

    A list or an array is returned as a list; an empty string, None and NaN give no labels.  Otherwise one leading ``[``
    and one trailing ``]`` are removed, the rest is split at ``'``, ``"`` and ``,``, pieces are stripped, empty ones
    dropped.  So ``don't care`` becomes ``don`` and ``t care``, and ``;``, ``，`` and ``、`` separate nothing;
    `read_labels` is the reader for people's spelling.

    Raises `UnreadableLabels` (also an ``IndexError``, as in the official code) for the string ``[``, and `DataError`
    for anything that is neither text nor a list.

    >>> parse_labels("['happy', 'sad']"), parse_labels("happy; sad"), parse_labels(None)
    (['happy', 'sad'], ['happy; sad'], [])
    """
    if hasattr(text, "tolist"):
        text = text.tolist()
    if isinstance(text, str):
        return _split(text) if text else []
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return []
    if isinstance(text, list | tuple):
        return list(text)
    raise DataError(f"labels must be a list or a string, {type(text).__name__} came ({brief(text)}).")


def _split(text: str) -> list[str]:
    if text == "[":
        raise UnreadableLabels("the label string '[' holds no list; write [] for no labels.")
    body = text.removeprefix("[").removesuffix("]")
    # Two replacements and a split by one character take half the time of a regular expression.
    parts = body.replace("'", ",").replace('"', ",").split(",")
    return [piece for part in parts if (piece := part.strip())]


def normalise(labels: Iterable[str]) -> list[str]:
    """Return *labels* lower-cased and stripped, as every score of the field compares them.

    Raises `DataError` for a label that is no text.
    """
    found = []
    for label in labels:
        if not isinstance(label, str):
            raise DataError(f"a label must be text, {type(label).__name__} came ({brief(label)}).")
        found.append(label.lower().strip())
    return found
