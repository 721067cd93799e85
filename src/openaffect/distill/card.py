"""The card of an exported student: where it comes from, what it is not, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openaffect.distill.gauge import Gauge
from openaffect.runtime.facts import DIMENSIONS, StudentFacts

_METHOD = (
    "Counted: convolutions, matrix products, the pooling's sum.  Time is the median of 9 runs of onnxruntime on one "
    "thread; memory is how far the process grows in the first run, without an arena: both in a process of its own "
    "on the machine that exported, whatever else it was doing.  The difference is the largest of the hidden vector, on "
    "noise."
)


@dataclass(frozen=True)
class Figures:
    """What was counted and measured when a student was exported."""

    numbers: int
    """Weights and constants, those of its ear included."""
    trained: int
    """Those of them that training may change."""
    macs: Mapping[int, int]
    """Seconds of audio → multiply-accumulates."""
    files: Mapping[str, int]
    """Name → bytes."""
    parity: Mapping[int, float]
    """Samples → largest difference of the hidden vector of ``model.onnx`` from torch's, on noise."""
    gauges: tuple[Gauge, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Kind → bytes of ``model.onnx``."""


def card(facts: StudentFacts, figures: Figures, table: str = "") -> str:
    """Return the Markdown of the model card; *table* is the evaluation, Markdown of its own."""
    parts = [_head(facts), _origin(facts), _limits(facts), _use(facts), _evaluation(table), _costs(facts, figures)]
    return "\n\n".join(parts) + "\n"


def _head(facts: StudentFacts) -> str:
    absent = [name for name in DIMENSIONS if name not in facts.present]
    lines = [
        f"# {_cell(facts.name or facts.network)}",
        f"A `{facts.network}` network from 16 kHz mono speech to {', '.join(facts.present) or 'nothing yet'}.  Its "
        "output is in the order arousal, dominance, valence, about 0 to 1, not clipped.",
    ]
    if absent:
        lines.append(f"Not trained, and NaN in the output: {', '.join(absent)}.")
    if not facts.trained:
        lines.append("**The weights are random.  Its output means nothing.**")
    return "\n\n".join((*lines, facts.note) if facts.note else lines)


def _origin(facts: StudentFacts) -> str:
    rows = [
        ("teacher", facts.teacher or "not stated"),
        ("licence of the teacher", facts.teacher_licence or "not stated"),
        ("audio", "; ".join(facts.audio) or "not stated"),
        ("licence of these weights", facts.licence or "none stated"),
        ("free for commercial use, as far as teacher and audio go", "yes" if facts.permissive else "no"),
    ]
    lines = [
        "## Where it comes from",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {_cell(text)} |" for name, text in rows),
    ]
    return "\n".join(lines)


def _limits(facts: StudentFacts) -> str:
    lines = [
        "## What it is not",
        "",
        "- It hears how a voice sounds, not what a person feels: its numbers are apparent, expressed emotion as its "
        "teacher would rate it, with the teacher's errors and more.",
        "- No basis for decisions about people: not for hiring, schooling, policing, credit or care.",
        "- Each clip is brought to one loudness before it is heard, so silence and noise are amplified until they look "
        "like a voice.  Let a voice activity gate stand before it; `openaffect.runtime` has one.",
        "- Expect nothing of it on clips below a second, music, several voices at once, children's and sung voices, "
        "unless the table below says more.",
    ]
    if "valence" in facts.present and facts.network.startswith("wav2small"):
        lines.append(
            "- Valence lies for a large part in the words, which some ten thousand weights cannot hold: for the "
            "published student a CCC of about .37 was reported where its teacher reaches .68."
        )
    return "\n".join(lines)


def _use(facts: StudentFacts) -> str:
    stream = (
        ["`stream.onnx` takes a recording in chunks, with its mean and rms, and pools in a state of constant size."]
        if facts.network.startswith("wav2small")
        else []
    )
    lines = [
        "## Use",
        "",
        "`openaffect.runtime.load(FOLDER)(signal, 16000)` returns named values, or none with the reason.  `audonnx` "
        "opens the folder as it is: `signal` (1, time) in, `logits` and `hidden_states` out.",
        *stream,
    ]
    return "\n".join(lines)


def _evaluation(table: str) -> str:
    return f"## Evaluation\n\n{table.strip() or 'None was made.'}"


def _costs(facts: StudentFacts, figures: Figures) -> str:
    rows = [("weights and constants", f"{figures.numbers:,}"), ("of them trained", f"{figures.trained:,}")]
    rows += [(f"`{name}`", f"{size:,} bytes") for name, size in figures.files.items()]
    rows += [(f"multiply-accumulates, {s} s", f"{count / 1e6:.1f} million") for s, count in figures.macs.items()]
    for each in figures.gauges:
        rows.append((f"time, {each.seconds:g} s", f"{each.ms:.1f} ms"))
        rows.append((f"peak memory above the session, {each.seconds:g} s", _mb(each.peak_mb)))
    rows += [(f"difference from torch, {n} samples", f"{by:.1e}") for n, by in figures.parity.items()]
    inside = ", ".join(f"{kind} {size:,}" for kind, size in figures.sizes.items())
    stored = f"Weights are stored as {facts.weights}.  Bytes of `model.onnx`: {inside}."
    table = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["## What it costs", "", "| | |", "|---|---|", *table, "", stored, "", _METHOD])


def _mb(value: float | None) -> str:
    return "not measured on this system" if value is None else f"{value:.1f} MB"


def _cell(text: str) -> str:
    """Return *text* as one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
