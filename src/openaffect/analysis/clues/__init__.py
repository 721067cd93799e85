"""Clue extractors.  A clue is one file with ``extract(evidence, turn) -> list[Clue]`` and one line here."""

from __future__ import annotations

CLUES: dict[str, str] = {
    "expression": "openaffect.analysis.clues.expression:extract",
    "head": "openaffect.analysis.clues.head:extract",
    "pitch": "openaffect.analysis.clues.pitch:extract",
    "loudness": "openaffect.analysis.clues.loudness:extract",
    "rate": "openaffect.analysis.clues.rate:extract",
    "pauses": "openaffect.analysis.clues.pauses:extract",
    "activation": "openaffect.analysis.clues.activation:extract",
    "voice": "openaffect.analysis.clues.voice:extract",
    "affect": "openaffect.analysis.clues.affect:extract",
    "delivery": "openaffect.analysis.clues.delivery:extract",
}
"""Order of the table is the order of the clues in a report."""
