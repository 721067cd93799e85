"""Makes media files for tests, good and bad ones, without any program but the libraries of the core.

`BAD_INPUTS` holds one maker for each entry of the list of bad inputs, with what is expected of it: ``"fails"`` (one
sentence, a record of the failure) or ``"works"`` (a report, possibly with notes).
"""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.uint8]
Sound = NDArray[np.float32]

# ---------------------------------------------------------------- signals


def sine(seconds: float, rate: int = 16000, hz: float = 440.0, level: float = 0.5) -> Sound:
    """A sine of amplitude *level*."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(seconds: float, rate: int = 16000, level: float = 0.2) -> Sound:
    """White noise of standard deviation *level*, the same every time."""
    return (level * np.random.default_rng(7).standard_normal(round(seconds * rate))).astype(np.float32)


def music(seconds: float, rate: int = 16000) -> Sound:
    """A major chord whose notes fade and return twice a second."""
    time = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (261.6, 329.6, 392.0, 523.3))
    return (0.15 * chord * np.exp(-4 * (time % 0.5))).astype(np.float32)


def click(seconds: float, at: float, rate: int = 48000) -> Sound:
    """Silence with a burst of 20 ms that begins at *at* seconds."""
    sound = np.zeros(round(seconds * rate), np.float32)
    sound[round(at * rate) : round((at + 0.02) * rate)] = 0.9
    return sound


# ---------------------------------------------------------------- pictures

_BITS = 12


def numbered(number: int, size: tuple[int, int] = (192, 64)) -> Picture:
    """A picture that carries *number* as black and white bars (12 bits) and survives any lossy codec."""
    width, height = size
    image = np.full((height, width, 3), 128, np.uint8)
    for bit in range(_BITS):
        image[:, bit * width // _BITS : (bit + 1) * width // _BITS] = 235 if number >> bit & 1 else 20
    return image


def number_in(image: Picture) -> int:
    """The number that `numbered` wrote, read from the middle of each bar."""
    height, width = image.shape[:2]
    middle = [image[height // 2, (2 * bit + 1) * width // (2 * _BITS)].mean() for bit in range(_BITS)]
    return sum(1 << bit for bit, level in enumerate(middle) if level > 128)


def drawn_face(size: int = 120) -> Picture:
    """A cartoon face; real detectors may or may not see it, so pass a photograph where that matters."""
    image = Image.new("RGB", (size, size), (90, 120, 160))
    draw = ImageDraw.Draw(image)
    u = size / 12
    draw.ellipse((2 * u, u, 10 * u, 11 * u), fill=(224, 184, 150))
    for x in (4.4, 7.6):
        draw.ellipse(((x - 0.7) * u, 4.6 * u, (x + 0.7) * u, 5.4 * u), fill="white")
        draw.ellipse(((x - 0.3) * u, 4.7 * u, (x + 0.3) * u, 5.3 * u), fill=(50, 30, 20))
        draw.line(((x - 0.9) * u, 3.9 * u, (x + 0.9) * u, 3.9 * u), fill=(60, 40, 30), width=max(1, size // 40))
    draw.line((6 * u, 5.4 * u, 5.6 * u, 7.2 * u, 6.2 * u, 7.2 * u), fill=(170, 120, 100), width=max(1, size // 60))
    draw.chord((4.5 * u, 7.6 * u, 7.5 * u, 9.4 * u), 0, 180, fill=(170, 60, 60))
    return np.asarray(image).copy()


def crowd(face: Picture | None = None, columns: int = 8, rows: int = 5) -> Picture:
    """A grid of faces (40 by default)."""
    return np.tile(drawn_face() if face is None else face, (rows, columns, 1))


def landscape(size: tuple[int, int] = (320, 240)) -> Picture:
    """Sky over grass: nobody in it."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2] = (120, 170, 230)
    image[height // 2 :] = (70, 140, 60)
    return image


# ---------------------------------------------------------------- writing


def write_video(
    path: Path,
    pictures: Iterable[Picture],
    *,
    fps: int = 25,
    times: Sequence[Fraction] | None = None,
    codec: str = "libx264",
    gop: int = 12,
    b_frames: int = 2,
    sound: Sound | None = None,
    sound_rate: int = 48000,
    sound_at: float = 0.0,
    sound_codec: str = "aac",
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """Encode *pictures* (at *times*, else at a constant rate) with *sound* from *sound_at* seconds on."""
    with av.open(str(path), "w", options=options or {}) as out:
        stream: Any = None
        ear: Any = None
        for index, picture in enumerate(pictures):
            if stream is None:
                stream = out.add_stream(codec, rate=fps)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt, stream.gop_size, stream.max_b_frames = pixels, gop, b_frames
                stream.options = {"x264-params": "scenecut=0", **(codec_options or {})} if "264" in codec else {}
                if sound is not None:
                    ear = out.add_stream(sound_codec, rate=sound_rate, layout="mono")
                if times is not None:
                    stream.time_base = stream.codec_context.time_base = Fraction(1, 90000)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            base = Fraction(1, 90000) if times is not None else Fraction(1, fps)
            frame.pts, frame.time_base = (round(times[index] / base) if times is not None else index), base
            out.mux(stream.encode(frame))
        if stream is not None:
            out.mux(stream.encode(None))
        if ear is not None and sound is not None:
            _mux_sound(out, ear, sound, sound_rate, sound_at)
    return path


def _mux_sound(out: Any, stream: Any, sound: Sound, rate: int, at: float) -> None:
    step = stream.codec_context.frame_size or 1024
    form = stream.codec_context.format.name
    for begin in range(0, len(sound), step):
        part = sound[begin : begin + step]
        if form.startswith("s"):
            kind = np.int16 if form.startswith("s16") else np.int32
            part = (part.astype(np.float64) * (np.iinfo(kind).max - 256)).astype(kind)
        frame = av.AudioFrame.from_ndarray(part[None], format=form, layout="mono")
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = begin + round(at * rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def write_sound(path: Path, sound: Sound, rate: int = 16000, codec: str = "aac", **options: str) -> Path:
    """Encode mono *sound* into the container that the ending of *path* names."""
    with av.open(str(path), "w", options=options) as out:
        _mux_sound(out, out.add_stream(codec, rate=rate, layout="mono"), sound, rate, 0.0)
    return path


def write_wav(path: Path, sound: Sound, rate: int = 16000) -> Path:
    """Write 16-bit PCM; *sound* is (n,) or (channels, n)."""
    channels = np.atleast_2d(sound)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(channels.T, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def write_float_wav(path: Path, sound: Sound, rate: int = 16000) -> Path:
    """Write 32-bit float PCM, which can hold NaN; *sound* is (n,) or (channels, n)."""
    channels = np.atleast_2d(sound).astype("<f4")
    data, count = channels.T.tobytes(), len(channels)
    head = struct.pack("<HHIIHH", 3, count, rate, rate * 4 * count, 4 * count, 32)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def turn(path: Path, degrees: int) -> Path:
    """Rewrite the display matrix of an MP4 so that players turn its picture clockwise by *degrees*."""
    one = 1 << 16
    a, b, c, d = {0: (one, 0, 0, one), 90: (0, one, -one, 0), 180: (-one, 0, 0, -one), 270: (0, -one, one, 0)}[degrees]
    raw = bytearray(path.read_bytes())
    at = raw.index(b"tkhd") + 4 + 40
    raw[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(raw))
    return path


# ---------------------------------------------------------------- the bad inputs


def make_clip(folder: Path, name: str = "clip.mp4", seconds: float = 2.0, picture: Picture | None = None) -> Path:
    """A small good video with sound."""
    image = landscape() if picture is None else picture
    return write_video(folder / name, [image] * round(25 * seconds), sound=sine(seconds, 48000))


def make_empty(folder: Path) -> Path:
    """No bytes at all."""
    path = folder / "empty.mp4"
    path.write_bytes(b"")
    return path


def make_truncated(folder: Path) -> Path:
    """An MP4 cut off before its index, which stands at the end."""
    path = make_clip(folder, "truncated.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def make_cut_off(folder: Path) -> Path:
    """An MP4 with its index in front, cut off in the middle: the first half plays."""
    pictures = [numbered(i) for i in range(100)]
    fast = {"movflags": "faststart"}
    path = write_video(folder / "cut off.mp4", pictures, sound=noise(4.0, 48000), options=fast)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def make_encrypted(folder: Path) -> Path:
    """Common Encryption, as streaming services use it."""
    key = "0123456789abcdef0123456789abcdef"
    options = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}
    return write_video(folder / "encrypted.mp4", [landscape()] * 25, sound=sine(1.0, 48000), options=options)


def make_wrong_ending(folder: Path) -> Path:
    """A WAV that calls itself MP4."""
    return write_wav(folder / "sound.wav", sine(2.0)).rename(folder / "really a wav.mp4")


def make_text_as_video(folder: Path) -> Path:
    """What a failed download leaves."""
    path = folder / "download.mp4"
    path.write_text("<!doctype html><html><body>404 Not Found</body></html>\n", "utf-8")
    return path


def make_zero_fps(folder: Path) -> Path:
    """An MP4 whose pictures all last 0 ticks."""
    path = make_clip(folder, "zero fps.mp4")
    raw = bytearray(path.read_bytes())
    at = raw.index(b"stts") + 12
    raw[at : at + 4] = bytes(4)
    path.write_bytes(bytes(raw))
    return path


def make_nan(folder: Path) -> Path:
    """Float samples of which 100 are NaN and 2 infinite."""
    sound = sine(2.0)
    sound[1000:1100] = np.nan
    sound[[5000, 5001]] = np.inf, -np.inf
    return write_float_wav(folder / "nan.wav", sound)


def make_8_khz(folder: Path) -> Path:
    """A telephone's rate."""
    return write_wav(folder / "8 khz.wav", sine(2.0, 8000), 8000)


def make_192_khz(folder: Path) -> Path:
    """A studio's rate."""
    return write_wav(folder / "192 khz.wav", sine(2.0, 192000), 192000)


def make_8_channels(folder: Path) -> Path:
    """7.1: the tone is in the third channel (centre) only."""
    sound = np.zeros((8, 32000), np.float32)
    sound[2] = sine(2.0)
    return write_wav(folder / "surround.wav", sound)


def make_8k_frames(folder: Path, picture: Picture | None = None) -> Path:
    """7680 by 4320 pixels."""
    image = Image.fromarray(landscape() if picture is None else picture).resize((7680, 4320))
    quick = {"preset": "ultrafast"}
    return write_video(folder / "8k.mp4", [np.asarray(image)] * 3, fps=3, codec_options=quick, b_frames=0)


def make_no_sound(folder: Path, picture: Picture | None = None) -> Path:
    """Pictures only."""
    return write_video(folder / "no sound.mp4", [landscape() if picture is None else picture] * 50)


def make_no_picture(folder: Path) -> Path:
    """Sound only, in a video container."""
    return write_sound(folder / "no picture.mp4", sine(2.0, 48000), 48000)


def make_cover_art(folder: Path) -> Path:
    """Sound with a cover picture, which containers store as a video stream."""
    path = folder / "cover.mp4"
    with av.open(str(path), "w") as out:
        ear = out.add_stream("aac", rate=48000, layout="mono")
        cover = out.add_stream("png", rate=1)
        cover.width = cover.height = 120
        cover.pix_fmt, cover.disposition = "rgb24", Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(drawn_face(), format="rgb24")
        frame.pts = 0
        out.mux(cover.encode(frame) + cover.encode(None))
        _mux_sound(out, ear, sine(2.0, 48000), 48000, 0.0)
    return path


def make_silent(folder: Path) -> Path:
    """Digital silence."""
    return write_wav(folder / "silent.wav", np.zeros(48000, np.float32))


def make_noise(folder: Path) -> Path:
    """White noise."""
    return write_wav(folder / "noise.wav", noise(3.0))


def make_music(folder: Path) -> Path:
    """Music without a voice."""
    return write_wav(folder / "music.wav", music(4.0))


def make_no_face(folder: Path) -> Path:
    """A video of a landscape."""
    return make_clip(folder, "no face.mp4")


def make_forty_faces(folder: Path, face: Picture | None = None) -> Path:
    """A video of forty faces; pass a photograph of one for a detector that wants real ones."""
    return write_video(folder / "forty faces.mp4", [crowd(face)] * 25)


CUES = "1\n00:00:00,500 --> 00:00:02,000\n{}\n\n2\n00:00:02,500 --> 00:00:04,000\n{}\n"
CHINESE = ("我今天真的很高兴,你们都来了。", "可是他为什么不说话呢?")


def make_wrong_encoding(folder: Path) -> Path:
    """Chinese subtitles in GB18030."""
    path = folder / "gb.srt"
    path.write_bytes(CUES.format(*CHINESE).encode("gb18030"))
    return path


def make_utf16(folder: Path) -> Path:
    """Subtitles as Windows' editor saves them under "Unicode"."""
    path = folder / "utf16.srt"
    path.write_bytes(CUES.format("I am so happy!", "Why are you crying?").encode("utf-16"))
    return path


def make_broken_cues(folder: Path) -> Path:
    """Two good cues between broken ones."""
    path = folder / "broken.srt"
    path.write_text(
        "1\n00:00:01,000 --> garbage\nlost\n\n2\n00:00:02,000 --> 00:00:03,000\nI am <i>glad</i>.\n\n"
        "3\n00:00:09,000 --> 00:00:05,000\nbackwards\n\n4\n00:00:05,000 --> 00:00:06,000\n{\\an8}Good bye.\n",
        "utf-8",
    )
    return path


def make_binary_subtitles(folder: Path) -> Path:
    """Bytes that are no text, named as subtitles."""
    path = folder / "binary.srt"
    path.write_bytes(np.random.default_rng(1).bytes(5000))
    return path


def make_blank_text(folder: Path) -> Path:
    """White space only."""
    path = folder / "blank.txt"
    path.write_text(" \n\n\t\n", "utf-8")
    return path


def make_random(folder: Path) -> Path:
    """Bytes of no format."""
    path = folder / "random.mp4"
    path.write_bytes(np.random.default_rng(3).bytes(20000))
    return path


def make_pixel_bomb(folder: Path) -> Path:
    """A PNG of a few bytes that says it has 40,000 by 40,000 pixels."""
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40000, 40000, 8, 2, 0, 0, 0)
    path = folder / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
    return path


def make_truncated_image(folder: Path) -> Path:
    """Half a JPEG."""
    path = folder / "half.jpg"
    Image.fromarray(crowd()).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def make_playlist(folder: Path) -> Path:
    """A playlist that asks for another file; it must not be followed."""
    path = folder / "stream.m3u8"
    path.write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n", "utf-8")
    return path


def make_single_frame(folder: Path) -> Path:
    """A video of one picture."""
    return write_video(folder / "single.mp4", [landscape()])


def make_animation(folder: Path) -> Path:
    """A moving GIF."""
    path = folder / "moving.gif"
    images = [Image.fromarray(numbered(i)) for i in range(5)]
    images[0].save(path, save_all=True, append_images=images[1:], duration=200, loop=0)
    return path


def _named(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return make_clip(folder, name, seconds=1.0)

    make.__doc__ = f"A good clip named {name!r}."
    return make


BAD_INPUTS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (make_empty, "fails"),
    "truncated": (make_truncated, "fails"),
    "cut off": (make_cut_off, "works"),
    "encrypted": (make_encrypted, "fails"),
    "wrong ending": (make_wrong_ending, "works"),
    "text as video": (make_text_as_video, "fails"),
    "zero fps": (make_zero_fps, "works"),
    "nan samples": (make_nan, "works"),
    "8 khz": (make_8_khz, "works"),
    "192 khz": (make_192_khz, "works"),
    "7.1 channels": (make_8_channels, "works"),
    "8k frames": (make_8k_frames, "works"),
    "no sound": (make_no_sound, "works"),
    "no picture": (make_no_picture, "works"),
    "cover art": (make_cover_art, "works"),
    "silent": (make_silent, "works"),
    "noise": (make_noise, "works"),
    "music": (make_music, "works"),
    "no face": (make_no_face, "works"),
    "forty faces": (make_forty_faces, "works"),
    "wrong encoding": (make_wrong_encoding, "works"),
    "utf-16 subtitles": (make_utf16, "works"),
    "broken cues": (make_broken_cues, "works"),
    "binary subtitles": (make_binary_subtitles, "fails"),
    "blank text": (make_blank_text, "fails"),
    "random bytes": (make_random, "fails"),
    "pixel bomb": (make_pixel_bomb, "fails"),
    "truncated image": (make_truncated_image, "fails"),
    "playlist": (make_playlist, "fails"),
    "single frame": (make_single_frame, "works"),
    "animation": (make_animation, "works"),
    "name with spaces": (_named("my  holiday clip .mp4"), "works"),
    "name with newline": (_named("two\nlines.mp4"), "works"),
    "name with quotes": (_named('it\'s "quoted" `here`.mp4'), "works"),
    "name with emoji": (_named("😀 happy ❤️.mp4"), "works"),
    "name with dash": (_named("--out.mp4"), "works"),
    "name of no unicode": (_named(b"caf\xe9.mp4".decode("utf-8", "surrogateescape")), "works"),
}
"""Name → (maker(folder) → path, what is expected)."""
