"""Speech recognition against known text: synthesised sentences, read speech, one Mandarin voice, and no speech."""

import io
import re
import zipfile
from itertools import pairwise

import numpy as np
import pytest
import soundfile
import soxr
from tests.parts import fetch

from openaffect.encoders.doubt import reason_to_drop, repeats
from openaffect.encoders.words import Recogniser
from openaffect.errors import UsageError

SENTENCES = (
    "Oh, that is wonderful news, I am so happy for you!",
    "Leave me alone.",
    "I was really worried about you last night, but everything is fine now.",
    "No.",
    "What are you doing here?",
    "She told everyone my secret and I feel completely betrayed.",
)


def edits(reference, heard):
    """Levenshtein distance of two sequences."""
    row = list(range(len(heard) + 1))
    for i, one in enumerate(reference, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (one != other))
    return row[-1]


def plain(text):
    return re.sub(r"[^a-z' ]", "", text.lower().replace("-", " ")).split()


def part_sound(part, inner):
    with zipfile.ZipFile(fetch(part)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(inner))
        samples, rate = soundfile.read(io.BytesIO(archive.read(name)), dtype="float32")
    return soxr.resample(samples, rate, 16000).astype(np.float32)


def audioeval(inner):
    return part_sound("pytest-audioeval", inner)


@pytest.fixture(scope="module")
def spoken():
    from hibari import Hibari

    voice = Hibari()
    chunks, at = [], 5.0
    for text in SENTENCES:
        sound = soxr.resample(np.asarray(voice(text, seed=0), dtype=np.float32), 24000, 16000).astype(np.float32)
        chunks.append((at, sound))
        at += len(sound) / 16000 + 1.0
    return chunks


@pytest.fixture(scope="module")
def base():
    return Recogniser("whisper-base", threads=2)


@pytest.fixture
def fresh(base):
    """The loaded model without the votes of earlier recordings."""
    base.forget()
    return base


@pytest.mark.slow
def test_spans_are_heard_right_and_where_they_are(fresh, spoken):
    found = fresh.transcribe_spans(spoken)
    for (start, sound), text in zip(spoken, SENTENCES, strict=True):
        end = start + len(sound) / 16000
        mine = [u for u in found if start - 1e-3 <= u.start and u.end <= end + 1e-3]
        assert edits(plain(text), plain(" ".join(u.text for u in mine))) == 0
        loud = np.flatnonzero(np.abs(sound) > 0.02) / 16000 + start
        assert abs(mine[-1].end - loud[-1]) < 0.35
        assert abs(mine[0].start - loud[0]) < 0.45
    assert {(u.language, u.language_source, u.source) for u in found} == {("en", "identified", "asr:whisper-base")}
    words = [word for u in found for word in u.words]
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(words))
    assert all(0 < word.probability <= 1 for word in words)


@pytest.mark.slow
def test_the_same_sound_gives_the_same_words(fresh, spoken):
    first = fresh.transcribe_spans(spoken[:3])
    fresh.forget()
    assert fresh.transcribe_spans(spoken[:3]) == first


@pytest.mark.slow
def test_mandarin_is_transcribed_as_mandarin(fresh):
    hello = fresh.transcribe(audioeval("zh/nihao_shijie.wav"))
    assert hello[0].text.rstrip("。") == "你好世界"
    assert (hello[0].language, hello[0].language_source) == ("zh", "identified")
    classic = "".join(u.text for u in fresh.transcribe(audioeval("zh/pangrama.wav")))
    heard = [letter for letter in classic if letter.isalnum()]
    # classical Chinese, most errors are homophones: 6 of 16 characters when this was written
    assert edits("天地玄黄宇宙洪荒日月盈昃辰宿列张", heard) <= 7
    assert not set(heard) & set("張長陳營則蘇黃")  # simplified, by the prompt


@pytest.mark.slow
def test_a_loop_is_heard_again_and_comes_out_right(fresh):
    text = " ".join(u.text for u in fresh.transcribe(part_sound("moonshine-voice", "beckett.wav")))
    said = ["ever", "tried", "ever", "failed", "no", "matter", "try", "again", "fail", "again", "fail", "better"]
    heard = plain(text)
    # No loop and no word lost; on some processors int8 arithmetic hears the first "ever" as "never".
    assert len(heard) == len(said)
    assert sum(one != other for one, other in zip(heard, said, strict=True)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zeros", "nan", "noise", "hum", "chord", "short"])
def test_no_words_are_invented_where_nobody_speaks(fresh, kind):
    t = np.arange(160000) / 16000
    chord = sum(np.sin(2 * np.pi * f * t) for f in (262, 330, 392)) * (1 + np.sin(5 * t)) * 0.1
    sound = {
        "zeros": np.zeros(16000),
        "nan": np.full(16000, np.nan),
        "noise": np.random.default_rng(0).normal(0, 0.05, 160000),
        "hum": 0.1 * np.sin(2 * np.pi * 120 * t),
        "chord": chord,
        "short": np.random.default_rng(0).normal(0, 0.05, 800),
    }[kind].astype(np.float32)
    assert fresh.transcribe(sound) == []
    assert len(fresh.notes) == (0 if kind in ("zeros", "nan") else 1)


@pytest.mark.slow
def test_noise_between_speech_does_not_take_the_speech_with_it(fresh, spoken):
    noise = np.random.default_rng(0).normal(0, 0.03, 32000).astype(np.float32)
    found = fresh.transcribe_spans([spoken[0], (spoken[1][0], noise), (spoken[1][0] + 3.0, spoken[2][1])])
    text = plain(" ".join(u.text for u in found))
    assert text == plain(SENTENCES[0] + " " + SENTENCES[2])


@pytest.mark.slow
def test_the_english_model_says_that_it_assumes(spoken):
    english = Recogniser("whisper-tiny.en", threads=1)
    found = english.transcribe_spans(spoken[:1])
    assert {(u.language, u.language_source) for u in found} == {("en", "assumed")}
    with pytest.raises(UsageError, match="does not know the language 'zh'"):
        Recogniser("whisper-tiny.en", language="zh")


@pytest.mark.slow
def test_a_given_language_is_marked_as_given(spoken):
    found = Recogniser("whisper-base", language="en").transcribe_spans(spoken[:1])
    assert {(u.language, u.language_source) for u in found} == {("en", "given")}


def test_none_is_no_recogniser():
    with pytest.raises(UsageError, match="none"):
        Recogniser("none")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stop it. Stop it. Stop it. Stop it.", True),
        ("Yes, of course. Yes, of course.", True),
        ("我不知道怎么办我不知道怎么办", True),
        ("No, no.", False),
        ("I know that you know that I know.", False),
        ("It was the age of wisdom, it was the age of foolishness.", False),
        ("好好好", False),
        ("", False),
    ],
)
def test_repeats(text, expected):
    assert repeats(text) is expected


@pytest.mark.parametrize(
    ("text", "log_probability", "no_speech", "full", "dropped"),
    [
        ("I am so happy for you.", -0.2, 0.05, False, False),
        ("I am so happy for you.", -0.2, 0.9, False, False),  # sure of the words: believed
        ("I am so happy for you.", -1.2, 0.05, False, True),
        ("I am so happy for you.", -0.8, 0.9, False, True),
        ("Subtitles by the Amara.org community", -0.1, 0.0, False, True),
        ("Thank you.", -0.9, 0.1, False, True),
        ("Thank you.", -0.2, 0.1, False, False),
        ("no " * 60, -0.1, 0.0, True, True),
        ("...", -0.1, 0.0, False, True),
    ],
)
def test_what_is_dropped(text, log_probability, no_speech, full, dropped):
    reason = reason_to_drop(text, seconds=10.0, log_probability=log_probability, no_speech=no_speech, full=full)
    assert (reason is not None) is dropped
