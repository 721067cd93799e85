"""The fingerprint of a request: the same everywhere, another one for any change."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.errors import MediaError, UsageError
from openaffect.mllm.chat import Clip, Message, Options, Part, Picture, Sound, Text, fingerprint

reals = st.floats(0, 100, allow_nan=False)
parts = st.one_of(
    st.builds(Text, st.text(max_size=8)),
    st.builds(Picture, st.binary(max_size=4), st.sampled_from(["image/jpeg", "image/png"]), st.none() | reals),
    st.builds(Sound, st.binary(max_size=4), reals),
    st.builds(Clip, st.binary(max_size=4), st.sampled_from(["video/mp4", "video/webm"])),
)
chats = st.lists(
    st.builds(
        Message, st.sampled_from(["system", "user", "assistant"]), st.lists(parts, max_size=3).map(lambda p: tuple(p))
    ),
    max_size=3,
)
settings = st.builds(
    Options,
    seed=st.none() | st.integers(),
    max_tokens=st.integers(1, 9),
    temperature=reals,
    top_p=st.none() | reals,
    repetition_penalty=st.none() | reals,
    schema=st.none() | st.dictionaries(st.text(max_size=3), st.integers(0, 2), max_size=2),
)
requests = st.tuples(chats, settings, st.text(max_size=4), st.text(max_size=4))


def ordered(value: Any) -> Any:
    """*value* with the order of keys in it: two dicts are equal in any order, two schemas are not."""
    return list(value.items()) if isinstance(value, dict) else value


def key(request: tuple[list[Message], Options, str, str]) -> Any:
    messages, options, model, revision = request
    return messages, replace(options, schema=None), ordered(options.schema), model, revision


@given(requests, requests)
def test_two_requests_have_one_fingerprint_only_if_they_are_equal(one: Any, other: Any) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) == (key(one) == key(other))
    assert fingerprint(*one) == fingerprint(*one)


@given(chats, settings, settings)
def test_each_option_counts(messages: list[Message], options: Options, other: Options) -> None:
    before = fingerprint(messages, options, "m")
    for name in ("seed", "max_tokens", "temperature", "top_p", "repetition_penalty", "schema"):
        changed = replace(options, **{name: getattr(other, name)})
        same = ordered(getattr(options, name)) == ordered(getattr(other, name))
        assert (fingerprint(messages, changed, "m") == before) == same


@given(chats, parts, st.integers(0, 3))
def test_each_part_counts_where_it_stands(messages: list[Message], part: Part, at: int) -> None:
    for number, message in enumerate(messages):
        longer = replace(message, parts=(*message.parts[:at], part, *message.parts[at:]))
        changed = [*messages[:number], longer, *messages[number + 1 :]]
        assert fingerprint(changed, Options(), "m") != fingerprint(messages, Options(), "m")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Picture(b"a"), Picture(b"b")),
        (Picture(b"a"), Picture(b"a", "image/png")),
        (Picture(b"a"), Picture(b"a", time=0.0)),
        (Picture(b"a", time=1.0), Picture(b"a", time=2.0)),
        (Sound(b"a", 1.0), Sound(b"b", 1.0)),
        (Sound(b"a", 1.0), Sound(b"a", 2.0)),
        (Clip(b"a"), Clip(b"b")),
        (Clip(b"a"), Clip(b"a", "video/webm")),
        (Clip(b"a"), Picture(b"a", "video/mp4")),
        (Text("a"), Text("b")),
    ],
)
def test_each_field_of_a_part_counts(one: Part, other: Part) -> None:
    assert fingerprint([Message("user", (one,))], Options(), "m") != fingerprint(
        [Message("user", (other,))], Options(), "m"
    )


def test_a_clip_counts_by_its_bytes_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"film")

    def of(clip: Clip) -> str:
        return fingerprint([Message("user", (clip,))], Options(), "m")

    assert of(Clip(tmp_path / "a.mp4")) == of(Clip(b"film"))
    (tmp_path / "a.mp4").write_bytes(b"Film")
    assert of(Clip(tmp_path / "a.mp4")) != of(Clip(b"film"))
    with pytest.raises(MediaError, match=r"b\.mp4"):
        of(Clip(tmp_path / "b.mp4"))


@pytest.mark.parametrize(
    "wrong", [{"max_tokens": 0}, {"temperature": -1.0}, {"top_p": math.nan}, {"repetition_penalty": math.inf}]
)
def test_options_that_no_server_takes(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="max_tokens"):
        Options(**wrong)


def test_equal_numbers_are_equal() -> None:
    assert fingerprint([], Options(temperature=0), "m") == fingerprint([], Options(temperature=0.0), "m")


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from openaffect.mllm.chat import *;"
        "asked = [Message('user', (Text('\\u5f00\\ud800'), Sound(b'x', 1)))];"
        "print(fingerprint(asked, Options(schema={'b': 1, 'a': 2}), 'm', 'r'))"
    )
    line = [sys.executable, "-c", code]
    runs = {
        subprocess.run(line, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}).stdout.strip()
        for seed in ("1", "2")
    }
    messages = [Message("user", (Text("开\ud800"), Sound(b"x", 1)))]
    assert runs == {fingerprint(messages, Options(schema={"b": 1, "a": 2}), "m", "r")}
