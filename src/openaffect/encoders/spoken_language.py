"""Which language a recording is in, from what the recogniser says about each of its windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

SURE = 0.5
"""Below this probability the language counts as unknown."""
_CODES = "as ba bo br cy fo ha haw ht is jw la lb ln mg mi mt nn oc sa sn so su tk tt yi yo"
SELDOM = frozenset(_CODES.split())
"""Languages that small Whisper models claim on short or unclear sound far more often than they are spoken."""
_CERTAIN = 0.9
_LONG_ENOUGH = 3.0


class LanguageVotes:
    """Adds up the probabilities of the windows of one recording, weighted by their length in seconds.

    >>> votes = LanguageVotes()
    >>> votes.cast({"en": 0.95, "de": 0.03}, seconds=20.0)
    ('en', 0.95)
    >>> votes.cast({"nl": 0.4, "en": 0.3}, seconds=1.0)[0]  # too short and unsure to differ from the recording
    'en'
    """

    def __init__(self) -> None:
        self._weight: defaultdict[str, float] = defaultdict(float)
        self._heard = 0.0

    def cast(self, found: Mapping[str, float], *, seconds: float) -> tuple[str, float]:
        """Return the language to read this window in and its probability, after counting the window in.

        *found* maps codes to the probabilities of one window of *seconds*.  A window keeps its own opinion when it
        is certain and not too short; otherwise it follows the recording so far.  A seldom language has to be certain.
        """
        credible = {code: p for code, p in found.items() if code not in SELDOM or p >= _CERTAIN}
        self._heard += seconds
        for code, p in credible.items():
            self._weight[code] += p * seconds
        best = max(credible, key=lambda code: credible[code])
        if credible[best] >= _CERTAIN and seconds >= _LONG_ENOUGH:
            return best, credible[best]
        voted = max(self._weight, key=lambda code: self._weight[code])
        return voted, self._weight[voted] / self._heard
