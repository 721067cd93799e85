"""A judge's reply as the released metric scripts of MME-Emotion read it, oddities included.

Written from the published behaviour of the scripts, not from their code.
"""

from __future__ import annotations

import re
from typing import Any

from openaffect.bench.tasks.mme.tasks import MmeTask
from openaffect.errors import BrokenRating, HugeRating

_OPEN, _CLOSE = "<score>", "</score>"
# A colon, exactly one blank, exactly one digit over 1; what follows the 1 is not looked at, so 7/10 is 7.
_BINARY = re.compile(r": (\d)/1")
_FRACTION = re.compile(r":\s*(\d+)/(\d+)")


def official_ratings(value: Any, task: MmeTask) -> list[float] | None:
    """Return the ratings in *value*, None without a ``<score>`` block, ``[]`` where the block holds none.

    The scripts skip the entry in both cases.  Raises `BrokenRating` and `HugeRating` where they stop at a number.
    """
    block = score_block(_text(value))
    if block is None:
        return None
    if not task.fractions:
        return [float(digit) for digit in _BINARY.findall(block)]
    return [_ratio(upper, lower) for upper, lower in _FRACTION.findall(block)]


def score_block(text: str) -> str | None:
    r"""Return what stands between the first ``<score>`` and the next ``</score>`` of the same line (``\n``)."""
    for line in text.split("\n"):
        _, tag, rest = line.partition(_OPEN)
        if tag and _CLOSE in rest:
            return rest.partition(_CLOSE)[0]
    return None


def _text(value: Any) -> str:
    try:
        # So None becomes "None", and a list is searched in its printed form.
        return str(value)
    except ValueError as error:  # an integer of thousands of digits
        raise BrokenRating(f"the score is a {type(value).__name__} that cannot be printed: {error}.") from error


def _ratio(upper: str, lower: str) -> float:
    try:
        below = int(lower)
        return int(upper) / below if below else 0.0
    except OverflowError as error:
        raise HugeRating(f"the rating {upper:.20}.../{lower:.20} is too large for a number.") from error
    except ValueError as error:
        raise BrokenRating(f"the rating {upper:.20}/{lower:.20} has too many digits: {error}.") from error
