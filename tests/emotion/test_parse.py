"""Label strings and replies as the official scorers read them, case by case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references import mer_unibench as reference

from openaffect.emotion.parse import clean_reply, normalise, parse_labels
from openaffect.errors import DataError, UnreadableLabels

# ---------------------------------------------------------------- label strings


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["happy", "sad"], ["happy", "sad"]),
        (["Happy ", "", "a,b", "[x]", "it's"], ["Happy ", "", "a,b", "[x]", "it's"]),  # used as is
        ([], []),
        (np.array(["happy", "very sad"]), ["happy", "very sad"]),
        (np.array(["happy", "sad, bored"], dtype=object), ["happy", "sad, bored"]),
        (np.array([], dtype=object), []),
    ],
)
def test_lists_and_arrays_stay_as_they_are(given_: Any, expected: list[str]) -> None:
    found = parse_labels(given_)
    assert found == expected and isinstance(found, list)


@pytest.mark.parametrize(
    "given_", ["", None, float("nan"), np.nan, np.float64("nan"), np.float32("nan")], ids=lambda value: repr(value)
)
def test_nothing_has_no_labels(given_: Any) -> None:
    assert parse_labels(given_) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("happy", ["happy"]),
        ("[happy]", ["happy"]),
        ("[happy", ["happy"]),
        ("happy]", ["happy"]),
        ("[[happy]]", ["[happy]"]),  # one bracket on each side
        ("[[a],[b]]", ["[a]", "[b]"]),
        ("[[", ["["]),
        ("]]", ["]"]),
        ("[]", []),
        ("]", []),
        ("][", ["]["]),
        (" [happy]", ["[happy"]),  # the bracket is not the first character
        ("[happy] ", ["happy]"]),
        ("[happy].", ["happy]."]),
    ],
)
def test_one_bracket_a_side_is_dropped(text: str, expected: list[str]) -> None:
    assert parse_labels(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("happy, sad", ["happy", "sad"]),
        ("'happy' 'sad'", ["happy", "sad"]),
        ('"happy""sad"', ["happy", "sad"]),
        ("['happy', \"sad\"]", ["happy", "sad"]),
        (",,happy, ,sad,", ["happy", "sad"]),
        (",,,", []),
        ("'\"',", []),
        ("   ", []),
        ("[ happy ,\tsad\n]", ["happy", "sad"]),
        ("don't care", ["don", "t care"]),
        ("don’t care", ["don’t care"]),
    ],
)
def test_quotes_and_commas_separate(text: str, expected: list[str]) -> None:
    assert parse_labels(text) == expected


@pytest.mark.parametrize("text", ["happy; sad", "happy，sad", "happy、sad", "happy\nsad", "happy/sad", "happy and sad"])
def test_nothing_else_separates(text: str) -> None:
    assert parse_labels(text) == [text]


def test_a_full_stop_stays_and_so_does_the_case() -> None:
    assert parse_labels("[Happy, SAD.]") == ["Happy", "SAD."]


def test_words_for_nothing_are_words() -> None:
    assert parse_labels("nan, None, null") == ["nan", "None", "null"]


def test_the_lone_bracket_fails_as_in_the_official_code() -> None:
    with pytest.raises(IndexError):
        parse_labels("[")
    with pytest.raises(DataError, match=r"'\['"):
        parse_labels("[")
    assert issubclass(UnreadableLabels, IndexError)


@pytest.mark.parametrize(
    "given_", [3, 1.5, True, {"happy": 1}, {"happy"}, b"happy", object()], ids=lambda v: str(type(v))
)
def test_what_is_neither_text_nor_list_is_refused(given_: Any) -> None:
    with pytest.raises(DataError, match="list or a string"):
        parse_labels(given_)


def test_the_caller_keeps_the_own_list() -> None:
    given_ = ["happy"]
    parse_labels(given_).append("sad")
    assert given_ == ["happy"]


def test_normalise_lowers_and_strips() -> None:
    assert normalise([" Happy\n", "SAD", "very  Sad", ""]) == ["happy", "sad", "very  sad", ""]


@settings(max_examples=400)
@given(text=st.text("[]'\", .;，、\n\tab’İßÉ", max_size=12) | st.text(max_size=20))
def test_any_string_is_read_as_by_the_reference(text: str) -> None:
    if text == "[":
        for parser in (parse_labels, reference.string_to_list):
            with pytest.raises(IndexError):
                parser(text)
        return
    found = parse_labels(text)
    assert found == reference.string_to_list(text)
    assert all(label == label.strip() != "" and not set(label) & set("'\",") for label in found)


@given(labels=st.lists(st.text("abc é开-", min_size=1, max_size=6).map(str.strip).filter(bool)))
def test_the_python_form_of_a_list_comes_back(labels: list[str]) -> None:
    assert parse_labels(str(labels)) == parse_labels(f"[{', '.join(labels)}]") == labels


# ---------------------------------------------------------------- replies


@pytest.mark.parametrize("prefix", reference.PREFIXES)
def test_each_prefix_is_dropped_once(prefix: str) -> None:
    assert clean_reply(f"{prefix}[happy]") == "[happy]"
    assert clean_reply(f"  {prefix}: [happy]\n") == "[happy]"
    assert clean_reply(f"{prefix}{prefix}[happy]") == f"{prefix}[happy]"
    assert clean_reply(f"[happy] {prefix}") == f"[happy] {prefix}".strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # in sequence: a later literal may be dropped after an earlier one, an earlier one not after a later one
        ("输入输出翻译x", "x"),
        ("输出输入x", "输入x"),
        ("OutputInputx", "x"),
        ("InputOutputx", "Outputx"),
        ("outputOutputinputInputx", "x"),
        ("Outputoutputx", "outputx"),
        ("翻译让我们来翻译一下：x", "x"),
        ("让我们来翻译一下x", "让我们来翻译一下x"),
        # blanks between prefixes stop it, and so does a colon
        ("输入 输出x", "输出x"),
        ("Input: Output: x", "Output: x"),
        ("Input: x; Output: [a]", "x; Output: [a]"),
        # case counts
        ("OUTPUT: x", "OUTPUT: x"),
        ("oUTPUT x", "oUTPUT x"),
        # one colon of each kind, the narrow one first
        (": x", "x"),
        ("：x", "x"),
        (":：x", "x"),
        ("：:x", ":x"),
        ("::x", ":x"),
        (": ：x", "：x"),
        ("Output : x", "x"),
        ("让我们来翻译一下：：x", "x"),
        # line breaks go without a trace, only after the prefixes
        ("happy,\nsad", "happy,sad"),
        ("Out\nput: x", "Output: x"),
        ("\n\nOutput\n:\nx\n", "x"),
        ("a\rb\tc", "a\rb\tc"),
        # nothing left, nothing done
        ("", ""),
        ("  \n ", ""),
        ("Output:", ""),
        ("[happy]", "[happy]"),
    ],
)
def test_the_order_of_the_clean_up(text: str, expected: str) -> None:
    assert clean_reply(text) == expected


pieces = st.sampled_from((*reference.PREFIXES, ":", "：", " ", "\n", "\t", "[", "happy", "]", "OUTPUT", "Input:"))


@settings(max_examples=400)
@given(text=st.lists(pieces, max_size=9).map("".join) | st.text(max_size=8))
def test_any_reply_is_cleaned_as_by_the_reference(text: str) -> None:
    found = clean_reply(text)
    assert found == reference.clean_reply(text)
    assert found == found.strip() and "\n" not in found
