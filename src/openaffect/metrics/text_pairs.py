"""Hypotheses beside their references, as checked texts and as tokens, and what a score of them is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from openaffect.errors import DataError, MissingPart, NothingToScore, UsageError
from openaffect.metrics.columns import same_length

Language = Literal["en", "zh"]
Stage = Literal["exact", "stem", "synonym"]
References = Sequence[str | Sequence[str]]
"""For each hypothesis its reference, or several."""

_WORDS = {"en": re.compile(r"[a-z0-9]+"), "zh": re.compile(r"[a-z0-9]+|[^\W_]")}


@dataclass(frozen=True)
class TextScore:
    """A figure of text overlap, 0–1."""

    name: str
    """``BLEU-4``, ``ROUGE-L`` or ``METEOR``."""
    value: float
    n: int
    """Samples."""
    by_sample: tuple[float, ...]
    """What `value` is the mean of; empty for BLEU, which counts over all samples at once."""
    made_with: str
    """Tokens, parameters and versions that another figure must share to be comparable."""
    stages: tuple[Stage, ...] = ()
    """The ways in which METEOR matched words."""


def mean_score(name: str, scores: Sequence[float], made_with: str, stages: tuple[Stage, ...] = ()) -> TextScore:
    """Return the mean of the *scores* of samples with what it is made of."""
    return TextScore(name, float(np.mean(scores)), len(scores), tuple(scores), made_with, stages)


def words_of(language: Language) -> re.Pattern[str]:
    """Return the pattern of a token of *language*."""
    if language not in _WORDS:
        raise UsageError(f"language must be 'en' or 'zh', but {language!r} came.")
    return _WORDS[language]


def rows_of(references: References, hypotheses: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the references of each hypothesis, both checked.

    Raises `UsageError` for lists of different length or a bare text, `DataError` for what is no text or a blank
    reference, `NothingToScore` for empty lists.

    >>> rows_of(["sad", ["glad", "happy"]], ["sad", "joyful"])
    [('sad',), ('glad', 'happy')]
    """
    if isinstance(references, str) or isinstance(hypotheses, str):
        raise UsageError("references and hypotheses must be lists of texts, but one text came; put it in a list.")
    same_length(references, hypotheses, ("references", "hypotheses"))
    if not hypotheses:
        raise NothingToScore("references and hypotheses are empty; give at least one text of each.")
    rows = [(row,) if isinstance(row, str) else tuple(row) for row in references]
    for number, (row, hypothesis) in enumerate(zip(rows, hypotheses, strict=True)):
        if not row or not all(isinstance(text, str) for text in (*row, hypothesis)):
            raise DataError(
                f"sample {number} must be a text and one or more references, but {row}, {hypothesis!r} came."
            )
        if not all(text.strip() for text in row):
            raise DataError(f"sample {number} has a blank reference; leave it out.")
    return rows


def token_rows(
    references: References, hypotheses: Sequence[str], words: re.Pattern[str]
) -> list[tuple[list[list[str]], list[str]]]:
    """Return for each sample the tokens of its references and of its hypothesis, in lower case."""
    pairs = []
    for number, (row, hypothesis) in enumerate(zip(rows_of(references, hypotheses), hypotheses, strict=True)):
        tokens = [words.findall(text.lower()) for text in row]
        if not all(tokens):
            raise DataError(
                f"sample {number} has a reference without words, {row}; leave it out or check the language."
            )
        pairs.append((tokens, words.findall(hypothesis.lower())))
    return pairs


def part(module: str, figure: str) -> Any:
    """Return *module*, which *figure* needs; raises `MissingPart` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise MissingPart(
            f"{figure} needs {name}, which is not installed; install it with: pip install '.[text]'"
        ) from error
