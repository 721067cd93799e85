"""Cuts a recording into turns: spans in which one person speaks, from words where there are any, else from speech.

Speakers come from the transcript where it names them, else from clustering voice prints, which is weak.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from openaffect.analysis.evidence import Turn
from openaffect.analysis.findings import Findings, Heard, Span
from openaffect.encoders.voices import UNKNOWN, cluster_voices, voice_print
from openaffect.media.segments import cut, gaps, intersect, merge
from openaffect.records import Person, Utterance, Word

_JOIN_GAP_S = 1.0
"""Seconds between two pieces of speech that may still be one turn."""
_SHORT_S = 1.5
"""An utterance shorter than this joins its neighbour: a lone "Yes." carries too little to be read on its own."""


def written_turns(utterances: Sequence[Utterance]) -> tuple[tuple[Person, ...], list[Turn]]:
    """Return the people and turns of a transcript without media: a turn for each utterance, a person for each name."""
    names = list(dict.fromkeys(utterance.speaker or "" for utterance in utterances))
    people = tuple(Person(id=f"P{n}", voice=name or None) for n, name in enumerate(names, 1))
    ids = dict(zip(names, (person.id for person in people), strict=True))
    turns = [
        Turn(person=ids[u.speaker or ""], start=u.start, end=u.end, voice=u.speaker, utterance=u) for u in utterances
    ]
    return people, turns


def spoken_turns(findings: Findings, *, longest: float) -> list[Turn]:
    """Return the spoken turns of a recording, each with its voice; the person is not known yet.

    Utterances become turns (short ones joined to a close neighbour, long ones cut between words); speech that no
    utterance covers becomes turns without words.
    """
    heard = findings.heard
    speech = list(heard.speech) if heard else []
    utterances = _timed(findings, speech)
    spoken = [part for utterance in _joined(utterances) for part in cut_utterance(utterance, longest)]
    turns = [Turn(person="", start=u.start, end=u.end, voice=u.speaker, utterance=u) for u in spoken]
    pauses = gaps(speech, 0.0, findings.media.duration)
    for span in _uncovered(speech, [(u.start, u.end) for u in spoken]):
        turns += [Turn(person="", start=start, end=end) for start, end in cut(span, pauses, longest=longest)]
    turns.sort(key=lambda turn: (turn.start, turn.end))
    return _with_voices(turns, heard)


def _timed(findings: Findings, speech: Sequence[Span]) -> list[Utterance]:
    """Return the utterances on the recording's clock: an untimed text stands, whole, for all the speech."""
    end = findings.media.duration
    timed = [u for u in findings.utterances if u.source != "text" and u.start < end]
    written = [u for u in findings.utterances if u.source == "text"]
    if written:
        first, last = (speech[0][0], speech[-1][1]) if speech else (0.0, end)
        text = " ".join(u.text for u in written)
        timed.append(written[0].model_copy(update={"text": text, "start": first, "end": last, "words": ()}))
    return [u.model_copy(update={"end": min(u.end, end)}) for u in timed]


def _joined(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Join a short utterance to its neighbour of the same speaker when almost no time lies between them."""
    joined: list[Utterance] = []
    for now in utterances:
        last = joined[-1] if joined else None
        if last is not None and _belong(last, now):
            glue = "" if now.language in ("zh", "ja") else " "
            words = last.words + now.words if last.words and now.words else ()
            joined[-1] = last.model_copy(
                update={"end": max(last.end, now.end), "text": f"{last.text}{glue}{now.text}", "words": words}
            )
        else:
            joined.append(now)
    return joined


def _belong(last: Utterance, now: Utterance) -> bool:
    short = min(last.end - last.start, now.end - now.start) < _SHORT_S
    close = 0 <= now.start - last.end <= _JOIN_GAP_S
    return short and close and last.speaker == now.speaker and last.language == now.language


def cut_utterance(utterance: Utterance, longest: float) -> list[Utterance]:
    """Return *utterance* in parts of at most about *longest* seconds, cut at the longest pauses between words.

    An utterance without word times stays whole: where its words fall is not known.
    """
    words = utterance.words
    if utterance.end - utterance.start <= longest or len(words) < 2:
        return [utterance]
    middle = (utterance.start + utterance.end) / 2
    # The widest gap wins; among equals the one nearest to the middle.
    at = max(
        range(1, len(words)), key=lambda k: (round(words[k].start - words[k - 1].end, 2), -abs(words[k].start - middle))
    )
    halves = (_part(utterance, words[:at]), _part(utterance, words[at:]))
    return [part for half in halves for part in cut_utterance(half, longest)]


def _part(utterance: Utterance, words: tuple[Word, ...]) -> Utterance:
    glue = "" if utterance.language in ("zh", "ja") else " "
    text = glue.join(word.text.strip() for word in words)
    return utterance.model_copy(update={"start": words[0].start, "end": words[-1].end, "text": text, "words": words})


def _uncovered(speech: Sequence[Span], covered: Sequence[Span]) -> list[Span]:
    """Return the speech spans that no utterance touches; neighbours that are close are joined."""
    spoken = merge(covered)
    return merge((span for span in speech if not intersect([span], spoken)), gap=_JOIN_GAP_S)


def _with_voices(turns: list[Turn], heard: Heard | None) -> list[Turn]:
    """Give each turn its voice: the name in the transcript, else a cluster, else ``unknown``."""
    unnamed = [turn for turn in turns if turn.voice is None]
    if heard is None:
        return [turn if turn.voice else replace(turn, voice=UNKNOWN) for turn in turns]
    prints = [voice_print(heard.prosody, turn.start, turn.end, speech=tuple(heard.speech)) for turn in unnamed]
    names = iter(cluster_voices(prints))
    return [turn if turn.voice else replace(turn, voice=next(names)) for turn in turns]
