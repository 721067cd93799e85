"""A run as one HTML file that needs nothing else: styles, script and data stand inside, nothing is fetched.

A content security policy forbids every request but the sound in the run's own cache, and every script but ours (by
hash).  Replies, labels and names are untrusted: the template escapes them where they are markup, `embedded` where they
are data, and the script only ever sets them as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from openaffect.analysis.page import offline
from openaffect.analysis.page.page import embedded
from openaffect.bench.held import OUTCOMES
from openaffect.bench.task import Task
from openaffect.bench.view.evidence import Evidence, find_evidence
from openaffect.bench.view.folder import Folder, read_folder
from openaffect.bench.view.rows import item_row
from openaffect.bench.view.scores import benchmark_scores, score_rows, shown, shown_list, tree
from openaffect.bench.view.words import WORDS
from openaffect.errors import UsageError
from openaffect.store import write_atomic

FRAMES = 100
"""Items with thumbnails and questions, unless told otherwise."""
SCRIPTS = ("start.js", "item.js", "view.js")


def write_page(
    run: Path,
    out: Path | None = None,
    *,
    frames: int = FRAMES,
    language: str = "en",
    task: Task | None = None,
    data: Path | None = None,
) -> Path:
    """Write the page of the run in the folder *run* and return its path (``run/view.html`` unless *out* says).

    Raises `DataError` for a folder that holds no run or a damaged one, `OutputError` when it cannot be written.
    """
    page = out or run / "view.html"
    write_atomic(page, render_run(run, page, frames=frames, language=language, task=task, data=data))
    return page


def render_run(
    run: Path,
    page: Path,
    *,
    frames: int = FRAMES,
    language: str = "en",
    task: Task | None = None,
    data: Path | None = None,
) -> str:
    """Return the run in the folder *run* as HTML that will stand at *page*.

    The first *frames* items carry thumbnails and questions.  *task* and *data* stand in for those of the run card.
    """
    if language not in WORDS:
        raise UsageError(f"unknown language {language!r}. Known: {', '.join(WORDS)}.")
    folder = read_folder(run)
    evidence = find_evidence(folder, task, data)
    names = _ordered(folder, evidence)
    held = set(folder.ids)
    # As the task has them: records stand in the order in which they were finished.
    ids = [*(name for name in evidence.items if name in held), *(n for n in folder.ids if n not in evidence.items)]
    items = [item_row(name, folder, evidence, names, page, full=at < frames) for at, name in enumerate(ids)]
    words = WORDS[language]
    found = {"stages": names, "items": items, "words": words}
    return _render(folder, evidence, names, embedded(found), words, language, frames)


def _render(
    folder: Folder,
    evidence: Evidence,
    names: list[str],
    data: str,
    words: Mapping[str, str],
    language: str,
    frames: int,
) -> str:
    style, script = offline.asset(__package__, "view.css"), offline.script(__package__, SCRIPTS)
    scores = benchmark_scores(folder.scores)
    counts = {stage: Counter(step.outcome for step in folder.steps[stage].values()) for stage in names}
    return offline.template(__package__, "view.html.jinja", (("shown", shown),)).render(
        words=words,
        language=language,
        name=folder.path.resolve().name,
        card=folder.card,
        models=_models(folder.card),
        modalities=shown_list(folder.card.get("modalities")),
        prompts=_prompts(folder.card),
        details=tree(dict(folder.card)),
        scores=scores,
        rows=[] if scores is None else score_rows(scores),
        tree=None if folder.scores is None else tree(folder.scores),
        counts=counts,
        outcomes=[each for each in OUTCOMES if each == "answered" or any(found[each] for found in counts.values())],
        n=len(folder.ids),
        shown_for=frames if len(folder.ids) > frames else None,
        missing=evidence.missing,
        style=Markup(style),  # noqa: S704 - our own file, not text from outside
        script=Markup(script),  # noqa: S704
        data=Markup(data),  # noqa: S704 - escaped by `embedded`
        policy=offline.policy(style, script, "media-src 'self' file:; img-src data:; "),
    )


def _ordered(folder: Folder, evidence: Evidence) -> list[str]:
    known = [name for name in evidence.stages if name in folder.steps]
    return known + [name for name in folder.steps if name not in known]


def _models(card: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    models = card.get("models")
    rows = models.items() if isinstance(models, dict) else ()
    return [
        (who, str(each.get("model", "")), str(each.get("revision", ""))) for who, each in rows if isinstance(each, dict)
    ]


def _prompts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each prompt of each stage with its hash."""
    held = [stage.get("prompts") for stage in card["stages"].values() if isinstance(stage, dict)]
    pairs = [(str(name), str(digest)) for each in held if isinstance(each, dict) for name, digest in each.items()]
    return list(dict.fromkeys(pairs))
