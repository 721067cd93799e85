"""Still pictures, read by Pillow with a short list of formats and a limit on pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from openaffect.errors import MediaError
from openaffect.media.names import show

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "PPM", "JPEG2000")
"""Formats that may be read; none of them runs another program or reads another file."""
MOST_PIXELS = 150_000_000
"""Larger pictures are refused before they are decompressed."""


@dataclass(frozen=True)
class StillImage:
    """What the header of a picture says; width and height as shown, after the camera's orientation."""

    codec: str
    width: int
    height: int
    frames: int
    rotation: int


_TURNS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}


def look_at_image(path: Path) -> StillImage | None:
    """Return what the picture at *path* is, from its header, or None when it is no picture.

    Raises `MediaError` when it is a picture that cannot be used.
    """
    with _opened(path) as image:
        if image is None:
            return None
        orientation = _orientation(image)
        width, height = image.size[::-1] if orientation >= 5 else image.size
        return StillImage((image.format or "?").lower(), width, height, _frames(image), _TURNS.get(orientation, 0))


def read_still(path: Path, *, max_side: int) -> NDArray[np.uint8] | None:
    """Return the (first) picture at *path* as RGB (height, width, 3), or None when it is no still picture.

    It stands upright, is downscaled to at most *max_side*, and transparent parts are white.  Raises `MediaError`.
    """
    with _opened(path) as image:
        if image is None:
            return None
        image.draft("RGB", (max_side * 2, max_side * 2))  # JPEG decodes large photos small, at once
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return np.array(_on_white(ImageOps.exif_transpose(image)), np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image | None]:
    """Open the picture, or give None when no reader claims it; what goes wrong inside becomes a `MediaError`."""
    name = show(path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters is raised; the rest would spoil the terminal
        image = _claimed(path, name)
        if image is None:
            yield None
            return
        with image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large(name)
            try:
                yield image
            except Exception as error:  # decoders raise many classes on damaged bytes; all mean the same to the user
                raise MediaError(
                    f"{name} is a damaged or truncated {image.format} picture; copy it again or save it anew."
                ) from error


def _claimed(path: Path, name: str) -> Image.Image | None:
    try:
        return Image.open(path, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except Exception:  # noqa: BLE001  any failure here means "Pillow does not claim it"; the next reader says why
        return None


def _too_large(name: str) -> MediaError:
    return MediaError(f"{name} has more than {MOST_PIXELS // 1_000_000} million pixels; save it smaller.")


def _orientation(image: Image.Image) -> int:
    value = image.getexif().get(0x0112, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I", "F", "I;16B", "I;16L"):
        deep = np.asarray(image, np.float32)
        image = Image.fromarray((255 * (deep - deep.min()) / max(float(np.ptp(deep)), 1.0)).astype(np.uint8))
    if image.mode == "RGB":
        return image
    clear = image.convert("RGBA")
    ground = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(ground, clear).convert("RGB")
