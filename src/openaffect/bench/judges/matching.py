"""The statements of an explanation against the clues: quotes, numbers, what is observed and what it expresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from openaffect.analysis.pull_rows import EXPRESSION_FAMILIES, MEASURES
from openaffect.analysis.pulls import intensity, pull
from openaffect.bench.judges.claims import Clause, Named, clauses, quotes
from openaffect.bench.judges.feelings import Feeling
from openaffect.bench.judges.figures import figures, fits, fits_but_unit, unit_of
from openaffect.bench.judges.observations import LEVELS, WHOLE_VOICE, Move, aspects_of
from openaffect.bench.judges.problems import Problem
from openaffect.emotion.labels import VOCABULARY, closeness
from openaffect.records import Clue

_FACES = ("smile", "frown")
_LOOSE = ("question", "emphasis")
_CONFIDENCE = re.compile(r"\bconfiden|\bcertain|置信度|把握", re.I)
_NOTICED, _HARDLY, _CLEARLY = 0.25, 0.05, 0.4
"""Departures (-1..1): one that may be called a change, none at all, one that cannot be called the usual."""
_SHOWS = 0.25
"""Strength of an expression from which it cannot be denied."""
_MILD = 0.15
_SAID: dict[Move, str] = {"+": "raised", "-": "lowered", "=": "as usual", ".": "there"}


def quote_problems(at: int, text: str, evidence: Sequence[Clue], transcript: str) -> Iterable[Problem]:
    """Yield each quotation that nobody said, as far as the clues and the *transcript* tell."""
    said = [_bare(source) for source in (transcript, *(clue.quote or "" for clue in evidence)) if source]
    shown = [_bare(clue.sentence) for clue in evidence]
    for quote in quotes(text):
        words = _bare(quote)
        held = any(words in one or (one in words and 2 * len(one) >= len(words)) for one in said)
        if words and not held and not any(words in one for one in shown):
            yield Problem(fault="invented", kind="quote", statement=at, text=f"no clue holds the words {quote!r}.")


def _bare(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def number_problems(
    at: int, text: str, cited: Sequence[Clue], evidence: Sequence[Clue], *, concluding: bool = False
) -> Iterable[Problem]:
    """Yield each number that no clue has, or has in another unit.

    A bare number in a conclusion, or beside the word *confidence*, is how sure the writer is, and no measurement.
    """
    sure = concluding or _CONFIDENCE.search(text) is not None
    for stated in figures(text):
        if sure and not stated.unit:
            continue
        pool = cited if any(unit_of(clue) == stated.unit for clue in cited) else evidence
        if any(fits(stated, clue) for clue in (pool or evidence)):
            continue
        other = next((clue for clue in cited if fits_but_unit(stated, clue)), None)
        if other is not None:
            why = f"{stated.written!r}: {other.id} is measured in {other.unit}."
            yield Problem(fault="contradicted", kind="unit", statement=at, clue=other.id, text=why)
        else:
            why = f"no clue that could carry it has the number {stated.written!r}."
            yield Problem(fault="contradicted", kind="number", statement=at, text=why)


def observed_problems(at: int, text: str, cited: Sequence[Clue], evidence: Sequence[Clue]) -> Iterable[Problem]:
    """Yield what is said to be seen or heard and is in no clue, or is otherwise in the clues."""
    for clause in clauses(text):
        for named in clause.named:
            yield from _named(at, clause, named, cited, evidence)
        if not clause.inferred:
            for feeling in clause.feelings:
                yield from _feeling(at, clause, feeling, cited, evidence)
            yield from _tone(at, clause, cited, evidence)


def _named(at: int, clause: Clause, named: Named, cited: Sequence[Clue], evidence: Sequence[Clue]) -> Iterable[Problem]:
    carriers = _carriers(named, evidence)
    if not carriers:
        yield from _absent(at, clause, named, evidence)
        return
    judged = [clue for clue in carriers if clue in cited] or carriers
    wrong = [clue for clue in judged if not _agrees(named, clue)]
    if len(wrong) == len(judged):
        first = wrong[0]
        usual = "" if first.baseline is None else f" against {first.baseline:g}"
        said = f"{'not ' if named.denied else ''}{_SAID[named.move]}"
        why = f"{clause.text!r} says {said}; {first.id} is {_is(named, first)} ({first.value:g}{usual} {first.unit})."
        yield Problem(fault="contradicted", kind="direction", statement=at, clue=first.id, text=why)


def _carriers(named: Named, evidence: Sequence[Clue]) -> list[Clue]:
    if named.aspect == "voice" and named.move != ".":
        whole = [clue for clue in evidence if clue.name in WHOLE_VOICE]
        return whole or [clue for clue in evidence if clue.modality == "acoustic"]
    found = [clue for clue in evidence if named.aspect in aspects_of(clue)]
    if not found and named.aspect == "activation":
        return [clue for clue in evidence if clue.name in (*WHOLE_VOICE, "speaking_rate")]
    if not found and named.aspect in LEVELS and named.move == "." and named.aspect != "head":
        return [clue for clue in evidence if clue.modality == "acoustic"]  # "speech", "volume" with nothing said of it
    return found


def _absent(at: int, clause: Clause, named: Named, evidence: Sequence[Clue]) -> Iterable[Problem]:
    if named.denied or named.aspect in _LOOSE:
        return
    faces = [clue for clue in evidence if clue.name.startswith("expression_")]
    if named.aspect in _FACES and faces:
        why = f"{clause.text!r}: {faces[0].id} shows {faces[0].name.removeprefix('expression_')}."
        yield Problem(fault="contradicted", kind="feeling", statement=at, clue=faces[0].id, text=why)
        return
    why = f"{clause.text!r} names something ({named.aspect.replace('_', ' ')}) that no clue shows."
    yield Problem(fault="invented", kind="observation", statement=at, text=why)


def _agrees(named: Named, clue: Clue) -> bool:
    if named.move == ".":
        return not named.denied or not _shows(named, clue)
    change = _departure(clue)
    if change is None:
        return True
    holds = {"+": change > _HARDLY, "-": change < -_HARDLY, "=": abs(change) < _CLEARLY, ".": True}
    clear = {"+": change >= _NOTICED, "-": change <= -_NOTICED, "=": abs(change) < _HARDLY, ".": True}
    return not clear[named.move] if named.denied else holds[named.move]


def _shows(named: Named, clue: Clue) -> bool:
    """Return whether the clue says that what is denied is there."""
    if named.aspect in _FACES:
        return intensity(clue.value, clue.baseline) >= _SHOWS
    return named.aspect in ("pause", "laughter", "tears", "sigh", "tremor") and clue.value > 0


def _departure(clue: Clue) -> float | None:
    """Return how far the clue departs from the person's usual level, -1..1; None without one."""
    if clue.baseline is None:
        return None
    if clue.name in MEASURES and not clue.points_to:
        return pull(clue).departure
    return float((clue.value > clue.baseline) - (clue.value < clue.baseline))


def _is(named: Named, clue: Clue) -> str:
    change = _departure(clue)
    if named.move == "." or change is None:
        return "there"
    return "raised" if change > _HARDLY else "lowered" if change < -_HARDLY else "as usual"


def _feeling(
    at: int, clause: Clause, feeling: Feeling, cited: Sequence[Clue], evidence: Sequence[Clue]
) -> Iterable[Problem]:
    """Yield the problem that a face or words are said to express what their clues do not."""
    if feeling.about not in ("face", "words"):
        return
    kind = "expression_" if feeling.about == "face" else "affect_"
    pool = [clue for clue in evidence if clue.name.startswith(kind) and clue.name != "expression_change"]
    judged = [clue for clue in pool if clue in cited] or pool
    if not judged:
        return
    agree = [clue for clue in judged if _expresses(clue, feeling)]
    if bool(agree) == feeling.denied and (agree or judged):
        first = (agree or judged)[0]
        why = f"{clause.text!r}: {first.id} shows {first.name.removeprefix(kind)} ({first.value:g})."
        yield Problem(fault="contradicted", kind="feeling", statement=at, clue=first.id, text=why)


def _expresses(clue: Clue, feeling: Feeling) -> bool:
    entry, kind = feeling.entry, clue.name.partition("_")[2]
    if clue.name.startswith("expression_"):
        families = EXPRESSION_FAMILIES.get(kind, {})
        return clue.value >= 0.15 and families.get(entry.family, 0.0) >= 0.2
    other = VOCABULARY.get(kind)
    if other is None:
        return False
    near = other.family == entry.family or closeness(other, entry) >= 0.4
    return near or (not feeling.denied and other.anchor[2] * entry.anchor[2] > 0.1)


def _tone(at: int, clause: Clause, cited: Sequence[Clue], evidence: Sequence[Clue]) -> Iterable[Problem]:
    """Yield the problem that words are called pleasant or unpleasant and their sentiment is the opposite."""
    pool = [clue for clue in evidence if clue.name == "sentiment"]
    judged = [clue for clue in pool if clue in cited] or pool
    if clause.about != "words" or clause.tone == 0 or not judged:
        return
    if all(clause.tone * clue.value < -_MILD for clue in judged):
        why = f"{clause.text!r}: {judged[0].id} is a sentiment of {judged[0].value:+g}."
        yield Problem(fault="contradicted", kind="feeling", statement=at, clue=judged[0].id, text=why)
