"""The folders of runs: card, scores and what their owner says of the model; runs that do not fit are refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from openaffect.bench.leaderboard.emer import part_in, tables_that_fit
from openaffect.bench.published.rows import Kind
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.tasks.emer_scores import EmerScores
from openaffect.bench.tasks.mme.report import MmeScores
from openaffect.datasets.files import quoted, read_bytes
from openaffect.errors import DataError, UsageError
from openaffect.records import Record

BENCHMARK_OF = {
    "mer-unibench": "mer-unibench",
    "mer-unibench-sampled": "mer-unibench",
    "mme-emotion": "mme-emotion",
    "mme-emotion-heard": "mme-emotion",
    "emer": "emer",
    "emer-zh": "emer",
}
"""Task → its benchmark."""
ScoresOf = BenchmarkScores | MmeScores | EmerScores
_SCORES: dict[str, type[ScoresOf]] = {"mer-unibench": BenchmarkScores, "mme-emotion": MmeScores, "emer": EmerScores}
M = TypeVar("M", bound=BaseModel)


class _Model(BaseModel):
    model: str
    revision: str = ""

    @property
    def full(self) -> str:
        return f"{self.model}@{self.revision}" if self.revision else self.model


class _Stage(BaseModel):
    options: dict[str, Any] = {}
    prompts: dict[str, str] = {}


class Card(BaseModel):
    """What the card of a run says; what it says besides is passed over."""

    task: str
    modalities: tuple[str, ...] = ()
    models: dict[str, _Model] = {}
    stages: dict[str, _Stage] = {}

    @property
    def prompts(self) -> dict[str, str]:
        """Stage and prompt → sha256."""
        return {f"{s}/{name}": sha for s, stage in self.stages.items() for name, sha in stage.prompts.items()}


class About(Record):
    """What the owner of a run says of the model, in ``about.json`` beside the card; all of it may be left out."""

    name: str = ""
    kind: Kind | None = None
    size: str = ""


@dataclass(frozen=True)
class RunFolder:
    """A run on disk."""

    path: Path
    card: Card
    scores: ScoresOf
    about: About

    @property
    def benchmark(self) -> str:
        """The benchmark that the run is of."""
        return BENCHMARK_OF[self.card.task]

    @property
    def fits(self) -> tuple[str, ...]:
        """Keys of the tables of published scores that the run may stand in, the one it fits best first."""
        return tables_that_fit(self.scores) if isinstance(self.scores, EmerScores) else (self.benchmark,)

    @property
    def prompts(self) -> str:
        """One sha256 over all prompts."""
        return hashlib.sha256(json.dumps(self.card.prompts, sort_keys=True).encode()).hexdigest()

    def n_in(self, table: str) -> int:
        """Return the number of items that were scored and stand in *table*."""
        if isinstance(self.scores, BenchmarkScores):
            return sum(each.n for each in self.scores.datasets)
        if isinstance(self.scores, EmerScores):
            part = part_in(self.scores, table)
            return 0 if part is None else part.n
        return self.scores.overall.n

    @property
    def judged_by(self) -> str:
        """The models that extracted and judged."""
        return ", ".join(f"{who} {each.full}" for who, each in sorted(self.card.models.items()) if who != "model")


def read_run(path: Path) -> RunFolder:
    """Return the run in the folder *path*.

    Raises `DataError` for a folder without a card and scores that can be read, `UsageError` for a run of a task that
    has no leaderboard.
    """
    for name in ("card.json", "scores.json"):
        if not (path / name).is_file():
            raise DataError(f"{quoted(path)} holds no {name}: it is no finished run; name the --out of a bench run.")
    card = _read(path / "card.json", Card)
    if card.task not in BENCHMARK_OF:
        known = ", ".join(BENCHMARK_OF)
        raise UsageError(f"{quoted(path)} is a run of {card.task!r}, which has no leaderboard. Known: {known}.")
    about = _read(path / "about.json", About) if (path / "about.json").exists() else About()
    return RunFolder(path, card, _read(path / "scores.json", _SCORES[BENCHMARK_OF[card.task]]), about)


def _read(path: Path, kind: type[M]) -> M:
    try:
        return kind.model_validate_json(read_bytes(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DataError(f"{quoted(path)} cannot be used: {where}: {first['msg'].lower()}.") from error


def reason(error: Exception) -> str:
    """Return what *error* says, to stand inside a sentence.

    >>> reason(ValueError("the file is damaged."))
    'the file is damaged'
    """
    return str(error).rstrip(".")


def check_alike(runs: Sequence[RunFolder]) -> None:
    """Refuse runs that were not measured alike: other benchmarks, prompts, wheel tables, clues or alpha.

    Raises `UsageError` that names both runs and what each has.
    """
    _same(runs, "benchmark", lambda run: run.benchmark)
    _same(runs, "task", lambda run: run.card.task)
    for name in dict.fromkeys(name for run in runs for name in run.card.prompts):
        _same(runs, f"prompt {name}", lambda run, name=name: run.card.prompts.get(name, "absent")[:12])  # type: ignore[misc]
    _same(runs, "wheel tables", tables_of)
    _same(runs, "audio clues", lambda run: getattr(run.scores, "clues", ""))
    _same(runs, "alpha", lambda run: str(getattr(run.scores, "alpha", "")))


def tables_of(run: RunFolder) -> str:
    """Return edition and hash of the wheel tables, "" where none are used."""
    scores = run.scores
    return "" if isinstance(scores, MmeScores) else f"{scores.edition} {scores.tables_sha256[:12]}"


def differences(runs: Sequence[RunFolder], table: str) -> list[str]:
    """Return, as sentences, what differs between *runs* and does not forbid to list them together in *table*."""
    found = []
    if len({run.judged_by for run in runs}) > 1:
        found.append("The runs were extracted or judged by different models: their scores differ for that reason too.")
    for stage in dict.fromkeys(name for run in runs for name in run.card.stages):
        if len({_options(run, stage) for run in runs}) > 1:
            found.append(f"The stage {stage} was asked with different options.")
    counts = [f"{run.n_in(table):,}" for run in runs]
    if len(set(counts)) > 1:
        found.append(f"The runs have different numbers of items ({', '.join(counts)}): not all are of the same items.")
    return found


def _options(run: RunFolder, stage: str) -> str:
    found = run.card.stages.get(stage)
    return json.dumps(found.options, sort_keys=True) if found else ""


def _same(runs: Sequence[RunFolder], what: str, of: Callable[[RunFolder], str]) -> None:
    for run in runs[1:]:
        if of(run) != of(runs[0]):
            raise UsageError(
                f"{quoted(runs[0].path)} and {quoted(run.path)} cannot stand in one leaderboard: the {what} is "
                f"{of(runs[0])!r} in the first and {of(run)!r} in the second; make a leaderboard of each."
            )
