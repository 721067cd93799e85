"""Predictions on disk → scores of a benchmark, as the papers print them and with what an honest reading adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openaffect.bench.answers import USUAL, Sampling, Scorer
from openaffect.bench.benchmarks import Benchmark, choose, find_benchmark
from openaffect.bench.checkpoints import Answers, best_of, fixed_of, shared_checkpoint
from openaffect.bench.results import BenchmarkScores, Ceiling, DatasetScores, Unscored
from openaffect.bench.skipped import sentence
from openaffect.bench.truth import CEILINGS, METRICS, Truth, truth_of
from openaffect.datasets import find, load
from openaffect.datasets.predictions import find_predictions, read_predictions
from openaffect.emotion.wheel import Wheels
from openaffect.errors import AbsentData, DataError, UsageError
from openaffect.metrics.agreement import human_ceiling
from openaffect.metrics.grouped import Groups
from openaffect.metrics.overlap import Missing
from openaffect.records import Sample

Tell = Callable[[str, int, int], None]
"""Told before each data set: its title, how many are done, how many there are."""


def score(
    benchmark: str,
    labels: str | Path,
    predictions: str | Path,
    wheels: Wheels,
    *,
    datasets: Sequence[str] = (),
    run: str | None = None,
    checkpoint: str | None = None,
    missing: Missing = "raise",
    groups: Mapping[str, Groups] | None = None,
    sampling: Sampling = USUAL,
    tell: Tell | None = None,
) -> BenchmarkScores:
    """Return the scores of *predictions* on *benchmark* (``mer-unibench``, ``ov-merd``, ``emer``).

    *labels* is the folder of the official (or your own) label files, *predictions* a file, or a folder in the official
    or the plain layout.  Every data set gets two scores: the checkpoint that is **best on the test set**, as the paper
    reports, and one *checkpoint* for all (by default the last one that all data sets share).  A data set that is absent
    or unusable is listed with its cause, and the means are then None.

    Raises `UsageError` for an unknown benchmark or data set, `DataError` when no data set at all can be scored.
    """
    chosen = find_benchmark(benchmark)
    keys = choose(chosen, tuple(datasets))
    if groups is not None and benchmark != "emer":
        raise UsageError(f"groups are for the benchmark emer; {chosen.title} is scored without them.")
    if Path(predictions).is_file() and len(keys) > 1:
        raise UsageError(f"one file of predictions cannot be for {len(keys)} data sets; name the one with --dataset.")
    scorer = Scorer(wheels, missing, groups, sampling)
    answers: dict[str, Answers] = {}
    unscored: dict[str, Unscored] = {}
    for done, key in enumerate(keys):
        if tell is not None:
            tell(find(key).title, done, len(keys))
        try:
            metric = chosen.metric or METRICS[find(key).metric]
            answers[key] = _answers(key, metric, Path(labels), Path(predictions), run, scorer)
        except DataError as error:
            unscored[key] = Unscored(
                key=key, title=find(key).title, cause=str(error), absent=isinstance(error, AbsentData)
            )
    if not answers:
        raise DataError(_nothing(chosen, list(unscored.values())))
    name = shared_checkpoint(list(answers.values())) if checkpoint is None else checkpoint
    scored = []
    for key, each in answers.items():
        try:
            scored.append(_dataset_scores(key, each, name, scorer))
        except DataError as error:
            unscored[key] = Unscored(key=key, title=find(key).title, cause=str(error), absent=False)
    if not scored:
        raise DataError(_nothing(chosen, list(unscored.values())))
    return _collect(chosen, scorer, name, scored, [unscored[key] for key in keys if key in unscored])


def _answers(key: str, metric: str, labels: Path, predictions: Path, run: str | None, scorer: Scorer) -> Answers:
    """Read the truth and all checkpoints of one data set, and take the primary score of each."""
    samples = load(key, labels, transcripts=False)
    # Without groups of a language model the wheels stand in for them.
    metric = "wheel" if metric == "grouped" and scorer.groups is None else metric
    truth = truth_of(samples, title=find(key).title, metric=metric, classes=find(key).labels)
    there = find_predictions(predictions, key, sentiment=metric == "sentiment", run=run)
    files = {each.name: (each, read_predictions(each.path)) for each in there.found}
    notes = [f"checkpoint {name} has no labels taken from its texts and was not scored" for name in there.unfinished]
    if scorer.groups and (others := [name for name in scorer.groups if name not in truth.values]):
        notes.append(f"{len(others):,} groups are for clips that are not labelled here, and were not used")
    # The only checkpoint is the best one; its score is taken later, with all others.
    several = len(files) > 1
    primary = {name: scorer.primary(truth, answer) if several else None for name, (_, answer) in files.items()}
    return Answers(samples, truth, files, primary, tuple(notes))


def _dataset_scores(key: str, answers: Answers, checkpoint: str | None, scorer: Scorer) -> DatasetScores:
    dataset = find(key)
    best, fixed = best_of(answers), fixed_of(answers, checkpoint, dataset.title)
    scored = {name: scorer.score(answers.truth, *answers.files[name]) for name in {best, fixed}}
    skipped = answers.truth.skipped(scorer.wheels)
    counts = Counter(note for sample in answers.samples for note in sample.notes)
    notes = [note if count == 1 else f"{note} ({count:,} clips)" for note, count in sorted(counts.items())]
    return DatasetScores(
        key=key,
        title=dataset.title,
        metric=answers.truth.metric,
        n=len(answers.samples),
        best=scored[best],
        fixed=scored[fixed],
        by_checkpoint={**answers.primary, **{name: each.primary.value for name, each in scored.items()}},
        skipped=sentence(skipped, len(answers.samples), dataset.title, metric=answers.truth.metric),
        skipped_labels=tuple(skipped),
        ceiling=_ceiling(answers.samples, answers.truth, scorer.wheels),
        notes=(*_differences(len(answers.samples), dataset.published.rows), *answers.notes, *notes),
    )


def _differences(n: int, published: int | None) -> list[str]:
    if published is None or n == published:
        return []
    return [f"{n:,} labelled clips here, {published:,} as published: not comparable with published scores."]


def _ceiling(samples: Sequence[Sample], truth: Truth, wheels: Wheels) -> Ceiling | None:
    if not any(len(sample.annotations) > 1 for sample in samples):
        return None
    found = human_ceiling(samples, wheels=wheels, kind=CEILINGS[truth.metric])
    return Ceiling(
        kind=CEILINGS[truth.metric],
        value=found.value,
        n_annotators=found.n_annotators,
        n_samples=found.n_samples,
        n_skipped=found.n_skipped,
        note=found.reason,
    )


def _nothing(benchmark: Benchmark, unscored: Sequence[Unscored]) -> str:
    if len(unscored) == 1:
        return f"{unscored[0].title}: {unscored[0].cause}"
    causes = " | ".join(f"{each.title}: {each.cause}" for each in unscored)
    return f"none of the {len(unscored)} data sets of {benchmark.title} can be scored. {causes}"


def _collect(
    benchmark: Benchmark,
    scorer: Scorer,
    checkpoint: str | None,
    scored: Sequence[DatasetScores],
    unscored: Sequence[Unscored],
) -> BenchmarkScores:
    whole = {each.key for each in scored} == set(benchmark.datasets)
    other_runs, other_checkpoints = _run_note(scored), _checkpoint_note(scored)
    one_run = whole and not other_runs
    one_checkpoint = one_run and not other_checkpoints
    return BenchmarkScores(
        benchmark=benchmark.key,
        title=benchmark.title,
        edition=scorer.wheels.edition,
        tables_sha256=scorer.wheels.sha256,
        official=scorer.wheels.official,
        checkpoint=checkpoint,
        datasets=tuple(scored),
        unscored=tuple(unscored),
        mean_best=_mean([each.best.primary.value for each in scored]) if one_run else None,
        mean_fixed=_mean([each.fixed.primary.value for each in scored]) if one_checkpoint else None,
        notes=tuple(filter(None, (other_runs, other_checkpoints))),
        resamples=scorer.sampling.resamples,
        level=scorer.sampling.level,
        seed=scorer.sampling.seed,
    )


def _run_note(scored: Sequence[DatasetScores]) -> str:
    """Say so where the predictions are of different runs: a mean over them is of no model."""
    if len({each.fixed.run for each in scored}) <= 1:
        return ""
    listed = ", ".join(f"{each.title} {each.fixed.run or '(plain file)'}" for each in scored)
    return f"the predictions come from different runs, so there is no Mean; choose one with --run: {listed}."


def _checkpoint_note(scored: Sequence[DatasetScores]) -> str:
    """Say so where the fixed answers are not of one checkpoint."""
    if len({each.fixed.epoch for each in scored}) <= 1:
        return ""
    listed = ", ".join(f"{each.title} {each.fixed.checkpoint}" for each in scored)
    return f"the data sets share no checkpoint, so there is no Mean of one: {listed}."


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
