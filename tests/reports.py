"""Made reports for tests: nothing here was measured on anybody."""

from __future__ import annotations

import math
from typing import Literal

from openaffect.records import (
    Clue,
    Contradiction,
    Dimensions,
    Explanation,
    Failure,
    Generator,
    Label,
    Media,
    Modality,
    ModalityState,
    ModelUse,
    Person,
    PictureTrack,
    Reading,
    Report,
    SegmentReport,
    Sent,
    SoundTrack,
    Statement,
    Track,
    Utterance,
    Word,
)

HOSTILE = (
    '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=2"> & "quotes" \'apostrophes\' --> '
    "\u2028line\u2029 <!-- comment {{ 7*7 }} ]]> \x00\x1b[31m 你好 😀 \u202eabc\u202c\nsecond line\r\nthird\n\nfifth"
)
INTENDED = (
    "Apparent emotion only: what faces, voices and words express, not what anybody feels. "
    "Not for decisions about people at work or in education."
)
MODALITIES: tuple[Modality, ...] = ("visual", "acoustic", "lexical")


def media(path: str = "clip.mp4", *, kind: str = "video", duration: float = 12.0, sha: str = "a" * 64) -> Media:
    """A video with sound unless told otherwise."""
    sound = SoundTrack(codec="aac", sampling_rate=48000, channels=2) if kind in ("video", "audio") else None
    seen = PictureTrack(codec="h264", width=1280, height=720, frame_rate=25.0) if kind in ("video", "image") else None
    fields = {"path": path, "kind": kind, "sha256": sha, "size": 1234, "duration": duration}
    return Media.model_validate({**fields, "sound": sound, "picture": seen})


def generator(language: Literal["en", "zh"] = "en") -> Generator:
    """A generator with two models."""
    models = (
        ModelUse(name="silero-vad", sha256="b" * 64, licence="MIT", note="voice activity"),
        ModelUse(name="face-expression", sha256="c" * 64, licence="MIT", note="weak; trained on posed and web faces"),
    )
    return Generator(version="0.1.0", reasoner="rules", language=language, options={"rate": "10"}, models=models)


def states(*used: Modality) -> dict[Modality, ModalityState]:
    """The three modalities; those not in *used* are absent with a reason."""
    present = ModalityState(present=True, used=True)
    absent = ModalityState(present=False, used=False, reason="the file has none")
    return {name: present if name in used else absent for name in MODALITIES}


def clue(number: int, modality: Modality, person: str, start: float, end: float, name: str, value: float) -> Clue:
    """A clue with a baseline."""
    units = {"visual": "probability", "acoustic": "semitone", "lexical": "strength"}
    return Clue(
        id=f"C{number}",
        modality=modality,
        person=person,
        start=start,
        end=end,
        name=name,
        value=value,
        unit=units[modality],
        baseline=value / 2,
        sentence=f"{name} is well above this person's usual level.",
        confidence=0.62,
        peak=(start + end) / 2,
        detail={"peak_value": value},
        quote="thank you" if modality == "lexical" else None,
    )


def label(name: str, family: str, confidence: float, *clues: str, text: str | None = None) -> Label:
    """A label; *text* is its name in the report's language."""
    return Label(name=name, text=text or name, family=family, confidence=confidence, clues=clues)


def curve(person: str, modality: Modality, name: str, unit: str, *, seconds: float, step: float, phase: float) -> Track:
    """A sine between 0 and 1 with a hole in the middle."""
    n = int(seconds / step)
    values = [None if n * 0.45 < i < n * 0.5 else 0.5 + 0.5 * math.sin(phase + i * step) for i in range(n)]
    return Track(person=person, modality=modality, name=name, unit=unit, start=0.0, step=step, values=tuple(values))


def _tracks(seconds: float, people: tuple[str, ...]) -> tuple[Track, ...]:
    names: tuple[tuple[Modality, str, str, float], ...] = (
        ("visual", "expression_happy", "probability", 0.1),
        ("visual", "expression_sad", "probability", 0.1),
        ("visual", "expression_surprised", "probability", 0.1),
        ("acoustic", "f0", "Hz", 0.05),
        ("acoustic", "loudness", "dB", 0.05),
    )
    return tuple(
        curve(person, modality, name, unit, seconds=seconds, step=step, phase=i + 2 * k)
        for k, person in enumerate(people)
        for i, (modality, name, unit, step) in enumerate(names)
    )


def _said(start: float, end: float, text: str, language: str, speaker: str) -> Utterance:
    words = tuple(Word(start=start, end=end, text=word, probability=0.9) for word in text.split()[:1])
    return Utterance(
        start=start,
        end=end,
        text=text,
        words=words,
        language=language,
        language_source="identified",
        speaker=speaker,
        source="asr:whisper-base",
    )


def rich(language: Literal["en", "zh"] = "en", *, path: str = "clip.mp4", hostile: str = HOSTILE) -> Report:
    """Two people, two languages, a contradiction, competing labels, an abstention, hostile text, a remote model."""
    clues = (
        clue(1, "visual", "P1", 0.5, 3.2, "expression_happy", 0.81),
        clue(2, "acoustic", "P1", 0.5, 3.2, "f0_level", 4.25),
        clue(3, "acoustic", "P1", 1.0, 1.4, "pause", 0.4),
        clue(4, "lexical", "P1", 0.5, 3.2, "affect_grateful", 0.7),
        clue(5, "visual", "P2", 3.2, 7.0, "expression_happy", 0.66),
        clue(6, "lexical", "P2", 3.2, 7.0, "affect_angry", 0.9),
        clue(7, "acoustic", "P2", 3.2, 7.0, "loudness", -18.0),
        clue(8, "acoustic", "P1", 7.5, 9.0, "f0_level", 0.1),
    )
    zh = language == "zh"
    first = Reading(
        labels=(
            label("grateful", "love", 0.71, "C4", "C1", text="感激" if zh else None),
            label("happy", "joy", 0.62, "C1", "C2", text="快乐" if zh else None),
        ),
        competing=(label("relieved", "calm", 0.3, "C4", text="释然" if zh else None),),
        explanation=Explanation(
            visual=(Statement(text="画面中，此人在微笑。" if zh else "The face shows a smile.", clues=("C1",)),),
            acoustic=(
                Statement(text="声音比平时高。" if zh else "The voice is higher than usual.", clues=("C2", "C3")),
            ),
            lexical=(Statement(text="话中表达了感谢。" if zh else "The words thank somebody.", clues=("C4",)),),
            conclusion=(
                Statement(
                    text="看上去感激而快乐。" if zh else "Apparent gratitude and happiness.", clues=("C1", "C2", "C4")
                ),
                Statement(text="也许下雨了。" if zh else "It may be raining.", supported=False),
            ),
        ),
    )
    second = Reading(
        labels=(label("sarcastic", "anger", 0.44, "C5", "C6", text="讽刺" if zh else None),),
        contradictions=(
            Contradiction(
                modalities=("visual", "lexical"),
                clues=("C5", "C6"),
                text="面孔与话语相反。" if zh else "The face smiles while the words are angry.",
            ),
        ),
    )
    third = Reading(abstained="证据太少。" if zh else "One weak clue only; nothing stands out.")
    said = (
        _said(0.5, 3.2, f"Thank you! {hostile}", "en", "P1"),
        _said(3.2, 7.0, "太好了，我真是“高兴”。=1+1", "zh", "P2"),
        _said(7.5, 9.0, "-well, yes", "en", "P1"),
    )
    segments = (
        SegmentReport(
            id="S1",
            start=0.5,
            end=3.2,
            person="P1",
            utterance=said[0],
            clues=("C1", "C2", "C3", "C4"),
            reading=first,
            frame=1.85,
            dimensions=Dimensions(arousal=0.6, dominance=0.5, valence=0.8, source="made"),
        ),
        SegmentReport(
            id="S2", start=3.2, end=7.0, person="P2", utterance=said[1], clues=("C5", "C6", "C7"), reading=second
        ),
        SegmentReport(id="S3", start=7.5, end=9.0, person="P1", utterance=said[2], clues=("C8",), reading=third),
    )
    return Report(
        generator=generator(language),
        media=media(path),
        modalities=states(*MODALITIES),
        people=(
            Person(id="P1", face="F1", voice="V1", synchrony=0.41, synchrony_with="V1", tie="synchrony"),
            Person(id="P2", face="F2", voice=None, synchrony=0.12, synchrony_with="V1"),
        ),
        segments=segments,
        clues=clues,
        utterances=said,
        tracks=_tracks(12.0, ("P1", "P2")),
        overall=first.model_copy(update={"explanation": Explanation(conclusion=first.explanation.conclusion)}),
        dimensions_reason="尚无声音模型。" if zh else "No voice model for dimensions is installed.",
        notes=("composed: stock footage with synthesised speech", f"odd tag: {hostile}"),
        sent=(
            Sent(
                host="localhost:8000",
                model="made-model",
                segment="S1",
                frames=3,
                sound_s=2.7,
                clues=4,
                prompt_sha256="d" * 64,
                reply_sha256="e" * 64,
                outcome="ok",
            ),
        ),
        intended_use=INTENDED,
    )


def empty(kind: str = "audio", *, duration: float = 5.0) -> Report:
    """A recording in which nothing was found."""
    return Report(
        generator=generator(),
        media=media("silence.wav", kind=kind, duration=duration),
        modalities=states(),
        overall=Reading(abstained="No speech, no face and no words were found."),
        notes=("the recording is silent",),
        intended_use=INTENDED,
    )


def text_only() -> Report:
    """A transcript without times."""
    said = Utterance(start=0.0, end=0.0, text="I am so happy for you.", language="en", language_source="given")
    found = clue(1, "lexical", "P1", 0.0, 0.0, "affect_happy", 0.8)
    reading = Reading(labels=(label("happy", "joy", 0.6, "C1"),))
    segment = SegmentReport(id="S1", start=0.0, end=0.0, person="P1", utterance=said, clues=("C1",), reading=reading)
    return Report(
        generator=generator(),
        media=media("note.txt", kind="text", duration=0.0),
        modalities=states("lexical"),
        people=(Person(id="P1"),),
        segments=(segment,),
        clues=(found,),
        utterances=(said,),
        overall=reading,
        intended_use=INTENDED,
    )


def refused() -> Report:
    """A report whose remote reasoner refused."""
    report = rich(hostile="")
    reading = Reading(abstained="The model refused.", refused="I cannot help with <b>that</b>.")
    segments = tuple(item.model_copy(update={"reading": reading}) for item in report.segments)
    return report.model_copy(update={"segments": segments, "overall": reading})


def failure() -> Failure:
    """An input that could not be decoded."""
    return Failure(path="broken.mp4", stage="decode", cause="the file is truncated; copy it again.", error="MediaError")


def with_text(text: str, *, person: str = "P1") -> Report:
    """One timed segment of *person* that says *text*, labelled and explained with it too."""
    said = Utterance(start=1.0, end=2.5, text=text, language="en", language_source="given")
    found = clue(1, "lexical", person, 1.0, 2.5, "affect_happy", 0.8).model_copy(update={"sentence": text})
    reading = Reading(
        labels=(label("happy", "joy", 0.6, "C1"),),
        explanation=Explanation(lexical=(Statement(text=text, clues=("C1",)),)),
    )
    segment = SegmentReport(id="S1", start=1.0, end=2.5, person=person, utterance=said, clues=("C1",), reading=reading)
    return Report(
        generator=generator(),
        media=media("clip.wav", kind="audio", duration=4.0),
        modalities=states("lexical"),
        people=(Person(id=person, voice="V1"),),
        segments=(segment,),
        clues=(found,),
        utterances=(said,),
        overall=reading,
        notes=(text,),
        intended_use=INTENDED,
    )


def long(hours: float = 2.0, *, every: float = 5.0, per_segment: int = 8) -> Report:
    """A recording of *hours*: two people in turn, a segment every *every* seconds with *per_segment* (<= 8) clues."""
    seconds = hours * 3600
    clues: list[Clue] = []
    segments: list[SegmentReport] = []
    kinds: tuple[tuple[Modality, str], ...] = (
        ("visual", "expression_happy"),
        ("acoustic", "f0_level"),
        ("acoustic", "loudness"),
        ("acoustic", "speaking_rate"),
        ("lexical", "affect_happy"),
        ("visual", "head_motion"),
        ("acoustic", "pause"),
        ("lexical", "emphasis"),
    )
    for number in range(int(seconds / every)):
        person = "P1" if number % 2 == 0 else "P2"
        start, end = number * every, number * every + every - 0.5
        at = [
            clue(number * per_segment + k + 1, kind, person, start, end, name, 0.1 * k)
            for k, (kind, name) in enumerate(kinds[:per_segment])
        ]
        ids = tuple(item.id for item in at)
        clues += at
        said = _said(
            start, end, f"Sentence number {number} is made of words that somebody says in a talk.", "en", person
        )
        line = "The voice is higher and louder than this person's usual level in this recording."
        reading = Reading(
            labels=(label("happy", "joy", 0.6, *ids[:3]), label("hopeful", "interest", 0.4, *ids[3:5])),
            explanation=Explanation(
                visual=(Statement(text=line, clues=ids[:1]),),
                acoustic=(Statement(text=line, clues=ids[1:3]), Statement(text=line, clues=ids[3:4])),
                lexical=(Statement(text=line, clues=ids[4:5]),),
                conclusion=(Statement(text=line, clues=ids[:5]),),
            ),
        )
        segments.append(
            SegmentReport(
                id=f"S{number + 1}", start=start, end=end, person=person, utterance=said, clues=ids, reading=reading
            )
        )
    return rich(hostile="").model_copy(
        update={
            "media": media("talk.mp4", duration=seconds),
            "clues": tuple(clues),
            "segments": tuple(segments),
            "utterances": tuple(item.utterance for item in segments if item.utterance),
            "tracks": _tracks(seconds, ("P1", "P2")),
        }
    )
