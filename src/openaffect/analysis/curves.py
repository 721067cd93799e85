"""The measured curves that a report keeps: thin enough for two hours, fine enough to draw and to count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaffect.analysis.evidence import Evidence
from openaffect.encoders.prosody import Prosody
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Modality, Person, Track
from openaffect.runtime.faces import EXPRESSIONS

STEP_S = 0.2
"""Step of every stored curve in seconds."""


def tracks(evidence: Evidence, people: tuple[Person, ...]) -> tuple[Track, ...]:
    """Return the curves of all faces (under their person) and of the sound (under the person who speaks, in turn)."""
    found: list[Track] = []
    for person in people:
        if person.face is not None and person.face in evidence.faces:
            found += _face(person.id, evidence.faces[person.face])
    if evidence.prosody is not None:
        for person in people:
            spans = [(t.start, t.end) for t in evidence.turns if t.person == person.id and t.utterance is not None]
            if person.voice is not None and spans:
                found += _voice(person.id, evidence.prosody, spans)
    return tuple(found)


def _face(person: str, face: FaceTrack) -> list[Track]:
    columns = {f"expression_{name}": face.expression[:, k] for k, name in enumerate(EXPRESSIONS)}
    columns["mouth_open"] = face.mouth_open
    units = {"mouth_open": "face height"}
    return [
        curve(person, "visual", name, units.get(name, "probability"), face.times, values)
        for name, values in columns.items()
    ]


def _voice(person: str, prosody: Prosody, spans: list[tuple[float, float]]) -> list[Track]:
    times = np.arange(len(prosody.loudness_db)) * prosody.step
    own = np.zeros(len(times), bool)
    for start, end in spans:
        own |= (times >= start) & (times < end)
    with np.errstate(divide="ignore", invalid="ignore"):
        semitones = 12 * np.log2(prosody.f0_hz / 27.5)
    columns = {"f0": ("semitone re 27.5 Hz", semitones), "loudness": ("dBFS", prosody.loudness_db)}
    return [curve(person, "acoustic", name, unit, times[own], values[own]) for name, (unit, values) in columns.items()]


def curve(
    person: str, modality: Modality, name: str, unit: str, times: NDArray[np.floating], values: NDArray[np.floating]
) -> Track:
    """Return *values* at *times* averaged into steps of `STEP_S`; a step without a finite value is None.

    >>> import numpy as np
    >>> curve("P1", "acoustic", "f0", "Hz", np.array([0.0, 0.1, 0.4]), np.array([1.0, 3.0, 5.0])).values
    (2.0, None, 5.0)
    """
    fine = np.isfinite(values)
    if not fine.any():
        return Track(person=person, modality=modality, name=name, unit=unit, start=0.0, step=STEP_S, values=())
    # Half a microsecond of tolerance: 0.4 must fall into the step that begins there, not before it.
    steps = np.floor((times[fine] + 5e-7) / STEP_S).astype(np.int64)
    first = int(steps[0])
    count = np.bincount(steps - first)
    mean = np.bincount(steps - first, weights=values[fine].astype(np.float64)) / np.maximum(count, 1)
    kept = tuple(round(float(m), 4) if c else None for m, c in zip(mean, count, strict=True))
    return Track(
        person=person, modality=modality, name=name, unit=unit, start=round(first * STEP_S, 6), step=STEP_S, values=kept
    )
