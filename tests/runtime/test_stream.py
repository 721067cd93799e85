"""Streams: the same events however the sound is cut, equal to torch, resumable, bounded, silent where no voice is."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.conftest import tokens, truth
from tests.speech import chords, noise
from torch import nn

from openaffect.distill.pooling import attended
from openaffect.errors import DataError, UsageError
from openaffect.runtime import Event, Model, Stream, load

NETWORKS = ("wav2small-72k", "wav2small-17k")
MODES = ("window", "running")


@pytest.fixture(scope="module")
def models(folders: dict[str, Path]) -> dict[str, Model]:
    return {name: load(folder) for name, folder in folders.items()}


def events(stream: Stream, sound: np.ndarray, sizes: Sequence[int] = (), rate: int = 16000) -> list[Event]:
    """Push *sound* in chunks of *sizes* (the rest in one), flush."""
    found: list[Event] = []
    for part in np.split(sound, np.cumsum(np.array(sizes, int))):
        found += stream.push(part, rate)
    return found + stream.flush()


def values(event: Event) -> np.ndarray:
    found = (event.arousal, event.dominance, event.valence)
    return np.array([np.nan if value is None else value for value in found])


def scale(sound: np.ndarray) -> tuple[float, float]:
    wide = sound.astype(np.float64)
    return float(wide.mean()), math.sqrt(float(wide.var()) + 1e-7)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=12)
@given(sizes=st.lists(st.integers(0, 20_000), max_size=12))
def test_how_a_stream_is_cut_changes_nothing(
    mode: str, sizes: list[int], models: dict[str, Model], speech: np.ndarray
) -> None:
    clip = speech[:60_001]
    stream = Stream(models["wav2small-72k"], mode=mode, hop_s=0.4, window_s=1.2)  # type: ignore[arg-type]
    wanted = events(stream, clip)
    stream.reset()
    assert events(stream, clip, sizes) == wanted
    assert [event.end for event in wanted] == [pytest.approx(0.4 * k) for k in range(1, 10)] + [60_001 / 16000]


@pytest.mark.parametrize("mode", MODES)
def test_sample_by_sample(mode: str, models: dict[str, Model], speech: np.ndarray) -> None:
    stream = Stream(models["wav2small-17k"], mode=mode)  # type: ignore[arg-type]
    wanted = events(stream, speech[:20_000])
    stream.reset()
    assert events(stream, speech[:20_000], [1] * 19_999) == wanted


@pytest.mark.parametrize("network", NETWORKS)
def test_window_says_what_torch_says_of_the_slice(
    network: str, models: dict[str, Model], modules: dict[str, nn.Module], speech: np.ndarray
) -> None:
    said = [event for event in events(Stream(models[network]), speech, [30_000] * 9) if not event.reason]
    assert len(said) > 20
    for event in said:
        wanted = truth(modules[network], speech[round(event.start * 16000) : round(event.end * 16000)])
        assert np.nanmax(np.abs(values(event) - wanted)) < 1e-5 * max(1.0, np.abs(wanted).max())
        clip = speech[round(event.start * 16000) : round(event.end * 16000)].astype(float)
        assert event.level == pytest.approx(10 * math.log10(clip.var()), abs=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_running_with_a_fixed_scale_is_one_pass_over_the_whole(
    network: str, models: dict[str, Model], modules: dict[str, nn.Module], speech: np.ndarray
) -> None:
    """Truth: torch's tokens of the whole stream, those of the window pooled by torch's softmax."""
    mean, rms = scale(speech)
    stream = Stream(models[network], mode="running", hop_s=0.3, window_s=1.5, scale=(mean, rms))
    found = events(stream, speech, [12_345] * 11)
    each, scores = tokens(modules[network], speech, mean, rms)
    network_: Any = modules[network]
    assert len(found) == 1 + len(speech) // 4800
    for number, event in enumerate(found):
        if event.reason:
            continue
        first = round(event.start * 250)
        last = round(event.end * 250) if number < len(found) - 1 else each.shape[1]
        with torch.inference_mode():
            pooled = attended(each[:, first:last], scores[:, first:last])
            wanted = network_.adv(network_.read_out(pooled))[0].numpy()
        assert np.nanmax(np.abs(values(event) - wanted)) < 1e-5 * max(1.0, np.abs(wanted).max())


def test_running_follows_the_level_of_the_voice(models: dict[str, Model], speech: np.ndarray) -> None:
    """Soft or loud, after a silent start: what is said settles at what the right scale says."""
    right = events(Stream(models["wav2small-72k"], mode="running", scale=scale(speech)), speech)
    for gain in (1.0, 0.1):
        quiet = np.concatenate([np.zeros(16000, np.float32), speech]) * np.float32(gain)
        found = events(Stream(models["wav2small-72k"], mode="running"), quiet)[2:]
        late = [(a, b) for a, b in zip(found, right, strict=True) if a.start > 4 and not (a.reason or b.reason)]
        assert len(late) > 8
        assert np.max([np.nanmax(np.abs(values(a) - values(b))) for a, b in late]) < 0.05
        assert np.mean([np.nanmax(np.abs(values(a) - values(b))) for a, b in late]) < 0.02


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at", [0, 1, 8_000, 50_003, 120_000])
def test_a_saved_stream_goes_on_exactly(mode: str, at: int, models: dict[str, Model], speech: np.ndarray) -> None:
    model = models["wav2small-17k"]
    first = Stream(model, mode=mode)  # type: ignore[arg-type]
    begun = first.push(speech[:at])
    written = json.loads(json.dumps(first.state_dict(), default=lambda array: array.tolist()))
    for state in (written, first.state_dict()):
        second = Stream(model, mode=mode)  # type: ignore[arg-type]
        second.push(speech[:33_333])
        second.load_state_dict(state)
        third = Stream(model, mode=mode)  # type: ignore[arg-type]
        assert begun + events(second, speech[at:]) == events(third, speech)
    assert begun + events(first, speech[at:]) == events(Stream(model, mode=mode), speech)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_other_rates(rate: int, models: dict[str, Model], speech: np.ndarray) -> None:
    there = soxr.resample(speech, 16000, rate)
    model = models["wav2small-72k"]
    wanted = events(Stream(model), soxr.resample(there, rate, 16000, quality="HQ"))
    stream = Stream(model)
    found = events(stream, there, [777] * 300, rate)
    assert [event.end for event in found] == [event.end for event in wanted]
    for a, b in zip(found, wanted, strict=True):
        assert a.reason == b.reason
        assert np.array_equal(np.isnan(values(a)), np.isnan(values(b)))
        assert a.reason or np.nanmax(np.abs(values(a) - values(b))) < 1e-4
    stream.reset()
    begun = stream.push(there[: 3 * rate + 11], rate)
    later = Stream(model)
    later.load_state_dict(stream.state_dict())
    again = begun + events(later, there[3 * rate + 11 :], [], rate)
    assert [event.end for event in again] == [event.end for event in found]
    assert all(a.reason or np.nanmax(np.abs(values(a) - values(b))) < 1e-4 for a, b in zip(again, found, strict=True))


@pytest.mark.parametrize("mode", MODES)
def test_memory_does_not_grow(mode: str, models: dict[str, Model], speech: np.ndarray) -> None:
    """What a stream remembers after half a minute is as large as after a minute."""

    def size(stream: Stream) -> int:
        return len(json.dumps(stream.state_dict(), default=lambda array: ["0"] * array.size))

    stream, sizes = Stream(models["wav2small-17k"], mode=mode), []  # type: ignore[arg-type]
    for _ in range(4):
        stream.push(np.tile(speech, 3)[: 16000 * 32])
        sizes.append(size(stream))
    assert max(sizes) - min(sizes) < 200


@pytest.mark.parametrize("mode", MODES)
def test_no_voice_no_value(mode: str, models: dict[str, Model], speech: np.ndarray) -> None:
    stream = Stream(models["wav2small-72k"], mode=mode)  # type: ignore[arg-type]
    for sound, reason in (
        (np.zeros(64_000, np.float32), "silence"),
        (np.full(64_000, 0.3, np.float32), "silence"),
        (noise(4.0), "no speech"),
        (noise(4.0, slope=1.0) * 0.01, "no speech"),
        (chords(), "no speech"),
    ):
        stream.reset()
        found = events(stream, sound)
        assert {event.reason for event in found} == {reason}
        assert all(np.isnan(values(event)).all() for event in found)
    stream.reset()
    found = events(stream, np.concatenate([np.zeros(64_000, np.float32), speech[:64_000]]))
    assert [event.reason for event in found[:7]] == ["silence"] * 7
    assert not found[-1].reason
    assert found[6].level == -math.inf
    assert found[-1].voiced > 0.5


def test_quiet_speech_is_heard(models: dict[str, Model], speech: np.ndarray) -> None:
    """Down to -60 dBFS; at -70 the student's own constant is as large as the sound, so there it is silence."""
    for gain in (0.1, 0.04):
        found = events(Stream(models["wav2small-72k"]), speech * np.float32(gain))
        assert sum(not event.reason for event in found) > 0.9 * len(found)


def test_a_detector_of_ones_own(models: dict[str, Model], speech: np.ndarray) -> None:
    class Never:
        def push(self, samples: np.ndarray) -> np.ndarray:
            return np.zeros(len(samples) // 512, np.float32)

        def reset(self) -> None: ...

        def state_dict(self) -> dict[str, Any]:
            return {}

        def load_state_dict(self, state: dict[str, Any]) -> None: ...

    found = events(Stream(models["wav2small-72k"], vad=Never()), speech)
    assert {event.reason for event in found} == {"no speech"}


def test_a_model_without_a_gate_is_asked_about_all_but_silence(folders: dict[str, Path]) -> None:
    stream = Stream(load(folders["wav2small-72k"], gate=False))
    found = events(stream, np.concatenate([noise(2.0), np.zeros(64_000, np.float32)]))
    assert {event.voiced for event in found} == {None}
    assert not found[0].reason
    assert found[-1].reason == "silence"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window_s": 0.3}, "hop_s"),
        ({"hop_s": 0.0}, "hop_s"),
        ({"hop_s": 0.003}, "multiple of 0.004"),
        ({"hop_s": float("nan")}, "hop_s"),
        ({"window_s": 1e9}, "window_s"),
        ({"mode": "running", "window_s": 1.3}, "multiple"),
        ({"mode": "exact"}, "window or running"),
        ({"scale": (0.0, 0.1)}, "running"),
        ({"mode": "running", "scale": (0.0, 0.0)}, "above 0"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], words: str, models: dict[str, Model]) -> None:
    with pytest.raises(UsageError, match=words):
        Stream(models["wav2small-72k"], **options)


def test_running_needs_chunks(folders: dict[str, Path], tmp_path: Path) -> None:
    for name in ("model.onnx", "student.json"):
        shutil.copy(folders["wav2small-72k"] / name, tmp_path)
    with pytest.raises(UsageError, match="mode='window'"):
        Stream(load(tmp_path), mode="running")


def test_bad_chunks_leave_the_stream_as_it_was(models: dict[str, Model], speech: np.ndarray) -> None:
    stream = Stream(models["wav2small-72k"])
    wanted = events(stream, speech[:50_000])
    stream.reset()
    found = stream.push(speech[:20_000])
    for chunk, rate, error in (
        (speech[:20_000], 48000, UsageError),
        (np.stack([speech[:100]] * 2), 16000, UsageError),
        (np.array([0.0, np.nan], np.float32), 16000, DataError),
        (np.array([0.0, np.inf]), 16000, DataError),
        (speech[:100].astype(np.float16), 16000, UsageError),
        (speech[:100], 0, UsageError),
    ):
        with pytest.raises(error):
            stream.push(chunk, rate)
    assert found + events(stream, speech[20_000:50_000]) == wanted
    with pytest.raises(UsageError, match="reset"):
        stream.push(speech[:10])
    assert stream.flush() == []
    stream.reset()
    assert stream.push(np.zeros(0, np.float32), 48000) == []


def test_next_to_nothing(models: dict[str, Model]) -> None:
    for mode in MODES:
        assert Stream(models["wav2small-72k"], mode=mode).flush() == []  # type: ignore[arg-type]
        assert events(Stream(models["wav2small-72k"], mode=mode), noise(1.0)[:63]) == []  # type: ignore[arg-type]
        assert len(events(Stream(models["wav2small-72k"], mode=mode), noise(1.0)[:64])) == 1  # type: ignore[arg-type]


def test_the_callers_chunk_is_not_kept(models: dict[str, Model], speech: np.ndarray) -> None:
    stream, chunk = Stream(models["wav2small-72k"]), speech[:30_000].copy()
    found = stream.push(chunk)
    chunk[:] = 0
    assert found + events(stream, speech[30_000:]) == events(Stream(models["wav2small-72k"]), speech)


def test_states_of_others_and_broken_ones_are_refused(models: dict[str, Model], speech: np.ndarray) -> None:
    stream = Stream(models["wav2small-72k"], mode="running")
    stream.push(speech[:50_000])
    state = stream.state_dict()
    for other in (
        Stream(models["wav2small-17k"], mode="running"),
        Stream(models["wav2small-72k"]),
        Stream(models["wav2small-72k"], mode="running", hop_s=1.0),
        Stream(models["wav2small-72k"], mode="running", scale=(0.0, 1.0)),
    ):
        with pytest.raises(UsageError, match="another stream"):
            other.load_state_dict(state)
    with pytest.raises(UsageError, match="another stream"):
        stream.load_state_dict([])  # type: ignore[arg-type]
    for broken in (
        {"sound": [0.0]},
        {"places": [0, 1]},
        {"places": [5, 1, 2, 0]},
        {"reader": None},
        {"hearing": {}},
        {"hearing": state["hearing"] | {"activity": state["hearing"]["activity"] | {"cell": [0.0]}}},
        {"spoken": 3},
        {"rate": "fast"},
    ):
        with pytest.raises((DataError, UsageError)):
            Stream(models["wav2small-72k"], mode="running").load_state_dict(state | broken)
