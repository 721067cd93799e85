"""Label Studio: a task with our readings as *predictions*, for people to correct, and the labelling config that fits.

``STEM.labelstudio.json`` is the import file; ``STEM.labelstudio.xml`` is the config to paste into the project.
Recordings with sound get labelled regions in seconds, silent video gets ranges in frames (Label Studio's timeline knows
nothing else), images and texts get choices.  The recording is named by Label Studio's local-files address, relative to
the output folder: set ``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`` to that folder, or edit the one line.
Source: Label Studio's documentation, "Import pre-annotated data".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from openaffect.analysis.escape import one_line, printable
from openaffect.analysis.exports.hume import plain_in_order
from openaffect.analysis.exports.json import dump
from openaffect.analysis.links import media_link, media_name
from openaffect.analysis.phrases import explanation_text
from openaffect.records import Label, Report, SegmentReport
from openaffect.store import write_atomic

_LOCAL = "/data/local-files/?d="
_FALLBACK_RATE = 25.0


def control(report: Report) -> str:
    """Return what the annotator works on: ``audio``, ``video`` (silent), ``image`` or ``text``."""
    if report.media.kind in ("image", "text"):
        return report.media.kind
    return "audio" if report.media.sound is not None else "video"


def render(report: Report, link: str | None = None) -> str:
    """Return *report* as an import file: a list with one task and one prediction; *link* is the recording's address."""
    on = control(report)
    regions = [item for segment in report.segments for item in _results(report, segment, on)]
    scores = [segment.reading.labels[0].confidence for segment in report.segments if segment.reading.labels]
    prediction = {
        "model_version": f"openaffect {report.generator.version} ({report.generator.reasoner}), uncalibrated",
        "score": sum(scores) / len(scores) if scores else 0.0,
        "result": regions,
    }
    return dump(plain_in_order([{"data": _data(report, link), "predictions": [prediction]}])) + "\n"


def _data(report: Report, link: str | None) -> dict[str, str]:
    if report.media.kind == "text":
        return {"text": "\n".join(printable(item.text) for item in report.utterances)}
    address = _LOCAL + (link or media_name(report)).removeprefix("./")
    kinds = {"audio": ["audio"], "image": ["image"], "video": ["video"]}[report.media.kind]
    if report.media.kind == "video" and control(report) == "audio":
        kinds = ["video", "audio"]
    return dict.fromkeys(kinds, address)


def _results(report: Report, segment: SegmentReport, on: str) -> list[dict[str, Any]]:
    """Return the results of one segment; all share the segment's id, which makes them one region."""
    reading = segment.reading
    said = segment.utterance.text if segment.utterance else ""
    texts = {"transcription": said, "explanation": explanation_text(reading, report.generator.language)}
    found = [_labels(report, segment, on)] if reading.labels else []
    found += [_text(segment, on, name, text) for name, text in texts.items() if text and on == "audio"]
    return found


def _labels(report: Report, segment: SegmentReport, on: str) -> dict[str, Any]:
    names = [label.name for label in segment.reading.labels]
    span: dict[str, Any] = {"start": segment.start, "end": segment.end}
    if on == "video":
        rate = (report.media.picture and report.media.picture.frame_rate) or _FALLBACK_RATE
        first, last = round(segment.start * rate) + 1, max(round(segment.end * rate), 1)
        span = {"ranges": [{"start": first, "end": max(first, last)}]}
    kind = {"audio": "labels", "video": "timelinelabels"}.get(on, "choices")
    if kind == "choices":
        span = {}
    value = {**span, kind: names}
    score = segment.reading.labels[0].confidence
    return {"id": segment.id, "from_name": "emotion", "to_name": on, "type": kind, "value": value, "score": score}


def _text(segment: SegmentReport, on: str, name: str, text: str) -> dict[str, Any]:
    value = {"start": segment.start, "end": segment.end, "text": [one_line(text)]}
    return {"id": segment.id, "from_name": name, "to_name": on, "type": "textarea", "value": value}


def config(report: Report) -> str:
    """Return the labelling config (XML) whose names the predictions use, with every label of the report."""
    on = control(report)
    rate = (report.media.picture and report.media.picture.frame_rate) or _FALLBACK_RATE
    views = {
        "audio": ['<Audio name="audio" value="$audio" sync="a"/>'],
        "video": [f'<Video name="video" value="$video" frameRate="{rate:g}"/>'],
        "image": ['<Image name="image" value="$image"/>'],
        "text": ['<Text name="text" value="$text"/>'],
    }[on]
    if on == "audio" and report.media.kind == "video":
        views = ['<Video name="video" value="$video" sync="a"/>', *views]
    tag, item = {"audio": ("Labels", "Label"), "video": ("TimelineLabels", "Label")}.get(on, ("Choices", "Choice"))
    choices = [f"    <{item} value={quoteattr(printable(name))}/>" for name in _names(report)]
    lines = [f'  <{tag} name="emotion" toName="{on}" choice="multiple">', *choices, f"  </{tag}>"]
    if on == "audio":
        for name in ("transcription", "explanation"):
            lines.append(f'  <TextArea name="{name}" toName="audio" perRegion="true" editable="true"/>')
    return "\n".join(["<View>", *(f"  {view}" for view in views), *lines, "</View>"]) + "\n"


def _names(report: Report) -> list[str]:
    readings = [segment.reading for segment in report.segments]
    labels: list[Label] = [label for reading in readings for label in (*reading.labels, *reading.competing)]
    return sorted({label.name for label in labels}) or ["neutral"]


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.labelstudio.json`` and the config ``folder/stem.labelstudio.xml``."""
    tasks, view = folder / f"{stem}.labelstudio.json", folder / f"{stem}.labelstudio.xml"
    write_atomic(tasks, render(report, media_link(report, folder)))
    write_atomic(view, config(report))
    return [tasks, view]
