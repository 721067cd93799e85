"""The river: media → segments → clues → reasoning → report, as one readable function."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from openaffect import __version__
from openaffect.analysis import notices
from openaffect.analysis.clues import CLUES
from openaffect.analysis.curves import tracks
from openaffect.analysis.evidence import Evidence
from openaffect.analysis.findings import Findings
from openaffect.analysis.listen import listen
from openaffect.analysis.look import look
from openaffect.analysis.options import Options
from openaffect.analysis.people import introduce, name_turns, score_pairs, silent_turns
from openaffect.analysis.progress import Tell, Watch, silent
from openaffect.analysis.reasoners import Reasoner, reasoner_for
from openaffect.analysis.turns import spoken_turns, written_turns
from openaffect.encoders.synchrony import THRESHOLD
from openaffect.lookup import resolve
from openaffect.media.probe import probe
from openaffect.media.provenance import composed_note
from openaffect.records import Clue, Generator, Report


def analyze(
    path: str | Path,
    *,
    transcript: str | Path | None = None,
    options: Options | None = None,
    tell: Tell | Watch = silent,
    reasoner: Reasoner | None = None,
    **choices: Any,
) -> Report:
    """Explain the apparent emotion in one recording, still image or transcript.

    *path* is the media file, *transcript* a text or subtitle file that belongs to it.  Choices are those of
    `openaffect.analysis.options.Options`, given as one value or by name: ``analyze("clip.mp4", language="zh")``.
    *tell* is called with a step and the share of it that is done; *reasoner* replaces the one that the options name.

    Returns a `Report`; the same input and options give the same report.
    Raises `InputError` (and its kin) for what cannot be read, `MissingPart` for an extra that is not installed,
    `OfflineError` when a remote reasoner is asked for with ``offline=True``.
    """
    chosen = options or Options(**choices)
    watch = tell if isinstance(tell, Watch) else Watch(tell)
    mind = reasoner or reasoner_for(chosen)
    findings = perceive(Path(path), transcript=Path(transcript) if transcript else None, options=chosen, watch=watch)
    return explain(findings, path=Path(path), options=chosen, reasoner=mind, watch=watch)


def perceive(path: Path, *, transcript: Path | None, options: Options, watch: Watch) -> Findings:
    """Measure everything in *path*; sound and pictures are read side by side."""
    watch.tell("decode", 0.0)
    media = probe(path)
    if media.kind in ("video", "audio") and (note := composed_note(path)):
        media = media.model_copy(update={"notes": (*media.notes, note)})
    if transcript is not None:
        media = media.model_copy(update={"transcript": str(transcript)})
    watch.tell("decode", 1.0)
    with ThreadPoolExecutor(max_workers=2) as pool:
        seen = pool.submit(look, path, media, options=options, watch=watch)
        heard = pool.submit(listen, path, media, transcript=transcript, options=options, watch=watch)
        try:
            faces, visual = seen.result()
            sound = heard.result()
        except BaseException:
            # The other side must not go on for minutes after this one has failed or the user has pressed Ctrl-C.
            watch.stopped.set()
            raise
    return Findings(
        media=media,
        heard=sound.heard,
        faces={track.id: track for track in faces},
        utterances=sound.utterances,
        recogniser=sound.recogniser,
        states={"visual": visual, "acoustic": sound.acoustic, "lexical": sound.lexical},
        notes=sound.notes,
    )


def explain(findings: Findings, *, path: Path, options: Options, reasoner: Reasoner, watch: Watch) -> Report:
    """Turn measurements into people, segments, clues, readings and a report."""
    media, heard = findings.media, findings.heard
    if media.kind == "text":
        people, turns = written_turns(findings.utterances)
    else:
        spoken = spoken_turns(findings, longest=options.max_segment_s)
        pairs = score_pairs(findings.faces, spoken, heard.prosody if heard else None)
        voices = list(dict.fromkeys(turn.voice for turn in spoken if turn.voice is not None))
        people = introduce(list(findings.faces), voices, pairs, one_person=options.one_person)
        turns = name_turns(spoken, people)
        turns += silent_turns(findings.faces, people, turns, longest=options.max_segment_s)
    turns.sort(key=lambda turn: (turn.start, turn.end, turn.person))
    evidence = Evidence(
        duration=media.duration,
        language=options.language,
        faces=findings.faces,
        prosody=heard.prosody if heard and options.voice else None,
        speech=heard.speech if heard else (),
        turns=tuple(turns),
    )
    table = gather(evidence)
    cases = watch.through(
        zip(turns, table, strict=True), "reasoning", lambda case: case[0].end / max(media.duration, 1e-9)
    )
    segments = tuple(
        reasoner.segment(f"s{number}", turn, clues, findings, path) for number, (turn, clues) in enumerate(cases, 1)
    )
    return Report(
        generator=Generator(
            version=__version__,
            reasoner=options.reasoner,
            language=options.language,
            options=options.recorded(),
            models=(*notices.models_used(findings), *reasoner.student_used),
        ),
        media=media,
        modalities=dict(findings.states),
        people=people,
        segments=segments,
        clues=tuple(clue for clues in table for clue in clues),
        utterances=tuple(turn.utterance for turn in turns if turn.utterance is not None),
        tracks=tracks(evidence, people),
        overall=reasoner.overall(segments),
        dimensions_reason="" if reasoner.student else notices.for_language(options.language).no_student,
        notes=(*findings.notes, *notices.report_notes(people, findings, options, THRESHOLD), *reasoner.notes),
        sent=reasoner.sent,
        intended_use=notices.for_language(options.language).intended_use,
    )


def gather(evidence: Evidence) -> list[tuple[Clue, ...]]:
    """Run every extractor of `CLUES` on every turn; return the clues of each turn, numbered c1, c2 ... throughout."""
    extractors = [resolve(CLUES, name, kind="clue") for name in CLUES]
    table: list[tuple[Clue, ...]] = []
    count = 0
    for turn in evidence.turns:
        found = [clue for extract in extractors for clue in extract(evidence, turn)]
        table.append(tuple(clue.model_copy(update={"id": f"c{count + n}"}) for n, clue in enumerate(found, 1)))
        count += len(found)
    return table
