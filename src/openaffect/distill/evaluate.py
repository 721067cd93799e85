"""A student or a teacher put to the test: agreement with a truth, and what must not move it.

CCC is taken over all clips of a data set pooled, with moments divided by n: the figure that is published.  Against
labels the truth is a teacher's; against a corpus it is that of people.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from openaffect import __version__
from openaffect.distill.agreements import RESAMPLES, agreements, by_group
from openaffect.distill.cases import Case, Cases
from openaffect.distill.evaluation import Evaluation
from openaffect.distill.evaluation_text import markdown
from openaffect.distill.robustness import gain_effects, noise_effects, nothing_there
from openaffect.distill.subjects import Subject
from openaffect.errors import DataError, InputError, UsageError
from openaffect.store import RecordFile, read_records, write_atomic

PREDICTIONS = "predictions.jsonl"
Values = NDArray[np.float64]
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Trying:
    """How much is tried beside the agreement."""

    resamples: int = RESAMPLES
    """Draws for the intervals; 0: none."""
    gain_clips: int = 30
    """Clips that are heard 20 dB softer and louder."""
    noise_clips: int = 200
    """Clips that are heard under noise."""
    nothing: bool = True
    """Whether silence, noise and tones are heard."""
    seed: int = 0


DEFAULTS = Trying()


def evaluate(
    subject: Subject,
    cases: Cases,
    out: str | Path | None = None,
    trying: Trying = DEFAULTS,
    *,
    tell: Tell | None = None,
) -> Evaluation:
    """Return how *subject* does on *cases*; into *out* go ``evaluation.json``, ``evaluation.md`` and the predictions.

    Predictions that *out* holds already are not made again.  A clip that cannot be read or heard is counted, by its
    cause, and in no figure.  Raises `DataError` when not one clip can be heard, `UsageError` for an *out* that holds
    predictions of another subject.
    """
    out = None if out is None else Path(out)
    said, failures = _predictions(subject, cases, out, tell)
    truth = np.array([clip.truth for clip in cases.clips]).reshape(len(cases.clips), 3)
    if not np.isfinite(said).any():
        cause = next(iter(failures.values()), "there is no clip")
        raise DataError(f"not one of {len(cases.clips)} clips could be heard; the first: {cause}")
    found = _figures(subject, cases, truth, said, failures, trying)
    if out is not None:
        write_atomic(out / "evaluation.json", found.model_dump_json(indent=2) + "\n")
        write_atomic(out / "evaluation.md", markdown(found))
    return found


def _figures(
    subject: Subject, cases: Cases, truth: Values, said: Values, failures: dict[str, str], trying: Trying
) -> Evaluation:
    speakers = [clip.speaker for clip in cases.clips]
    whole = agreements(
        truth, said, subject.present, speakers, published=cases.published, resamples=trying.resamples, seed=trying.seed
    )
    cccs = [each.ccc for each in whole if each.ccc is not None]
    heard = [clip for clip in cases.clips if clip.id not in failures]
    noisy, rows = _some(heard, trying.noise_clips, trying.seed)
    return Evaluation(
        subject=subject.name,
        licence=subject.licence,
        data=cases.data,
        split=cases.split,
        truth=cases.truth,
        n=len(cases.clips),
        n_failed=len(failures),
        n_skipped=cases.n_skipped,
        causes=dict(Counter(failures.values()).most_common()),
        agreement=whole,
        mean_ccc=float(np.mean(cccs)) if cccs else None,
        groups=by_group(truth, said, subject.present, cases.clips, resamples=trying.resamples),
        gain=gain_effects(subject, _some(heard, trying.gain_clips, trying.seed)[0]),
        noise=noise_effects(subject, noisy, np.array([clip.truth for clip in rows]).reshape(-1, 3), seed=trying.seed),
        nothing=nothing_there(subject) if trying.nothing else (),
        versions={"openaffect": __version__, "numpy": np.__version__, "onnxruntime": onnxruntime.__version__,
                  "python": platform.python_version()},
    )  # fmt: skip


def _some(clips: Sequence[Case], n: int, seed: int) -> tuple[list[NDArray[np.float32]], list[Case]]:
    """Return sound and clip of *n* of *clips*, drawn evenly."""
    drawn = np.random.default_rng(seed).permutation(len(clips))[:n]
    chosen = [clips[place] for place in sorted(drawn.tolist())]
    return [clip.sound() for clip in chosen], chosen


def _predictions(subject: Subject, cases: Cases, out: Path | None, tell: Tell | None) -> tuple[Values, dict[str, str]]:
    """Return what *subject* says (n, 3) and the cause by id where it says nothing."""
    said, failures = np.full((len(cases.clips), 3), np.nan), {}
    with ExitStack() as stack:
        kept = {} if out is None else _kept(out / PREDICTIONS, subject)
        file = None if out is None else stack.enter_context(RecordFile(out / PREDICTIONS))
        if file is not None and not file.done:
            file.append({"id": "", "subject": subject.name, "identity": subject.identity})
        for row, clip in enumerate(cases.clips):
            record = kept.get(clip.id) or _heard(subject, clip)
            if file is not None and clip.id not in file.done:
                file.append({"id": clip.id, **record})
            if record["error"]:
                failures[clip.id] = record["error"]
            else:
                said[row] = [np.nan if value is None else value for value in record["said"]]
            if tell is not None:
                tell("clips", row + 1, len(cases.clips))
    return said, failures


def _heard(subject: Subject, clip: Case) -> dict[str, Any]:
    try:
        values = subject(clip.sound())
    except (InputError, OSError) as error:
        return {"said": [None, None, None], "error": str(error)}
    return {"said": [float(value) if np.isfinite(value) else None for value in values], "error": ""}


def _kept(path: Path, subject: Subject) -> dict[str, dict[str, Any]]:
    """Return the predictions in *path* by id; raises `UsageError` where they are another subject's."""
    if not path.exists():
        return {}
    head, *records = list(read_records(path)) or [{}]
    if head and (head.get("subject"), head.get("identity")) != (subject.name, subject.identity):
        raise UsageError(f"{str(path)!r} holds what {head.get('subject')!r} said; choose another --out.")
    return {str(record["id"]): {"said": record["said"], "error": record["error"]} for record in records}
