"""Fit the acoustic teacher to the known intent, and write labels that are the mean of both.

    python recipes/activation/fit_ridge.py SPEECH --out LABELS --weights acoustic.json

SPEECH is the folder of make_speech.py.  The strength of the ridge is chosen on the dev voices; the test voices are
looked at once, at the end.  LABELS names the same files; its arousal is the mean of intent and ridge.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from openaffect.distill.labels import Labels, LabelWriter, read_labels, targets_of
from openaffect.distill.teachers.acoustic import Ridge, measure
from openaffect.metrics.regression import ccc
from openaffect.store import write_atomic

Values = NDArray[np.float64]
LEFT_OUT = ("equivalentSoundLevel_dBp",)
"""The level itself, the same for every clip."""
STRENGTHS = np.logspace(0, 5, 21)
AS_GOOD = 0.02
"""CCC on the dev voices that a stronger ridge may cost."""
ORIGIN = (
    "ridge on level-normalised eGeMAPS (afx-audio 0.3.1) towards the known activation of synthesised speech "
    "(hibari-tts and Kokoro, Apache-2.0, edited by WORLD); recipes/activation"
)


def features(labels: Labels, names: tuple[str, ...]) -> Values:
    """Return the features of every row (rows, names); they are kept beside the labels."""
    path = labels.folder / "features.npy"
    if path.exists() and len(kept := np.load(path, allow_pickle=False)) == len(labels.rows):
        return kept
    files = [labels.path(row.parts[0]) for row in labels.rows]
    with ProcessPoolExecutor(2) as pool:
        found = np.array(list(pool.map(partial(of_file, names=names), files, chunksize=32)))
    np.save(path, found)
    return found


def of_file(path: Path, names: tuple[str, ...]) -> Values:
    """Return the features of one file of `make_speech.py`."""
    return measure(soundfile.read(path, dtype="float32")[0], names)


def fitted(x: Values, y: Values, names: tuple[str, ...], strength: float) -> Ridge:
    """Return the ridge of *strength* (the weight of its squared weights beside the squared errors)."""
    mean, scale = x.mean(axis=0), x.std(axis=0)
    z = np.clip((x - mean) / scale, -4, 4)
    middle = z.mean(axis=0)
    z = z - middle
    weights = np.linalg.solve(z.T @ z + strength * np.eye(len(names)), z.T @ (y - y.mean()))
    return Ridge(names, mean, scale, weights, float(y.mean() - middle @ weights))


def main(speech: Path, out: Path, target: Path) -> None:
    """Fit, say how it does on held-out voices, write both files."""
    from afx_audio.extractors.egemaps import EGEMAPS_NAMES

    labels = read_labels(speech)
    names = tuple(name for name in EGEMAPS_NAMES if name not in LEFT_OUT)
    x, y = features(labels, names), targets_of(labels.rows)[:, 0]
    split = np.array([row.split for row in labels.rows])
    train, dev, test = (split == name for name in ("train", "dev", "test"))
    ridges = [fitted(x[train], y[train], names, strength) for strength in STRENGTHS]
    scores = [ccc(y[dev], ridge(x[dev])) for ridge in ridges]
    # The strongest of those that are as good: small weights promise more on voices that nobody synthesised.
    chosen = int(np.flatnonzero(np.array(scores) >= max(scores) - AS_GOOD)[-1])
    ridge, strength = ridges[chosen], float(STRENGTHS[chosen])
    said = ridge(x)
    figures = {name: round(ccc(y[mask], said[mask]), 4) for name, mask in (("dev", dev), ("test", test))}
    print(json.dumps({"strength": round(strength, 1), "ccc with the intent": figures}))
    write_ridge(ridge, target, {"strength": round(strength, 1), "clips": int(train.sum()), "ccc": figures})
    card = labels.card.model_copy(update={"teacher": "known intent of synthesised speech + acoustic ridge"})
    with LabelWriter(out, card) as writer:
        for row, value in zip(labels.rows, (y + said) / 2, strict=True):
            parts = tuple(part.model_copy(update={"file": str(labels.path(part).resolve())}) for part in row.parts)
            if row.id not in writer.done:
                writer.append(row.model_copy(update={"arousal": round(float(value), 5), "parts": parts}))


def write_ridge(ridge: Ridge, path: Path, facts: dict[str, object]) -> None:
    """Write the weights as JSON, each with as many digits as count."""
    table = {name: [float(f"{x:.7g}") for x in getattr(ridge, name)] for name in ("mean", "scale", "weights")}
    content = {"origin": ORIGIN, **facts, "bias": round(ridge.bias, 7), "features": list(ridge.features), **table}
    write_atomic(path, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    arguments = parser.parse_args()
    main(arguments.speech, arguments.out, arguments.weights)
