"""The leaderboard page in headless Chromium: quiet, offline, sorted by a click."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openaffect.bench.leaderboard import leaderboard
from tests.bench.test_leaderboard import NASTY, mme_run
from tests.browser import IN_BROWSER, chromium

COLUMN = "return [...document.querySelector('table.sortable').tBodies[0].rows].map(row => row.cells[arguments[0]].{})"

pytestmark = IN_BROWSER


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    runs = [mme_run(tmp_path / name, [(1.0, 1.0), (0.0, 1.0)], model=NASTY + name) for name in "ab"]
    leaderboard(runs, out=tmp_path / "board")
    driver: Any
    with chromium(tmp_path / "profile") as driver:
        driver.get("about:blank")
        driver.get_log("performance")  # what the browser itself fetched when it started
        driver.get((tmp_path / "board" / "leaderboard.html").as_uri())
        yield driver


def test_a_click_sorts_and_nothing_is_fetched(page: Any) -> None:
    heads = page.execute_script("return [...document.querySelectorAll('table.sortable th')].map(e => e.innerText)")
    place = heads.index("recognition")
    button = f"document.querySelectorAll('table.sortable th button')[{place}].click()"
    for reverse in (True, False):
        page.execute_script(button)
        values = page.execute_script(COLUMN.format("dataset.number"), place)
        assert len(values) == 22 and [float(v) for v in values] == sorted(map(float, values), reverse=reverse)
    page.execute_script("document.querySelectorAll('table.sortable th button')[0].click()")
    names = page.execute_script(COLUMN.format("dataset.text"), 0)
    assert names == sorted(names, reverse=True)
    assert page.execute_script("return document.images.length + document.scripts.length") == 1
    sent = [json.loads(each["message"])["message"] for each in page.get_log("performance")]
    urls = {each["params"]["request"]["url"] for each in sent if each["method"] == "Network.requestWillBeSent"}
    assert [url.rpartition("/")[2] for url in urls] == ["leaderboard.html"]
    assert not page.get_log("browser")
