"""A report as one HTML file that needs nothing else: styles, script and data stand inside, nothing is fetched.

A content security policy forbids every request but the recording itself, and every script but ours (by hash).  All
text is escaped: by the template where it is markup, as JSON without ``<``, ``>``, ``&`` and line separators where it
is data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from markupsafe import Markup

from openaffect.analysis.escape import printable
from openaffect.analysis.links import media_name
from openaffect.analysis.page import offline
from openaffect.analysis.page.curves import curve, thinned
from openaffect.analysis.page.words import WORDS
from openaffect.analysis.phrases import number
from openaffect.records import Clue, Report, SegmentReport, Utterance

SCRIPTS = ("state.js", "timeline.js", "lists.js", "start.js")
FAMILIES = frozenset(
    "joy love pride surprise interest sadness fear anger disgust shame calm boredom mixed neutral".split()  # noqa: SIM905
)
"""Families that have a colour of their own; others are grey."""
_OPEN_UP_TO = 40
_JSON_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029\x7f"}


def render_page(report: Report, media: str | None = None) -> str:
    """Return *report* as HTML.  *media* is the URL of the recording for the player, None where there is none."""
    style, script = offline.asset(__package__, "page.css"), offline.script(__package__, SCRIPTS)
    words = WORDS[report.generator.language]
    return offline.template(__package__, "page.html.jinja", _filters()).render(
        report=report,
        words=words,
        media=media,
        blurred=is_blurred(report),
        name=media_name(report),
        lines=_lines(report),
        open_all=len(report.segments) <= _OPEN_UP_TO,
        thinned=any(thinned(track.values)[1] > 1 for track in report.tracks),
        style=Markup(style),  # noqa: S704 - our own file, not text from outside
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(_data(report, words))),  # noqa: S704 - escaped by `embedded`
        policy=offline.policy(style, script, "media-src 'self' file:; img-src 'self' file: data:; "),
    )


def is_blurred(report: Report) -> bool:
    """Return whether the report was made with faces to be blurred, so that the page must not show the recording."""
    return report.generator.options.get("blur") == "True"


def embedded(value: Any) -> str:
    """Return *value* as JSON that may stand inside ``<script>``: no character can end the element or the line.

    >>> embedded("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return printable(text.translate(_JSON_ESCAPES))


def clock(seconds: float) -> str:
    """Return seconds as ``m:ss.s`` (with hours where needed), rounded to a tenth.

    >>> clock(75.26), clock(3723)
    ('1:15.3', '1:02:03.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02d}.{rest % 10}"


def family_class(family: str) -> str:
    """Return the CSS class of a label family; unknown families share one.

    >>> family_class("joy"), family_class("x y")
    ('fam-joy', 'fam-other')
    """
    return f"fam-{family}" if family in FAMILIES else "fam-other"


def _lines(report: Report) -> list[tuple[Utterance | SegmentReport, SegmentReport | None]]:
    """Return segments, and utterances that no segment holds, in order of time; nothing that was said is left out."""
    held = {item.utterance for item in report.segments if item.utterance}
    lines: list[tuple[Utterance | SegmentReport, SegmentReport | None]] = [(item, item) for item in report.segments]
    lines += [(item, None) for item in report.utterances if item not in held]
    return sorted(lines, key=lambda line: (line[0].start, line[0].end))


def _data(report: Report, words: dict[str, str]) -> dict[str, Any]:
    people = [person.id for person in report.people]
    people += [item.person for item in report.segments] + [item.person for item in report.clues]
    people += [item.person for item in report.tracks]
    ends = [item.end for item in report.segments] + [item.end for item in report.clues]
    timed = report.media.kind in ("video", "audio")
    return {
        "duration": max([report.media.duration, *ends]) if timed else 0,
        "people": list(dict.fromkeys(people)),
        "clues": [_clue(clue) for clue in report.clues],
        "curves": [curve(track) for track in report.tracks],
        "words": words,
    }


def _clue(clue: Clue) -> list[Any]:
    """Return a clue as a row, which is a third of the size of an object; ``lists.js`` names the columns."""
    baseline = None if clue.baseline is None else number(clue.baseline)
    peak = None if clue.peak is None else round(clue.peak, 2)
    span = [round(clue.start, 3), round(clue.end, 3)]
    measured = [clue.name, number(clue.value), clue.unit, baseline, round(clue.confidence, 2), peak]
    return [clue.id, clue.modality, clue.person, *span, *measured, clue.sentence, clue.quote]


@cache
def _filters() -> tuple[tuple[str, Callable[..., Any]], ...]:
    return (("clock", clock), ("number", number), ("family", family_class), ("confidence", "{:.2f}".format))
