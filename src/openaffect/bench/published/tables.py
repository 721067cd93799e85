"""Which tables of published scores there are, and where each was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Table:
    """One table of published scores."""

    key: str
    title: str
    file: str
    citation: str
    date: str
    """When the numbers were published: year, or year and month."""
    scale: str
    """What the numbers are, and on what scale."""
    tasks_file: str | None = None
    """Scores by task, where they were published."""
    second_hand: bool = False
    """Whether the numbers were read in another work than the one that measured them."""
    missing: str = ""
    """What the source does not say."""
    unlike: tuple[str, ...] = ()
    """Why runs of this library cannot be compared directly with the rows, one sentence each."""


_ALL = (
    Table(
        key="mme-emotion",
        title="MME-Emotion, 20 models",
        file="mme_emotion.tsv",
        tasks_file="mme_emotion_tasks.tsv",
        citation="arXiv 2508.09210; project page mme-emotion.github.io, result figures and leaderboard table",
        date="2025-08",
        scale="percent, official reading, alpha 0.5; overall scores are means over clips",
        missing="decoding settings, prompts and dates of the closed models",
    ),
    Table(
        key="mer-unibench",
        title="MER-UniBench",
        file="mer_unibench.tsv",
        citation="arXiv 2501.16566 (ICML 2025), Table 2",
        date="2025-01",
        scale="percent: hit rate, weighted F1 or wheel F; the best checkpoint on each test set",
        missing="sizes of the models",
    ),
    Table(
        key="ov-merd",
        title="OV-MERD, mean F of twelve mappings",
        file="ov_merd.tsv",
        citation="arXiv 2410.01495 (OV-MER)",
        date="2024-10",
        scale="percent",
        missing="inputs and sizes of the models; numbers were read off an image",
    ),
    Table(
        key="emer-v1",
        title="EMER-V1, 100 clips",
        file="emer_v1.tsv",
        citation="README of Emotion-LLaMA (arXiv 2406.11161), which repeats the EMER paper's scores beside its own",
        date="2024-06",
        scale="1 to 10; published rows were rated by gpt-3.5-turbo-16k-0613, which has been retired",
        second_hand=True,
        missing="inputs and sizes of the models",
        unlike=(
            "Not directly comparable: published overlaps were rated by a judge that has been retired, with Chinese "
            "prompts on Chinese texts; runs have a judge of their own and prompts in our own words, in English (emer) "
            "or Chinese (emer-zh).",
            "The official script takes the first digits of a reply, as the columns of the legacy reading do, and has "
            "no mark for a clip that failed; here such a clip counts as 1.",
            "Columns marked (ours) are reported in no published row.",
        ),
    ),
    Table(
        key="emer-fine",
        title="EMER-Fine, open-vocabulary labels of 332 clips",
        file="emer_fine.tsv",
        citation="table of AcoustEmo (Interspeech 2026), read in notes on it",
        date="2026",
        scale="percent; labels grouped by a language model; average is (accuracy + recall) / 2",
        second_hand=True,
        missing="inputs and sizes of the models, and the numbers of eleven further models",
        unlike=(
            "Not directly comparable: the models and prompts that extracted and grouped the published labels, and the "
            "language of the explanations, are not those of a run, whose prompts are in our own words, in English "
            "(emer) or Chinese (emer-zh). The official scorer asks gpt-3.5-turbo-16k-0613, which has been retired.",
            "True descriptions reach 79.31 against their own labels, so extraction and grouping alone cost 20 points.",
            "Columns marked (ours) are reported in no published row.",
        ),
    ),
)
TABLES: Mapping[str, Table] = MappingProxyType({each.key: each for each in _ALL})
"""Key → table."""
