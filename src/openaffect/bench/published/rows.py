"""One line of a leaderboard: a model, or one clip of it, with its scores and what it can be grouped by."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from openaffect.records import Finite, Record

Kind = Literal["generalist", "specialist"]
"""``specialist``: trained for emotion, or for people; ``generalist``: any other model."""


class Row(Record):
    """A model on a benchmark, published or your own; or one clip, with the same fields."""

    name: str
    benchmark: str
    scores: dict[str, Finite]
    """Name → score; the table says on what scale."""
    kind: Kind | None = None
    kind_source: Literal["paper", "openaffect"] | None = None
    """Who says so: the paper, or we."""
    inputs: str = ""
    """Letters of what the model was given: A (sound), V (pictures), T (text); "" where it is not known."""
    size: str = ""
    """Parameters of the language model as stated (``7B``), "" where they are not."""
    source: str = ""
    """The corpus that a clip comes from; "" for a model."""
    scenario: str = ""
    """The kind of scene that a clip shows; "" for a model."""
    steps: Finite | None = None
    """Mean number of steps of a reply."""
    tokens: Finite | None = None
    """Mean number of tokens of a reply."""
    tasks: dict[str, dict[str, Finite]] = Field(default_factory=dict)
    """Task → its scores, steps and tokens, where they were published."""
    published: bool = False
    """Whether the scores are copied from a publication, not measured by this library."""
    citation: str = ""
    date: str = ""
    """When the numbers were published: year, or year and month."""
    second_hand: bool = False
    """Whether the numbers were read in another work than the one that measured them."""
    note: str = ""

    @property
    def billions(self) -> float | None:
        """*size* in billions of parameters, None where it is not stated.

        >>> Row(name="R1-Omni", benchmark="mme-emotion", scores={}, size="0.5B").billions
        0.5
        """
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([BM])", self.size.strip(), re.IGNORECASE)
        return float(match[1]) / (1000 if match[2] in "mM" else 1) if match else None
