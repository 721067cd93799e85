"""Runs of EMER on both made parts, in which every mark of every clip is scripted: for what is made of several runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openaffect.bench.river import run
from openaffect.bench.task import Source
from openaffect.bench.tasks.emer import EMER
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Picture, Reply
from openaffect.mllm.fake import Fake
from tests.emer_files import names, words
from tests.mer_unibench_files import write_csv

TRUE = ["happy", "calm"]
"""The labels of every clip of EMER-V2."""
ENGLISH = "In the video, a woman smiles. In the audio, her voice is high. In the text, the subtitle says: “At last!”"
CHINESE = "视频中,女士在微笑；音频中,声音很高；文本中,字幕说“终于!”,可见她很高兴"


@dataclass(frozen=True)
class Marks:
    """What is said of one clip."""

    labels: str = "glad"
    """What the extractor takes from the explanation, comma-separated; with *odd* among them the grouping fails."""
    support: int = 5
    grounded: int = 1
    clue: str = "8"
    label: str = "9"
    explained: bool = True


def write_parts(folder: Path, n: int, *, parts: Sequence[str] = ("emer-v1", "emer-v2", "emer-ov")) -> Path:
    """Write *n* clips of each of *parts*, with names that are the same in all of them, and no media."""
    folder.mkdir(parents=True, exist_ok=True)
    if "emer-v1" in parts:
        rows = [(name, "happy", f"At last, {name}!", "In the video, he laughs.") for name in names(n)]
        write_csv(folder / "gt-eng.csv", ["names", "emotions", "subtitles", "reasons"], rows)
    if "emer-v2" in parts:
        texts = [(name, CHINESE, ENGLISH) for name in names(n)]
        write_csv(folder / "final-EMER-reason.csv", ["name", "chinese", "english"], texts)
    if "emer-ov" in parts:
        write_csv(folder / "check-openset.csv", ["name", "openset"], [(name, str(TRUE)) for name in names(n)])
    return folder


def picture_of(item: object, source: object) -> list[Picture]:
    """What stands for the frames of a clip, in place of `openaffect.bench.clips.parts`: its name."""
    return [Picture(str(getattr(item, "facts")["name"]).encode())]  # noqa: B009 - any item


def scripted_run(
    data: Path,
    out: Path,
    marks: Mapping[str, Marks],
    *,
    model: str = "mine",
    parts: tuple[str, ...] = (),
) -> Path:
    """Run EMER with fakes that say of each clip what *marks* say, in every part alike."""

    def clip(sent: Sequence[Message]) -> str:
        return next(name for name in marks if name in words(sent))

    def explains(sent: Sequence[Message]) -> str | Reply:
        (name,) = [part.data.decode() for message in sent for part in message.parts if isinstance(part, Picture)]
        return f"{name} smiles and seems happy." if marks[name].explained else Reply("", refusal="no")

    def judged(sent: Sequence[Message]) -> str:
        text = words(sent)
        if "Sort the following words" in text:
            return "I cannot." if '"odd"' in text else '[["happy", "glad"], ["calm"], ["sad"]]'
        if "three sources" in text:
            return '{"visual": 1, "acoustic": 1, "lexical": 0}'
        if "as one word or a few words" in text:
            return f"the feeling of {next((name for name in marks if name in text), 'the reference')}"
        said = marks[clip(sent)]
        if "You judge whether" in text:
            found = {"reason": "r", "support": said.support, "grounded": said.grounded, "alternative": 0, "other": ""}
            return json.dumps(found)
        return said.label if "Two people named" in text else said.clue

    callers = {
        "model": Caller(Fake(explains, model=model)),
        "extractor": Caller(Fake(lambda sent: f"[{marks[clip(sent)].labels}]", model="extractor")),
        "judge": Caller(Fake(judged, model="judge")),
    }
    run(EMER, Source(data, parts=parts), callers, out)  # type: ignore[arg-type]
    return out
