"""JSON in the *shape* of Hume's former batch predictions, for programs that used to read those.

Only the shape is theirs.  The names are ours (the open vocabulary; seven expressions for faces), the scores are ours
and **uncalibrated**: they do not sum to one and are not comparable with Hume's.  ``face`` holds the smoothed expression
curves of each face; ``prosody`` the labels that cite a clue of the voice, ``language`` those that cite the words.
Face boxes are not kept in a report, so ``box`` is null.  Times are seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaffect.analysis.exports.json import dump, plain
from openaffect.analysis.links import media_name
from openaffect.records import Modality, Report, SegmentReport, Track
from openaffect.store import write_atomic

_PREFIX = "expression_"
NOTE = "Shape of Hume batch predictions only; uncalibrated scores by openaffect of apparent, not felt, emotion."


def render(report: Report) -> str:
    """Return *report* as a JSON list with one source, as the batch interface gave it."""
    models = {
        "face": _model([_face(report, person) for person in _people(report)]),
        "prosody": _model([_spoken(report, person, "acoustic") for person in _people(report)]),
        "language": _model([_spoken(report, person, "lexical") for person in _people(report)]),
    }
    name = media_name(report)
    found = {key: model for key, model in models.items() if model}
    prediction = {"file": name, "file_type": report.media.kind, "models": found}
    source = {"type": "file", "filename": name, "content_type": None, "md5sum": None}
    answer = {"source": source, "results": {"predictions": [prediction], "errors": []}, "note": NOTE}
    return dump(plain_in_order([answer])) + "\n"


def plain_in_order(value: Any) -> Any:
    """Return *value* with floats rounded and every mapping in the order it was built."""
    if isinstance(value, dict):
        return {key: plain_in_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_in_order(item) for item in value]
    return plain(value)


def _people(report: Report) -> list[str]:
    found = [person.id for person in report.people] + [segment.person for segment in report.segments]
    return list(dict.fromkeys(found))


def _model(groups: list[dict[str, Any]]) -> dict[str, Any] | None:
    kept = [group for group in groups if group["predictions"]]
    return {"metadata": None, "grouped_predictions": kept} if kept else None


def _face(report: Report, person: str) -> dict[str, Any]:
    tracks = [item for item in report.tracks if item.person == person and item.name.startswith(_PREFIX)]
    length = max((len(track.values) for track in tracks), default=0)
    found = [_frame(tracks, index) for index in range(length)]
    return {"id": person, "predictions": [frame for frame in found if frame["emotions"]]}


def _frame(tracks: list[Track], index: int) -> dict[str, Any]:
    here = [(track.name.removeprefix(_PREFIX), track.values[index]) for track in tracks if index < len(track.values)]
    emotions = [{"name": name, "score": value} for name, value in here if value is not None]
    time = tracks[0].start + index * tracks[0].step
    return {"frame": index, "time": time, "prob": None, "box": None, "emotions": emotions}


def _spoken(report: Report, person: str, modality: Modality) -> dict[str, Any]:
    carriers = {clue.id for clue in report.clues if clue.modality == modality}
    segments = [segment for segment in report.segments if segment.person == person]
    found = [_span(segment, carriers) for segment in segments]
    return {"id": person, "predictions": [item for item in found if item["emotions"]]}


def _span(segment: SegmentReport, carriers: set[str]) -> dict[str, Any]:
    labels = [label for label in segment.reading.labels if carriers.intersection(label.clues)]
    return {
        "text": segment.utterance.text if segment.utterance else None,
        "time": {"begin": segment.start, "end": segment.end},
        "confidence": None,
        "speaker_confidence": None,
        "emotions": [{"name": label.name, "score": label.confidence} for label in labels],
    }


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.hume.json``."""
    path = folder / f"{stem}.hume.json"
    write_atomic(path, render(report))
    return [path]
