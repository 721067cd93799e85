"""ELAN annotation file (EAF 3.0): a transcript, labels, explanation and clue tier per person.

Times are whole milliseconds.  The recording is linked by a relative URL only, and the document's date is a fixed one,
so that the same report gives the same file on every machine.
Source: the format's schema, EAFv3.0.xsd of the Max Planck Institute for Psycholinguistics.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from xml.etree import ElementTree

from openaffect.analysis.escape import printable
from openaffect.analysis.exports.tiers import Interval, Tier, tiers
from openaffect.analysis.links import media_link, media_name, media_type
from openaffect.records import Report
from openaffect.store import write_atomic

_DATE = "1970-01-01T00:00:00+00:00"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TYPE = "default-lt"


def render(report: Report, media: str | None = None) -> str:
    """Return *report* as EAF text; *media* is the relative URL of the recording (its bare name by default)."""
    root = ElementTree.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": f"openaffect {report.generator.version}",
            "DATE": _DATE,
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    _header(root, report, media or f"./{media_name(report)}")
    found = tiers(report)
    slots = _slots(root, [item for tier in found for item in tier.intervals])
    numbers = count()
    for tier in found:
        _tier(root, tier, slots, numbers)
    ElementTree.SubElement(
        root, "LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
    )
    ElementTree.indent(root, "  ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _slots(root: ElementTree.Element, intervals: list[Interval]) -> list[tuple[str, str]]:
    """Write the time slots in order of time; return the two slot ids of each interval."""
    ends = [(item.start, 2 * n) for n, item in enumerate(intervals)]
    ends += [(item.end, 2 * n + 1) for n, item in enumerate(intervals)]
    order = ElementTree.SubElement(root, "TIME_ORDER")
    names: dict[int, str] = {}
    for number, (time, key) in enumerate(sorted(ends), 1):
        names[key] = f"ts{number}"
        ElementTree.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": names[key], "TIME_VALUE": str(time)})
    return [(names[2 * n], names[2 * n + 1]) for n in range(len(intervals))]


def _header(root: ElementTree.Element, report: Report, link: str) -> None:
    header = ElementTree.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    url = printable(link)
    if report.media.kind in ("video", "audio"):
        ElementTree.SubElement(
            header,
            "MEDIA_DESCRIPTOR",
            {"MEDIA_URL": url, "MIME_TYPE": media_type(report), "RELATIVE_MEDIA_URL": url},
        )
    if report.intended_use:
        note = ElementTree.SubElement(header, "PROPERTY", {"NAME": "intended_use"})
        note.text = printable(report.intended_use)


def _tier(root: ElementTree.Element, tier: Tier, slots: list[tuple[str, str]], numbers: count[int]) -> None:
    element = ElementTree.SubElement(
        root,
        "TIER",
        {"TIER_ID": tier.name, "PARTICIPANT": printable(tier.person), "LINGUISTIC_TYPE_REF": _TYPE},
    )
    for item in tier.intervals:
        number = next(numbers)
        first, last = slots[number]
        holder = ElementTree.SubElement(element, "ANNOTATION")
        annotation = ElementTree.SubElement(
            holder,
            "ALIGNABLE_ANNOTATION",
            {"ANNOTATION_ID": f"a{number + 1}", "TIME_SLOT_REF1": first, "TIME_SLOT_REF2": last},
        )
        ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = item.text


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.eaf`` with a link to the recording."""
    path = folder / f"{stem}.eaf"
    write_atomic(path, render(report, media_link(report, folder)))
    return [path]
