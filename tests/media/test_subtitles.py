"""Transcripts in the encodings and shapes that people have."""

from itertools import pairwise
from pathlib import Path

import pytest
import webvtt
from hypothesis import example, given
from hypothesis import strategies as st

from openaffect.errors import TranscriptError
from openaffect.media.encodings import decode_text
from openaffect.media.sentences import split_sentences
from openaffect.media.subtitles import guess_language, looks_like_text, read_transcript, read_transcript_with_notes
from tests import media_files as made

SENTENCES = {
    "zh": "我今天真的很高兴,因为你们都来了。可是他为什么不说话呢?",
    "zh-tw": "我今天真的很高興,因為你們都來了。可是他為什麼不說話呢?這是我們的家。",
    "ja": "わたしは とても うれしいです。ありがとうございました。",
    "ko": "나는 정말 행복합니다. 그런데 왜 아무 말도 하지 않아요?",
    "ru": "Я очень рад тебя видеть. Почему ты молчишь?",
    "fr": "Très heureux de vous voir, ça fait longtemps. Où étiez-vous passés ?",
    "de": "Schön, dich zu sehen! Wo warst du so lange? Ich bin müde.",
    "es": "¿Dónde estás, niño? Mañana será otro día.",
    "punctuation": "“I don’t know,” she said – “really…”",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *((name, "utf-8") for name in SENTENCES),
        *((name, "utf-8-sig") for name in SENTENCES),
        *((name, "utf-16") for name in SENTENCES),
        ("zh", "gb18030"),
        ("zh", "gbk"),
        ("zh-tw", "big5"),
        ("ja", "shift_jis"),
        ("ko", "euc_kr"),
        ("ru", "cp1251"),
        ("fr", "cp1252"),
        ("de", "latin-1"),
        ("es", "cp1252"),
        ("punctuation", "cp1252"),
        ("zh", "utf-16-le"),
        ("fr", "utf-16-be"),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, language: str, encoding: str) -> None:
    text = SENTENCES[language]
    path = tmp_path / "t.srt"
    path.write_bytes(made.CUES.format(text, text).encode(encoding))
    transcript = read_transcript_with_notes(path)
    assert [u.text for u in transcript.utterances] == [text, text]
    certain = encoding in ("utf-8", "utf-8-sig", "utf-16")
    assert any("guess" in note for note in transcript.notes) == (not certain)


@pytest.mark.parametrize("short", ["我不知道", "你好吗?", "很好", "没有"])
def test_short_chinese_is_not_taken_for_latin(short: str) -> None:
    found = decode_text(short.encode("gb18030"))
    assert found is not None
    assert found.text == short


@pytest.mark.parametrize("short", ["café", "naïve", "Ça va?", "à bientôt", "Grüße"])
def test_short_latin_is_not_taken_for_chinese(short: str) -> None:
    found = decode_text(short.encode("cp1252"))
    assert found is not None
    assert found.text == short


def test_srt_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(
        b'1\r\n00:00:01,250 --> 00:00:02,500 X1:100 Y1:20\r\n{\\an8}<font color="red">Hello</font>\r\n<i>there</i>!\r\n'
        b"\r\n2\r\n0:00:03.5 --> 0:00:04.000\r\nI <3 you &amp; me\r\n"
        b"3\r\n00:00:05,000 --> 00:00:06,000\r\nNo gap\r\n\r\n"
        b"4\r\n00:00:07,000 --> 00:00:08,000\r\n\r\n"
    )
    found = read_transcript(path)
    assert [(u.start, u.end, u.text) for u in found] == [
        (1.25, 2.5, "Hello there!"),
        (3.5, 4.0, "I <3 you & me"),
        (5.0, 6.0, "No gap"),
    ]
    assert {u.source for u in found} == {"subtitles"}


def test_vtt_with_voices_notes_and_styles(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(
        "WEBVTT - made by hand\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\nof two lines\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v.loud Ann Lee>Hi <b>you</b></v>\n\n"
        "01:00:03.000 --> 01:00:04.000\n<c.yellow>word</c><00:00:03.500><c> by word</c>\n",
        "utf-8",
    )
    found = read_transcript_with_notes(path)
    assert [(u.start, u.end, u.text, u.speaker) for u in found.utterances] == [
        (1.0, 2.0, "Hi you", "Ann Lee"),
        (3603.0, 3604.0, "word by word", None),
    ]
    assert found.unread == 0
    assert found.notes == ()


def test_times_agree_with_another_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    cues = "\n\n".join(f"00:{i:02d}:{i:02d}.{i * 37 % 1000:03d} --> 00:{i:02d}:59.999\nline {i}" for i in range(50))
    path.write_text("WEBVTT\n\n" + cues + "\n", "utf-8")
    theirs = [(c.start_in_seconds, c.text) for c in webvtt.read(str(path))]
    ours = [(u.start, u.text) for u in read_transcript(path)]
    assert [t for _, t in ours] == [t for _, t in theirs]
    assert [int(s) for s, _ in ours] == [int(s) for s, _ in theirs]
    assert ours[27][0] == 27 * 60 + 27 + 0.999


def test_broken_cues_are_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    found = read_transcript_with_notes(made.make_broken_cues(tmp_path))
    assert [u.text for u in found.utterances] == ["I am glad.", "Good bye."]
    assert found.unread == 2
    assert any("2 of 4 cues could not be read, first line 1" in note for note in found.notes)


def test_unordered_cues_are_sorted_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:05,0 --> 00:00:06,0\nb\n\n2\n00:00:01,0 --> 00:00:02,0\na\n", "utf-8")
    found = read_transcript_with_notes(path)
    assert [u.text for u in found.utterances] == ["a", "b"]
    assert any("sorted" in note for note in found.notes)


def test_plain_text_gets_ordinals_not_times(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("I am glad. You are not!\n他很生气。真的吗?", "utf-8")
    found = read_transcript_with_notes(path)
    assert [(u.start, u.end, u.text) for u in found.utterances] == [
        (0.0, 1.0, "I am glad."),
        (1.0, 2.0, "You are not!"),
        (2.0, 3.0, "他很生气。"),
        (3.0, 4.0, "真的吗?"),
    ]
    assert not found.timed
    assert any("ordinal" in note for note in found.notes)
    assert [u.language for u in found.utterances] == ["en", "en", "zh", "zh"]


def test_subtitles_named_txt_keep_their_times(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(made.CUES.format("Hello.", "Bye."), "utf-8")
    assert [u.start for u in read_transcript(path)] == [0.5, 2.5]


def test_speakers_need_evidence(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "ANN: I am glad.\nBob: Why?\nAnd so on.\nBob: Tell me.\nWarning: wet floor.\n小明:你好\n小明:再见"
        "\n[Host]: Welcome."
        "\nIt is 10:30 now.",
        "utf-8",
    )
    found = [(u.speaker, u.text) for u in read_transcript(path)]
    assert found == [
        ("ANN", "I am glad."),
        ("Bob", "Why?"),
        (None, "And so on."),
        ("Bob", "Tell me."),
        (None, "Warning: wet floor."),
        ("小明", "你好"),
        ("小明", "再见"),
        ("Host", "Welcome."),
        (None, "It is 10:30 now."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.srt", b"", "empty"),
        ("a.txt", b" \n ", "empty"),
        ("a.srt", b"just words", "no line such as"),
        ("a.vtt", b"WEBVTT\n\n", "no words"),
        ("a.srt", b"1\n00:00:01,0 --> 00:00:02,0\n<i></i>\n", "no words"),
        ("a.txt", bytes(range(256)) * 4, "not text"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TranscriptError, match=word):
        read_transcript(tmp_path / name)


def test_absent_transcript(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="cannot be opened"):
        read_transcript(tmp_path / "none.srt")


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
@example(b"00:00:01,000 --> 00:00:02,000\n" + b"<a" * 5000)
@example(b"WEBVTT\n\n9999:99:99.999999 --> 9999:99:99.999999\nx")
@example("1\n٠٠:٠٠:٠١,٠ --> ٠٠:٠٠:٠٢,٠\nx".encode())
def test_any_bytes_are_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    for name in ("a.srt", "a.txt"):
        (tmp_path / name).write_bytes(raw)
        try:
            found = read_transcript_with_notes(tmp_path / name)
        except TranscriptError:
            continue
        assert found.utterances
        assert all(u.text.strip() for u in found.utterances)
        assert all(a.start <= b.start for a, b in pairwise(found.utterances))


times = st.integers(0, 359_999_999)
words = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)


def clock(milliseconds: int, mark: str) -> str:
    seconds, ms = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{ms:03d}"


@given(st.lists(st.tuples(times, st.integers(0, 10_000), words), min_size=1, max_size=10), st.sampled_from(",."))
def test_what_was_written_is_read(tmp_path: Path, cues: list[tuple[int, int, str]], mark: str) -> None:
    cues.sort(key=lambda c: (c[0], c[0] + c[1]))
    body = "\n\n".join(
        f"{i}\n{clock(start, mark)} --> {clock(start + length, mark)}\n{word}"
        for i, (start, length, word) in enumerate(cues, 1)
    )
    (tmp_path / "w.srt").write_text(body, "utf-8")
    found = read_transcript(tmp_path / "w.srt")
    assert [(u.start, u.end) for u in found] == [(s / 1000, (s + n) / 1000) for s, n, _ in cues]
    assert [u.text for u in found] == [word for _, _, word in cues]


@given(st.text(max_size=300))
def test_sentences_lose_no_words(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Who came. He left!", ["Dr. Who came.", "He left!"]),
        ("It costs 3.50 euros. Fine.", ["It costs 3.50 euros.", "Fine."]),
        ("Wait... what? Oh!", ["Wait... what?", "Oh!"]),
        ('He said "no." Then he went.', ['He said "no."', "Then he went."]),
        ("A long line that is\nwrapped here.\nNext.", ["A long line that is wrapped here.", "Next."]),
        ("「好。」他说。走吧!", ["「好。」", "他说。", "走吧!"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Why are you so angry with me?", "en"),
        ("You’re late, and I don’t care.", "en"),
        ("这部电影 OK 吗?我觉得不错", "zh"),
        ("ありがとう、元気ですか", "ja"),
        ("안녕하세요", "ko"),
        ("Je ne sais pas pourquoi tu es en colère", None),
        ("Ich weiß nicht, warum du so wütend bist", None),
        ("No sé por qué estás tan enojado", None),
        ("Ik weet niet waarom je zo boos bent", None),
        ("Brilliant!", None),
        ("12:30 --- ...", None),
        ("", None),
    ],
)
def test_language_is_guessed_or_left_open(text: str, language: str | None) -> None:
    assert guess_language(text) == language


def test_a_character_cut_in_half_is_still_text() -> None:
    raw = ("很" * 100).encode()
    assert all(looks_like_text(raw[:cut]) for cut in range(30, 60))
    assert not looks_like_text(b"\x00\x01\x02\x03" * 50)
