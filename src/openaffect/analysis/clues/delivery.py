"""How the words are put: emphasis, questions, written laughter."""

from __future__ import annotations

import re

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.records import Clue

_EMPHASIS = re.compile(
    r"[!！]|\b(?:so|really|very|absolutely|totally|extremely|never ever)\b|太|非常|真的|特别|极了|\b[A-Z]{3,}\b"
)
_LAUGHTER = re.compile(r"\b(?:ha){2,}h?\b|\b(?:he){2,}\b|\blol\b|\blmao\b|[哈呵嘻]{2,}", re.IGNORECASE)
_QUESTION = re.compile(r"[?？]")
_KINDS = (
    ("emphasis", _EMPHASIS, 0.5, "The wording is emphatic ({n} marks).", "措辞带有强调（{n} 处）。"),
    ("question", _QUESTION, 0.5, "The words ask something ({n} questions).", "话语中有提问（{n} 处）。"),
    ("laughter", _LAUGHTER, 0.6, "Laughter is written in the words ({n} times).", "文字中写有笑声（{n} 处）。"),
)


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return a clue for each way of putting it that occurs, with its count; nothing where there are no words."""
    if turn.utterance is None:
        return []
    clues = []
    for name, pattern, sure, english, chinese in _KINDS:
        found = pattern.findall(turn.utterance.text)
        if found:
            sentence = (chinese if evidence.language == "zh" else english).format(n=len(found))
            clues.append(
                Clue(
                    id="",
                    modality="lexical",
                    person=turn.person,
                    start=turn.start,
                    end=turn.end,
                    name=name,
                    value=float(len(found)),
                    unit="count",
                    sentence=sentence,
                    # Punctuation of recognised speech is the recogniser's guess.
                    confidence=sure * (0.7 if turn.utterance.source.startswith("asr:") else 1.0),
                    quote=found[0],
                )
            )
    return clues
