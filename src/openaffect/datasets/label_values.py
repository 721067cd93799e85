"""Single values of label files: a class, a rating, a list of open labels; checked, with notes on what was odd."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from openaffect.brief import brief
from openaffect.datasets.tables import BLANK
from openaffect.emotion.parse import parse_labels
from openaffect.errors import DataError
from openaffect.lookup import suggest

_TOLERANCE = 1e-4
"""How far a rating may lie outside its scale: single precision and averaging."""


def class_of(value: Any, labels: Sequence[str], where: str) -> tuple[str, str]:
    """Return the class that *value* names in *labels*, by its word or by its place from 0, and a note or "".

    Raises `DataError`, beginning with *where*, for a word or a place that *labels* does not have.

    >>> class_of(2, ("happy", "sad", "neutral"), "")[0]
    'neutral'
    """
    if isinstance(value, str) and value in labels:
        return value, ""
    place, note = value, ""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        place, note = int(value), f"the class is the number {value} written as text"
    if type(place) is int and 0 <= place < len(labels):
        return labels[place], note
    near = suggest(value.strip().lower(), labels) if isinstance(value, str) else ""
    raise DataError(
        f"{where}: {brief(value)} is no class of this data set{near or '.'} "
        f"Its classes are {', '.join(labels)} (0 to {len(labels) - 1})."
    )


def rating_of(value: Any, scale: tuple[float, float], where: str) -> tuple[float, str]:
    """Return the rating *value*, a finite number inside *scale*, and a note or "".

    Raises `DataError`, beginning with *where*, for NaN, for what is no number and for a number outside the scale.

    >>> rating_of("-0.4", (-1, 1), "")
    (-0.4, 'the rating -0.4 is written as text')
    """
    number, note = value, ""
    if isinstance(value, str):
        try:
            number, note = float(value), f"the rating {value} is written as text"
        except ValueError:
            number = None
    low, high = scale
    finite = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
    if not finite or not low - _TOLERANCE <= number <= high + _TOLERANCE:
        raise DataError(f"{where}: a rating between {low:g} and {high:g} was expected, {brief(value)} came.")
    return float(number), note


def labels_of(value: Any, where: object) -> tuple[str, ...]:
    """Return the open labels in *value* as the official scorers parse it; what pandas takes for no value gives none.

    Raises `DataError`, beginning with *where*, for the string ``[``, for numbers and for lists that hold other things
    than text.

    >>> labels_of("['happy', 'at ease']", "")
    ('happy', 'at ease')
    """
    if value is None or (isinstance(value, str) and value.strip() in BLANK):
        return ()
    try:
        found = parse_labels(value)
    except DataError as error:
        raise type(error)(f"{where}: {error}") from error
    if not all(isinstance(label, str) for label in found):
        raise DataError(f"{where}: the labels must be text, {brief(value)} came.")
    return tuple(found)
