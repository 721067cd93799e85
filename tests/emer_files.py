"""Made EMER data, and runs of EMER on it with fakes; no row of any real data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openaffect.bench.river import run
from openaffect.bench.task import Source
from openaffect.bench.tasks.emer import emer
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Reply, Text
from openaffect.mllm.fake import Fake
from tests.mer_unibench_files import write_csv

Marks = Mapping[str, tuple[int, int] | None]
"""Name of a clip → support and grounded; None where the judge gives nothing that can be read."""


def names(n: int) -> list[str]:
    return [f"{number:08d}" for number in range(n)]


def write_emer(folder: Path, n: int, reference: str = "In the video, he laughs and waves.") -> Path:
    """Write EMER-V1 with *n* clips that have a subtitle with their name in it, and no media."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(name, "happy", f"At last, {name}!", reference) for name in names(n)]
    write_csv(folder / "gt-eng.csv", ["names", "emotions", "subtitles", "reasons"], rows)
    return folder


def words(sent: Sequence[Message]) -> str:
    return "\n".join(part.text for message in sent for part in message.parts if isinstance(part, Text))


def clip_in(sent: Sequence[Message], n: int) -> str:
    """The clip that *sent* is about: its subtitle holds its name."""
    text = words(sent)
    return next(name for name in names(n) if f"At last, {name}!" in text)


def emer_run(
    data: Path,
    out: Path,
    *,
    model: str = "mine",
    says: str | Callable[[Sequence[Message]], str | Reply] = "The face smiles. So the person seems happy.",
    judge: str = "judge",
    marks: Marks | None = None,
    n: int = 0,
) -> Path:
    """Run EMER without references: *marks* are the judge's, by default support 5 and grounded 1 for every clip."""

    def judged(sent: Sequence[Message]) -> str:
        if "Sort the following words" in words(sent):
            return '[["happy", "glad"]]'
        found = (5, 1) if marks is None else marks[clip_in(sent, n)]
        if found is None:
            return "I like it."
        return f'{{"reason": "r", "support": {found[0]}, "grounded": {found[1]}, "alternative": 0, "other": ""}}'

    callers = {
        "model": Caller(Fake(says, model=model)),  # type: ignore[arg-type]
        "extractor": Caller(Fake("[glad]", model="extractor")),
        "judge": Caller(Fake(judged, model=judge)),
    }
    run(emer(overlap=False), Source(data), callers, out)  # type: ignore[arg-type]
    return out
