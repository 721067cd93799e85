"""Why samples never count, as a sentence a reader of the score needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from openaffect.emotion.wheel import Wheels
from openaffect.metrics.overlap import overlaps

_MOST = 6
_WORDS = {
    "en": {
        "never": "{k:,} of {n:,} {title} clips never count: {labels}.",
        "wheel": "Wheel {wheel} also skips {labels}.",
        "many": "Wheel {wheel} lacks the labels of {n:,} more.",
        "further": "{labels:,} further labels {n:,}",
        "comma": ", ",
        "between": " ",
        "zero": "{k:,} of {n:,} {title} clips never count: their gold sentiment is 0 (neutral).",
    },
    "zh": {
        "never": "{title} 的 {n:,} 个样本中有 {k:,} 个从不计分：{labels}。",
        "wheel": "情感轮 {wheel} 还跳过 {labels}。",
        "many": "情感轮 {wheel} 另有 {n:,} 个样本的标签无法映射。",
        "further": "其余 {labels:,} 种标签 {n:,}",
        "comma": "，",
        "between": "",
        "zero": "{title} 的 {n:,} 个样本中有 {k:,} 个从不计分：情感值为 0（中性）。",
    },
}


def skipped_labels(truth: Mapping[str, Sequence[str]], wheels: Wheels) -> list[dict[str, int]]:
    """Return for each wheel how many samples are skipped on it, by label, as in ``{"neutral": 1256}``."""
    mappings = [wheels.mapping(f"M3-W{wheel}-L1") for wheel in range(1, wheels.count + 1)]
    kept = overlaps(truth, dict.fromkeys(truth, ()), mappings).kept
    lists = list(truth.values())
    found: list[dict[str, int]] = []
    for column in kept.T:
        counts: dict[str, int] = {}
        for row in np.flatnonzero(~column):
            key = " + ".join(sorted(set(lists[row]))) or "(no label)"
            counts[key] = counts.get(key, 0) + 1
        found.append(counts)
    return found


def skipped_zeros(truth: Mapping[str, float]) -> list[dict[str, int]]:
    """Return how many samples have the gold sentiment 0, as `skipped_labels` does for one wheel."""
    zeros = sum(value == 0 for value in truth.values())
    return [{"0": zeros}] if zeros else [{}]


def sentence(
    skipped: Sequence[Mapping[str, int]], n: int, title: str, *, metric: str = "", language: str = "en"
) -> str:
    """Return which labels never count and which single wheels lack; "" where everything counts.

    >>> sentence([{"neutral": 1256}, {"neutral": 1256, "disgust": 68}], 2610, "MELD")
    '1,256 of 2,610 MELD clips never count: neutral 1,256. Wheel 2 also skips disgust 68.'
    """
    words = _WORDS[language]
    if metric == "sentiment":
        zeros = sum(skipped[0].values())
        return words["zero"].format(k=zeros, n=n, title=title) if zeros else ""
    always = {label: count for label, count in skipped[0].items() if all(label in each for each in skipped)}
    parts = []
    if always:
        parts.append(words["never"].format(k=sum(always.values()), n=n, title=title, labels=_listed(always, words)))
    for wheel, counts in enumerate(skipped, start=1):
        further = {label: count for label, count in counts.items() if label not in always}
        if len(further) > _MOST:
            parts.append(words["many"].format(wheel=wheel, n=sum(further.values())))
        elif further:
            parts.append(words["wheel"].format(wheel=wheel, labels=_listed(further, words)))
    return words["between"].join(parts)


def _listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{label} {count:,}" for label, count in ordered[:_MOST]]
    if rest := ordered[_MOST:]:
        parts.append(words["further"].format(labels=len(rest), n=sum(count for _, count in rest)))
    return words["comma"].join(parts)
