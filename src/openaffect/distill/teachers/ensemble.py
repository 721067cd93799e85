"""The teacher of the Wav2Small paper: the plain mean of what Dawn and Odyssey say of the same clip.

Published for it, on Test-1 of MSP-Podcast v1.7: CCC .762 (arousal), .684 (dominance), .676 (valence).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from openaffect.distill.teacher import Listener, Sound, Values
from openaffect.distill.teachers import dawn, odyssey


def open_ensemble(place: str, *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Listener:
    """Return the mean of Dawn and Odyssey, from the folders ``dawn`` and ``odyssey`` in *place*, or from the hub.

    Dawn hears the whole clip, Odyssey its first 12 s.  Raises what the two raise.
    """
    places = [str(Path(place) / name) if place else "" for name in ("dawn", "odyssey")]
    first = dawn.open_dawn(places[0], offline=offline, threads=threads, accept_licence=accept_licence)
    second = odyssey.open_odyssey(places[1], offline=offline, threads=threads)
    members = (first, second)

    def ask(signal: Sound) -> Values:
        mean: Values = np.mean([member(signal) for member in members], axis=0)
        return mean

    return Listener(
        name=f"ensemble of {first.name} and {second.name}",
        identity=hashlib.sha256("\n".join(member.identity for member in members).encode()).hexdigest(),
        ask=ask,
        licence=" and ".join(member.licence for member in members),
        permissive=all(member.permissive for member in members),
        shortest=max(member.shortest for member in members),
        longest=first.longest,
    )
