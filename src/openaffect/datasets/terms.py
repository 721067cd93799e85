"""Under which terms the data sets stand and how to get them, where several share one answer."""

from __future__ import annotations

MER = "the agreement of the MER challenges: academic, non-commercial, label files must not be passed on"
MER2025 = "CC BY-NC 4.0 and the agreement of the MER challenges: academic, label files must not be passed on or changed"
OWNERS = "the terms of its owners, for research; MERBench, which packs the labels, adds non-commercial use"


def in_merbench(file: str, folder: str) -> str:
    """Return how to get *file*, which MERBench keeps in *folder*."""
    return (
        f"{file} is part of MERBench ({folder}); agree with the owners of the corpus, "
        "then ask the authors of github.com/zeroQiaoba/MERTools."
    )


def gated(file: str) -> str:
    """Return how to get *file* of the MER2025 release."""
    return f"{file} is in the gated data set MERChallenge/MER2025 on Hugging Face; ask for access there."
