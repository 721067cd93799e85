"""The nouns that cross a border between two steps.  All are frozen; all are plain JSON.

Times are seconds as float on the clock of the recording, spans are half-open ``[start, end)``.
Confidences lie in 0–1 and are *uncalibrated* unless a field says otherwise.
Arousal, dominance and valence always stand in this order.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = "1.0"

Modality = Literal["visual", "acoustic", "lexical"]
MediaKind = Literal["video", "audio", "image", "text"]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Record(BaseModel):
    """Base of every record: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Record):
    """A half-open span of the recording, ``start <= end``."""

    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"a span must not end ({self.end}) before it starts ({self.start})")
        return self


class SoundTrack(Record):
    """The sound of a recording as it stands in the file (before any resampling)."""

    codec: str
    sampling_rate: int
    channels: int
    start: Finite = 0.0
    """Offset of the first sample on the recording's clock, in seconds."""


class PictureTrack(Record):
    """The pictures of a recording as they stand in the file; width and height after rotation."""

    codec: str
    width: int
    height: int
    frame_rate: Finite | None = None
    """Average frames per second; None where the file does not say (or says zero)."""
    rotation: int = 0
    start: Finite = 0.0


class Media(Record):
    """One input: what it is and what is in it.  `path` is as the user gave it."""

    path: str
    kind: MediaKind
    sha256: str
    size: int
    duration: Seconds
    sound: SoundTrack | None = None
    picture: PictureTrack | None = None
    transcript: str | None = None
    """Path of a transcript file that was read beside the media, if any."""
    notes: tuple[str, ...] = ()
    """What was odd about the file and how it was handled, one sentence each."""


class Segment(Span):
    """A span of one recording, the common key of all steps."""

    media: str


class Word(Span):
    """One word of a transcript with its time; `probability` as the recogniser gave it."""

    text: str
    probability: Unit | None = None


class Utterance(Span):
    """Some words said (or written) in a span."""

    text: str
    words: tuple[Word, ...] = ()
    language: str | None = None
    """ISO 639-1 code, or None when unknown."""
    language_source: Literal["identified", "assumed", "given", "unknown"] = "unknown"
    speaker: str | None = None
    source: str = ""
    """What produced the text: ``subtitles``, ``text`` or ``asr:MODEL``."""


class Person(Record):
    """Somebody seen or heard.  A face and a voice share a person only when synchrony ties them."""

    id: str
    face: str | None = None
    voice: str | None = None
    synchrony: Finite | None = None
    """Best synchrony score of the pair that was tried (audio-visual), None when there was no pair."""
    synchrony_with: str | None = None
    """The face or voice that the score was taken with, tied or not."""
    tie: Literal["synchrony", "assumed", "none"] = "none"
    weak: bool = True
    """Speaker ids come from clustering and are weak; so are ties."""


class Clue(Span):
    """One piece of evidence: what was measured, on whom, when, against what baseline."""

    id: str
    modality: Modality
    person: str
    name: str
    """What was measured, e.g. ``expression_happy``, ``f0_level``, ``affect_joy``."""
    value: Finite
    unit: str
    baseline: Finite | None = None
    """The person's own level in this recording, same unit; None when there is too little to compare."""
    sentence: str
    """A short sentence in the report's language."""
    confidence: Unit
    peak: Seconds | None = None
    """Time of the strongest moment, where there is one."""
    detail: dict[str, Finite] = Field(default_factory=dict)
    """Further numbers behind the clue (all expression probabilities, quantiles ...)."""
    quote: str | None = None
    """The words that carry a lexical clue."""
    points_to: dict[str, Finite] = Field(default_factory=dict)
    """What the clue speaks for, -1..1: labels of the vocabulary, or ``arousal``, ``dominance``, ``valence``.
    Empty for the clues that the reasoner has a row for; a clue of your own fills it."""


class Label(Record):
    """An open-vocabulary label of apparent emotion and the clues that carry it."""

    name: str
    """The label in English; the key of the vocabulary."""
    text: str
    """The label in the report's language."""
    family: str
    confidence: Unit
    clues: tuple[str, ...]


class Statement(Record):
    """One sentence of an explanation and the clues that it cites."""

    text: str
    clues: tuple[str, ...] = ()
    supported: bool = True
    """False when nothing in the record carries the sentence (only remote reasoners can produce that)."""


class Explanation(Record):
    """The parts of an EMER-style explanation: what is seen, heard, said, and what follows."""

    visual: tuple[Statement, ...] = ()
    acoustic: tuple[Statement, ...] = ()
    lexical: tuple[Statement, ...] = ()
    conclusion: tuple[Statement, ...] = ()


class Contradiction(Record):
    """Modalities that disagree.  They are reported, never averaged away."""

    modalities: tuple[Modality, ...]
    clues: tuple[str, ...]
    text: str


class Dimensions(Record):
    """Apparent arousal, dominance and valence on the 0–1 scale (not clipped); None where there is no value."""

    arousal: Finite | None = None
    dominance: Finite | None = None
    valence: Finite | None = None
    source: str
    """What read them, e.g. the name of a student."""
    reason: str = ""
    """Why there is no value at all, in the report's language."""
    note: str = ""
    """What weakens the values, in the report's language."""


class Reading(Record):
    """What a reasoner makes of some clues: labels, explanation, contradictions, or an abstention."""

    labels: tuple[Label, ...] = ()
    competing: tuple[Label, ...] = ()
    """Labels that the evidence also admits, weaker than `labels`; ambiguity is shown, not hidden."""
    explanation: Explanation = Explanation()
    contradictions: tuple[Contradiction, ...] = ()
    abstained: str | None = None
    """Why no label is given, in the report's language; None when labels are given."""
    refused: str | None = None
    """The words with which a remote model refused, if it did."""


class SegmentReport(Span):
    """One person in one span: who, what was said, and the reading of the clues."""

    id: str
    person: str
    utterance: Utterance | None = None
    clues: tuple[str, ...] = ()
    """Ids of the clues that were on the table, cited or not."""
    reading: Reading
    dimensions: Dimensions | None = None
    frame: Seconds | None = None
    """Time of the peak frame, where a face was seen."""


class Track(Record):
    """A measured curve: `values[i]` belongs to ``start + i * step``; None where nothing was measured."""

    person: str
    modality: Modality
    name: str
    unit: str
    start: Seconds
    step: Annotated[float, Field(gt=0)]
    values: tuple[float | None, ...]


class ModalityState(Record):
    """Whether a modality was in the input, was used, and if not, why."""

    present: bool
    used: bool
    reason: str = ""


class ModelUse(Record):
    """A model that took part: name, hash, licence, and what it is not."""

    name: str
    sha256: str
    licence: str
    note: str = ""


class Sent(Record):
    """What left the machine for a remote reasoner."""

    host: str
    model: str
    segment: str
    frames: int
    sound_s: Seconds
    clues: int
    prompt_sha256: str
    reply_sha256: str | None = None
    outcome: str


class Generator(Record):
    """What made the report.  No dates and no machine names: the same input gives the same bytes."""

    name: Literal["openaffect"] = "openaffect"
    version: str
    reasoner: str
    language: Literal["en", "zh"]
    options: dict[str, str] = Field(default_factory=dict)
    models: tuple[ModelUse, ...] = ()


class Report(Record):
    """Everything that `openaffect.analyze` found in one recording."""

    schema_version: Literal["1.0"] = "1.0"
    kind: Literal["openaffect.report"] = "openaffect.report"
    generator: Generator
    media: Media
    modalities: dict[Modality, ModalityState]
    people: tuple[Person, ...] = ()
    segments: tuple[SegmentReport, ...] = ()
    clues: tuple[Clue, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    tracks: tuple[Track, ...] = ()
    overall: Reading = Reading()
    """The recording as a whole: labels over all segments, or the reason for none."""
    dimensions: Dimensions | None = None
    dimensions_reason: str = ""
    """Why arousal, dominance and valence are absent, when they are."""
    notes: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ()
    intended_use: str = ""


class Failure(Record):
    """An input that could not be analysed; it stays in the records with its cause."""

    kind: Literal["openaffect.failure"] = "openaffect.failure"
    path: str
    stage: str
    cause: str
    error: str
    """Name of the error class."""


class Annotation(Record):
    """What one annotator gave for one sample; disagreement between annotators is data, not noise."""

    annotator: str
    """Who it was; the same id is the same person within one data set."""
    labels: tuple[str, ...] = ()
    ratings: dict[str, Finite] = Field(default_factory=dict)
    """``arousal``, ``dominance``, ``valence`` or ``sentiment``, on the scale of the data set."""
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class Description(Record):
    """A written description of a clip in one language, as released and cleaned."""

    language: Literal["en", "zh"]
    raw: str
    """The text as it stands in the file."""
    text: str
    """The text without leaked prompt words and outer blanks."""
    clues: dict[Modality, str] = Field(default_factory=dict)
    """The parts of `text` by modality, where it could be split."""
    dirt: tuple[str, ...] = ()
    """What is wrong with the raw text, e.g. ``leaked prefix``, ``Chinese characters``."""


class Sample(Record):
    """One row of a data set: the consensus as released, and every annotator's view where it is known."""

    id: str
    """The name under which labels and predictions meet."""
    dataset: str
    """Key of the data set, e.g. ``meld``."""
    labels: tuple[str, ...] = ()
    """Consensus labels as released, in their order; case and spelling untouched."""
    ratings: dict[str, Finite] = Field(default_factory=dict)
    """Consensus ratings on the data set's own scale: ``sentiment``, or ``arousal``, ``dominance``, ``valence``."""
    annotations: tuple[Annotation, ...] = ()
    speaker: str | None = None
    split: str = ""
    """Part of the data set as its owners cut it, e.g. ``train``, ``dev``, ``test-1``; empty where there is one part."""
    groups: dict[str, str] = Field(default_factory=dict)
    """Further groups for tables, e.g. ``{"sex": "f"}``."""
    transcript: dict[str, str] = Field(default_factory=dict)
    """What is said, by language (``en``, ``zh``)."""
    descriptions: tuple[Description, ...] = ()
    origin: str = ""
    """File and line or key that the sample was read from."""
    notes: tuple[str, ...] = ()
    """What was odd about the row and how it was handled."""


class AudioPart(Span):
    """A span of a sound file, scaled by *gain*."""

    file: str
    """Path, absolute or relative to the folder of the labels."""
    gain: Finite = 1.0


class PseudoLabel(Record):
    """What a teacher said about a piece of sound: unclipped values on the 0-1 scale, None where it says nothing."""

    id: str
    parts: tuple[AudioPart, ...]
    """One span, or several that are added from their first sample on (a mixture; the longest gives the length)."""
    arousal: Finite | None = None
    dominance: Finite | None = None
    valence: Finite | None = None
    speaker: str = ""
    """Voice, for splits and for intervals; empty when unknown."""
    split: Literal["train", "dev", "test"] = "train"
    groups: dict[str, str] = Field(default_factory=dict)
    """Further groups for tables, e.g. ``{"language": "en", "sex": "f"}``."""
    error: str = ""
    """Why there is no label; empty when there is one."""


class Score(Record):
    """A figure and what it takes to trust it.  Fractions 0–1 unless the name says otherwise."""

    name: str
    value: Finite | None
    """None where the score does not exist (0/0); `note` says why."""
    low: Finite | None = None
    high: Finite | None = None
    """Percentile bootstrap interval over `unit`, None where there is none."""
    unit: Literal["clip", "speaker"] = "clip"
    """What was resampled."""
    n: int
    """Samples that count."""
    n_skipped: int = 0
    """Samples that cannot count (the truth maps to nothing)."""
    n_empty: int = 0
    """Samples of `n` whose prediction maps to nothing."""
    n_failed: int = 0
    """Samples of `n` without any prediction, counted as wrong."""
    note: str = ""
