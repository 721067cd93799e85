"""A report as text in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from openaffect.analysis.summary import Summary
from openaffect.cli.plain import plain, safe
from openaffect.records import Dimensions, Label, Reading, Report, SegmentReport, Statement

_WORDS = {
    "en": {
        "none": "no label",
        "also": "also possible",
        "visual": "seen",
        "acoustic": "heard",
        "lexical": "said",
        "conclusion": "so",
        "contradiction": "contradiction",
        "whole": "Recording as a whole",
        "confidence": "confidences are uncalibrated",
        "absent": "absent",
        "dimensions": "arousal, dominance, valence",
        "unsupported": "unsupported",
        "refused": "refused",
        "sent": "sent to {host}: {frames} frames, {sound:.1f} s of sound, {clues} clues in {calls} calls",
    },
    "zh": {
        "none": "无标签",
        "also": "也可能是",
        "visual": "所见",
        "acoustic": "所闻",
        "lexical": "所言",
        "conclusion": "因此",
        "contradiction": "矛盾",
        "whole": "整段",
        "confidence": "置信度未经校准",
        "absent": "缺",
        "dimensions": "唤醒度、支配度、效价",
        "unsupported": "无依据",
        "refused": "拒绝回答",
        "sent": "已发送至 {host}：{calls} 次，共 {frames} 帧画面、{sound:.1f} 秒声音、{clues} 条线索",
    },
}


def clock(seconds: float) -> str:
    """Return *seconds* as ``m:ss.s``, with hours when there are any.

    >>> clock(75.25), clock(3675)
    ('1:15.2', '1:01:15.0')
    """
    tenths = int(seconds * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{head}:{rest // 10:02d}.{rest % 10}"


def print_report(report: Report, console: Console) -> None:
    """Print *report*: what was looked at, each segment, the recording as a whole."""
    words = _WORDS[report.generator.language]
    console.print(f"[bold]{safe(report.media.path)}[/]  {clock(report.media.duration)}  {report.media.kind}")
    for modality, state in report.modalities.items():
        if not state.used:
            console.print(f"  [dim]{words[modality]} {words['absent']}: {safe(state.reason)}[/]")
    for segment in report.segments:
        _print_segment(segment, report, console)
    if report.segments:
        console.print(f"\n[bold]{words['whole']}[/]  {_labels(report.overall, words)}  [dim]({words['confidence']})[/]")
        _print_reading(report.overall, console, words)
    elif report.overall.abstained:
        console.print(f"  {safe(report.overall.abstained)}")
    if report.dimensions is None and report.dimensions_reason and report.modalities["acoustic"].used:
        console.print(f"[dim]{words['dimensions']}: {safe(report.dimensions_reason)}[/]")
    _print_sent(report, console, words)
    for note in (*report.media.notes, *report.notes):
        console.print(f"[dim]· {safe(note)}[/]")
    console.print(f"[dim]· {safe(report.intended_use)}[/]\n")


def _print_segment(segment: SegmentReport, report: Report, console: Console) -> None:
    words = _WORDS[report.generator.language]
    person = next((p for p in report.people if p.id == segment.person), None)
    channels = "+".join(part for part in ((person.face, person.voice) if person else ()) if part)
    who = f"{segment.person} ({channels})" if channels else segment.person
    span = f"{clock(segment.start)}–{clock(segment.end)}"
    console.print(f"\n[bold cyan]{span}[/]  [bold]{safe(who)}[/]  {_labels(segment.reading, words)}")
    if segment.utterance is not None:
        console.print(f"  [italic]“{safe(segment.utterance.text)}”[/]")
    if segment.dimensions is not None:
        console.print(f"  {_dimensions(segment.dimensions)}")
    _print_reading(segment.reading, console, words)


def _dimensions(found: Dimensions) -> str:
    """Return the values by letter (a dash for none), what weakens or withholds them, and the source."""
    pairs = (("A", found.arousal), ("D", found.dominance), ("V", found.valence))
    shown = "  ".join(f"{letter} {'–' if value is None else format(value, '.2f')}" for letter, value in pairs)
    why = " ".join(filter(None, (found.reason, found.note, f"({found.source})")))
    return f"{shown}  [dim]{safe(why)}[/]"


def _labels(reading: Reading, words: dict[str, str]) -> str:
    if not reading.labels:
        return f"[dim]{words['none']}[/]"
    text = ", ".join(_label(label, "bold green") for label in reading.labels)
    if reading.competing:
        text += f"  [dim]{words['also']}: {', '.join(_label(label, 'default') for label in reading.competing)}[/]"
    return text


def _label(label: Label, style: str) -> str:
    return f"[{style}]{safe(label.text)}[/] {label.confidence:.2f}"


def _print_reading(reading: Reading, console: Console, words: dict[str, str]) -> None:
    parts = reading.explanation
    for name, statements in (
        ("visual", parts.visual),
        ("acoustic", parts.acoustic),
        ("lexical", parts.lexical),
        ("conclusion", parts.conclusion),
    ):
        if statements:
            console.print(f"  {words[name]}: " + " ".join(_statement(s, words) for s in statements))
    for contradiction in reading.contradictions:
        console.print(f"  [yellow]{words['contradiction']}:[/] {safe(contradiction.text)}")
    if reading.refused:
        console.print(f"  [yellow]{words['refused']}:[/] {safe(reading.refused)}")
    if reading.abstained and not parts.conclusion:
        console.print(f"  [dim]{safe(reading.abstained)}[/]")


def _statement(statement: Statement, words: dict[str, str]) -> str:
    mark = "" if statement.supported else f" [yellow]({words['unsupported']})[/]"
    cited = f" [dim]\\[{', '.join(statement.clues)}][/]" if statement.clues else ""
    return f"{safe(statement.text)}{cited}{mark}"


def _print_sent(report: Report, console: Console, words: dict[str, str]) -> None:
    for host in sorted({sent.host for sent in report.sent}):
        mine = [sent for sent in report.sent if sent.host == host]
        text = words["sent"].format(
            host=host,
            calls=len(mine),
            frames=sum(s.frames for s in mine),
            sound=sum(s.sound_s for s in mine),
            clues=sum(s.clues for s in mine),
        )
        console.print(f"[yellow]{safe(text)}[/]")


def print_summary(summary: Summary) -> None:
    """Print a table of group means with their intervals; a number that is withheld shows as a dash."""
    console = Console(highlight=False)
    table = Table(title=f"by {plain(summary.by)}", caption=f"{summary.level:.0%} bootstrap intervals over recordings")
    for name, side in (
        ("group", "left"),
        ("measure", "left"),
        ("n", "right"),
        ("mean", "right"),
        ("interval", "right"),
    ):
        table.add_column(name, justify=side)  # type: ignore[arg-type]  # the two words are what rich expects
    for row in summary.rows:
        known = row.mean is not None and row.low is not None and row.high is not None
        mean = f"{row.mean:.3f}" if known else "–"
        interval = f"{row.low:.3f} … {row.high:.3f}" if known else "–"
        table.add_row(safe(row.group), safe(row.measure), str(row.n), mean, interval)
    console.print(table)
    for note in summary.notes:
        console.print(f"[dim]· {safe(note)}[/]")
