"""Who is who: ties faces to voices where mouth and sound move together, and cuts the recording into turns.

A tie needs a synchrony score above `THRESHOLD`, and both must be each other's best partner.  Without it the face and
the voice stay two persons, whatever common sense would say; the score stands in the report either way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openaffect.analysis.evidence import Turn
from openaffect.encoders.prosody import Prosody
from openaffect.encoders.synchrony import THRESHOLD, synchrony
from openaffect.encoders.tracks import FaceTrack
from openaffect.encoders.voices import UNKNOWN, speech_envelope
from openaffect.media.segments import cut, gaps
from openaffect.records import Person

Span = tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """A face and a voice and how well they move together."""

    face: str
    voice: str
    score: float


def score_pairs(faces: Mapping[str, FaceTrack], turns: Sequence[Turn], prosody: Prosody | None) -> tuple[Pair, ...]:
    """Score every face against every voice over the turns of that voice."""
    voices = list(dict.fromkeys(turn.voice for turn in turns if turn.voice is not None))
    if prosody is None or not faces or not voices:
        return ()
    times, envelope = speech_envelope(prosody)
    pairs = []
    for face in faces.values():
        for voice in voices:
            spans = [(turn.start, turn.end) for turn in turns if turn.voice == voice]
            score = synchrony(face.times, face.mouth_open, times, envelope, spans=spans)
            if score is not None:
                pairs.append(Pair(face.id, voice, float(score)))
    return tuple(pairs)


def introduce(
    faces: Sequence[str], voices: Sequence[str], pairs: Sequence[Pair], *, one_person: bool = False
) -> tuple[Person, ...]:
    """Return the people of a recording, P1, P2 ... : tied pairs first by face, then single faces, then voices.

    >>> [p.tie for p in introduce(["F1"], ["V1"], [], one_person=True)]
    ['assumed']
    """
    partner = _ties(pairs)
    tie = "synchrony"
    known = [voice for voice in voices if voice != UNKNOWN] or list(voices)
    if one_person and len(faces) == 1 and len(known) == 1 and not partner:
        partner, tie = {faces[0]: known[0]}, "assumed"
        # Turns too short for a voice print follow: the user has said that there is one person.
        voices = known
    people: list[Person] = []
    for face in faces:
        best = max((p for p in pairs if p.face == face), key=lambda p: (p.score, p.voice), default=None)
        voice = partner.get(face)
        people.append(
            Person.model_validate(
                {
                    "id": f"P{len(people) + 1}",
                    "face": face,
                    "voice": voice,
                    "synchrony": best.score if best else None,
                    "synchrony_with": best.voice if best else None,
                    "tie": tie if voice else "none",
                }
            )
        )
    for voice in voices:
        if voice not in partner.values():
            best = max((p for p in pairs if p.voice == voice), key=lambda p: (p.score, p.face), default=None)
            people.append(
                Person(
                    id=f"P{len(people) + 1}",
                    voice=voice,
                    synchrony=best.score if best else None,
                    synchrony_with=best.face if best else None,
                )
            )
    return tuple(people)


def _ties(pairs: Sequence[Pair]) -> dict[str, str]:
    """Return face → voice for pairs above the threshold that are each other's best."""
    ties = {}
    for pair in pairs:
        rivals = [p.score for p in pairs if (p.face == pair.face) != (p.voice == pair.voice)]
        if pair.score >= THRESHOLD and all(pair.score > rival for rival in rivals):
            ties[pair.face] = pair.voice
    return ties


def name_turns(turns: Sequence[Turn], people: Sequence[Person]) -> list[Turn]:
    """Give each spoken turn its person, and the person's face where there is one."""
    by_voice: dict[str | None, Person] = {person.voice: person for person in people if person.voice is not None}
    assumed = next((person for person in people if person.tie == "assumed"), None)
    named = []
    for turn in turns:
        person = by_voice.get(turn.voice) or assumed
        if person is None:
            raise ValueError(f"nobody has the voice {turn.voice!r}")
        said = turn.utterance
        if said is not None and said.speaker is None:
            said = said.model_copy(update={"speaker": person.id})
        named.append(replace(turn, person=person.id, face=person.face, voice=person.voice, utterance=said))
    return named


def silent_turns(
    faces: Mapping[str, FaceTrack],
    people: Sequence[Person],
    spoken: Sequence[Turn],
    *,
    longest: float,
    shortest: float = 1.0,
) -> list[Turn]:
    """Return the turns in which a face is seen while its person does not speak.

    Cuts fall where somebody's spoken turn begins or ends, so that what is seen lines up with what is heard, and
    otherwise into equal parts of at most *longest* seconds.  They have no voice: whatever sounds then is somebody
    else's.  Rests under *shortest* seconds beside a turn of the same person are no turns of their own.
    """
    edges = sorted({edge for turn in spoken for edge in (turn.start, turn.end)})
    turns = []
    for person in people:
        if person.face is None:
            continue
        own = [(turn.start, turn.end) for turn in spoken if turn.person == person.id]
        for rest in _rests(faces[person.face], own, shortest):
            for piece in _pieces(rest, edges, shortest):
                for start, end in cut(piece, (), longest=longest):
                    turns.append(Turn(person.id, start, end, face=person.face))
    return turns


def _rests(face: FaceTrack, own: Sequence[Span], shortest: float) -> list[Span]:
    """Return where *face* is seen and its person does not speak; a lone moment (a still image) counts as it is."""
    # Key frames may lie seconds apart: what counts as out of sight depends on how often we looked.
    usual = float(np.median(np.diff(face.times))) if len(face.times) > 1 else 0.0
    rests: list[Span] = []
    for start, end in face.seen(gap=max(1.0, 3 * usual)):
        free = gaps(own, start, end) if end > start else [(start, end)]
        rests += [(a, b) for a, b in free if b - a >= shortest or not own]
    return rests


def _pieces(span: Span, edges: Sequence[float], shortest: float) -> list[Span]:
    """Cut *span* at those *edges* that leave at least *shortest* seconds on both sides."""
    marks = [span[0]]
    marks += [edge for edge in edges if span[0] < edge < span[1]]
    kept = [marks[0]]
    for mark in marks[1:]:
        if mark - kept[-1] >= shortest and span[1] - mark >= shortest:
            kept.append(mark)
    return list(zip(kept, [*kept[1:], span[1]], strict=True))
