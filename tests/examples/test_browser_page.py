"""The browser example: the exported file in onnxruntime-web, in a real browser, beside Python."""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch
from tests import speech
from tests.browser import IN_BROWSER, chromium
from tests.parts import unpacked

from openaffect.distill import students
from openaffect.distill.export import export_folder
from openaffect.runtime.facts import StudentFacts

pytestmark = IN_BROWSER
PREPARE = Path(__file__).resolve().parents[2] / "examples/browser/prepare.py"
CLIPS = {
    "first.wav": lambda: speech.say(speech.SENTENCES[0]),
    "second.wav": lambda: speech.say(speech.SENTENCES[1], semitones=5.0),
    "third.wav": lambda: np.tile(speech.say(speech.SENTENCES[2]), 4),
}


def student(folder: Path) -> None:
    torch.manual_seed(3)
    module = students.build("wav2small-72k").eval()
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_()  # type: ignore[union-attr, operator]
            part.running_var.uniform_(0.5, 2.0)  # type: ignore[union-attr, operator]
    export_folder(module, folder, StudentFacts("wav2small-72k", present=("arousal",), name="random <b>weights</b>"))


def write_wav(path: Path, samples: npt.NDArray[np.float32]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("browser")
    student(room / "student")
    engine = unpacked("onnxruntime-web") / "package/dist"
    subprocess.run([sys.executable, PREPARE, room / "student", engine, "--out", room / "site"], check=True)
    for name, made in CLIPS.items():
        write_wav(room / "site" / name, made())
    write_wav(room / "site" / "noise.wav", speech.noise(3.0))
    write_wav(room / "site" / "silence.wav", speech.silence(3.0))
    return room / "site"


@pytest.fixture(scope="module")
def page(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium(tmp_path_factory.mktemp("profile")) as driver:
            driver.set_script_timeout(60)
            driver.get(f"http://127.0.0.1:{server.server_port}/?lang=en")
            wait(driver, "Ready.")
            yield driver
        server.shutdown()


def wait(driver: Any, state: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while (now := driver.find_element("id", "state").text) != state:
        assert time.monotonic() < end, f"{now!r} after {seconds} s, {driver.get_log('browser')}"
        time.sleep(0.1)


VALUES = """
const [name, done] = arguments;
(async () => {
  const { decode } = await import("./student.mjs");
  const samples = await decode(await (await fetch(name)).arrayBuffer());
  return { count: samples.length, values: (await window.student.values(samples)).map(String) };
})().then(done, (error) => done({ error: String(error) }));
"""


@pytest.mark.parametrize("name", CLIPS)
def test_browser_and_python_agree(page: Any, site: Path, name: str) -> None:
    found = page.execute_async_script(VALUES, name)
    with wave.open(str(site / name)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    session = onnxruntime.InferenceSession(site / "student/model.onnx", providers=["CPUExecutionProvider"])
    expected = session.run(["logits"], {"signal": samples[None]})[0][0]
    assert found["count"] == len(samples)
    np.testing.assert_allclose([float(value) for value in found["values"]], expected, atol=1e-4)
    assert np.isfinite(expected[0])
    assert np.isnan(expected[1:]).all()


def test_a_chosen_recording_fills_the_table_and_absent_dimensions_say_so(page: Any, site: Path) -> None:
    page.find_element("id", "file").send_keys(str(site / "first.wav"))
    wait(page, "Ready.")
    rows = [row.text for row in page.find_elements("css selector", "#values tr")]
    assert [row.split()[0] for row in rows] == ["arousal", "dominance", "valence"]
    assert "not in this student" in rows[1]
    about = page.find_element("id", "student").text
    assert about.startswith("random <b>weights</b>")
    assert about.endswith("its values say nothing about a voice.")


@pytest.mark.parametrize(
    ("name", "state"),
    [("noise.wav", "No value: no speech was found in this sound."), ("silence.wav", "No value: too quiet to read.")],
)
def test_silence_and_noise_give_no_value(page: Any, site: Path, name: str, state: str) -> None:
    page.find_element("id", "file").send_keys(str(site / name))
    wait(page, state)
    assert not page.find_element("id", "result").is_displayed()


def test_a_file_that_is_no_sound_says_so(page: Any, site: Path) -> None:
    page.find_element("id", "file").send_keys(str(site / "page.css"))
    wait(page, "This file cannot be decoded as sound; choose another one (WAV, MP3, OGG, FLAC).")


def test_nothing_outside_is_asked_for(page: Any) -> None:
    asked = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert asked
    assert all(address.startswith("http://127.0.0.1:") for address in asked)
