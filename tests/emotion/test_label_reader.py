"""The robust reader of label lists: what people and models write, and that nothing makes it raise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.emotion.parse import read_labels


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("happy, sad, and angry", ("happy", "sad", "angry")),
        ("['happy', \"don't care\"]", ("happy", "don't care")),
        ('["a","b"]', ("a", "b")),
        ('```json\n["happy", "sad"]\n```', ("happy", "sad")),
        ("- happy\n- sad\n- very angry", ("happy", "sad", "very angry")),
        ("1. 开心 2. 难过", ("开心", "难过")),
        ("1) happy 2) sad", ("happy", "sad")),
        ("开心、难过；愤怒，平静", ("开心", "难过", "愤怒", "平静")),
        ("开心和难过", ("开心", "难过")),
        ("温和、平和，和蔼", ("温和", "平和", "和蔼")),
        ("Output: [happy, sad]", ("happy", "sad")),
        ("Output:\n[happy]", ("happy",)),
        ("OUTPUT: Input: happy", ("happy",)),
        ("输出：[开心]", ("开心",)),
        ("[[a],[b]]", ("a", "b")),
        ("band, handsome, sand", ("band", "handsome", "sand")),
        ("happy or sad", ("happy", "sad")),
        ("Doubt/Confusion", ("Doubt/Confusion",)),
        ("self-conscious", ("self-conscious",)),
        ("happy.", ("happy",)),
        ("“happy”", ("happy",)),
        ("happy, happy", ("happy",)),
        ("Happy, happy", ("Happy", "happy")),
        ("happy\x00sad\x1b", ("happy", "sad")),
        ({"emotions": ["calm", "tired"]}, ("calm", "tired")),
        ('{"emotions": ["calm"]}', ("calm",)),
        (np.array(["calm", "tired"]), ("calm", "tired")),
        (["calm", ["tired"], None], ("calm", "tired")),
    ],
)
def test_reads(written: object, labels: tuple[str, ...]) -> None:
    assert read_labels(written).labels == labels
    assert read_labels(written).unread == ()


@pytest.mark.parametrize(
    "nothing", [None, "", "[]", "[", "none", "N/A", "无", float("nan"), np.float32("nan"), [], "  "]
)
def test_no_labels(nothing: object) -> None:
    assert read_labels(nothing) == read_labels([])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("The man seems to be quite angry about something", "a sentence, not a label"),
        ([10**5000, "calm"], "int where a label was expected"),
        ([1, "calm"], "int where a label was expected: 1"),
        (b"\xff\xfe", "bytes that are no text"),
        ("x" * 70, "a sentence, not a label"),
        ("a," * 15_000, "text beyond 20000 characters"),
        ([[[[[[[[[["deep"]]]]]]]]]], "nested more than eight deep"),
    ],
)
def test_says_what_it_could_not_read(written: object, why: str) -> None:
    assert any(why in each for each in read_labels(written).unread)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_never_raises_and_gives_clean_labels(value: object) -> None:
    found = read_labels(value)
    assert len(set(found.labels)) == len(found.labels)
    assert all(label and label == label.strip() and len(label) <= 60 for label in found.labels)


@given(st.lists(st.sampled_from(["happy", "sad", "let down", "self-conscious", "委屈"]), unique=True, max_size=5))
def test_reads_back_what_python_writes(labels: list[str]) -> None:
    assert list(read_labels(str(labels)).labels) == labels
    assert list(read_labels(", ".join(labels)).labels) == labels
