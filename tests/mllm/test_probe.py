"""The probe: honest, blind, deaf, constant, refusing and failing models; replies in digits, English and Chinese."""

from __future__ import annotations

import asyncio
import io
import shutil
import wave
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from openaffect.errors import KeyRejected, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Picture, Reply, Sound, Text, wav_bytes
from openaffect.mllm.fake import Fake
from openaffect.mllm.probe import Modality, Probe, probe, probe_async
from openaffect.mllm.probe_questions import COLOURS, WORDS, espeak, read_choice

SPOKEN = {word: Sound(wav_bytes(np.full(100, (place + 1) / 10, np.float32)), 4.0) for place, word in enumerate(WORDS)}
"""Word → a made sound that stands for it."""
Give = Callable[[Sequence[Message]], str | Reply]


def samples(sound: Sound) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(sound.data)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def heard(sound: Sound) -> str:
    """What a listener says: the made word, or the number of beeps, told by loudness alone."""
    for word, made in SPOKEN.items():
        if made.data == sound.data:
            return f'The speaker says "{word}".'
    found = samples(sound)
    loud = np.abs(found[: found.size // 160 * 160].reshape(-1, 160)).max(axis=1) > 8000
    return f"There are {np.count_nonzero(loud[1:] & ~loud[:-1])} beeps."


def seen(picture: Picture) -> str:
    mean = np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB"), float).mean(axis=(0, 1))
    return min(COLOURS, key=lambda name: float(np.abs(mean - np.array(COLOURS[name][0])).sum()))


def honest(messages: Sequence[Message]) -> str:
    (message,) = messages
    for part in message.parts:
        if isinstance(part, Sound):
            return heard(part)
        if isinstance(part, Picture):
            return f"The picture is {seen(part)}."
    (text,) = message.parts
    assert isinstance(text, Text)
    return text.text.split('"')[1]


def without(kind: type, otherwise: str) -> Give:
    """A server that drops a kind of part without a word; its model guesses."""

    def give(messages: Sequence[Message]) -> str:
        return otherwise if any(isinstance(part, kind) for part in messages[0].parts) else honest(messages)

    return give


def probed(give: Give | str | Fake, *modalities: Modality, seed: int = 0, **options: object) -> Probe:
    fake = give if isinstance(give, Fake) else Fake(give)
    caller = Caller(fake, **{"retries": 0, **options})  # type: ignore[arg-type]
    return probe(caller, modalities or ("audio", "video", "text"), seed=seed, say=SPOKEN.get)


@pytest.mark.parametrize("seed", range(20))
def test_an_honest_model_gets_everything(seed: int) -> None:
    found = probed(honest, seed=seed)
    assert found.arrived == {"audio": True, "video": True, "text": True}
    assert not found.cause and not found.missing and not found.unknown and not found.notes
    assert len(found.replies) == 8 and all(reply.right for reply in found.replies)
    for kind in {reply.kind for reply in found.replies}:
        assert len({reply.wanted for reply in found.replies if reply.kind == kind}) == 2


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("otherwise", ["3", "I cannot hear anything.", "tiger", "2, 3, 4 or 5; banana or river"])
def test_dropped_sound_is_told(otherwise: str, seed: int) -> None:
    found = probed(without(Sound, otherwise), seed=seed)
    assert found.arrived == {"audio": False, "video": True, "text": True} and found.missing == ("audio",)
    assert found.cause["audio"].startswith("audio did not arrive: the answers to beeps are")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("otherwise", [*COLOURS, "I see no picture.", "red, green, blue, yellow, black or white"])
def test_dropped_pictures_are_told(otherwise: str, seed: int) -> None:
    found = probed(without(Picture, otherwise), seed=seed)
    assert found.arrived == {"audio": True, "video": False, "text": True}


@pytest.mark.parametrize("constant", ["3", "blue", "tiger", "yes", "3 blue tiger"])
def test_a_constant_answer_arrives_nowhere(constant: str) -> None:
    for seed in range(20):
        assert set(probed(constant, seed=seed).arrived.values()) == {False}


def test_one_kind_of_sound_is_enough() -> None:
    def cannot_count(messages: Sequence[Message]) -> str:
        said = honest(messages)
        return "There are 2 beeps." if "beeps" in said else said

    assert probed(cannot_count).arrived["audio"] is True


def test_without_a_voice_only_beeps_are_asked() -> None:
    found = probe(Caller(Fake(honest)), ["audio"], say=lambda word: None)
    assert [reply.kind for reply in found.replies] == ["beeps", "beeps"] and found.arrived == {"audio": True}
    assert "espeak-ng" in found.notes[0]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [(Reply("", refusal="I will not."), "refused"), (Reply(""), "empty"), (Reply("3", "content_filter"), "refused")],
)
def test_no_answer_is_not_a_wrong_one(reply: Reply, outcome: str) -> None:
    found = probed(Fake(reply))
    assert set(found.arrived.values()) == {None} and found.unknown == ("audio", "video", "text")
    assert {each.outcome for each in found.replies} == {outcome}
    assert all(f"a question was {outcome}" in cause for cause in found.cause.values())


def test_refusals_in_words_are_wrong_answers() -> None:
    assert set(probed("I'm sorry, but I cannot help with that.").arrived.values()) == {False}


def test_failed_calls_are_recorded() -> None:
    found = probed(Fake(honest, faults={"bad_request": 1.0}))
    assert set(found.arrived.values()) == {None}
    assert {reply.outcome for reply in found.replies} == {"failed"} and all(reply.cause for reply in found.replies)
    assert "was failed" in found.cause["video"] and "400" in found.cause["video"]


def test_a_passing_fault_is_tried_again() -> None:
    async def work() -> Probe:
        caller = Caller(Fake(honest, faults=["server_error"]), retries=1)
        return await probe_async(caller, ["video"], say=SPOKEN.get)

    assert asyncio.run(work()).arrived == {"video": True}


def test_one_right_answer_and_one_failure_leave_it_open() -> None:
    found = probed(Fake(honest, faults=[None, "bad_request"]), "video", concurrency=1)
    assert found.arrived == {"video": None}
    assert probed(Fake("mauve", faults=[None, "bad_request"]), "video", concurrency=1).arrived == {"video": False}


def test_a_refused_key_ends_the_probe() -> None:
    with pytest.raises(KeyRejected):
        probed(Fake(honest, faults={"wrong_key": 1.0}))


def test_only_what_is_wanted_is_asked_and_the_seed_decides_what() -> None:
    one, again = probed(honest, "video", "video", seed=4), probed(honest, "text", "video", seed=4)
    assert list(one.arrived) == ["video"] and len(one.replies) == 2
    assert one.replies == tuple(reply for reply in again.replies if reply.modality == "video")
    assert len({tuple(reply.wanted for reply in probed(honest, "video", seed=n).replies) for n in range(20)}) > 5


def test_unusable_calls() -> None:
    with pytest.raises(UsageError, match="did you mean 'video'"):
        probe(Caller(Fake("")), ["vidio"])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="no modality"):
        probe(Caller(Fake("")), [])

    async def inside() -> None:
        probe(Caller(Fake("")), ["video"])

    with pytest.raises(UsageError, match="probe_async"):
        asyncio.run(inside())


def test_connections_are_closed() -> None:
    closed = []

    class Connected(Fake):
        async def aclose(self) -> None:
            closed.append(True)

    probe(Caller(Connected(honest)), ["text"])
    with pytest.raises(KeyRejected):
        probe(Caller(Connected(honest, faults=["wrong_key"])), ["text"])
    assert closed == [True, True]


def test_a_probe_is_a_record() -> None:
    found = probed(honest)
    assert Probe.model_validate_json(found.model_dump_json()) == found


def test_sounds_and_pictures_give_nothing_away_from_outside() -> None:
    lengths, sizes = set(), set()

    def note(messages: Sequence[Message]) -> str:
        for part in messages[0].parts:
            if isinstance(part, Sound):
                lengths.add((len(part.data), part.seconds))
            if isinstance(part, Picture):
                sizes.add(Image.open(io.BytesIO(part.data)).size)
        return "3"

    for seed in range(5):
        probe(Caller(Fake(note)), ["audio", "video"], seed=seed, say=lambda word: None)
    assert len(lengths) == len(sizes) == 1


@pytest.mark.parametrize(
    ("kind", "reply", "read"),
    [
        ("beeps", "3", "3"),
        ("beeps", "３", "3"),
        ("beeps", "Three.", "3"),
        ("beeps", "**4**", "4"),
        ("beeps", "It beeps twice", "2"),
        ("beeps", "三", "3"),
        ("beeps", "一共有三声。", "3"),
        ("beeps", "我听到了两次嘟声", "2"),
        ("beeps", "答案是五", "5"),
        ("beeps", "<think>2? No, 4.</think>4", "4"),
        ("beeps", "<think>2 or 3", None),
        ("beeps", "I count 2, then another. So 3", "3"),
        ("beeps", "13", None),
        ("beeps", "3.5", None),
        ("beeps", "第三次", None),
        ("beeps", "二十三次", None),
        ("beeps", "one", None),
        ("beeps", "", None),
        ("beeps", "two or three", None),
        ("colour", "RED", "red"),
        ("colour", "红色", "red"),
        ("colour", "这张图片是蓝色的。", "blue"),
        ("colour", "我明白了，是绿色。", "green"),
        ("colour", "黃", "yellow"),
        ("colour", "coloured", None),
        ("colour", "It is red. No, blue.", "blue"),
        ("spoken word", "老虎", "tiger"),
        ("spoken word", "Tigers!", "tiger"),
        ("written word", '"river"', "river"),
    ],
)
def test_replies_are_read_tolerantly(kind: str, reply: str, read: str | None) -> None:
    assert read_choice(kind, reply) == read


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_real_voice_speaks_different_words() -> None:
    spoken = [espeak(word) for word in WORDS]
    assert all(sound is not None and sound.seconds == 4.0 for sound in spoken)
    assert len({sound.data for sound in spoken if sound}) == len(WORDS)
    assert all(np.abs(samples(sound)).max() > 3000 for sound in spoken if sound)


def test_no_voice_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert espeak("tiger") is None
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    assert espeak("tiger") is None
