"""Labelling: what becomes of files good and bad, splits, mixtures, processes that die, runs that go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from openaffect.distill.hearing import Cutting, mixed
from openaffect.distill.label import LabelOptions, label
from openaffect.distill.label_ray import SHARD
from openaffect.distill.labels import LabelCard, Labels, read_labels
from openaffect.distill.pieces import chosen, cut_out, speech_pieces
from openaffect.distill.speakers import voices_of
from openaffect.errors import DataError, OutputError, UsageError
from openaffect.media.audio import read_audio
from openaffect.records import PseudoLabel
from tests.distill import ears
from tests.distill.river_files import tone, write_wav
from tests.speech import SENTENCES, joined, say, silence

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).with_name("ears.py")
TRAIN = LabelOptions(dev=0.0, test=0.0)
WHOLE = replace(TRAIN, cutting=Cutting(0.5, 12.0, vad=False))
"""Tones are no speech."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    whole, _ = joined(say(SENTENCES[0]), say(SENTENCES[1]))
    write_wav(folder / "ann" / "two.wav", whole)
    write_wav(folder / "bo" / "one.wav", say(SENTENCES[2]))
    write_wav(folder / "bo" / "quiet.wav", silence(2.0))
    (folder / "bo" / "broken.wav").write_bytes(b"no sound")
    (folder / "bo" / "cover.png").write_bytes(b"no sound either")
    (folder / "notes.txt").write_text("not a recording")
    return folder


def tones(folder: Path, n: int, seconds: float = 1.0) -> Path:
    for number in range(n):
        write_wav(folder / f"voice-{number % 4}" / f"{number:03d}.wav", tone(number / n, seconds, number))
    return folder


def ids(labels: Labels) -> list[str]:
    return sorted(row.id for row in (*labels.rows, *labels.failed))


def content(folder: Path) -> list[str]:
    return sorted((folder / "labels.jsonl").read_text().splitlines())


# ---------------------------------------------------------------- what comes out


def test_each_piece_of_speech_has_what_the_teacher_says_about_it(corpus: Path, tmp_path: Path) -> None:
    done = label(ears.loudness, [corpus], tmp_path, TRAIN, audio_licence="CC0-1.0")
    labels = read_labels(tmp_path)
    spoken = [row for row in labels.rows if row.parts[0].file.endswith("two.wav")]
    assert [row.id.rpartition("#")[2] for row in spoken] == ["1of2", "2of2"]
    for row in labels.rows:
        sound = read_audio(Path(row.parts[0].file), start=row.parts[0].start, end=row.parts[0].end)
        assert row.arousal == pytest.approx(np.sqrt(np.mean(sound.astype(float) ** 2)), rel=1e-3)
        assert row.valence == pytest.approx(row.parts[0].end - row.parts[0].start, abs=1e-3)
        assert row.dominance is None
    _, spans = joined(say(SENTENCES[0]), say(SENTENCES[1]))
    for row, (start, end) in zip(spoken, spans, strict=True):  # the spans hold the quiet rims of the sentences too
        assert start - 0.05 <= row.parts[0].start <= start + 0.6
        assert end - 0.6 <= row.parts[0].end <= end + 0.05
    assert (done.n_files, done.n_pieces, done.n_silent, done.n_failed) == (4, 3, 1, 1)
    assert {row.speaker for row in labels.rows} == {f"{corpus.name}/ann", f"{corpus.name}/bo"}


def test_nothing_vanishes_silence_and_broken_files_are_rows_with_their_cause(corpus: Path, tmp_path: Path) -> None:
    label(ears.loudness, [corpus], tmp_path, TRAIN)
    causes = {Path(row.id).name: row.error for row in read_labels(tmp_path).failed}
    assert causes["quiet.wav#silent"] == "no 1 s of speech in 2.0 s."
    assert "'broken.wav'" in causes["broken.wav#failed"]
    assert not any("cover" in name or "notes" in name for name in causes)


def test_the_card_carries_licences_and_only_stated_ones_are_permissive(corpus: Path, tmp_path: Path) -> None:
    for number, (licence, free) in enumerate({"CC-BY-4.0": True, "": False, "CC-BY-NC-4.0": False}.items()):
        done = label(ears.loudness, [corpus / "bo" / "one.wav"], tmp_path / str(number), TRAIN, audio_licence=licence)
        card = read_labels(tmp_path / str(number)).card
        assert done.permissive == card.permissive == free
        assert card.audio == (f"one.wav ({licence or 'licence not stated'})",)
        assert (card.teacher, card.licence, card.present) == ("loudness", "Apache-2.0", ("arousal", "valence"))

    class Bound(ears.Loudness):
        permissive = False

    assert not label(
        Bound(), [corpus / "bo" / "one.wav"], tmp_path / "bound", TRAIN, audio_licence="CC0-1.0"
    ).permissive


def test_files_inside_the_folder_are_named_relative_to_it(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 2)
    label(ears.loudness, [tmp_path / "audio"], tmp_path, WHOLE)
    labels = read_labels(tmp_path)
    assert {row.parts[0].file for row in labels.rows} == {"audio/voice-0/000.wav", "audio/voice-1/001.wav"}
    assert all(labels.path(row.parts[0]).is_file() for row in labels.rows)


def test_the_same_command_goes_on_and_hears_nothing_twice(tmp_path: Path) -> None:
    heard: list[int] = []

    class Counting(ears.Loudness):
        def __call__(self, sound: np.ndarray) -> list[float]:
            heard.append(len(sound))
            return super().__call__(sound)

    tones(tmp_path / "audio", 6, 2.0)
    options = replace(WHOLE, cutting=Cutting(0.5, 1.0, vad=False))  # two pieces a file
    label(Counting(), [tmp_path / "audio"], tmp_path / "out", options)
    assert len(heard) == 12
    before = content(tmp_path / "out")
    label(Counting(), [tmp_path / "audio"], tmp_path / "out", options)
    assert len(heard) == 12 and content(tmp_path / "out") == before
    lines = (tmp_path / "out" / "labels.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "out" / "labels.jsonl").write_text("".join(lines[:5]) + lines[5][:20])  # killed within a line
    label(Counting(), [tmp_path / "audio"], tmp_path / "out", options)
    assert len(heard) == 12 + 8, "the three files that were not whole, and the file of the torn row"
    assert content(tmp_path / "out") == before
    write_wav(tmp_path / "audio" / "voice-0" / "new.wav", tone(0.5, 1.0))
    assert label(Counting(), [tmp_path / "audio"], tmp_path / "out", options).n_files == 7


def test_what_failed_is_tried_again_only_when_asked(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 2)
    write_wav(tmp_path / "audio" / "short.wav", tone(0.5, 0.1))
    (tmp_path / "audio" / "late.wav").write_bytes(b"")
    assert label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE).n_failed == 1
    write_wav(tmp_path / "audio" / "late.wav", tone(0.1, 1.0))
    assert label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE).n_failed == 1
    done = label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE, again=True)
    assert (done.n_failed, done.n_pieces, done.n_silent) == (0, 3, 1)


def test_a_teacher_that_fails_on_a_piece_costs_that_piece(tmp_path: Path) -> None:
    write_wav(tmp_path / "a" / "long.wav", tone(0.1, 4.0))
    write_wav(tmp_path / "a" / "short.wav", tone(0.1, 1.0))
    done = label(f"{HERE}:moody", [tmp_path / "a"], tmp_path / "out", WHOLE)
    assert (done.n_pieces, done.n_failed) == (1, 1)
    (cause,) = done.causes
    assert "too short for my taste" in cause


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 2)
    label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE)
    with pytest.raises(UsageError, match=r"settings\.mix \(0 there, 5 now\)"):
        label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", replace(WHOLE, mix=5))
    with pytest.raises(UsageError, match="permissive"):
        label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE, audio_licence="CC0-1.0")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cutting": Cutting(0.0, 12.0)}, "0.1 to 600 s"),
        ({"cutting": Cutting(5.0, 2.0)}, "5 and 2 came"),
        ({"mix": -1}, "0 or more"),
        ({"dev": 0.6, "test": 0.5}, "leave some for train"),
        ({"speakers": "nobody.csv"}, "no file 'nobody.csv'"),
    ],
)
def test_impossible_options_are_refused(tmp_path: Path, options: dict[str, object], says: str) -> None:
    tones(tmp_path / "audio", 1)
    with pytest.raises(UsageError, match=says):
        label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", replace(WHOLE, **options))  # type: ignore[arg-type]


def test_nothing_to_hear(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for audio in (tmp_path / "empty", tmp_path / "absent"):
        with pytest.raises(DataError, match="no sound file"):
            label(ears.loudness, [audio], tmp_path / "out", WHOLE)


def test_a_teacher_object_works_in_one_process(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\./FILE\.py:NAME"):
        label(ears.loudness, [tmp_path], tmp_path / "out", WHOLE, workers=2)


# ---------------------------------------------------------------- many workers


def test_two_processes_write_what_one_writes(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 6)
    options = replace(WHOLE, mix=50)
    label(f"{HERE}:loudness", [tmp_path / "audio"], tmp_path / "one", options)
    label(f"{HERE}:loudness", [tmp_path / "audio"], tmp_path / "two", options, workers=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_file_that_ends_its_process_fails_alone(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 3)
    write_wav(tmp_path / "audio" / "bomb.wav", tone(0.3, 5.0))
    done = label(f"{HERE}:deadly", [tmp_path / "audio"], tmp_path / "out", WHOLE, workers=2)
    assert (done.n_pieces, done.n_failed) == (3, 1)
    assert [Path(row.id).name for row in read_labels(tmp_path / "out").failed] == ["bomb.wav#failed"]


def test_a_lost_worker_of_ray_costs_at_most_its_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n, log = 40, tmp_path / "log"
    tones(tmp_path / "audio", n, 0.6)
    log.touch()
    monkeypatch.setenv(ears.LOG, str(log))
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 90
        while time.monotonic() < until and not killed:
            lines = log.read_text().splitlines()
            if len(lines) > 8:
                killed.append(int(lines[-1]))
                os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.002)

    killer = threading.Thread(target=kill)
    killer.start()
    done = label(f"{HERE}:noted", [tmp_path / "audio"], tmp_path / "ray", WHOLE, engine="ray", workers=2)
    killer.join()
    label(f"{HERE}:noted", [tmp_path / "audio"], tmp_path / "here", WHOLE)
    assert len(killed) == 1 and (done.n_pieces, done.n_failed) == (n, 0)
    assert content(tmp_path / "ray") == content(tmp_path / "here")
    heard = len(log.read_text().splitlines()) - n  # without those heard here
    assert n <= heard <= n + SHARD


@pytest.mark.slow
def test_a_file_that_ends_its_worker_of_ray_fails_alone(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 10)
    write_wav(tmp_path / "audio" / "bomb.wav", tone(0.3, 5.0))
    done = label(f"{HERE}:deadly", [tmp_path / "audio"], tmp_path / "out", WHOLE, engine="ray", workers=2)
    assert (done.n_pieces, done.n_failed) == (10, 1)


def test_killed_while_it_labels_it_goes_on_to_the_same_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tones(tmp_path / "audio", 40, 0.6)
    monkeypatch.setenv(ears.LOG, str(tmp_path / "log"))
    script = (
        "import sys; from openaffect.distill.label import *; from openaffect.distill.hearing import Cutting;"
        "label(sys.argv[1], [sys.argv[2]], sys.argv[3], LabelOptions(Cutting(0.5, 12.0, False), dev=0.0, test=0.0))"
    )
    words = [sys.executable, "-c", script, f"{HERE}:noted", str(tmp_path / "audio"), str(tmp_path / "out")]
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if (tmp_path / "log").exists() and len((tmp_path / "log").read_text().splitlines()) >= 10:
            process.kill()
            break
        time.sleep(0.002)
    assert process.wait(timeout=60) == -signal.SIGKILL
    some = len(content(tmp_path / "out"))
    assert 5 <= some < 40
    label(f"{HERE}:noted", [tmp_path / "audio"], tmp_path / "out", WHOLE)
    assert len((tmp_path / "log").read_text().splitlines()) <= 41, "at most the file at hand is heard twice"
    label(f"{HERE}:noted", [tmp_path / "audio"], tmp_path / "whole", WHOLE)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_two_commands_at_once_are_one_too_many(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 2)

    class Nested(ears.Loudness):
        def __call__(self, sound: np.ndarray) -> list[float]:
            with pytest.raises(OutputError, match="another command"):
                label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE)
            return super().__call__(sound)

    assert label(Nested(), [tmp_path / "audio"], tmp_path / "out", WHOLE).n_pieces == 2


# ---------------------------------------------------------------- mixtures


def test_mixtures_are_of_two_voices_of_train_and_the_teacher_hears_the_sum(tmp_path: Path) -> None:
    tones(tmp_path / "audio", 10)
    options = replace(WHOLE, dev=0.3, test=0.3, speakers="file", mix=200, mix_db=6.0)
    done = label(ears.loudness, [tmp_path / "audio"], tmp_path, options)
    labels = read_labels(tmp_path)
    mixtures = [row for row in labels.rows if len(row.parts) == 2]
    pieces = {row.parts[0].file: row for row in labels.rows if len(row.parts) == 1}
    n_train = sum(row.split == "train" for row in pieces.values())
    assert 2 <= n_train < 10 and len(mixtures) == done.n_mixtures == 2 * n_train
    for row in mixtures:
        one, other = row.parts
        assert row.split == pieces[one.file].split == pieces[other.file].split == "train"
        assert pieces[one.file].speaker != pieces[other.file].speaker and row.speaker == pieces[one.file].speaker
        assert max(one.gain, other.gain) == 1.0 and min(one.gain, other.gain) >= 10 ** (-6 / 20) - 1e-4
        sound = one.gain * read_audio(tmp_path / one.file) + other.gain * read_audio(tmp_path / other.file)
        assert row.arousal == pytest.approx(np.sqrt(np.mean(sound**2)), rel=1e-3)
    assert len({row.parts for row in mixtures}) > 1


def test_a_mixture_is_as_long_as_its_longest_part(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.1, 0.5))
    write_wav(tmp_path / "b.wav", tone(0.9, 1.0))
    parts = PseudoLabel.model_validate(
        {"id": "m", "parts": [{"file": "a.wav", "start": 0, "end": 0.5}, {"file": "b.wav", "start": 0, "end": 1}]}
    ).parts
    sound = mixed(parts, tmp_path)
    assert len(sound) == 16_000
    assert np.allclose(sound[8000:], read_audio(tmp_path / "b.wav")[8000:])


# ---------------------------------------------------------------- pieces


def test_pieces_are_long_enough_short_enough_and_in_order() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        edges = np.cumsum(rng.exponential(2.0, 2 * int(rng.integers(1, 12))))
        spans = [(float(a), float(b)) for a, b in edges.reshape(-1, 2)]
        pieces = chosen(spans, shortest=1.0, longest=6.0)
        assert all(1.0 <= end - start <= 6.0 + 1e-3 for start, end in pieces)
        assert all(one[1] <= other[0] + 1e-9 for one, other in pairwise(pieces))
        inside = sum(end - start for start, end in pieces)
        assert inside <= edges[-1] - edges[0] + 0.002  # milliseconds are rounded


def test_pieces_are_cut_out_of_the_stream_to_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaffect.distill.pieces._BLOCK_S", 0.7)
    sound = tone(0.2, 5.0)
    write_wav(tmp_path / "a.wav", sound)
    spans = [(0.0, 0.3), (0.3, 2.9), (3.0, 3.1), (4.2, 9.0), (9.5, 9.9)]
    found = list(cut_out(tmp_path / "a.wav", spans))
    wanted = [sound[round(16_000 * a) : round(16_000 * b)] for a, b in spans]
    assert [len(each) for each in found] == [len(each) for each in wanted]
    assert all(np.abs(one - other).max(initial=0) < 1e-4 for one, other in zip(found, wanted, strict=True))


def test_another_rate_and_two_channels_are_heard_alike(tmp_path: Path) -> None:
    import soundfile

    sound = say(SENTENCES[0])
    import soxr

    high = soxr.resample(sound, 16_000, 44_100)
    soundfile.write(tmp_path / "a.flac", np.stack([high, high], 1), 44_100)
    write_wav(tmp_path / "b.wav", sound)
    one, _ = speech_pieces(tmp_path / "a.flac", shortest=1.0, longest=12.0)
    other, _ = speech_pieces(tmp_path / "b.wav", shortest=1.0, longest=12.0)
    assert len(one) == len(other) == 1
    assert np.allclose(one, other, atol=0.1)


# ---------------------------------------------------------------- speakers and splits


def files(n: int) -> list[Path]:
    return [Path(f"/data/speaker-{k // 3}/{k}.wav") for k in range(n)]


def test_a_speaker_is_in_one_split_and_files_that_come_later_move_nobody() -> None:
    few, many = voices_of(files(300), "folder", seed=1), voices_of(files(600), "folder", seed=1)
    homes: dict[str, set[str]] = {}
    for voice in many.values():
        homes.setdefault(voice.speaker, set()).add(voice.split)
    assert len(homes) == 200 and all(len(each) == 1 for each in homes.values())
    assert all(many[file] == voice for file, voice in few.items())


def test_the_shares_are_as_asked() -> None:
    voices = voices_of([Path(f"/data/{k}.wav") for k in range(4000)], "file", dev=0.2, test=0.1)
    splits = [voice.split for voice in voices.values()]
    assert splits.count("dev") / 4000 == pytest.approx(0.2, abs=0.02)
    assert splits.count("test") / 4000 == pytest.approx(0.1, abs=0.02)
    assert {voice.split for voice in voices_of(files(30), "folder", dev=0, test=0).values()} == {"train"}


def test_a_table_names_speakers_splits_and_groups(tmp_path: Path) -> None:
    table = tmp_path / "speakers.csv"
    table.write_text(
        "file,speaker,split,sex\nspeaker-0/0.wav,Ann,test,f\n1.wav,Bo,,m\n/data/speaker-0/2.wav,Ann,test,\n"
    )
    voices = voices_of(files(3), str(table), dev=0.0, test=0.0)
    assert [(voice.speaker, voice.split, dict(voice.groups)) for voice in voices.values()] == [
        ("Ann", "test", {"sex": "f"}),
        ("Bo", "train", {"sex": "m"}),
        ("Ann", "test", {}),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("file,speaker\n0.wav,Ann\n", "no speaker of 2 files, '/data/speaker-0/1.wav' among them"),
        ("file,speaker,split\n0.wav,Ann,dev\n1.wav,Ann,test\n2.wav,Bo,\n", "in test here and in dev in line 2"),
        ("file,speaker,split\n0.wav,Ann,validation\n", "line 2.*unknown split"),
        ("file,speaker\n0.wav,\n", "line 2.*no speaker"),
        ("file\n0.wav\n", "speaker"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, says: str) -> None:
    table = tmp_path / "speakers.csv"
    table.write_text(text)
    with pytest.raises(DataError, match=says):
        voices_of(files(3), str(table))


def test_a_card_without_values_of_a_teacher_is_still_one(tmp_path: Path) -> None:
    """The settings of the card are plain JSON, so that a person can read how the labels were made."""
    tones(tmp_path / "audio", 1)
    label(ears.loudness, [tmp_path / "audio"], tmp_path / "out", WHOLE)
    card = LabelCard.model_validate(json.loads((tmp_path / "out" / "card.json").read_text()))
    assert card.settings["cutting"] == {"shortest_s": 0.5, "longest_s": 12.0, "vad": False}
