"""Who reasons: the rules over clues (default), or a multimodal language model whose claims are checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openaffect.analysis.clues.affect import why_none
from openaffect.analysis.evidence import Turn
from openaffect.analysis.findings import Findings
from openaffect.analysis.frames import pictures_at
from openaffect.analysis.options import Options
from openaffect.analysis.reason import overall, reason
from openaffect.analysis.remote import Case, forbid_remote, read_remote
from openaffect.analysis.student import Student, model_use, note_of, read_turn, student_for
from openaffect.media.audio import read_audio
from openaffect.mllm.chat import Backend, Picture, Sound, wav_bytes
from openaffect.mllm.openai import OpenAIChat, is_local
from openaffect.records import Clue, ModelUse, Reading, SegmentReport, Sent

_LONGEST_SOUND_S = 30.0


def reasoner_for(options: Options, backend: Backend | None = None) -> Reasoner:
    """Return the reasoner that *options* name; *backend* stands in for the server in tests and dry runs.

    Raises `OfflineError` when a remote host is asked for while the network is forbidden, `MissingPart` or `DataError`
    when the student of *options* cannot be had.
    """
    if options.reasoner.startswith("openai:") and backend is None:
        backend = OpenAIChat(options.reasoner.removeprefix("openai:"), base_url=options.base_url)
    if backend is not None and options.offline:
        forbid_remote(backend)
    return Reasoner(options, backend, student_for(options))


def remote_host(options: Options) -> str:
    """Return the host that media would be sent to with *options*; empty when nothing leaves this machine."""
    host = reasoner_for(options).host
    return "" if not host or is_local(host) else host


class Reasoner:
    """Reads segments one by one and keeps the record of what was sent away."""

    def __init__(self, options: Options, backend: Backend | None, student: Student | None = None) -> None:
        self._options = options
        self._backend = backend
        self.student = student
        self.sent: tuple[Sent, ...] = ()

    @property
    def host(self) -> str:
        """The host that media go to; empty when they stay in this process."""
        return self._backend.host if self._backend is not None else ""

    @property
    def student_used(self) -> tuple[ModelUse, ...]:
        """The student as a model that took part, if there is one."""
        return (model_use(self.student, self._options),) if self.student is not None else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the values of the student."""
        asked = self.student is not None and self._options.voice
        return (note_of(self.student, self._options),) if asked and self.student is not None else ()

    def segment(self, name: str, turn: Turn, clues: Sequence[Clue], findings: Findings, path: Path) -> SegmentReport:
        """Return the report of one turn."""
        absent: dict[str, str] = {
            modality: state.reason for modality, state in findings.states.items() if not state.used
        }
        if unread := why_none(turn.utterance, self._options.language):
            absent["lexical"] = unread
        reading = reason(clues, language=self._options.language, person=turn.person, known=absent)
        peak = max((c for c in clues if c.peak is not None), key=lambda c: (c.value, c.id), default=None)
        if self._backend is not None:
            reading = self._ask(self._backend, name, turn, clues, findings, path, peak, reading)
        return SegmentReport(
            id=name,
            start=turn.start,
            end=turn.end,
            person=turn.person,
            utterance=turn.utterance,
            clues=tuple(clue.id for clue in clues),
            reading=reading,
            dimensions=read_turn(self.student, turn, findings, path, self._options) if self.student else None,
            frame=peak.peak if peak is not None else None,
        )

    def _ask(
        self,
        backend: Backend,
        name: str,
        turn: Turn,
        clues: Sequence[Clue],
        findings: Findings,
        path: Path,
        peak: Clue | None,
        local: Reading,
    ) -> Reading:
        case = Case(
            segment=name,
            clues=tuple(clues),
            transcript=turn.utterance.text if turn.utterance is not None else None,
            frames=self._frames(turn, findings, path, peak),
            sound=self._sound(turn, findings, path),
        )
        reading, sent = read_remote(backend, case, language=self._options.language, seed=self._options.seed)
        self.sent = (*self.sent, sent)
        # Contradictions between measured clues are facts of the record, whoever phrases the explanation.
        return reading.model_copy(update={"contradictions": local.contradictions})

    def _frames(self, turn: Turn, findings: Findings, path: Path, peak: Clue | None) -> tuple[Picture, ...]:
        if findings.media.picture is None or not self._options.faces:
            return ()
        middle = (turn.start + turn.end) / 2
        times = sorted({round(t, 3) for t in (turn.start, middle, peak.peak if peak and peak.peak else middle)})
        return pictures_at(path, findings.media, times, blur=self._options.blur)

    def _sound(self, turn: Turn, findings: Findings, path: Path) -> Sound | None:
        if findings.media.sound is None or not self._options.voice:
            return None
        end = min(turn.end, turn.start + _LONGEST_SOUND_S)
        samples = read_audio(path, start=turn.start, end=end)
        return Sound(wav_bytes(samples), round(len(samples) / 16000, 3)) if len(samples) else None

    def overall(self, segments: Sequence[SegmentReport]) -> Reading:
        """Return the reading of the whole recording."""
        return overall(segments, language=self._options.language)
