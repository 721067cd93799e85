"""``openaffect listen``: files, pipes, a made microphone; lines, JSON, a display; clean ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import types
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
import typer
from rich.console import Console
from tests.distill.students.made import made
from tests.speech import SENTENCES, chords, say
from typer.testing import CliRunner

from openaffect.cli.listen import listen
from openaffect.cli.listen_sources import file_sound, piped_sound
from openaffect.cli.listen_view import WORDS, Display, as_line
from openaffect.distill.export import export_folder
from openaffect.errors import InputError, MediaError, MissingPart, OpenAffectError, UsageError
from openaffect.runtime import Event, Stream, load, loading
from openaffect.runtime.facts import StudentFacts

COMMAND = "import typer; from openaffect.cli.listen import listen; a = typer.Typer(); a.command()(listen); a()"
app = typer.Typer()
app.command()(listen)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    facts = StudentFacts("wav2small-17k", present=("arousal",), name="made \x1b[2J[bold]", trained=True)
    export_folder(made("wav2small-17k"), folder, facts, measure=False)
    return folder


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    silence = np.zeros(16_000, np.float32)
    talk = np.concatenate([silence, say(SENTENCES[0]), silence, say(SENTENCES[1])])
    return (np.round(talk * 32768) / 32768).astype(np.float32)  # so that a WAV holds it exactly


def written(path: Path, samples: np.ndarray, rate: int = 16_000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.repeat(np.round(samples * 32768).astype("<i2"), channels).tobytes())
    return path


@pytest.fixture(scope="module")
def recording(sound: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("sound") / "talk.wav", sound)


def call(*words: str, given: bytes = b"") -> tuple[int, str, str, BaseException | None]:
    done = CliRunner().invoke(app, [*words], input=given)
    return done.exit_code, done.stdout, done.stderr, done.exception


def wanted(student: Path, samples: np.ndarray, rate: int = 16_000, **options: Any) -> list[Event]:
    stream = Stream(load(student), **options)
    return stream.push(samples, rate) + stream.flush()


def same(line: str, event: Event) -> bool:
    found = json.loads(line)
    near = found["arousal"] is None if event.arousal is None else abs(found["arousal"] - event.arousal) < 1e-4
    return near and (found["start"], found["end"], found["reason"]) == (event.start, event.end, event.reason)


def test_a_recording_as_json(student: Path, recording: Path, sound: np.ndarray) -> None:
    code, out, err, _ = call(
        str(recording), "--fast", "--json", "--student", str(student), "--hop", "0.4", "--window", "1.6"
    )
    assert (code, err) == (0, "")
    events, lines = wanted(student, sound, hop_s=0.4, window_s=1.6), out.splitlines()
    assert len(lines) == len(events) > 15
    assert all(same(line, event) for line, event in zip(lines, events, strict=True))
    first = json.loads(lines[0])
    assert (first["reason"], first["level"], first["dominance"]) == ("silence", None, None)
    assert sum(json.loads(line)["reason"] == "" for line in lines) > 8


def test_running_and_seconds(student: Path, recording: Path, sound: np.ndarray) -> None:
    words = ("--fast", "--json", "--student", str(student), "--mode", "running", "--seconds", "3.25")
    code, out, _, _ = call(str(recording), *words)
    events = wanted(student, sound[: round(3.25 * 16_000)], mode="running")
    assert code == 0
    assert [json.loads(line)["end"] for line in out.splitlines()] == [event.end for event in events]
    assert json.loads(out.splitlines()[-1])["end"] == 3.25


@pytest.mark.parametrize("language", ["en", "zh"])
def test_plain_lines_in_both_languages(language: str, student: Path, recording: Path) -> None:
    code, out, err, _ = call(str(recording), "--fast", "--student", str(student), "--language", language)
    words = WORDS[language]
    assert code == 0
    assert out.startswith("0:00.0–0:00.5  " + words["silence"])
    assert f"{words['arousal']} " in out
    assert words["dominance"] not in out, "it was never trained"
    assert words["purpose"] in err.replace("\n", "")
    assert "\x1b" not in out + err, "the student's name must not steer the terminal"


def test_music_gets_no_value(student: Path, tmp_path: Path) -> None:
    code, out, _, _ = call(str(written(tmp_path / "m.wav", chords())), "--fast", "--json", "--student", str(student))
    assert code == 0
    assert {(json.loads(line)["arousal"], json.loads(line)["reason"]) for line in out.splitlines()} == {
        (None, "no speech")
    }


@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_on_standard_input(channels: int, student: Path, sound: np.ndarray, tmp_path: Path) -> None:
    fast = soxr.resample(sound, 16_000, 48_000)
    data = written(tmp_path / "x.wav", fast, 48_000, channels).read_bytes()
    code, out, _, _ = call("-", "--json", "--student", str(student), given=data)
    events = wanted(student, fast, 48_000)
    assert code == 0
    assert [json.loads(line)["reason"] for line in out.splitlines()] == [event.reason for event in events]


def test_raw_samples_on_standard_input(student: Path, sound: np.ndarray) -> None:
    for raw, data in (("f32le", sound.astype("<f4")), ("s16le", np.round(sound * 32768).astype("<i2"))):
        words = ("-", "--json", "--rate", "16000", "--raw", raw, "--student", str(student))
        code, out, _, _ = call(*words, given=data.tobytes() + b"\x01")
        events = wanted(student, sound)
        assert code == 0
        assert [json.loads(line)["reason"] for line in out.splitlines()] == [event.reason for event in events]


def _riff(form: bytes, *chunks: bytes) -> bytes:
    return b"RIFF\xff\xff\xff\xffWAVE" + form + b"".join(chunks)


def _fmt(tag: int, channels: int, rate: int, bits: int, more: bytes = b"") -> bytes:
    size = bits // 8 * channels
    body = b"".join(
        n.to_bytes(k, "little") for n, k in ((tag, 2), (channels, 2), (rate, 4), (rate * size, 4), (size, 2), (bits, 2))
    )
    return b"fmt " + len(body + more).to_bytes(4, "little") + body + more


def test_wavs_of_unknown_length_and_other_kinds() -> None:
    samples = np.array([0.5, -0.25, 0.125], "<f4")
    guid = b"\x16\x00\x20\x00\x00\x00\x00\x00\x03\x00" + b"\0" * 14
    for data in (
        _riff(_fmt(3, 1, 8000, 32), b"LIST\x03\0\0\0abc\0", b"data\xff\xff\xff\xff", samples.tobytes()),
        _riff(_fmt(0xFFFE, 1, 8000, 32, guid), b"data\0\0\0\0", samples.tobytes()),
    ):
        ((found, rate),) = list(piped_sound(io.BytesIO(data), rate=None, raw="s16le"))
        assert (found.tolist(), rate) == ([0.5, -0.25, 0.125], 8000)


BROKEN: dict[str, tuple[bytes, type[OpenAffectError], str]] = {
    "nothing": (b"", UsageError, "--rate"),
    "text": (b"hello, hello, hello", UsageError, "--rate"),
    "no format": (_riff(b"", b"data\0\0\0\0"), MediaError, "does not say"),
    "ends early": (_riff(b"fmt \x10\0\0\0abc"), MediaError, "broken header"),
    "endless header": (_riff(b"LIST\xff\xff\xff\xff"), MediaError, "without end"),
    "telephone law": (_riff(_fmt(7, 1, 8000, 8), b"data\0\0\0\0"), MediaError, "kind 7"),
    "no channels": (_riff(_fmt(1, 0, 8000, 16), b"data\0\0\0\0"), MediaError, "0 channels"),
    "thousands of channels": (_riff(_fmt(1, 3000, 8000, 16), b"data\0\0\0\0"), MediaError, "convert"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pipes_of_sound(name: str) -> None:
    data, error, words = BROKEN[name]
    with pytest.raises(error, match=words):
        list(piped_sound(io.BytesIO(data), rate=None, raw="s16le"))


def test_a_recording_plays_at_its_speed(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, naps = [100.0], []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    blocks = [len(samples) for samples, _ in file_sound(recording, fast=False, now=lambda: clock[0])]
    assert sum(naps) == pytest.approx(sum(blocks) / 16_000)
    naps.clear()
    assert sum(len(samples) for samples, _ in file_sound(recording, fast=True)) == sum(blocks)
    assert naps == []


class _Microphone(types.ModuleType):
    """Stands in for sounddevice: it speaks through the callback, and Ctrl-C comes after the last block."""

    PortAudioError = type("PortAudioError", (Exception,), {})

    def __init__(self, sound: np.ndarray | None) -> None:
        super().__init__("sounddevice")
        self.sound, self.asked = sound, []

    def query_devices(self, device: object, kind: str) -> dict[str, float]:
        self.asked.append((device, kind))
        if self.sound is None:
            raise self.PortAudioError("no default input device")
        return {"default_samplerate": 16_000.0}

    def InputStream(
        self, *, callback: Any, samplerate: int, channels: int, dtype: str, device: object, blocksize: int
    ) -> Any:
        assert (samplerate, channels, dtype) == (16_000, 1, "float32")
        buffer = np.zeros((blocksize, 1), np.float32)
        for at in range(0, len(self.sound) - blocksize, blocksize):  # type: ignore[arg-type]
            buffer[:, 0] = self.sound[at : at + blocksize]  # type: ignore[index]
            callback(buffer, blocksize, None, None)  # the device uses its buffer again
        return _Nothing()


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_a_microphone(student: Path, sound: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = _Microphone(sound)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    code, out, _, _ = call("--json", "--student", str(student), "--seconds", "4", "--device", "2")
    assert code == 0
    assert fake.asked == [(2, "input")]
    events = wanted(student, sound[: 4 * 16_000])
    assert all(same(line, event) for line, event in zip(out.splitlines(), events, strict=True))


def test_without_a_microphone(student: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", _Microphone(None))
    assert isinstance(call("--student", str(student))[3], InputError)
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    error = call("--student", str(student))[3]
    assert isinstance(error, MissingPart)
    assert "openaffect[live]" in str(error)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--language", "fr"], "en or zh"),
        (["--seconds", "0"], "more than 0"),
        (["--rate", "16000"], "standard input"),
        (["--mode", "exact"], "window or running"),
        (["--hop", "0"], "hop_s"),
    ],
)
def test_wrong_usage(words: list[str], match: str, student: Path, recording: Path) -> None:
    error = call(str(recording), "--student", str(student), *words)[3]
    assert isinstance(error, UsageError)
    assert match in str(error)


def test_no_student_and_no_file(student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BUILT_IN", tmp_path / "none")
    assert isinstance(call("x.wav")[3], MissingPart)
    assert isinstance(call(str(tmp_path / "x.wav"), "--student", str(student))[3], InputError)


def test_ctrl_c_ends_it_cleanly(student: Path, recording: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(recording), "--json", "--student", str(student)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["end"] == 0.5
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_the_display_shows_bars_traces_and_reasons() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with Display(("arousal",), WORDS["en"], console) as view:
        view.show(Event(0.0, 2.0, 0.25, None, None, -20.0, 0.9))
        view.show(Event(0.5, 2.5, 0.75, None, None, -20.0, 0.9))
        view.show(Event(1.0, 3.0, None, None, None, -90.0, 0.0, "silence"))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "▃▇·" in shown
    assert "0.75" in shown
    assert "█" * 18 + "" in shown
    assert "silence" in shown
    assert "not trained" in shown


def test_a_line_tells_what_is_there() -> None:
    event = Event(61.0, 63.0, 0.5, None, 1.25, -23.4, 0.66)
    line = as_line(event, ("arousal", "valence"), WORDS["en"])
    assert line == "1:01.0–1:03.0  arousal 0.50  valence 1.25  level -23 dB  speech 66%"
    silent = Event(0.0, 2.0, None, None, None, -np.inf, None, "silence")
    assert as_line(silent, ("arousal",), WORDS["zh"]) == "0:00.0–0:02.0  静音  电平 -99 dB"


def test_a_reader_that_goes_away_is_no_traceback(student: Path, recording: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from openaffect.cli import app, main; from openaffect.cli.listen import listen\n"
    code += (
        "[app.command()(listen) for _ in [0] if not any(c.callback is listen for c in app.registered_commands)]\nmain()"
    )
    line = [sys.executable, "-c", code, "listen", str(recording), "--fast", "--json", "--student", str(student)]
    done = subprocess.run(line, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(write)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
