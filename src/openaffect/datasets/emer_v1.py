"""EMER-V1, the first manual set: 100 clips of MER2023 with a description and a basic emotion, in Chinese and English.

The English text takes nearly everybody for a man, whoever speaks; do not read the pronouns as an annotation.
"""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.descriptions import Language, described
from openaffect.datasets.places import Place
from openaffect.datasets.tables import NAME, Row, read_table
from openaffect.records import Sample

_FILES: dict[str, Language] = {"gt-eng.csv": "en", "gt-chi.csv": "zh"}
_COLUMNS = {**NAME, **{each: (each,) for each in ("emotions", "subtitles", "reasons")}}


def _read(dataset: Dataset, place: Place) -> list[Sample]:
    tables = {_FILES[path.name]: read_table(path, _COLUMNS).by_name() for path in place.official}
    names = dict.fromkeys(name for rows in tables.values() for name in rows)
    return [
        _sample(name, {language: rows[name] for language, rows in tables.items() if name in rows}, len(tables))
        for name in names
    ]


def _sample(name: str, rows: dict[Language, Row], files: int) -> Sample:
    """Make one sample of its row in each language; the label comes from the English file where there is one."""
    first = next(iter(rows.values()))
    label = first.text("emotions").strip()
    return Sample(
        id=name,
        dataset=EMER_V1.key,
        labels=(label,) if label else (),
        transcript={language: row.text("subtitles") for language, row in rows.items()},
        descriptions=tuple(described(row.text("reasons"), language) for language, row in rows.items()),
        origin=first.origin,
        notes=(f"only {first.path.name} has it",) if len(rows) < files else (),
    )


EMER_V1 = Dataset(
    key="emer-v1",
    title="EMER-V1",
    task="description",
    metric="judge",
    split="all",
    languages=("zh",),
    files=tuple(_FILES),
    reader=_read,
    labels=("angry", "happy", "worried", "sad", "surprise"),
    published=Published(rows=100, classes={"angry": 36, "happy": 32, "worried": 17, "sad": 11, "surprise": 4}),
    licence=terms.MER,
    obtain="gt-eng.csv and gt-chi.csv lie in github.com/zeroQiaoba/Explainable-Multimodal-Emotion-Reasoning.",
)
"""`openaffect.datasets.load` reads it as ``emer-v1``."""
