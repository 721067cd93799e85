"""Scores that need no judge: the labels that the last step names, against the true ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openaffect.bench.task import Item, Steps
from openaffect.bench.tasks.mme.entries import earlier_of, facts_by_id
from openaffect.bench.tasks.mme.judge import steps_of
from openaffect.bench.tasks.mme.labels import form, match_label
from openaffect.bench.tasks.mme.several import label_set_scores
from openaffect.bench.tasks.mme.single import match_scores, ordinal_scores
from openaffect.bench.tasks.mme.wording import WORDINGS
from openaffect.emotion.label_sets import label_set
from openaffect.emotion.parse import read_labels
from openaffect.records import Record

_FINE = frozenset(map(form, label_set("mosi-9").names))


class JudgeFree(Record):
    """What the labels in the last steps score, 0–1 but for the distance; an item without a label counts as wrong.

    Which of these exist depends on the task; the others are None.
    """

    n: int
    n_unknown: int
    """Items (several labels: labels) that stand for no candidate."""
    accuracy: float | None = None
    uar: float | None = None
    f1: float | None = None
    jaccard: float | None = None
    precision: float | None = None
    recall: float | None = None
    mean_distance: float | None = None
    """FG-SA: mean distance on the nine names, in steps, 0–8."""
    within_one: float | None = None


def judge_free(items: Sequence[Item], steps: Steps, task: str) -> JudgeFree:
    """Return the judge-free scores of the *items* of one *task*."""
    named = {item.id: named_labels(item, steps) for item in items}
    candidates = facts_by_id(items, "candidates")
    if WORDINGS[task].several:
        sets = label_set_scores(facts_by_id(items, "labels"), named, task, candidates=candidates)
        figures = {name: getattr(sets, name) for name in ("f1", "jaccard", "precision", "recall")}
        return JudgeFree(n=sets.n, n_unknown=sets.n_unknown, **figures)
    truth = {item.id: item.facts["labels"][0] for item in items}
    # Two labels where one was asked for are none.
    one = {name: labels[0] if len(labels) == 1 else "" for name, labels in named.items()}
    match = match_scores(truth, one, task, candidates=candidates)
    found = {"accuracy": match.accuracy, "uar": match.uar}
    fine = {name: label for name, label in truth.items() if form(label) in _FINE}
    if task == "FG-SA" and fine:
        ordinal = ordinal_scores(fine, one)
        found |= {"mean_distance": ordinal.mean_distance, "within_one": ordinal.within_one}
    return JudgeFree(n=match.n, n_unknown=match.n_unknown, **found)


def named_labels(item: Item, steps: Steps) -> tuple[str, ...]:
    """Return the candidates that the last step of *item* names; else what is listed there."""
    found = steps_of(earlier_of(item, steps))
    return named_in(found[-1], item.facts["candidates"], item.facts["task"]) if found else ()


def named_in(text: str, candidates: Sequence[str], task: str) -> tuple[str, ...]:
    """Return the *candidates* that stand in *text* as words of their own, the longest first where they overlap.

    >>> named_in("a very strong negative sentiment", ["negative", "very strong negative"], "FG-SA")
    ('very strong negative',)
    >>> named_in("sad, furious", ["sadness", "fear"], "ER-Lab")
    ('sadness', 'furious')
    """
    plain, found = form(text), {}
    for label in sorted(candidates, key=lambda each: -len(form(each))):
        pattern = rf"(?<![^\W_]){re.escape(form(label))}(?![^\W_])"
        if form(label) and (match := re.search(pattern, plain)):
            found[match.start()] = label
            plain = re.sub(pattern, lambda hit: "\0" * len(hit[0]), plain)
    if found:
        return tuple(found[start] for start in sorted(found))
    wheel = task not in ("SA", "FG-SA", "IR")
    listed = read_labels(text.rpartition(":")[2]).labels
    return tuple(dict.fromkeys(match_label(each, candidates, wheel=wheel) or each for each in listed))
