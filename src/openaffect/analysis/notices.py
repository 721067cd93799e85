"""What a report says about itself: what was absent and why, what is weak, what it may not be used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openaffect.analysis.evidence import Language
from openaffect.analysis.findings import Findings, Heard
from openaffect.analysis.options import Options
from openaffect.encoders.sounds import sound_kind
from openaffect.records import ModelUse, Person
from openaffect.runtime.models import MODELS


@dataclass(frozen=True)
class Notices:
    """The sentences of one language."""

    no_picture: str
    no_sound: str
    faces_off: str
    voice_off: str
    words_off: str
    no_face: str
    no_speech: str
    no_words: str
    empty_transcript: str
    no_student: str
    experimental: str
    student: str
    student_words: Mapping[str, str]
    untied: str
    assumed: str
    silence: str
    noise: str
    music: str
    other_sound: str
    assumed_language: str
    whole_text: str
    weak_faces: str
    intended_use: str


_TEXTS: Mapping[Language, Notices] = {
    "en": Notices(
        no_picture="The input has no picture.",
        no_sound="The input has no sound.",
        faces_off="Faces were not looked at, as asked.",
        voice_off="The voice was not measured, as asked.",
        words_off="Speech was not transcribed, as asked.",
        no_face="No face was found in the picture.",
        no_speech="No speech was found in the sound.",
        no_words="Speech was found, but no words were recognised with enough certainty.",
        empty_transcript="The transcript holds no text.",
        no_student="Arousal, dominance and valence of the voice are absent: no speech model for them is installed.",
        experimental="experimental",
        student="Read from the sound of the voice alone, by {source}, on its teacher's scale: {dimensions}.",
        student_words={
            "silence": "The sound is silent, or softer than a voice.",
            "no speech": "Less than a fifth of the sound is speech.",
            "too short": "There is less than half a second of speech.",
            "clipped": "The sound is clipped, which sounds like effort.",
            "level only": "Speech was not told from other sound, because onnxruntime is not installed.",
        },
        untied="Face {face} and voice {voice} are kept as two people: their synchrony is {score:.2f}, "
        "below what ties a face to a voice ({threshold:.2f}).",
        assumed="Face {face} and voice {voice} were taken for one person because you asked for it; "
        "synchrony did not show it.",
        silence="The sound is silent; nothing about feelings was read from it.",
        noise="The sound is noise without speech; nothing about feelings was read from it.",
        music="The sound seems to be music without speech; nothing about feelings was read from it.",
        other_sound="The sound holds no speech; nothing about feelings was read from it.",
        assumed_language="The transcript is assumed to be English: the recogniser {model} knows no other language.",
        whole_text="The transcript has no times, so it stands for the whole recording.",
        weak_faces="Facial expressions come from a small network that is weak on anger, disgust and fear.",
        intended_use="Apparent, expressed emotion only: nobody's inner state is known from it. "
        "Not for use at work or in education (EU AI Act, Art. 5(1)(f)), "
        "not for decisions about people; tell the people whom you analyse.",
    ),
    "zh": Notices(
        no_picture="输入中没有画面。",
        no_sound="输入中没有声音。",
        faces_off="按要求未分析面部。",
        voice_off="按要求未测量声音。",
        words_off="按要求未转写语音。",
        no_face="画面中没有发现人脸。",
        no_speech="声音中没有发现语音。",
        no_words="发现了语音，但没有以足够的把握识别出词语。",
        empty_transcript="文字稿中没有内容。",
        no_student="没有语音的唤醒度、支配度和效价：未安装相应的语音模型。",
        experimental="实验性",
        student="由 {source} 仅从语音的声音读取，采用其教师模型的尺度：{dimensions}。",
        student_words={
            "silence": "声音是静音，或比人声更轻。",
            "no speech": "声音中语音不足五分之一。",
            "too short": "语音不足半秒。",
            "clipped": "声音有削波失真，听起来像用力发声。",
            "level only": "未安装 onnxruntime，因此未区分语音与其他声音。",
        },
        untied="面孔 {face} 与声音 {voice} 按两个人处理：两者的同步分数为 {score:.2f}，低于绑定阈值 {threshold:.2f}。",
        assumed="按您的要求，面孔 {face} 与声音 {voice} 视为同一人；同步分数并未证明这一点。",
        silence="声音是静音，未从中读取任何情绪。",
        noise="声音是没有语音的噪声，未从中读取任何情绪。",
        music="声音似乎是没有语音的音乐，未从中读取任何情绪。",
        other_sound="声音中没有语音，未从中读取任何情绪。",
        assumed_language="文字稿被假定为英语：识别器 {model} 不会其他语言。",
        whole_text="文字稿没有时间信息，因此对应整段录音录像。",
        weak_faces="面部表情来自一个小型网络，对愤怒、厌恶和恐惧较弱。",
        intended_use="仅描述外显的情绪，不能由此得知任何人的内心状态。"
        "不得用于工作场所或教育（欧盟《人工智能法》第 5(1)(f) 条），"
        "不得据此对人作出决定；请告知被分析的人。",
    ),
}

_DIMENSIONS: Mapping[Language, Mapping[str, str]] = {
    "en": {"arousal": "arousal", "dominance": "dominance", "valence": "valence"},
    "zh": {"arousal": "唤醒度", "dominance": "支配度", "valence": "效价"},
}


def for_language(language: Language) -> Notices:
    """Return the sentences of *language*."""
    return _TEXTS[language]


def sound_note(heard: Heard, duration: float, text: Notices) -> str:
    """Return why nothing is read from the sound, or ``""`` when there is speech in it."""
    kind = sound_kind(heard.prosody, heard.speech, 0.0, duration)
    if kind == "speech" or (kind == "other" and heard.speech):
        return ""
    return {"silence": text.silence, "noise": text.noise, "music": text.music}.get(kind, text.other_sound)


def report_notes(people: Sequence[Person], findings: Findings, options: Options, threshold: float) -> tuple[str, ...]:
    """Return what a reader must know about ties, the transcript's language and times, and weak parts."""
    text = _TEXTS[options.language]
    notes = []
    for person in people:
        if person.tie == "assumed":
            notes.append(text.assumed.format(face=person.face, voice=person.voice))
        elif person.face and not person.voice and person.synchrony is not None:
            told = {"face": person.face, "voice": person.synchrony_with, "score": person.synchrony}
            notes.append(text.untied.format(**told, threshold=threshold))
    assumed = {u.source.removeprefix("asr:") for u in findings.utterances if u.language_source == "assumed"}
    notes += [text.assumed_language.format(model=model) for model in sorted(assumed)]
    if findings.media.transcript and any(u.source == "text" for u in findings.utterances):
        notes.append(text.whole_text)
    if findings.states["visual"].used:
        notes.append(text.weak_faces)
    return tuple(notes)


def student_note(dimensions: Sequence[str], source: str, language: Language) -> str:
    """Return where values of the voice come from: *dimensions* that the student gives, *source* as results name it."""
    text, words = _TEXTS[language], _DIMENSIONS[language]
    joined = ("、" if language == "zh" else ", ").join(words[name] for name in dimensions)
    return text.student.format(dimensions=joined, source=source)


def models_used(findings: Findings) -> tuple[ModelUse, ...]:
    """Return the models that took part, in the order in which the data met them."""
    took_part = {"voice_activity": findings.heard is not None}
    seen = findings.states["visual"].present and bool(findings.faces)
    used = tuple(
        ModelUse(name=name, sha256=card.sha256, licence=card.licence, note=card.note)
        for name, card in MODELS.items()
        if took_part.get(name, seen)
    )
    return (*used, findings.recogniser) if findings.recogniser is not None else used
