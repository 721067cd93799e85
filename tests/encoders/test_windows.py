"""Spans into windows and words back to spans: invariants over made spans, and cases worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openaffect.encoders.windows import GAP, LONGEST, RATE, Piece, Window, plan, quiet_place, utterances
from openaffect.records import Word

SPANS = st.lists(st.tuples(st.floats(0, 3), st.floats(0.05, 45)), min_size=1, max_size=8)


def chunks_of(spans):
    at, chunks = 0.0, []
    for gap, seconds in spans:
        at += gap
        count = round(seconds * RATE)
        chunks.append((at, np.arange(1, count + 1, dtype=np.float32)))
        at += count / RATE
    return chunks


@given(SPANS)
def test_every_sample_lies_in_exactly_one_piece_at_its_time(spans):
    chunks = chunks_of(spans)
    windows = list(plan(chunks))
    pieces = [(window, piece) for window in windows for piece in window.pieces]
    rebuilt = [w.samples[round(p.at * RATE) : round((p.at + p.seconds) * RATE)] for w, p in pieces]
    assert np.array_equal(np.concatenate(rebuilt), np.concatenate([samples for _, samples in chunks]))
    for window in windows:
        assert len(window.samples) / RATE <= LONGEST + 1e-6
        gaps = [b.at - (a.at + a.seconds) for a, b in zip(window.pieces, window.pieces[1:], strict=False)]
        assert all(-1e-6 <= gap <= GAP + 1e-3 for gap in gaps)
    starts = [piece.start for _, piece in pieces]
    assert starts == sorted(starts)
    assert {round(start, 3) for start, _ in chunks} <= {round(start, 3) for start in starts}


def test_a_long_span_is_cut_in_its_pause():
    sound = np.random.default_rng(1).normal(0, 0.1, 30 * RATE).astype(np.float32)
    sound[15 * RATE : 15 * RATE + RATE // 2] = 0
    first, second = plan([(100.0, sound)])
    assert 115.0 <= second.pieces[0].start <= 115.5
    assert abs(first.pieces[0].end - second.pieces[0].start) < 1e-9


def test_quiet_place_in_constant_sound_stays_inside():
    assert RATE <= quiet_place(np.ones(3 * RATE, np.float32), RATE, 2 * RATE) <= 2 * RATE


def test_words_go_to_the_piece_they_overlap_and_back_to_its_clock():
    window = Window(np.zeros(5 * RATE, np.float32), (Piece(10.0, 0.0, 2.0), Piece(30.0, 2.6, 2.0)))
    words = [
        Word(start=0.5, end=1.0, text=" One", probability=0.9),
        Word(start=1.0, end=1.9, text=" two."),
        Word(start=1.9, end=3.2, text=" Three"),  # starts in the piece before, as aligners like to after silence
        Word(start=3.2, end=3.3, text=" !"),
        Word(start=3.3, end=4.9, text=" four."),  # runs past the end of its piece
    ]
    first, second = utterances(window, words, language="en", source="asr:x")
    assert (first.text, first.start, first.end) == ("One two.", 10.5, 11.9)
    assert (second.text, second.start, second.end) == ("Three ! four.", 30.0, 32.0)
    assert [word.text for word in second.words] == ["Three !", "four."]
    assert [(word.start, word.end) for word in second.words] == [(30.0, 30.6), (30.7, 32.0)]


def test_a_pause_after_a_sentence_begins_a_new_utterance():
    window = Window(np.zeros(5 * RATE, np.float32), (Piece(0.0, 0.0, 5.0),))
    words = [
        Word(start=0.0, end=1.0, text=" Stop."),
        Word(start=1.1, end=2.0, text=" Go."),
        Word(start=3.0, end=3.5, text=" Now"),
        Word(start=4.5, end=5.0, text=" please."),
    ]
    assert [u.text for u in utterances(window, words)] == ["Stop. Go.", "Now please."]


@given(SPANS, st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30), st.sampled_from([" a", "。", " b.", "字"]))))
def test_utterances_lie_inside_the_spans_and_in_order(spans, drawn):
    chunks = chunks_of(spans)
    for window in plan(chunks):
        ordered = sorted((min(a, b), max(a, b), text) for a, b, text in drawn)
        found = utterances(window, [Word(start=a, end=b, text=text) for a, b, text in ordered])
        edge = window.pieces[0].start - 1e-3
        for utterance in found:
            assert any(
                piece.start - 1e-3 <= utterance.start <= utterance.end <= piece.end + 1e-3 for piece in window.pieces
            )
            assert utterance.start >= edge - 1e-3
            edge = utterance.end
