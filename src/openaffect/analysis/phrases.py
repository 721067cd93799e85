"""A reading as short text: what goes into one cell, cue or annotation."""

from __future__ import annotations

from openaffect.records import Clue, Explanation, Label, Reading, Statement

_WORDS = {
    "en": {
        "abstained": "no label",
        "refused": "the model refused",
        "unsupported": "unsupported",
        "apparent": "apparent",
    },
    "zh": {"abstained": "不作判断", "refused": "模型拒绝回答", "unsupported": "无证据支持", "apparent": "表面情绪"},
}


def number(value: float, digits: int = 3) -> str:
    """Return *value* rounded, without trailing zeros and never as ``-0``.

    >>> number(1.50), number(-0.0001), number(1234.0)
    ('1.5', '0', '1234')
    """
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def labels_text(labels: tuple[Label, ...], *, translated: bool = True) -> str:
    """Return ``"happy 0.62; hopeful 0.4"``; the label's text in the report's language, or its English name."""
    return "; ".join(f"{label.text if translated else label.name} {number(label.confidence, 2)}" for label in labels)


def reading_text(reading: Reading, language: str) -> str:
    """Return the labels of a reading on one line, or the words for "no label"."""
    return labels_text(reading.labels) or _WORDS[language]["abstained"]


def apparent_text(reading: Reading, language: str) -> str:
    """Return the line that a caption shows: ``[apparent: happy, hopeful]``, or ``""`` when there is no label."""
    names = ", ".join(label.text for label in reading.labels)
    return f"[{_WORDS[language]['apparent']}: {names}]" if names else ""


def statements(explanation: Explanation) -> tuple[Statement, ...]:
    """Return all statements in reading order: seen, heard, said, concluded."""
    return explanation.visual + explanation.acoustic + explanation.lexical + explanation.conclusion


def explanation_text(reading: Reading, language: str) -> str:
    """Return explanation, contradictions, and the reason of an abstention or refusal as running text with citations.

    Citations stand in brackets after the sentence: ``The mouth smiles. [C1 C4]``.
    """
    words = _WORDS[language]
    parts = [
        _cited(item.text, item.clues, "" if item.supported else words["unsupported"])
        for item in statements(reading.explanation)
    ]
    parts += [_cited(item.text, item.clues) for item in reading.contradictions]
    if reading.abstained:
        parts.append(f"{words['abstained']}: {reading.abstained}")
    if reading.refused:
        parts.append(f"{words['refused']}: {reading.refused}")
    return " ".join(parts)


def _cited(text: str, clues: tuple[str, ...], note: str = "") -> str:
    marks = [*clues, note] if note else list(clues)
    return f"{text} [{' '.join(marks)}]" if marks else text


def clue_text(clue: Clue) -> str:
    """Return value, unit, baseline and sentence of a clue: ``C3: 2.1 semitone (baseline 0.4). The voice ...``."""
    baseline = "" if clue.baseline is None else f" (baseline {number(clue.baseline)})"
    return f"{clue.id}: {number(clue.value)} {clue.unit}{baseline}. {clue.sentence}"
