"""Made data and made models for every benchmark, the same for the bench and for the harnesses."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.tasks.test_emer_task import EN, ZH, judge
from tests.bench.tasks.test_mme_task import replies
from tests.mer_unibench_files import MADE, write_csv, write_unibench
from tests.mllm.loopback import GOOD, Answer
from tests.mme_files import spoken, write_mme

from openaffect.bench.river import Run, run
from openaffect.bench.task import Source, Who
from openaffect.bench.tasks import find_task
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import AsyncBackend, Message, Text
from openaffect.mllm.openai import AsyncOpenAIChat

EMOTIONS = ("happy", "sad", "angry", "surprised", "scared", "joyful")
REFUSED = "Made sentence 2,"
"""What the model's server fails on."""
Messages = Sequence[Message]


def write_data(key: str, folder: Path) -> Path:
    """Write data for *key*: for MER-UniBench with a whole clip, a broken one, and items with nothing to ask."""
    if key.startswith("mme"):
        return write_mme(folder, ("SA", "IR", "ML-ER"))
    if key.startswith("emer"):
        folder.mkdir(parents=True)
        rows = [(f"0000000{n}", "happy", "At last!" if n < 3 else "", "In the video, he laughs.") for n in (1, 2, 3)]
        write_csv(folder / "gt-eng.csv", ["names", "emotions", "subtitles", "reasons"], rows)
        write_csv(folder / "final-EMER-reason.csv", ["name", "chinese", "english"], [(row[0], ZH, EN) for row in rows])
        write_csv(folder / "check-openset.csv", ["name", "openset"], [(row[0], "['happy', 'joyful']") for row in rows])
        return folder
    write_unibench(folder, size=12, keys=("meld", "sims"))
    video = folder / MADE["meld"].folder / "video"
    spoken(video / f"{MADE['meld'].name(0)}.mp4")
    (video / f"{MADE['meld'].name(1)}.mp4").write_bytes(b"no clip")
    return folder


def give_for(key: str) -> Callable[[Messages], str]:
    """Return what model, extractor and judge of the benchmark *key* say, by what they are asked."""
    if key.startswith("mme"):
        say = replies()
        return lambda messages: str(say(messages))
    return _of_emer if key.startswith("emer") else _of_unibench


def _words(messages: Messages) -> str:
    return "\n".join(part.text for message in messages for part in message.parts if isinstance(part, Text))


def _of_unibench(messages: Messages) -> str:
    text = _words(messages)
    before, mark, said = text.rpartition("Input:")
    if "positive, negative, neutral" in before:
        return "positive" if "happy" in said or "joyful" in said else "negative"
    if mark:
        return f"[{', '.join(word for word in EMOTIONS if word in said)}]"
    return f"She seems {EMOTIONS[int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(EMOTIONS)]}."


def _of_emer(messages: Messages) -> str:
    if "Input:" in _words(messages):
        return "[glad]"
    try:
        return judge(messages)
    except AssertionError:  # the model under test is asked
        return "The face smiles. The voice is higher than usual. So the person seems happy."


def answer_for(key: str) -> Answer:
    """Return `give_for` as a server: it fails on `REFUSED` where the model ``under-test`` is asked about it."""
    give = give_for(key)

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        messages = [Message(each["role"], (Text(text_in(each)),)) for each in body["messages"]]
        if body["model"] == "under-test" and REFUSED in _words(messages):
            return 400, {"error": {"message": "no", "code": 400}}
        reply = copy.deepcopy(GOOD)
        reply["choices"][0]["message"]["content"] = give(messages)  # type: ignore[index]
        return 200, reply

    return answer


def text_in(message: dict[str, Any]) -> str:
    """Return the text of a message as it went over the wire."""
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def bench_run(key: str, data: Path, out: Path, backend: AsyncBackend, reader: AsyncBackend) -> Run:
    """Return what ``openaffect bench run`` makes of *data*: *backend* is the model, *reader* extractor and judge."""
    other = Caller(reader, retries=0)
    callers: dict[Who, Caller] = {"model": Caller(backend, retries=0), "extractor": other, "judge": other}
    return run(find_task(key), Source(data, cache=out / "clips"), callers, out)


def bench_run_at(key: str, data: Path, out: Path, url: str) -> Run:
    """Return the same of the models on the server at *url*."""
    found = (AsyncOpenAIChat(name, base_url=url) for name in ("under-test", "reader"))
    return bench_run(key, data, out, *found)
