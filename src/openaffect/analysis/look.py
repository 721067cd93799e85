"""The picture of a recording: faces found, followed and read in one streaming pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openaffect.analysis import notices
from openaffect.analysis.options import Options
from openaffect.analysis.progress import Watch
from openaffect.encoders.face import FaceReader
from openaffect.encoders.tracks import FaceTrack, FaceTracker
from openaffect.media.video import Frame, read_image, sample_frames
from openaffect.records import Media, ModalityState


def look(path: Path, media: Media, *, options: Options, watch: Watch) -> tuple[tuple[FaceTrack, ...], ModalityState]:
    """Return the faces of *path*, and whether sight was present and used."""
    text = notices.for_language(options.language)
    if media.picture is None:
        return (), ModalityState(present=False, used=False, reason=text.no_picture)
    if not options.faces:
        return (), ModalityState(present=True, used=False, reason=text.faces_off)
    faces = follow(path, media, options=options, watch=watch)
    return faces, ModalityState(present=True, used=bool(faces), reason="" if faces else text.no_face)


def follow(path: Path, media: Media, *, options: Options, watch: Watch) -> tuple[FaceTrack, ...]:
    """Follow the faces of *path*; a still image counts as one moment.  Empty when no face was found."""
    reader = FaceReader(threads=1)
    still = media.kind == "image"
    tracker = FaceTracker(min_duration=0.0) if still else FaceTracker()
    frames: Iterator[Frame] = iter([read_image(path)]) if still else _frames(path, options)
    for frame in watch.through(frames, "faces", lambda f: f.time / max(media.duration, 1e-9)):
        tracker.update(frame.time, reader.read(frame.image))
    return tuple(tracker.finish())


def _frames(path: Path, options: Options) -> Iterator[Frame]:
    return sample_frames(path, rate=options.frame_rate, fast=options.fast)
