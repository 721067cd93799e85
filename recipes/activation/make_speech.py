"""Make the training speech: known activation, 32 voices of 8, about 1.7 hours; resumable.

    python recipes/activation/make_speech.py OUT [--cache CACHE]

OUT becomes a folder of labels: ``audio/VOICE/*.wav``, ``labels.jsonl`` with the known intent as arousal, ``card.json``;
``cues.jsonl`` says which cues were set.  Voices of two base voices are held out (dev and test), and so are their
sentences.  It needs hibari-tts, pyworld, soxr and soundfile beside openaffect (requirements.txt).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from edits import RATE, Analysed, analyse, draw_cues, edited, padded
from packages import PACKAGES
from sentences import DEV, TEST, TRAIN
from voices import BASES, SIZES, SPLITS, Speakers, size_of

from openaffect.distill.labels import LabelCard, LabelWriter
from openaffect.records import AudioPart, PseudoLabel
from openaffect.store import RecordFile

TAKES = {"train": 3, "dev": 3, "test": 3}
SENTENCES = {"train": TRAIN, "dev": DEV, "test": TEST}
SEED = 5
CARD = LabelCard(
    teacher="known intent of synthesised speech",
    identity="recipes/activation",
    licence="Apache-2.0",
    permissive=True,
    present=("arousal",),
    audio=tuple(f"{name} {version} (Apache-2.0)" for name, (version, _) in PACKAGES.items() if "model" not in name),
)


def analysed(speakers: Speakers, base: str, number: int, text: str, folder: Path) -> Analysed:
    """Return the analysis of one sentence in one base voice; the sound is kept in *folder*."""
    path = folder / base / f"{number:02d}.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, speakers.say(base, text), RATE, subtype="PCM_16")
    return analyse(soundfile.read(path, dtype="float32")[0])


def takes(base: str, number: int) -> Iterator[tuple[str, str, str]]:
    """Yield (id, voice, size) of every clip of one sentence in one base voice."""
    for size in SIZES:
        for take in range(TAKES[SPLITS.get(base, "train")]):
            yield f"{base}-{size}-{number:02d}-{take}", f"{base}-{size}", size


def make(out: Path, cache: Path) -> None:
    """Write all clips and their labels into *out*."""
    speakers = Speakers.open(cache)
    with LabelWriter(out, CARD) as labels, RecordFile(out / "cues.jsonl") as cues:
        for base in BASES:
            split = SPLITS.get(base, "train")
            for number, text in enumerate(SENTENCES[split]):
                missing = [each for each in takes(base, number) if each[0] not in labels.done]
                if not missing:
                    continue
                voice = analysed(speakers, base, number, text, out / "bases")
                for clip, name, size in missing:
                    rng = np.random.default_rng((SEED, zlib.crc32(clip.encode())))
                    activation = round(float(rng.random()), 4)
                    strengths = draw_cues(activation, rng)
                    sound = edited(voice, strengths, size_of(base, size), rng)
                    sound = padded(sound, np.random.default_rng((SEED + 1, zlib.crc32(clip.encode()))))
                    part = Path("audio") / name / f"{clip}.wav"
                    (out / part).parent.mkdir(parents=True, exist_ok=True)
                    soundfile.write(out / part, sound, RATE, subtype="PCM_16")
                    span = AudioPart(file=str(part), start=0.0, end=len(sound) / RATE)
                    label = PseudoLabel(id=clip, parts=(span,), arousal=activation, speaker=name, split=split)
                    if clip not in cues.done:
                        cues.append({"id": clip, "intent": activation, **strengths})
                    labels.append(label)
            print(f"{base}: done", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/openaffect/activation").expanduser())
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    make(arguments.out, arguments.cache)
