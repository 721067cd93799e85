"""Label extraction and the sentiment step: what is asked, and how replies are read."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mllm.clock import simulated

from openaffect.emotion.parse import clean_reply
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Reply, Text
from openaffect.mllm.extract import (
    GREEDY,
    OFFICIAL,
    Extraction,
    Step,
    extract,
    messages_for,
    prompt_hashes,
    read_extraction,
    read_sentiment,
)
from openaffect.mllm.fake import Fake
from openaffect.mllm.prices import Prices


def said(text: str) -> Call:
    return Call("", Reply(text))


def asked(step: Step, text: str) -> str:
    (message,) = messages_for(step, text)
    assert message.role == "user"
    (part,) = message.parts
    assert isinstance(part, Text)
    return part.text


def test_the_extraction_prompt_has_the_parts_of_the_procedure() -> None:
    words = asked("extract", "He smiles {text} {0}.")
    for part in ("main character", "most detailed", "separated by commas", "clearly", "list", "empty list"):
        assert part in words
    assert words.count("Input: ") == words.count("; Output: ") == 3
    assert "; Output: []\n" in words
    assert "; Output: [happy, sad, angry]\n" in words
    assert words.endswith("\nInput: He smiles {text} {0}.; Output: ")


def test_the_sentiment_prompt_has_the_parts_of_the_procedure() -> None:
    words = asked("sentiment", "[calm]")
    assert "[positive, negative, neutral]" in words
    assert "no analysis" in words
    assert "Input: [joyful]; Output: positive\nInput: []; Output: neutral\nInput: [calm]; Output: " in words


def test_prompts_have_hashes() -> None:
    hashes = prompt_hashes()
    assert sorted(hashes) == ["extract.en", "sentiment.en"]
    assert {len(value) for value in hashes.values()} == {64}


def test_options_are_those_of_the_procedure() -> None:
    assert Options(seed=0, max_tokens=512, temperature=0.0) == GREEDY
    assert (OFFICIAL.temperature, OFFICIAL.top_p, OFFICIAL.repetition_penalty, OFFICIAL.max_tokens) == (
        0.7,
        0.8,
        1.05,
        512,
    )


@pytest.mark.parametrize(
    ("text", "kept", "labels"),
    [
        ("[happy, sad]", "[happy, sad]", ("happy", "sad")),
        ("Output: [happy,\n sad]", "[happy, sad]", ("happy", "sad")),
        ("输出：['calm']", "['calm']", ("calm",)),
        ("[]", "[]", ()),
        ("happy", "happy", ("happy",)),
        ("None", "None", ()),
        ("The emotions are: [happy, sad].", "The emotions are: [happy, sad].", ("happy", "sad")),
    ],
)
def test_a_list_is_read(text: str, kept: str, labels: tuple[str, ...]) -> None:
    assert read_extraction(said(text)) == Extraction(kept, labels, "answered")


@pytest.mark.parametrize("text", ["[", "I'm sorry, but I cannot judge the feelings of people in this text."])
def test_what_is_no_list_is_kept_and_marked(text: str) -> None:
    found = read_extraction(said(text))
    assert (found.text, found.labels, found.outcome) == (text, (), "unreadable")
    assert found.cause


def test_what_was_passed_over_is_said() -> None:
    found = read_extraction(said("[happy, and this one here is no label at all]"))
    assert (found.labels, found.outcome) == (("happy",), "answered")
    assert "a sentence, not a label" in (found.cause or "")


@pytest.mark.parametrize(
    ("text", "labels", "outcome"),
    [
        ("positive", ("positive",), "answered"),
        ("Output: negative\n", ("negative",), "answered"),
        ("Neutral.", ("neutral",), "answered"),
        ("[positive]", ("positive",), "answered"),
        ("mixed", (), "unreadable"),
        ("positive, I think", (), "unreadable"),
    ],
)
def test_a_sentiment_is_read(text: str, labels: tuple[str, ...], outcome: str) -> None:
    found = read_sentiment(said(text))
    assert (found.text, found.labels, found.outcome) == (clean_reply(text), labels, outcome)


@pytest.mark.parametrize("read", [read_extraction, read_sentiment])
@pytest.mark.parametrize(
    ("call", "outcome", "cause"),
    [
        (Call("", Reply("", refusal="I will not.")), "refused", "I will not."),
        (Call("", Reply("happy", "content_filter")), "refused", "content_filter"),
        (Call("", Reply(" ", "length")), "empty", "length"),
        (Call("", None, "ServerFault", "it broke off."), "failed", "it broke off."),
        (Call("", None, "BudgetSpent", "no money."), "unasked", "no money."),
    ],
)
def test_a_call_without_an_answer_keeps_its_outcome(read, call: Call, outcome: str, cause: str) -> None:  # type: ignore[no-untyped-def]
    found = read(call)
    assert (found.labels, found.outcome, found.cause) == ((), outcome, cause)


@given(st.text())
def test_any_reply_is_kept_and_never_raises(text: str) -> None:
    for read in (read_extraction, read_sentiment):
        found = read(said(text))
        assert found.text == clean_reply(text)
        assert found.outcome in ("answered", "unreadable", "empty")


def test_many_texts_each_give_one_extraction() -> None:
    def reply(messages: Sequence[Message]) -> Reply:
        words = str(messages[0].parts[0].text)  # type: ignore[union-attr]
        word = words.rpartition("\nInput: ")[2].removesuffix("; Output: ")
        return Reply(f"Output: [{word}]", input_tokens=1, output_tokens=1)

    async def work() -> dict[str, Extraction]:
        caller = Caller(backend, concurrency=1, budget=40.0, prices=Prices(0.0, 1e6))
        texts = ((str(number), f"word{number}") for number in range(50))
        return {name: found async for name, found, _ in extract(caller, texts)}

    backend = Fake(reply, faults=["empty", "bad_request", "server_error"])
    found = simulated(work())
    assert len(found) == 50
    assert [found[name].outcome for name in ("0", "1", "2", "49")] == ["empty", "failed", "answered", "unasked"]
    assert found["2"] == Extraction("[word2]", ("word2",), "answered")


def test_the_sentiment_step_reads_sentiments() -> None:
    async def work() -> list[tuple[str, tuple[str, ...]]]:
        stream = extract(Caller(Fake("Positive")), [("a", "[joyful]")], "sentiment", OFFICIAL)
        return [(name, found.labels) async for name, found, _ in stream]

    assert simulated(work()) == [("a", ("positive",))]


def test_a_reply_that_goes_in_circles_has_a_short_cause() -> None:
    found = read_extraction(Call("", Reply("The words are not in the clip, " * 200)))
    assert found.outcome == "unreadable" and len(found.cause or "") < 300
