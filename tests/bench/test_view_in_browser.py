"""The page of a run in headless Chromium: quiet, offline, usable by keyboard, quick with ten thousand items."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from openaffect.bench.view.view import write_page
from tests.bench.test_view import made_run, written
from tests.browser import IN_BROWSER, chromium

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run, task = made_run(tmp_path_factory.mktemp("a run #1"), n=60)
    return write_page(run, task=task)


@pytest.fixture
def page(browser: webdriver.Chrome, made: Path) -> webdriver.Chrome:
    return opened(browser, made)


def opened(browser: webdriver.Chrome, path: Path) -> webdriver.Chrome:
    browser.get("about:blank")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(path.as_uri())
    return browser


def js(browser: webdriver.Chrome, code: str, *values: Any) -> Any:
    return browser.execute_script(code, *values)


def press(browser: webdriver.Chrome, *keys: str) -> None:
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def shown(browser: webdriver.Chrome) -> str:
    """The id of the item that is shown."""
    found: str = js(browser, "return document.querySelector('#detail h2').textContent")
    return found


def chosen(browser: webdriver.Chrome, **fields: str) -> str:
    """The count of items that *fields* of the filter leave."""
    js(browser, "document.getElementById('filters').reset()")
    for name, value in fields.items():
        js(browser, "document.getElementById(arguments[0]).value = arguments[1]", f"by-{name}", value)
    js(browser, "document.getElementById('count').textContent = ''")
    js(browser, "document.getElementById('filters').dispatchEvent(new Event('input'))")
    WebDriverWait(browser, 5, 0.02).until(
        lambda driver: js(driver, "return document.getElementById('count').textContent")
    )
    found: str = js(browser, "return document.getElementById('count').textContent")
    return found.split()[0]


def requested(browser: webdriver.Chrome) -> set[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [item["params"] for item in messages if item["method"] == "Network.requestWillBeSent"]
    urls = {item["request"]["url"] for item in sent if item["documentURL"].startswith("file:")}
    return {url for url in urls if not url.startswith("data:")}


def test_quiet_and_offline_and_the_sound_plays(page: webdriver.Chrome, made: Path) -> None:
    assert js(page, "return [...document.querySelectorAll('.frames img')].map((one) => one.complete)") == [True] * 8
    assert js(page, "return document.querySelector('.frames img').naturalWidth") > 50
    assert requested(page) == {made.as_uri()}
    press(page, "p")
    WebDriverWait(page, 5).until(lambda driver: js(driver, "return document.querySelector('audio').currentTime > 0.1"))
    assert js(page, "return document.querySelector('audio').duration") == pytest.approx(2, abs=0.1)
    assert all(url.endswith("/sound.wav") and url.startswith("file:") for url in requested(page))
    assert page.get_log("browser") == []


def test_hostile_text_does_not_run(page: webdriver.Chrome) -> None:
    press(page, "j")
    assert "<script>window.pwned=1</script>" in js(page, "return document.getElementById('detail').textContent")
    press(page, "j")
    assert "<img src=x" in js(page, "return document.querySelector('.stage > .field > .said').textContent")
    assert js(page, "return window.pwned === undefined")
    assert js(page, "return document.scripts.length") == 2
    assert page.get_log("browser") == []


def test_keys_walk_the_items(page: webdriver.Chrome) -> None:
    assert shown(page) == "a/0"
    press(page, "j", "j", "k")
    assert shown(page) == "b/1"
    press(page, Keys.ARROW_DOWN)
    assert shown(page) == "a/2"
    press(page, "f")
    assert shown(page) == "b/3"
    press(page, Keys.END)
    assert shown(page) == "b/59"
    assert js(page, "return document.querySelector('.row[aria-selected=true] b').textContent") == "b/59"
    press(page, Keys.PAGE_UP, Keys.HOME, "k")
    assert shown(page) == "a/0"
    press(page, "?")
    assert js(page, "return document.getElementById('help').open")
    press(page, Keys.ESCAPE)
    WebDriverWait(page, 5, 0.02).until(lambda driver: not js(driver, "return document.getElementById('help').open"))
    press(page, "j")
    assert shown(page) == "b/1"


def test_slash_searches_and_escape_goes_back_to_the_list(page: webdriver.Chrome) -> None:
    press(page, "/")
    assert js(page, "return document.activeElement.id") == "by-text"
    page.switch_to.active_element.send_keys("b/47")
    WebDriverWait(page, 5, 0.02).until(lambda driver: shown(driver) == "b/47")
    press(page, Keys.ESCAPE)
    assert js(page, "return document.activeElement.id") == "list"
    assert js(page, "return document.getElementById('by-text').value") == "b/47"


def test_filters(page: webdriver.Chrome) -> None:
    assert chosen(page) == "60"
    assert chosen(page, part="b") == "30"
    silent = chosen(page, outcome="empty")
    assert int(silent) == 11  # line 3 and line 30 to 39
    assert chosen(page, outcome="skipped", stage="1") == silent
    assert chosen(page, outcome="skipped", stage="0") == "0"
    assert "No item is like that" in js(page, "return document.getElementById('detail').textContent")
    assert chosen(page, outcome="-") == silent
    assert chosen(page, text="NOTHING WAS TOLD") == silent
    assert chosen(page, text="nothing was told", where="v") == "0"
    assert chosen(page, text="content", where="v", part="b") == "24"
    assert chosen(page, text="anger") == "20"
    assert page.get_log("browser") == []


def test_of_ten_thousand_items_only_those_in_sight_are_drawn(browser: webdriver.Chrome, tmp_path: Path) -> None:
    rows = [{"id": f"meld/{k}", "text": f"{k} words " * 40, "value": ["joy", "fear"][k % 2]} for k in range(10_000)]
    page = opened(browser, write_page(written(tmp_path / "run", {"ask": rows})))
    assert js(page, "return document.querySelectorAll('.row').length") < 60
    press(page, Keys.END)
    assert shown(page) == "meld/9999"
    assert js(page, "return document.querySelectorAll('.row').length") < 60
    assert chosen(page, text="fear", where="v") == "5,000"
    js(
        page,
        "for (let n = 0; n < 50; n += 1) "
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true}));",
    )
    assert js(page, "return document.querySelectorAll('.row').length") < 60
    assert page.get_log("browser") == []


def test_an_empty_run_says_so(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = opened(browser, write_page(written(tmp_path / "run", {"ask": []})))
    press(page, "j", "f", "p")
    assert "no item yet" in js(page, "return document.getElementById('detail').textContent")
    assert page.get_log("browser") == []


def test_it_fits_a_narrow_window(page: webdriver.Chrome) -> None:
    page.set_window_size(500, 800)
    try:
        assert js(page, "return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    finally:
        page.set_window_size(1300, 900)
