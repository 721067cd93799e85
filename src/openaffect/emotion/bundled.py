"""Our own wheel; see `openaffect.emotion.wheel.bundled_wheel`."""

from __future__ import annotations

from functools import cache

from openaffect.emotion.labels import VOCABULARY
from openaffect.emotion.wheel import Wheels


@cache
def bundled() -> Wheels:
    """Return the wheel that ``data/wheel.tsv`` holds."""
    forms = {form: [entry.name] for entry in VOCABULARY.values() for form in (entry.name, entry.chinese)}
    words = {entry.name: [entry.name] for entry in VOCABULARY.values()}
    rows = [(entry.family, entry.name, entry.name) for entry in VOCABULARY.values()]
    return Wheels.build(edition="openaffect", sha256="", forms=forms, words=words, wheels=[rows])
