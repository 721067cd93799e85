"""Pictures that leave the analysis: peak frames that are kept or sent, with faces blurred on request."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from openaffect.media.video import frame_at, read_image
from openaffect.mllm.chat import Picture
from openaffect.records import Media, Report
from openaffect.runtime.faces import FaceNets
from openaffect.store import write_atomic


def pictures_at(
    path: Path, media: Media, times: Iterable[float], *, blur: bool, max_side: int = 512
) -> tuple[Picture, ...]:
    """Return the frames of *path* at *times* as JPEG, faces blurred when *blur* is set."""
    found = []
    for time in times:
        frame = read_image(path) if media.kind == "image" else frame_at(path, time)
        if frame is not None:
            image = blurred(Image.fromarray(frame.image)) if blur else Image.fromarray(frame.image)
            image.thumbnail((max_side, max_side))
            found.append(Picture(_jpeg(image), time=round(time, 3)))
    return tuple(found)


def keep_frames(report: Report, path: Path, folder: Path, *, blur: bool) -> list[Path]:
    """Write the peak frame of each segment of *report* as ``SEGMENT.jpg`` into *folder*; return what was written."""
    written = []
    for segment in report.segments:
        if segment.frame is not None:
            for picture in pictures_at(path, report.media, [segment.frame], blur=blur, max_side=960):
                written.append(folder / f"{segment.id}.jpg")
                write_atomic(written[-1], picture.data)
    return written


@cache
def _nets() -> FaceNets:
    return FaceNets(threads=1)


def blurred(image: Image.Image) -> Image.Image:
    """Return *image* with its faces made unrecognisable; the whole picture where no face is found in it.

    A face is reduced to eight by eight dots before it is smoothed, as a Gaussian blur alone can be undone in part;
    the box is widened by half.  When the detector finds nothing although a frame was wanted, a face may have been
    missed, so nothing is left sharp.
    """
    boxes = [(b.x0, b.y0, b.x1, b.y1) for b in _nets().detect(np.asarray(image))]
    for x0, y0, x1, y1 in boxes or [(0.0, 0.0, float(image.width), float(image.height))]:
        dx, dy = 0.25 * (x1 - x0), 0.25 * (y1 - y0)
        left, top = max(0, int(x0 - dx)), max(0, int(y0 - 2 * dy))
        right, bottom = min(image.width, int(x1 + dx) + 1), min(image.height, int(y1 + dy) + 1)
        if right > left and bottom > top:
            size = (right - left, bottom - top)
            dots = image.crop((left, top, right, bottom)).resize((8, 8), Image.Resampling.BOX)
            patch = dots.resize(size, Image.Resampling.BILINEAR).filter(
                ImageFilter.GaussianBlur(max(4, max(size) / 16))
            )
            image.paste(patch, (left, top))
    return image


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
