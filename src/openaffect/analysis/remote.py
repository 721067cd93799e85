"""A reasoner that asks a multimodal language model, and believes only what it can check.

The model receives the clues, the transcript, some frames and the sound as a part of its own.  Its reply must have
the shape of `_Answer`; a claim that cites no clue of this segment (of the right modality) and no frame that was sent
is kept and marked unsupported.  Its words for emotions are read through our own wheel.  A refusal is reported as a
refusal, an unreadable reply as an abstention.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from openaffect.analysis.evidence import Language
from openaffect.emotion.labels import VOCABULARY
from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import OfflineError, RemoteError
from openaffect.mllm.chat import Backend, Message, Part, Picture, Reply, Sound, Text
from openaffect.mllm.openai import is_local
from openaffect.records import Clue, Explanation, Label, Reading, Sent, Statement

_SORRY = (
    "i'm sorry",
    "i’m sorry",
    "i am sorry",
    "i cannot",
    "i can't",
    "i can’t",
    "i won't",
    "抱歉",
    "对不起",
    "我无法",
    "我不能",
)
_UNREADABLE = {
    "en": "The model's reply could not be read as the JSON that was asked for ({why}), so no label is given.",
    "zh": "模型的回答不符合所要求的 JSON 格式（{why}），因此不给出标签。",
}
_FAILED = {
    "en": "The model gave no answer ({why}), so no label is given.",
    "zh": "模型没有给出回答（{why}），因此不给出标签。",
}
_REFUSED = {
    "en": "The model declined to answer, so no label is given.",
    "zh": "模型拒绝回答，因此不给出标签。",
}
_CHINESE = re.compile("[\u4e00-\u9fff]")


class _Claim(BaseModel):
    text: str = Field(max_length=2000)
    clues: list[str] = []
    frames: list[int] = []


class _NamedLabel(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)
    clues: list[str] = []


class _Answer(BaseModel):
    visual: list[_Claim] = Field(default=[], max_length=20)
    acoustic: list[_Claim] = Field(default=[], max_length=20)
    lexical: list[_Claim] = Field(default=[], max_length=20)
    conclusion: list[_Claim] = Field(default=[], max_length=20)
    labels: list[_NamedLabel] = Field(default=[], max_length=12)
    refusal: str | None = None


@dataclass(frozen=True)
class Case:
    """One segment as a remote reasoner sees it."""

    segment: str
    clues: tuple[Clue, ...]
    transcript: str | None = None
    frames: tuple[Picture, ...] = ()
    sound: Sound | None = None


def forbid_remote(backend: Backend) -> None:
    """Raise `OfflineError` when *backend* would send media to another machine."""
    if backend.host and not is_local(backend.host):
        raise OfflineError(
            f"--offline forbids sending media to {backend.host}; drop --offline, use a server on this machine, "
            "or use the default reasoner."
        )


def read_remote(backend: Backend, case: Case, *, language: Language = "en", seed: int = 0) -> tuple[Reading, Sent]:
    """Return the model's reading of *case* and the record of what it was sent.

    Never raises for what the model says or fails to say: failures become an abstention with the cause, and
    ``Sent.outcome`` is one of ``answered``, ``refused``, ``unreadable``, ``failed``.
    """
    messages = compose(case, language)
    reply: Reply | None = None
    try:
        reply = backend.reply(messages, seed=seed, schema=_Answer.model_json_schema())
        reading, outcome = _interpret(reply, case, language)
    except RemoteError as error:
        reading, outcome = Reading(abstained=_FAILED[language].format(why=str(error))), "failed"
    return reading, _sent(backend, case, messages, reply, outcome)


def _prompt(language: str) -> str:
    return resources.files("openaffect.analysis").joinpath("prompts", f"reason.{language}.txt").read_text("utf-8")


def prompt_hashes() -> dict[str, str]:
    """Return the sha256 of each prompt file, for run cards."""
    return {f"reason.{name}": hashlib.sha256(_prompt(name).encode()).hexdigest() for name in ("en", "zh")}


def compose(case: Case, language: Language) -> list[Message]:
    """Return the messages for *case*: instructions, then clues, transcript, frames and sound as separate parts."""
    prompt = _prompt(language)
    keep = ("id", "modality", "name", "value", "unit", "baseline", "start", "end", "sentence", "confidence", "quote")
    clues = [{key: getattr(clue, key) for key in keep} for clue in case.clues]
    parts: list[Part] = [Text(json.dumps({"transcript": case.transcript, "clues": clues}, ensure_ascii=False))]
    for number, frame in enumerate(case.frames):
        parts += [Text(f"frame {number} at {frame.time:.2f} s" if frame.time is not None else f"frame {number}"), frame]
    if case.sound is not None:
        parts.append(case.sound)
    return [Message("system", (Text(prompt),)), Message("user", tuple(parts))]


def _sent(backend: Backend, case: Case, messages: Sequence[Message], reply: Reply | None, outcome: str) -> Sent:
    words = "\n".join(part.text for m in messages for part in m.parts if isinstance(part, Text))
    answer = None if reply is None else hashlib.sha256((reply.text or reply.refusal or "").encode()).hexdigest()
    return Sent(
        host=backend.host or "(this process)",
        model=backend.model,
        segment=case.segment,
        frames=len(case.frames),
        sound_s=case.sound.seconds if case.sound else 0.0,
        clues=len(case.clues),
        prompt_sha256=hashlib.sha256(words.encode()).hexdigest(),
        reply_sha256=answer,
        outcome=outcome,
    )


def _interpret(reply: Reply, case: Case, language: Language) -> tuple[Reading, str]:
    refusal = _refusal(reply)
    if refusal is not None:
        return Reading(abstained=_REFUSED[language], refused=refusal), "refused"
    try:
        answer = _Answer.model_validate_json(_json_part(reply.text))
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'reply'}: {first['type']}"
        return Reading(abstained=_UNREADABLE[language].format(why=why)), "unreadable"
    if answer.refusal:
        return Reading(abstained=_REFUSED[language], refused=answer.refusal[:2000]), "refused"
    return _reading(answer, case, language), "answered"


def _refusal(reply: Reply) -> str | None:
    if reply.refusal or reply.finish_reason == "content_filter":
        return (reply.refusal or "content filter")[:2000]
    text = reply.text.strip()
    return text[:2000] if "{" not in text and text.lower().startswith(_SORRY) else None


def _json_part(text: str) -> str:
    """Return the outermost braces of *text*: models wrap JSON in fences and prose."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _reading(answer: _Answer, case: Case, language: Language) -> Reading:
    modality = {clue.id: clue.modality for clue in case.clues}

    def statements(
        claims: list[_Claim], section: Literal["visual", "acoustic", "lexical", "conclusion"]
    ) -> tuple[Statement, ...]:
        return tuple(_statement(claim, section, modality, len(case.frames)) for claim in claims if claim.text.strip())

    labels = _labels(answer.labels, modality, language)
    explanation = Explanation(
        visual=statements(answer.visual, "visual"),
        acoustic=statements(answer.acoustic, "acoustic"),
        lexical=statements(answer.lexical, "lexical"),
        conclusion=statements(answer.conclusion, "conclusion"),
    )
    abstained = None
    if not labels:
        words = " ".join(s.text for s in explanation.conclusion)
        abstained = words or {"en": "The model gave no label.", "zh": "模型没有给出标签。"}[language]
    return Reading(labels=labels, explanation=explanation, abstained=abstained)


def _statement(claim: _Claim, section: str, modality: Mapping[str, str], frames: int) -> Statement:
    cited = tuple(i for i in dict.fromkeys(claim.clues) if i in modality and section in (modality[i], "conclusion"))
    seen = section in ("visual", "conclusion") and any(0 <= number < frames for number in claim.frames)
    return Statement(text=claim.text.strip(), clues=cited, supported=bool(cited) or seen)


def _labels(named: Sequence[_NamedLabel], modality: Mapping[str, str], language: Language) -> tuple[Label, ...]:
    """Return the labels by name: two words for one label (*sad*, *sadness*) are one."""
    found: dict[str, Label] = {}
    for each in named:
        new = _label(each, modality, language)
        first = found.setdefault(new.name, new)
        clues = tuple(dict.fromkeys([*first.clues, *new.clues]))
        sure = max(first.confidence, new.confidence)
        found[new.name] = first.model_copy(update={"confidence": sure, "clues": clues})
    return tuple(found.values())


def _label(label: _NamedLabel, modality: Mapping[str, str], language: Language) -> Label:
    """Return the label that the model's word means by our own wheel; a word that it does not hold stays as it is.

    The reader sees the model's own word, unless the wheel knows it and it is not in the language of the report.
    """
    word = label.name.strip()
    name = bundled_wheel().cluster(word.lower(), level=2)
    entry = None if name is None else VOCABULARY[name]
    foreign = bool(_CHINESE.search(word)) != (language == "zh")
    return Label(
        name=word.lower() if entry is None else entry.name,
        text=entry.text(language) if entry is not None and foreign else word,
        family="other" if entry is None else entry.family,
        confidence=label.confidence,
        clues=tuple(i for i in dict.fromkeys(label.clues) if i in modality),
    )
