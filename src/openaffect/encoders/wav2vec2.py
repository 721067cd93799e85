"""wav2vec2: sound to frames of 20 ms, by transformers' own network.

Source: Baevski et al. 2020 (arXiv 2006.11477); the layout is that of ``facebook/wav2vec2-large-robust``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaffect.encoders.speech_trunks import Trunk, build_trunk


def wav2vec2(settings: Mapping[str, Any]) -> Trunk:
    """Return the network of *settings*, the content of its ``config.json``; the caller loads the weights.

    Raises `openaffect.errors.DataError` for settings that cannot be used, `MissingPart` without transformers.
    """
    return build_trunk("Wav2Vec2", settings)
