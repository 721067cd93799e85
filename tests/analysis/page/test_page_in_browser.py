"""The page in headless Chromium: no console error, no request but the recording, usable by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from tests import reports
from tests.browser import IN_BROWSER, chromium

from openaffect.analysis.exports import html
from openaffect.records import Report

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def film(path: Path, *, seconds: int = 12) -> None:
    """A made clip: VP8 (which every Chromium plays), a grey level that rises with time."""
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(seconds * 10):
            picture = np.full((48, 64, 3), 2 * index % 256, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def open_page(browser: webdriver.Chrome, report: Report, folder: Path, *, clip: bool = True) -> Path:
    if clip:
        film(folder / report.media.path)
    path = html.write(report, folder, "page")[0]
    browser.get("about:blank")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(path.as_uri())
    return path


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> webdriver.Chrome:
    monkeypatch.chdir(tmp_path)
    open_page(browser, reports.rich(path="my clip #1.webm"), tmp_path)
    WebDriverWait(browser, 10).until(lambda driver: js(driver, "return document.querySelector('video').readyState > 0"))
    return browser


def js(browser: webdriver.Chrome, code: str, *values: Any) -> Any:
    return browser.execute_script(code, *values)


def press(browser: webdriver.Chrome, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def focused(browser: webdriver.Chrome) -> str:
    """The id of the line, clue or segment bar that has the focus."""
    found: str = js(
        browser,
        "const on = document.activeElement; const item = on.closest('li');"
        "return item ? item.id : (on.getAttribute('aria-label') || on.id).split(',')[0]",
    )
    return found


def focus(browser: webdriver.Chrome, selector: str) -> None:
    js(browser, "document.querySelector(arguments[0]).focus()", selector)


def time_of(browser: webdriver.Chrome) -> float:
    return float(js(browser, "return document.querySelector('video').currentTime"))


def complaints(browser: webdriver.Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


def requested(browser: webdriver.Chrome) -> set[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [item["params"] for item in messages if item["method"] == "Network.requestWillBeSent"]
    urls = {item["request"]["url"] for item in sent if item["documentURL"].startswith("file:")}
    # data: addresses are the browser's own player buttons; they never leave the process
    return {url for url in urls if not url.startswith("data:")}


def test_quiet_and_offline(page: webdriver.Chrome, tmp_path: Path) -> None:
    assert complaints(page) == []
    assert requested(page) == {(tmp_path / "page.html").as_uri(), (tmp_path / "my clip #1.webm").as_uri()}
    assert js(page, "return document.querySelector('video').duration") == pytest.approx(12, abs=0.2)


def test_hostile_text_does_not_run(page: webdriver.Chrome) -> None:
    assert js(page, "return window.pwned === undefined")
    assert js(page, "return document.scripts.length") == 2
    assert "<script>window.pwned=1</script>" in js(page, "return document.querySelector('#S1 .said').textContent")


def test_enter_on_a_line_seeks_the_recording(page: webdriver.Chrome) -> None:
    focus(page, "#lines .go")
    press(page, Keys.ARROW_DOWN)
    assert focused(page) == "S2"
    press(page, Keys.ENTER)
    assert time_of(page) == pytest.approx(3.2, abs=0.05)
    assert js(page, "return document.getElementById('S2').getAttribute('aria-current')") == "true"
    assert js(page, "return document.querySelectorAll('#lines [aria-current]').length") == 1
    assert js(page, "return document.getElementById('now').textContent").startswith("0:03.2")
    press(page, Keys.END)
    assert focused(page) == "S3"
    press(page, Keys.ARROW_DOWN)
    assert focused(page) == "S3"
    press(page, Keys.HOME)
    assert focused(page) == "S1"


def test_space_plays_and_pauses(page: webdriver.Chrome) -> None:
    focus(page, "#S2 .go")
    press(page, Keys.SPACE)
    WebDriverWait(page, 5).until(lambda driver: time_of(driver) > 3.3)
    assert not js(page, "return document.querySelector('video').paused")
    press(page, Keys.SPACE)
    assert js(page, "return document.querySelector('video').paused")
    assert 3.2 < time_of(page) < 7.0


def test_arrows_walk_the_timeline_and_enter_seeks(page: webdriver.Chrome) -> None:
    focus(page, ".span[tabindex='0']")
    assert focused(page) == "S1"
    press(page, Keys.ARROW_RIGHT)
    assert focused(page) == "S3"
    press(page, Keys.ENTER)
    assert time_of(page) == pytest.approx(7.5, abs=0.05)
    assert js(page, "return document.querySelectorAll('.lane .span[tabindex=\"0\"]').length") == 2


def test_a_citation_opens_its_clue_and_the_clue_leads_back(page: webdriver.Chrome) -> None:
    js(
        page,
        "document.getElementById('by-modality').value = 'lexical'; "
        "document.getElementById('filters').dispatchEvent(new Event('input'))",
    )
    assert js(page, "return [...document.querySelectorAll('.clue')].map((item) => item.id)") == ["C4", "C6"]
    focus(page, "#S1 .explanation .cite[href='#C2']")
    press(page, Keys.ENTER)
    assert focused(page) == "C2"
    assert js(page, "return document.getElementById('C2').classList.contains('target')")
    press(page, Keys.ENTER)
    assert time_of(page) == pytest.approx(0.5, abs=0.05)
    press(page, Keys.ARROW_DOWN)
    assert focused(page) == "C3"
    js(page, "document.querySelector('#C2 .to-segment').click()")
    assert focused(page) == "S1"


def test_clues_filter_by_person_segment_and_words(page: webdriver.Chrome) -> None:
    def chosen(**fields: str) -> list[str]:
        js(page, "document.getElementById('filters').reset()")
        for name, value in fields.items():
            js(page, "document.getElementById(arguments[0]).value = arguments[1]", f"by-{name}", value)
        js(page, "document.getElementById('filters').dispatchEvent(new Event('input'))")
        found: list[str] = js(page, "return [...document.querySelectorAll('.clue')].map((item) => item.id)")
        return found

    assert chosen(person="P2") == ["C5", "C6", "C7"]
    assert chosen(person="P2", modality="acoustic") == ["C7"]
    assert chosen(text="F0_LEVEL") == ["C2", "C8"]
    assert chosen(text="nothing like it") == []
    assert js(page, "return document.getElementById('clue-count').textContent") == "0 of 0 clues"
    assert len(chosen()) == 8
    js(page, "document.querySelector('#S2 .go').click(); document.getElementById('by-segment').click()")
    assert js(page, "return [...document.querySelectorAll('.clue')].map((item) => item.id)") == ["C5", "C6", "C7"]


def test_each_clue_shows_its_measure(page: webdriver.Chrome) -> None:
    text = js(page, "return document.getElementById('C2').textContent")
    for wanted in (
        "C2",
        "Heard",
        "P1",
        "0:00.5–0:03.2",
        "4.25 semitone",
        "own level 2.125",
        "confidence 0.62",
        "cited in S1",
    ):
        assert wanted in text
    assert "not cited" in js(page, "return document.getElementById('C8').textContent")


def test_zoom_and_help_by_key(page: webdriver.Chrome) -> None:
    focus(page, "#S1 .go")
    before = js(page, "return document.querySelector('.span').getBoundingClientRect().width")
    press(page, "+")
    assert js(page, "return document.querySelector('.span').getBoundingClientRect().width") > 1.4 * before
    assert not js(page, "return document.getElementById('position').disabled")
    press(page, "0")
    assert js(page, "return document.querySelector('.span').getBoundingClientRect().width") == pytest.approx(
        before, abs=1
    )
    press(page, "?")
    assert js(page, "return document.getElementById('help').open")
    press(page, Keys.ESCAPE)
    assert not js(page, "return document.getElementById('help').open")


def test_tab_reaches_the_parts_in_reading_order_with_a_visible_focus(page: webdriver.Chrome) -> None:
    js(page, "document.body.focus()")
    seen: list[str] = []
    for _ in range(60):
        press(page, Keys.TAB)
        seen.append(
            js(
                page,
                "const at = document.activeElement; const part = at.closest('section, nav, header');"
                "return part ? part.id || part.className || part.tagName : ''",
            )
        )
        style = js(
            page,
            "const on = document.activeElement;"
            "return `${on.outerHTML.slice(0, 80)} ${getComputedStyle(on).outlineStyle}`",
        )
        assert not style.endswith("none"), style
        if seen[-1] == "clues":
            break
    order = list(dict.fromkeys(name for name in seen if name))
    assert order == ["skip", "HEADER", "card player", "card overall", "timeline", "segments", "clues"]


def test_curves_are_drawn(page: webdriver.Chrome) -> None:
    painted = js(
        page,
        "return [...document.querySelectorAll('.strip canvas')].map((canvas) => canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))",
    )
    assert painted == [True] * 6


@pytest.mark.parametrize("width", [320, 390, 1300])
def test_nothing_is_wider_than_the_window(page: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        assert js(page, "return document.documentElement.scrollWidth") <= width
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_dark_scheme_and_print_keep_contrast(page: webdriver.Chrome) -> None:
    def light(color: str) -> float:
        return sum(float(part) for part in color.removeprefix("rgb(").rstrip(")").split(",")[:3]) / 765

    script = (
        "const paint = (selector, name) => getComputedStyle(document.querySelector(selector))[name];"
        "return [paint('body', 'color'), paint('body', 'backgroundColor')]"
    )
    for feature, dark in (
        ({"name": "prefers-color-scheme", "value": "dark"}, True),
        ({"name": "", "value": ""}, False),
    ):
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature] if feature["name"] else []})
        ink, paper = (light(color) for color in js(page, script))
        assert (ink - paper > 0.6) if dark else (paper - ink > 0.6)


@pytest.mark.parametrize("make", [reports.empty, reports.text_only, reports.refused, lambda: reports.empty("image")])
def test_poor_reports_and_missing_media_are_quiet_too(
    make: Any, browser: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = open_page(browser, make(), tmp_path, clip=False)
    assert complaints(browser) == []
    assert requested(browser) == {path.as_uri()}


def test_a_recording_that_cannot_be_played_is_told(
    browser: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"not a film")
    open_page(browser, reports.rich(), tmp_path, clip=False)
    WebDriverWait(browser, 5).until(lambda driver: js(driver, "return !document.getElementById('media-error').hidden"))
    js(browser, "document.querySelector('#S2 .go').click()")
    assert js(browser, "return document.getElementById('now').textContent").startswith("0:03.2")


def test_two_hours_open_and_answer_quickly(
    browser: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_page(browser, reports.long(2.0), tmp_path, clip=False)
    assert complaints(browser) == []
    assert js(browser, "return document.querySelectorAll('.clue').length") == 200
    last = js(
        browser,
        "const links = document.querySelectorAll('#lines .cite'); const link = links[links.length - 1];"
        "link.click(); return link.hash.slice(1)",
    )
    assert focused(browser) == last
    js(browser, "document.getElementById('earlier').click()")
    assert js(browser, "return document.querySelectorAll('.clue').length") == 200
    took = js(
        browser,
        "const from = performance.now(); document.getElementById('zoom-in').click(); return performance.now() - from",
    )
    assert took < 1500
