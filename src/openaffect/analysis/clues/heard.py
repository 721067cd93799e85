"""What the acoustic clues share: the speech of a turn, the person's own level, confidence and wording."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import finalize

from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders.measures import Summary, signal_to_noise
from openaffect.encoders.prosody import Prosody, Spans, sound_kind
from openaffect.records import Clue

Measure = Callable[[Evidence, Turn], Summary | None]

LEAST_SPEECH_S = 0.3
"""Less speech than this in a turn gives no acoustic clue."""
LEAST_BASELINE_S = 1.0
"""Seconds that the other turns of a person must give before a level counts as the person's own."""
UNKNOWN_VOICE = "unknown"
_MOST_SURE = 0.9

_Result = TypeVar("_Result")
_known: dict[int, dict[Hashable, Any]] = {}


@dataclass(frozen=True)
class Wording:
    """The sentences of one clue in one language.

    Fields: ``value``, ``gap`` (departure without its sign), ``percent`` (the same, of the baseline), ``extra``.
    """

    higher: str
    lower: str
    same: str
    plain: str


def once(evidence: Evidence, key: Hashable, make: Callable[[], _Result]) -> _Result:
    """Return ``make()``, worked out once for *evidence* and *key* and forgotten with the evidence.

    Baselines look at all turns of a person for each turn; without this an hour of talk would take hours.
    """
    if id(evidence) not in _known:
        finalize(evidence, _known.pop, id(evidence), None)
    results = _known.setdefault(id(evidence), {})
    if key not in results:
        results[key] = make()
    found: _Result = results[key]
    return found


def speech_of(evidence: Evidence, turn: Turn) -> Spans:
    """Return the speech inside a turn that belongs to its person; empty where there is none to measure.

    Empty are: a turn without a voice, a turn whose sound is not speech (silence, noise, music), and one with under
    0.3 s of it.  Speech that lies in an utterance of somebody else's voice is left out.
    """
    key = ("speech", turn.start, turn.end, turn.voice, turn.utterance is None)
    return once(evidence, key, lambda: _speech_of(evidence, turn))


def _speech_of(evidence: Evidence, turn: Turn) -> Spans:
    if evidence.prosody is None or turn.voice is None or turn.end <= turn.start:
        return ()
    spans = [(max(a, turn.start), min(b, turn.end)) for a, b in evidence.speech if b > turn.start and a < turn.end]
    if turn.utterance is None:
        for other in evidence.turns:
            if other.utterance is not None and other.voice not in (None, turn.voice):
                spans = [part for span in spans for part in _without(span, other.start, other.end)]
    if sum(b - a for a, b in spans) < LEAST_SPEECH_S:
        return ()
    return tuple(spans) if sound_kind(evidence.prosody, tuple(spans), turn.start, turn.end) == "speech" else ()


def _without(span: tuple[float, float], start: float, end: float) -> list[tuple[float, float]]:
    parts = [(span[0], min(span[1], start)), (max(span[0], end), span[1])]
    return [(a, b) for a, b in parts if b > a]


def of_speech(measure: Callable[[Prosody, Spans, float, float], Summary | None]) -> Measure:
    """Return *measure* for a turn: taken over the speech of the turn, None where there is none."""

    def measured(evidence: Evidence, turn: Turn) -> Summary | None:
        speech = speech_of(evidence, turn)
        if evidence.prosody is None or not speech:
            return None
        return measure(evidence.prosody, speech, turn.start, turn.end)

    return measured


def own_level(evidence: Evidence, turn: Turn, measure: Measure) -> float | None:
    """Return the person's own level of a measure: its mean over all turns of the person, weighted by their seconds.

    None where the person is not known, or where the other turns give less than 1 s to compare with.
    """
    if evidence.prosody is None or turn.voice == UNKNOWN_VOICE:
        return None
    return once(evidence, ("level", measure, turn.person), lambda: _mean_level(evidence, turn.person, measure))


def _mean_level(evidence: Evidence, person: str, measure: Measure) -> float | None:
    found = [one for t in evidence.turns if t.person == person and (one := measure(evidence, t)) is not None]
    total = sum(one.seconds for one in found)
    if len(found) < 2 or total - max(one.seconds for one in found) < LEAST_BASELINE_S:
        return None
    return sum(one.value * one.seconds for one in found) / total


def confidence(evidence: Evidence, turn: Turn, seconds: float, enough: float) -> float:
    """Return ``0.9 * min(1, seconds / enough) * min(1, snr / 25 dB)``, uncalibrated.

    *seconds* is the sound that the measure rests on, *enough* what the measure needs to settle; the signal-to-noise
    ratio is that of the turn.
    """
    if evidence.prosody is None:
        return 0.0
    clean = signal_to_noise(evidence.prosody, speech_of(evidence, turn), turn.start, turn.end)
    if clean is None:
        return 0.0
    return round(_MOST_SURE * min(1.0, seconds / enough) * min(1.0, clean / 25.0), 3)


def level_clue(
    evidence: Evidence,
    turn: Turn,
    measure: Measure,
    *,
    name: str,
    unit: str,
    enough: float,
    notable: float,
    wording: Mapping[Language, Wording],
    extra: Callable[[Summary], float] = lambda summary: summary.value,
) -> list[Clue]:
    """Return the clue for a level, against the person's own where there is one, or nothing.

    *notable* is the departure (in the unit) under which the sentence says "about the same"; *enough* the seconds for
    full confidence; *extra* a number from the summary for the sentence.
    """
    summary = measure(evidence, turn)
    if summary is None:
        return []
    baseline = own_level(evidence, turn, measure)
    gap = 0.0 if baseline is None else summary.value - baseline
    words = wording[evidence.language]
    pattern = words.plain
    if baseline is not None:
        pattern = words.same if abs(gap) < notable else words.higher if gap > 0 else words.lower
    percent = 100.0 * abs(gap / baseline) if baseline else 0.0
    sentence = pattern.format(value=summary.value, gap=abs(gap), percent=percent, extra=extra(summary))
    return [
        Clue(
            id="",
            modality="acoustic",
            person=turn.person,
            start=turn.start,
            end=turn.end,
            name=name,
            value=round(summary.value, 4),
            unit=unit,
            baseline=None if baseline is None else round(baseline, 4),
            sentence=sentence,
            confidence=confidence(evidence, turn, summary.seconds, enough),
            detail={key: round(value, 4) for key, value in summary.detail.items()},
        )
    ]
