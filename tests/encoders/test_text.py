"""Affect in words against sentences labelled by hand, and the rules one by one.

``affect_sentences.tsv`` was written before the lexicon, which was then made with it in view.
``affect_sentences_held_out.tsv`` was written after the lexicon and nothing was added for it.  On the first run 45 of
its 70 polarities and 43 families came out right; two faults of the rules that it showed ("good at all" was taken for
"good at", 不用 was no negation) were mended, which gave 47 and 45.  Nearly all the rest are silences: feelings that are
implied and not named.
"""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.emotion.labels import VOCABULARY
from openaffect.encoders.text import READERS, read_affect, sentiment, supported_language

DATA = Path(__file__).parents[1] / "data"
SPEAKS = 0.2
"""A mention below this strength counts as none."""
KNOWN_WRONG = {
    "I'm scared, please don't go.": "the plea is stronger than the fear that it shows",
    "I'm confused, what do you mean?": "said twice, so that it sounds unhappier than it is",
    "How on earth does that work?": "an idiom that is not in the lexicon",
    "你烦不烦啊？": "a question of the kind A-not-A is not told from a negation",
}
IMPLIED = frozenset(
    (
        "I finally got the job I always wanted!",
        "Having you here makes everything better.",
        "You mean everything to me.",
        "I lost my grandmother last spring and the house is so quiet now.",
        "Nobody remembered my birthday.",
        "I thought we would be together forever.",
        "I've told you a hundred times not to touch my things!",
        "That lying thief stole my idea.",
        "This is the last straw.",
        "Don't you ever talk to my sister like that again!",
        "Why do you always interrupt me?",
        "Something is moving out there and I don't want to look.",
        "The exam is tomorrow and my stomach is in knots.",
        "I keep checking the door, I just don't feel safe.",
        "Everybody was staring at me and I wanted the floor to swallow me.",
        "Another three-hour lecture, I nearly fell asleep.",
        "孩子拿了第一名，我脸上有光。",
        "看到孩子们的笑脸，我心里暖暖的。",
        "奶奶去年走了，我到现在还是很想她。",
        "没有一个人记得我的生日。",
        "外面好像有人，我不敢出去。",
        "一想到要上台，我的手就抖个不停。",
        "当时我恨不得找个地缝钻进去。",
    )
)
"""Sentences without an affect word of the lexicon; nothing is read out of them."""


def rows(file):
    with (DATA / file).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def outcome(row):
    """(polarity right, family right, silent)"""
    found = read_affect(row["text"], row["language"])
    score = sentiment(found)
    spoken = [one for one in found if one.strength >= SPEAKS]
    top = max(spoken, key=lambda one: one.strength, default=None)
    family = VOCABULARY[top.label].family if top else "none"
    polarity = {"+": score > 0.1, "-": score < -0.1, "0": abs(score) < 0.4}[row["polarity"]]
    return polarity, family in row["families"].split("|"), not spoken


def cases():
    for file in ("affect_sentences.tsv", "affect_sentences_held_out.tsv"):
        for row in rows(file):
            reason = KNOWN_WRONG.get(row["text"]) or ("the feeling is implied" if row["text"] in IMPLIED else None)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(row, id=row["text"][:40], marks=marks)


@pytest.mark.parametrize("row", list(cases()))
def test_polarity_and_family(row):
    polarity, family, _ = outcome(row)
    assert polarity and family


def test_accuracy_does_not_fall():
    made, held = ([outcome(row) for row in rows(f"affect_sentences{kind}.tsv")] for kind in ("", "_held_out"))
    assert sum(p for p, _, _ in made) >= 116 and sum(f for _, f, _ in made) >= 116
    assert sum(p for p, _, _ in held) >= 47 and sum(f for _, f, _ in held) >= 45
    # where it speaks at all it is hardly ever wrong: that is what a clue needs
    spoken = [family for _, family, silent in held if not silent]
    assert sum(spoken) / len(spoken) >= 0.9


def strongest(text, language="en"):
    return max(read_affect(text, language), key=lambda one: one.strength)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I'm not sad."),
        ("en", "I was never afraid."),
        ("en", "It isn't disgusting."),
        ("en", "Nobody is angry."),
        ("en", "I'm not in the least bit worried."),
        ("zh", "我不生气。"),
        ("zh", "我没有害怕。"),
        ("zh", "我一点也不难过。"),
        ("zh", "我并不伤心。"),
    ],
)
def test_a_negated_unpleasant_word_does_not_become_joy(language, text):
    found = read_affect(text, language)
    assert sentiment(found) == 0
    assert not {VOCABULARY[one.label].family for one in found if one.strength >= SPEAKS} & {"joy", "love", "pride"}
    assert not any(one.polarity < 0 and one.strength > 0 for one in found)


@pytest.mark.parametrize(
    ("language", "plain", "negated"),
    [
        ("en", "I am happy.", "I am not happy."),
        ("en", "I can relax.", "I can't relax."),
        ("zh", "我满意。", "我不太满意。"),
    ],
)
def test_a_negated_pleasant_word_is_a_weaker_unpleasant_one(language, plain, negated):
    one, other = strongest(plain, language), strongest(negated, language)
    assert other.negated and other.polarity < 0 < one.polarity
    assert 0 < other.strength < one.strength
    assert one.quote in other.quote and len(other.quote) > len(one.quote)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Not only was I happy, I sang."),
        ("en", "No doubt I'm happy."),
        ("en", "No wonder I am happy!"),
        ("en", "I'm not unhappy, I'm happy."),
        ("zh", "我不得不高兴。"),
        ("zh", "我不仅高兴。"),
        ("zh", "我没想到这么开心。"),
        ("zh", "我不禁高兴起来。"),
    ],
)
def test_what_looks_like_negation_but_is_none(language, text):
    happy = [one for one in read_affect(text, language) if one.label == "happy"]
    assert happy and not happy[-1].negated and happy[-1].polarity == 1


@pytest.mark.parametrize(
    ("language", "stronger", "weaker"),
    [
        ("en", "I am extremely sad.", "I am sad."),
        ("en", "I am sad.", "I am a bit sad."),
        ("en", "I am SAD.", "I am sad."),
        ("en", "I am sad!!!", "I am sad."),
        ("en", "I am sooooo sad.", "I am sad."),
        ("en", "I am angry.", "He is angry."),
        ("en", "I am angry.", "Are you angry?"),
        ("en", "I am angry.", "If I am angry, go."),
        ("en", "I am excited.", "I would be excited."),
        ("en", "I am happy.", "I wish Ann was happy."),
        ("en", "I am happy.", "I am happy, but he left."),
        ("en", "You betrayed me.", "You betrayed him."),
        ("zh", "我非常难过。", "我难过。"),
        ("zh", "我难过。", "我有点难过。"),
        ("zh", "我难过极了。", "我难过。"),
        ("zh", "我生气。", "他生气。"),
        ("zh", "我生气。", "你生气吗？"),
        ("zh", "我生气。", "如果我生气，你就走。"),
        ("zh", "我开心。", "我开心，但是他走了。"),
    ],
)
def test_context_raises_and_lowers(language, stronger, weaker):
    more, less = read_affect(stronger, language)[0], read_affect(weaker, language)[0]
    assert more.label == less.label
    assert more.strength > less.strength


def test_the_longest_phrase_wins():
    assert [one.label for one in read_affect("I can't wait", "en")] == ["excited"]
    assert [one.label for one in read_affect("我受不了了", "zh")] == ["annoyed"]
    assert read_affect("恐怖片在音乐厅，麻烦你关门。", "zh") == []
    assert read_affect("I'd like a sweet potato, good morning.", "en") == []


@pytest.mark.parametrize("language", [None, "", "fr", "ja", "zz-top"])
def test_other_languages_give_nothing(language):
    assert read_affect("I am happy 我很高兴", language) == []
    assert not supported_language(language)


def test_regions_do_not_matter():
    assert read_affect("I am sad", "en-GB") == read_affect("I am sad", "EN_us") == read_affect("I am sad", "en")


# letters that matter to the rules, mixed with anything
_WORDS = "not|n't|'s|happy|I| |but|?|!|.|if|sooo|ANGRY|不|没有|高兴|，|吗|但是|受不了|我|\n|’|🙂|\x00|İ|ß|ﬁ"
PIECES = st.sampled_from(_WORDS.split("|"))


@given(st.sampled_from(sorted(READERS)), st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_it_never_raises_and_stays_in_range(language, text):
    found = read_affect(text, language)
    assert -1 <= sentiment(found) <= 1
    for one in found:
        assert one.label in VOCABULARY
        assert 0 <= one.strength <= 1 and -1 <= one.polarity <= 1
        assert 0 <= one.start_char < one.end_char <= len(text)
        assert one.quote == text[one.start_char : one.end_char].strip() != ""
    assert [one.end_char for one in found] == sorted(one.end_char for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("en", "I am not very happy about it, but "),
        ("en", "not " * 8),
        ("en", "happy"),
        ("en", "a"),
        ("en", "but "),
        ("zh", "我不是很高兴，"),
        ("zh", "不"),
        ("zh", "不太很"),
        ("zh", "我难过但是"),
        ("zh", "，"),
    ],
)
def test_a_megabyte_takes_time_in_proportion(language, piece):
    def seconds(size):
        text = piece * (size // len(piece))
        start = time.process_time()
        read_affect(text, language)
        return time.process_time() - start

    read_affect(piece, language)  # load the tables
    small, large = seconds(125_000), seconds(1_000_000)
    assert large < 20 * small + 0.5
    assert large < 60
