"""Where `openaffect listen` hears from: a microphone, standard input, a file."""

from __future__ import annotations

import queue
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from openaffect.errors import InputError, MediaError, MissingPart, UsageError
from openaffect.media.audio import stream_audio, to_mono

Heard = tuple[npt.NDArray[np.float32], int]
"""Mono samples and their rate."""

RAW = {"s16le": "<i2", "f32le": "<f4"}
"""Formats of raw samples."""
_BLOCK_S = 0.1
_READ = 65536
_LONGEST_HEADER = 2**20


def file_sound(path: Path, *, fast: bool, now: Callable[[], float] = time.monotonic) -> Iterator[Heard]:
    """Yield the sound of *path* in blocks of 0.1 s, each when it would have been played, or at once if *fast*."""
    begun = now()
    for block in stream_audio(path, block_s=_BLOCK_S):
        end = block.start + len(block.samples) / 16000
        if not fast and (wait := begun + end - now()) > 0:
            time.sleep(wait)
        yield block.samples, 16000


class _Format(NamedTuple):
    rate: int
    channels: int
    dtype: str


def piped_sound(pipe: BinaryIO, *, rate: int | None, raw: str) -> Iterator[Heard]:
    """Yield the sound of a pipe as it comes: raw mono samples where *rate* is given, else a WAV file.

    Raises `UsageError` for a pipe that holds neither, `MediaError` for a WAV that cannot be read.
    """
    if rate is not None:
        if raw not in RAW:
            raise UsageError(f"unknown raw format '{raw}'; choose {' or '.join(RAW)}.")
        form = _Format(rate, 1, RAW[raw])
    else:
        form = _wav_header(pipe)
    size, rest = np.dtype(form.dtype).itemsize * form.channels, b""
    while data := _some(pipe):
        rest += data
        whole = len(rest) // size * size
        if whole:
            samples = np.frombuffer(rest[:whole], form.dtype).reshape(-1, form.channels).T
            yield to_mono(samples)[0], form.rate
        rest = rest[whole:]


def _some(pipe: BinaryIO) -> bytes:
    """Return what the pipe holds now, at least a byte; empty at its end."""
    read: Callable[[int], bytes] = getattr(pipe, "read1", pipe.read)
    return read(_READ)


def _wav_header(pipe: BinaryIO) -> _Format:
    """Read up to the samples of a WAV; its length is not believed, since a pipe may not know it."""
    head = pipe.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise UsageError(
            "standard input is no WAV; for raw mono samples say --rate 16000 (and --raw f32le for float32)."
        )
    form: _Format | None = None
    while len(entry := pipe.read(8)) == 8:
        name, size = entry[:4], int.from_bytes(entry[4:], "little")
        if name == b"data":
            break
        if size > _LONGEST_HEADER:
            raise MediaError("the WAV on standard input has a header without end; convert it to 16-bit PCM.")
        body = pipe.read(size + size % 2)
        form = _form(body) if name == b"fmt " else form
    if form is None:
        raise MediaError("the WAV on standard input does not say what its samples are; convert it to 16-bit PCM.")
    return form


def _form(body: bytes) -> _Format:
    if len(body) < 16:
        raise MediaError("the WAV on standard input has a broken header; convert it to 16-bit PCM.")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == 0xFFFE and len(body) >= 26:  # extensible: the true tag stands in front of a GUID
        tag = int.from_bytes(body[24:26], "little")
    kinds = {(1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
    if (tag, bits) not in kinds or not 1 <= channels <= 64:
        raise MediaError(
            f"the WAV on standard input has {bits}-bit samples of kind {tag} on {channels} channels; "
            "convert it to 16-bit PCM."
        )
    return _Format(rate, channels, kinds[tag, bits])


def microphone(device: str | None) -> Iterator[Heard]:
    """Yield the sound of a microphone until the caller stops; *device* is a name or number, None the default one.

    Raises `MissingPart` without the extra ``live``, `InputError` when there is no microphone.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise MissingPart("a microphone needs the extra live: pip install 'openaffect[live]'") from error
    except OSError as error:  # the package is there, the library that it binds is not
        raise MissingPart(f"a microphone needs the PortAudio library ({error}): apt install libportaudio2") from error
    chosen = int(device) if device is not None and device.isdigit() else device
    waiting: queue.SimpleQueue[npt.NDArray[np.float32]] = queue.SimpleQueue()

    def arrived(data: npt.NDArray[np.float32], frames: int, clock: Any, status: Any) -> None:
        waiting.put(data[:, 0].copy())

    try:
        rate = int(sounddevice.query_devices(chosen, "input")["default_samplerate"])
        stream = sounddevice.InputStream(
            samplerate=rate,
            channels=1,
            dtype="float32",
            device=chosen,
            blocksize=round(_BLOCK_S * rate),
            callback=arrived,
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise InputError(f"no microphone can be opened ({error}); name one with --device, or give a file.") from error
    with stream:
        while True:
            try:
                yield waiting.get(timeout=0.5), rate
            except queue.Empty:  # the wait ends now and then, so that Ctrl-C is heard on every system
                continue
