"""The page of a run as text: what it holds, what it keeps out, how large it gets, and folders that are no run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.bench.clips import parts
from openaffect.bench.river import run
from openaffect.bench.task import Item, Source, Stage, Task, Who, read_text
from openaffect.bench.view.evidence import kept_room
from openaffect.bench.view.scores import tree
from openaffect.bench.view.view import render_run, write_page
from openaffect.bench.view.words import WORDS
from openaffect.cli.view import view
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Text
from openaffect.mllm.fake import Fake
from openaffect.records import Record
from tests.reports import HOSTILE


class Made(Record):
    """A score."""

    accuracy: float = 0.5
    tasks: tuple[dict[str, int], ...] = ({"no clip": 2},)
    remark: str = HOSTILE


def film(path: Path, *, seconds: int = 2) -> Path:
    """A made clip with sound: a grey level that rises with time, and a tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="webm") as container:
        pictures = container.add_stream("libvpx", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 96, 64, "yuv420p"
        sound = container.add_stream("libopus", rate=48000)
        for index in range(seconds * 10):
            grey = np.full((64, 96, 3), (40 + 10 * index, 90, 200 - 8 * index), np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        tone = (0.2 * np.sin(np.arange(seconds * 48000) * 2 * np.pi * 330 / 48000)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None], format="flt", layout="mono")
        frame.sample_rate = 48000
        for stream, last in ((sound, frame), (sound, None), (pictures, None)):
            container.mux(stream.encode(last))
    return path


def made_task(folder: Path, *, n: int = 6, clips: bool = True) -> Task:
    """Two parts, two stages; the second asks nothing where the first one said nothing."""

    def items(source: Source) -> list[Item]:
        media = folder / "data" / "my clip #1.webm"

        def item(k: int) -> Item:
            facts = {"label": "joy" if k % 3 else "anger", "note": HOSTILE}
            said = HOSTILE if k == 1 else f"line {k}"
            return Item(f"{'ab'[k % 2]}/{k}", "ab"[k % 2], media if clips and k < 4 else None, said, facts)

        return [item(k) for k in range(n)]

    def stages(source: Source) -> tuple[Stage, ...]:
        def describe(item: Item, earlier: Any) -> Sequence[Message] | str:
            return (Message("user", (*parts(item, source), Text(f"How does this sound? {item.transcript}"))),)

        def label(item: Item, earlier: Any) -> Sequence[Message] | str:
            value = earlier["tell"].value
            return (Message("user", (Text(f"Labels of: {value}"),)),) if value else "nothing was told"

        read = lambda item, earlier, call: read_text(item, call)  # noqa: E731
        # Named against the alphabet: the card is sorted, the run is not.
        return (Stage("tell", "model", describe, read), Stage("label", "extractor", label, read))

    return Task("made", "a made task", "", items, stages, lambda items, steps, source: Made())


def made_run(folder: Path, **options: Any) -> tuple[Path, Task]:
    film(folder / "data" / "my clip #1.webm")
    task = made_task(folder, **options)

    def reply(messages: Sequence[Message]) -> str:
        asked = "".join(part.text for message in messages for part in message.parts if isinstance(part, Text))
        return "" if "line 3" in asked else HOSTILE if "line 2" in asked else "a warm, slow voice; she seems content"

    caller = Caller(Fake(reply))
    callers: dict[Who, Caller] = {"model": caller, "extractor": caller, "judge": caller}
    out = folder / "run"
    run(task, Source(folder / "data", cache=out / "clips"), callers, out)
    return out, task


def written(folder: Path, records: dict[str, list[dict[str, Any]]], **card: Any) -> Path:
    """A run folder written by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps({"task": "made", "stages": {key: {} for key in records}, **card}))
    for stage, rows in records.items():
        (folder / f"{stage}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def data_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])  # type: ignore[index]
    return found


def page_of(folder: Path, **options: Any) -> str:
    return render_run(folder, folder / "view.html", **options)


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Task]:
    return made_run(tmp_path_factory.mktemp("made"))


def test_an_item_holds_what_was_asked_said_read_and_spent(made: tuple[Path, Task]) -> None:
    found = data_of(page_of(made[0], task=made[1]))
    assert found["stages"] == ["tell", "label"]
    first = found["items"][0]
    assert (first["id"], first["part"], first["transcript"]) == ("a/0", "a", "line 0")
    assert first["facts"][0] == ["label", "anger"]
    ((role, text, pictures, seconds),) = first["asked"][0]
    assert (role, text, pictures, seconds) == ("user", "How does this sound? line 0", 8, 2.0)
    outcome, reply, value, cause, attempts, *_ = first["steps"][0]
    assert (outcome, reply, value, cause, attempts) == ("answered", 0, "a warm, slow voice; she seems content", "", 1)
    silent = found["items"][3]["steps"]
    assert silent[0][0] == "empty"
    assert silent[1][:4] == ["skipped", "", None, "nothing was told"]


def test_frames_are_in_the_page_and_sound_is_a_relative_link(made: tuple[Path, Task], tmp_path: Path) -> None:
    first, *_, last = data_of(page_of(made[0], task=made[1], frames=1))["items"]
    assert len(first["frames"]) == 8
    assert all(len(picture) < 8000 for picture in first["frames"])
    assert re.fullmatch(r"\./clips/[0-9a-f]{32}/sound\.wav", first["sound"])
    assert "frames" not in last
    second = data_of(page_of(made[0], task=made[1], frames=1))["items"][1]
    assert "frames" not in second
    assert "asked" not in second
    assert second["sound"] == first["sound"]
    elsewhere = data_of(render_run(made[0], tmp_path / "x" / "p.html", task=made[1]))["items"][0]["sound"]
    assert (tmp_path / "x" / elsewhere).resolve().is_file()


def test_the_room_of_a_clip_is_where_the_run_keeps_it(tmp_path: Path) -> None:
    clip = film(tmp_path / "c.webm")
    assert kept_room(clip, tmp_path / "cache") is None
    parts(Item("a", "a", clip), Source(tmp_path, cache=tmp_path / "cache"))
    (room,) = (tmp_path / "cache").iterdir()
    assert kept_room(clip, tmp_path / "cache") == room


def test_without_its_data_a_run_still_shows_and_says_why(made: tuple[Path, Task]) -> None:
    page = page_of(made[0])
    assert "the task &#39;made&#39; is not one of openaffect&#39;s own" in page
    # Without the task, items stand in the order in which they were finished.
    assert sorted(item["part"] for item in data_of(page)["items"]) == ["a", "a", "a", "b", "b", "b"]


def test_a_card_cannot_name_a_file_to_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    page_of(written(tmp_path / "run", {"ask": []}, task=f"{tmp_path}/evil.py:X"))
    assert not (tmp_path / "ran").exists()


@given(text=st.text(st.characters(), max_size=60) | st.just(HOSTILE))
def test_no_text_adds_an_element_or_an_attribute(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    def tags(words: str) -> list[tuple[str, tuple[str, ...]]]:
        record = {"id": f"a/{words}", "text": words, "value": [words], "outcome": words, "cause": words}
        folder = written(
            tmp_path_factory.mktemp("h"),
            {"ask": [record]},
            task=words,
            models={"model": {"model": words, "revision": "r"}},
        )
        (folder / "scores.json").write_text(json.dumps({"k": words, "more": [{"x": words}]}))
        return Elements(page_of(folder)).tags

    assert tags(text) == tags("plain")


def test_the_page_asks_for_nothing_and_only_our_script_may_run(made: tuple[Path, Task]) -> None:
    page = page_of(made[0], task=made[1])
    assert not re.search(r"https?://", page)
    assert not re.search(r"//[a-z]+\.", page)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in page
    assert "default-src &#39;none&#39;" in page
    assert "unsafe" not in page.split("</head>")[0]


def test_ten_thousand_items_make_a_page_of_bounded_size(tmp_path: Path) -> None:
    rows = [
        {"id": f"meld/{k}", "text": "word " * 80, "value": "joy", "outcome": "answered", "call": {"attempts": 1}}
        for k in range(10_000)
    ]
    rows[0]["text"] = "x" * 5_000_000
    page = page_of(written(tmp_path / "run", {"ask": rows}))
    assert len(page) < 6_000_000
    assert page.count("<div") < 60
    assert data_of(page)["items"][0]["steps"][0][1].endswith("\0" + "4992000")


def test_an_empty_run_and_an_unscored_one(tmp_path: Path) -> None:
    page = page_of(written(tmp_path / "run", {"ask": []}))
    assert data_of(page)["items"] == []
    assert WORDS["en"]["nothing"] in page
    assert WORDS["en"]["no_scores"] in page


def test_the_last_record_counts_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    rows = [{"id": "a/1", "outcome": "failed", "cause": "it broke"}, {"id": "a/1", "text": "joy", "value": "joy"}]
    folder = written(tmp_path / "run", {"ask": rows})
    with (folder / "ask.jsonl").open("a") as file:
        file.write('{"id":"a/2","te')
    (item,) = data_of(page_of(folder))["items"]
    assert item["steps"][0][:3] == ["answered", 0, "joy"]


ODD = {"attempts": "many", "latency_s": float("nan"), "input_tokens": True, "cost": 10**400, "cached": 1}


def test_odd_values_are_shown_and_odd_numbers_left_out(tmp_path: Path) -> None:
    row = {"id": "a/1", "value": {"deep": [1, float("inf")]}, "call": ODD}
    (item,) = data_of(page_of(written(tmp_path / "run", {"ask": [row]})))["items"]
    assert item["steps"][0][2] == '{"deep": [1, Infinity]}'
    assert item["steps"][0][4:] == [None] * 5 + [0]


DAMAGED = {
    "no card": ("card.json", None, "there is no card.json"),
    "half a card": ("card.json", '{"task"', "is damaged"),
    "a list": ("card.json", "[]", "names no stages"),
    "a stage that leads out": ("card.json", '{"stages": {"../x": {}}}', "names no stages"),
    "a deep card": ("card.json", "[" * 100_000, "nested too deeply"),
    "half scores": ("scores.json", '{"a":', "is damaged"),
    "no JSON": ("ask.jsonl", "hello\n", "line 1 is not JSON"),
    "no record": ("ask.jsonl", "[1]\n", "holds list"),
    "no id": ("ask.jsonl", '{"text": "x"}\n', "no readable 'id'"),
    "a number for a text": ("ask.jsonl", '{"id": "a", "text": 3}\n', "no readable 'text'"),
    "not text at all": ("ask.jsonl", "\udcff\udcfe\n", "line 1 is not JSON"),
}


@pytest.mark.parametrize(("file", "text", "wanted"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_run_is_one_sentence(tmp_path: Path, file: str, text: str | None, wanted: str) -> None:
    folder = written(tmp_path / "run", {"ask": [{"id": "a/1"}]})
    (folder / file).unlink(missing_ok=True)
    if text is not None:
        (folder / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=re.escape(wanted)) as caught:
        write_page(folder)
    assert "\n" not in str(caught.value)
    assert not (folder / "view.html").exists()


def test_both_languages_have_every_word(tmp_path: Path) -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    folder = written(tmp_path / "run", {"ask": []})
    assert '<html lang="zh-Hans">' in page_of(folder, language="zh")
    with pytest.raises(UsageError, match="unknown language 'xx'"):
        page_of(folder, language="xx")


def test_scores_of_data_sets_are_a_table_and_others_a_tree(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", {"ask": []})
    one = {"key": "meld", "title": "MELD", "metric": "hit rate", "n": 9, "by_checkpoint": {}}
    score = {"name": "hit", "value": 0.25, "low": 0.1, "high": 0.5, "n": 9}
    answered = {"checkpoint": "run", "sha256": "0" * 64, "scores": [score]}
    scores: dict[str, Any] = {"benchmark": "mer-unibench", "title": "MER-UniBench", "edition": "2025", "official": True}
    scores |= {"tables_sha256": "0" * 64, "checkpoint": None, "resamples": 0, "level": 0.95, "seed": 0}
    scores |= {"datasets": [one | {"best": answered, "fixed": answered}]}
    (folder / "scores.json").write_text(json.dumps(scores))
    assert '<b>0.250</b></td><td class="number">0.100–0.500</td>' in page_of(folder)
    (folder / "scores.json").write_text(json.dumps({"alpha": 0.5, "tasks": [{"task": "ER-Lab"}]}))
    assert "<dt>task</dt><dd><bdi>ER-Lab</bdi>" in page_of(folder)


def test_records_of_one_kind_are_a_table_of_their_leaves() -> None:
    rows = [{"task": key, "strict": {"cot": {"value": 1.0, "low": None, "high": None}}, "none": {}} for key in "ab"]
    assert tree(rows) == ("table", (["task", "strict cot"], [["a", "1"], ["b", "1"]]))
    assert tree(rows[:1])[0] == "list"
    assert tree([{str(k): k for k in range(100)}] * 2)[0] == "list"


def test_a_score_tree_is_bounded() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = {"a": deep}
    assert "…" in str(tree(deep))
    assert len(str(tree({str(k): k for k in range(5000)}))) < 10_000


def test_the_command_writes_the_page_and_prints_its_path(made: tuple[Path, Task], tmp_path: Path, capsys: Any) -> None:
    view(made[0], tmp_path / "p.html", 0, "en", None, None)
    assert capsys.readouterr().out.strip() == str(tmp_path / "p.html")
    assert (tmp_path / "p.html").read_text("utf-8").startswith("<!DOCTYPE html>")
