"""What a file is, found from its content: kind, streams, real length, and what is odd about it.

The length is measured, not believed: all packets are read once (not decoded), so a truncated file shows its true
length and a file that states none gets one.  One frame of each stream is decoded, so that a stream that cannot be
decoded is known before the work begins.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from openaffect.errors import MediaError
from openaffect.media.clip import Clip, check_file, open_clip
from openaffect.media.images import StillImage, look_at_image, read_still
from openaffect.media.names import MEDIA_ENDINGS, TEXT_ENDINGS, path_text, show
from openaffect.media.orientation import display_size, rotation
from openaffect.media.scan import Scan, Seen
from openaffect.media.subtitles import looks_like_text, read_transcript_with_notes
from openaffect.records import Media, PictureTrack, SoundTrack

_STATED = ("mov", "matroska", "avi", "flv", "asf")
"""Formats whose headers state a length that can be believed when it differs from what is there."""
_HDR = (16, 18)


def probe(path: Path) -> Media:
    """Return what the file at *path* is.  `Media.path` is *path* as given.

    Raises `MediaError` or `TranscriptError`, and nothing else, when it cannot be used.
    """
    size = check_file(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        head = file.read(1 << 16)
    common: dict[str, Any] = {"path": path_text(path), "sha256": digest, "size": size}
    still = look_at_image(path)
    if still is not None and (still.frames == 1 or still.codec not in ("gif", "png")):
        read_still(path, max_side=64)  # a header is not yet a picture
        return Media(kind="image", duration=0.0, **_image(still), **common)
    if still is None and looks_like_text(head):
        return Media(kind="text", **_text(path, head), **common)
    with open_clip(path) as clip:
        return Media(**_recording(path, clip), **common)


def _image(still: StillImage) -> dict[str, Any]:
    notes = (f"of {still.frames} pictures only the first is read",) if still.frames > 1 else ()
    picture = PictureTrack(codec=still.codec, width=still.width, height=still.height, rotation=still.rotation)
    return {"picture": picture, "notes": notes}


def _text(path: Path, head: bytes) -> dict[str, Any]:
    ending = path.suffix.lower()
    if ending in MEDIA_ENDINGS:
        raise MediaError(
            f"{show(path)} holds text, not a recording (a failed download?);"
            " get the file again, or name it .txt to read it as a transcript."
        )
    if head.startswith(b"#EXTM3U"):
        raise MediaError(f"{show(path)} is a playlist, which is not followed; give the recordings themselves.")
    transcript = read_transcript_with_notes(path)
    notes = list(transcript.notes)
    if ending not in TEXT_ENDINGS:
        notes.append("of unknown kind by its name; read as text")
    return {"duration": max(u.end for u in transcript.utterances), "notes": tuple(notes)}


def _recording(path: Path, clip: Clip) -> dict[str, Any]:
    scan = Scan(clip)
    scan.run()
    sound, picture = _usable(clip.sound, scan), _usable(clip.picture, scan)
    if sound is None and picture is None:
        raise MediaError(_why_undecodable(show(path), scan))
    notes = _notes(path, clip, scan, sound, picture)
    duration = max(s.end for s in (sound, picture) if s is not None)
    kind = "audio" if picture is None else "video"
    if picture is not None and sound is None and picture.frames == 1:
        kind, duration = "image", 0.0
        notes.append("the video has a single picture and is read as a still image")
    return {
        "kind": kind,
        "duration": max(duration, 0.0),
        "sound": _sound_track(clip.sound, sound) if sound else None,
        "picture": _picture_track(clip.picture, picture) if picture else None,
        "notes": tuple(notes),
    }


def _usable(stream: Any, scan: Scan) -> Seen | None:
    seen = scan.seen.get(stream.index) if stream is not None else None
    # Encrypted packets may decode without an error, to garbage.
    return seen if seen is not None and seen.first is not None and not seen.encrypted else None


def _why_undecodable(name: str, scan: Scan) -> str:
    if any(seen.encrypted for seen in scan.seen.values()):
        return f"{name} is encrypted (copy-protected); give an unprotected copy."
    if not any(seen.packets for seen in scan.seen.values()):
        return f"{name} states what it holds but holds no data: it was cut off or never finished; copy it again."
    return f"{name} cannot be decoded: its data are damaged or in a codec that is not supported; convert it to MP4."


def _sound_track(stream: Any, seen: Seen) -> SoundTrack:
    return SoundTrack(
        codec=stream.codec_context.codec.canonical_name,
        sampling_rate=seen.first.sample_rate,
        channels=max(1, len(seen.first.layout.channels)),
        start=max(seen.start or 0.0, 0.0),
    )


def _picture_track(stream: Any, seen: Seen) -> PictureTrack:
    frame = seen.first
    side = max(frame.width, frame.height) * 4
    width, height = display_size(frame.width, frame.height, stream.sample_aspect_ratio, side)
    turn = rotation(frame)
    return PictureTrack(
        codec=stream.codec_context.codec.canonical_name,
        width=height if turn in (90, 270) else width,
        height=width if turn in (90, 270) else height,
        frame_rate=_frame_rate(stream, seen),
        rotation=turn,
        start=max(seen.start or 0.0, 0.0),
    )


def _frame_rate(stream: Any, seen: Seen) -> float | None:
    """What the file says, if it can be; else what the packets show; None for a single picture."""
    stated = float(stream.average_rate or 0)
    if 0 < stated <= 1000:
        return stated
    length = seen.end - (seen.start or 0.0)
    return seen.frames / length if seen.frames > 1 and length > 0 else None


def _notes(path: Path, clip: Clip, scan: Scan, sound: Seen | None, picture: Seen | None) -> list[str]:
    notes: list[str] = []
    if clip.cover:
        notes.append("the picture is cover art, so the file is read as sound")
    for kind, stream, seen in (("sound", clip.sound, sound), ("picture", clip.picture, picture)):
        if stream is not None and seen is None:
            cause = "is encrypted" if scan.seen[stream.index].encrypted else "cannot be decoded"
            notes.append(f"the {kind} track {cause} and is left out")
    notes += [f"the {kind} track is in a codec that cannot be decoded and is left out" for kind in clip.unreadable]
    if clip.sounds > 1:
        notes.append(f"of {clip.sounds} sound tracks the default one is used")
    if picture is not None:
        notes += _picture_notes(clip, picture)
    if sound is not None and picture is not None and abs((sound.start or 0) - (picture.start or 0)) > 0.05:
        later, wait = (
            ("sound", sound.start) if (sound.start or 0) > (picture.start or 0) else ("picture", picture.start)
        )
        notes.append(f"the {later} begins {wait or 0.0:.3f} s after the start of the recording")
    notes += _length_notes(clip, scan)
    if path.suffix.lower() in TEXT_ENDINGS:
        notes.append(f"its name ends in {path.suffix}, but it holds a recording")
    return notes


def _picture_notes(clip: Clip, picture: Seen) -> list[str]:
    notes: list[str] = []
    if not clip.picture or not clip.picture.average_rate:
        notes.append("the file states no frame rate; time stamps are used")
    if picture.frames > 1 and picture.latest - (picture.start or 0.0) < 0.004 * picture.frames:
        notes.append("all pictures have nearly the same time stamp (0 frames per second), so hardly one can be used")
    if picture.first.color_trc in _HDR:
        notes.append("the pictures are HDR and are shown without tone mapping, so they look flat")
    return notes


def _length_notes(clip: Clip, scan: Scan) -> list[str]:
    notes: list[str] = []
    end = max(seen.end for seen in scan.seen.values())
    names = clip.container.format.name.split(",")
    stated = (clip.container.duration or 0) / 1e6 if any(n in _STATED for n in names) else 0.0
    if stated > end + max(0.5, 0.02 * stated) or clip.broken:
        says = f"the file states {stated:.1f} s but ends" if stated > end else "the file ends in damaged data"
        notes.append(f"{says} at {end:.1f} s: it was cut off; what is there is read")
    elif not clip.container.duration:
        notes.append(f"the file states no length; measured {end:.1f} s")
    resets = sum(clip.timeline(s).resets for s in (clip.sound, clip.picture) if s is not None)
    if resets:
        notes.append("time stamps jump and have been closed up; times after the jump may differ from a player's")
    return notes
