"""A deterministic checker of an explanation against its evidence: no model, the same answer every time.

It asks whether cited clues exist, whether what a sentence says of a clue (direction, number, unit, quote, feeling) is
what the clue says, whether everything observable that is named was observed, and whether the clues leave room for the
label.  English and Chinese.  It reads phrases that it knows (``observations.tsv``) and understands no language: an
explanation that it calls sound may still be bad; what it names as a problem comes with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from openaffect.bench.judges.claims import clauses
from openaffect.bench.judges.directions import stance
from openaffect.bench.judges.feelings import entry_of
from openaffect.bench.judges.matching import number_problems, observed_problems, quote_problems
from openaffect.bench.judges.problems import Fault, Problem
from openaffect.records import Clue, Explanation, Record, Statement

Verdict = Literal["sound", "contradicted", "invented", "unsupported"]
_SENTENCE = re.compile(r"[^.!?。！？\n]*(?:\.(?=\d)[^.!?。！？\n]*)*[.!?。！？\n]?[”\"」』]?(?:\s*\[[^\]]*\])*")
_CITED = re.compile(r"\[([^\[\]]{1,200})\]")
_ID = re.compile(r"[A-Za-z]+[-_]?\d+")
_WORST: tuple[Fault, ...] = ("invented", "contradicted", "unsupported")


class Checked(Record):
    """What the checker found; the verdict is the worst fault: invented, contradicted, unsupported, else sound."""

    verdict: Verdict
    problems: tuple[Problem, ...] = ()


def check(
    evidence: Sequence[Clue],
    explanation: Explanation | Sequence[Statement],
    labels: Sequence[str] = (),
    *,
    transcript: str = "",
) -> Checked:
    """Return whether *explanation* of *labels* is carried by *evidence*, with every problem that was found.

    *transcript* is all that was said, so that words may be quoted that no clue holds.

    >>> clue = clue_of({"id": "c1", "name": "f0_level", "value": 27, "baseline": 30, "unit": "semitone"})
    >>> check([clue], [Statement(text="The pitch rises.", clues=("c1",))], ["happy"]).problems[0].text
    "'The pitch rises' says raised; c1 is lowered (27 against 30 semitone)."
    """
    statements, first = _statements(explanation)
    problems = [
        problem
        for at, each in enumerate(statements)
        for problem in _of_statement(at, each, evidence, transcript, at >= first)
    ]
    problems += _unsupported(statements, problems)
    problems += _of_labels(labels, statements, evidence)
    faults = {problem.fault for problem in problems}
    return Checked(verdict=next((fault for fault in _WORST if fault in faults), "sound"), problems=tuple(problems))


def _statements(explanation: Explanation | Sequence[Statement]) -> tuple[tuple[Statement, ...], int]:
    """Return the statements and the number of the first that concludes: in a plain list, the last."""
    if isinstance(explanation, Explanation):
        before = explanation.visual + explanation.acoustic + explanation.lexical
        return before + explanation.conclusion, len(before)
    return tuple(explanation), len(explanation) - 1


def _of_statement(
    at: int, said: Statement, evidence: Sequence[Clue], transcript: str, concluding: bool
) -> Iterable[Problem]:
    known = {clue.id: clue for clue in evidence}
    for name in said.clues:
        if name not in known:
            yield Problem(
                fault="invented", kind="unknown clue", statement=at, clue=name, text=f"there is no clue {name}."
            )
    cited = [known[name] for name in said.clues if name in known]
    yield from quote_problems(at, said.text, evidence, transcript)
    yield from number_problems(at, said.text, cited, evidence, concluding=concluding)
    yield from observed_problems(at, said.text, cited, evidence)


def _unsupported(statements: Sequence[Statement], problems: Sequence[Problem]) -> Iterable[Problem]:
    """Yield the statements that cite nothing and name nothing; the last one may, since it is the conclusion."""
    faulty = {problem.statement for problem in problems}
    for at, said in enumerate(statements[:-1]):
        parts = clauses(said.text)
        if said.clues or at in faulty or any(part.named or part.feelings or part.inferred for part in parts):
            continue
        yield Problem(
            fault="unsupported", kind="no evidence", statement=at, text=f"no clue carries {said.text[:80]!r}."
        )


def _of_labels(labels: Sequence[str], statements: Sequence[Statement], evidence: Sequence[Clue]) -> Iterable[Problem]:
    cited = {name for said in statements for name in said.clues}
    used = [clue for clue in evidence if clue.id in cited] or list(evidence)
    entries = [entry for label in labels if (entry := entry_of(label)) is not None]
    for entry in entries:
        found = stance(entry, used)
        if found.opposed:
            against = ", ".join(found.opposing)
            text = f"{against} speak against '{entry.name}' and no cited clue speaks for it."
            yield Problem(fault="contradicted", kind="label", clue=found.opposing[0], text=text)
    if entries and statements:
        yield from _other_conclusion(len(statements) - 1, statements[-1], [entry.anchor[2] for entry in entries])


def _other_conclusion(at: int, said: Statement, places: Sequence[float]) -> Iterable[Problem]:
    """Yield the problem that the last sentence concludes what all labels are the opposite of."""
    feelings = [f for part in clauses(said.text) if part.inferred for f in part.feelings if not f.denied]
    named = [f.entry.anchor[2] for f in feelings]
    apart = named and all(abs(a) > 0.3 and abs(b) > 0.3 and a * b < 0 for a in named for b in places)
    if apart:
        text = f"the conclusion names '{feelings[0].word}', the label is its opposite."
        yield Problem(fault="contradicted", kind="conclusion", statement=at, text=text)


def statements_of(text: str) -> tuple[Statement, ...]:
    """Return a free *text* as statements: its sentences, with the clues that stand in square brackets after them.

    >>> statements_of("The pitch is up by 2.5 semitones [c1, c2]. So she is glad.")[0]
    Statement(text='The pitch is up by 2.5 semitones .', clues=('c1', 'c2'), supported=True)
    """
    found = []
    for sentence in _SENTENCE.findall(text):
        ids = tuple(dict.fromkeys(name for inside in _CITED.findall(sentence) for name in _ID.findall(inside)))
        if words := _CITED.sub("", sentence).strip():
            found.append(Statement(text=words, clues=ids))
    return tuple(found)


def clue_of(given: Mapping[str, Any]) -> Clue:
    """Return the clue that *given* describes; person, span, confidence and modality may be left out."""
    name = str(given.get("name", ""))
    modality = "visual" if name.startswith(("expression_", "head_")) else "acoustic"
    modality = "lexical" if name.startswith("affect_") or name in ("sentiment", "question", "emphasis") else modality
    whole = {"modality": modality, "person": "P1", "start": 0, "end": 0, "confidence": 1, "sentence": "", "unit": ""}
    return Clue.model_validate(whole | dict(given))
