"""``openaffect listen``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openaffect.cli.listen_sources import Heard
    from openaffect.cli.listen_view import View
    from openaffect.runtime.stream import Stream
    from openaffect.runtime.student import Model

_RAW = "Raw samples on standard input"


def listen(
    source: Annotated[
        str | None,
        typer.Argument(
            help="A recording, - for standard input (WAV, or raw with --rate). Default: the microphone.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = None,
    student: Annotated[
        str,
        typer.Option(
            help="A folder that 'openaffect distill export' wrote, or builtin (an experimental index of vocal "
            "activation).",
            metavar="builtin|FOLDER",
        ),
    ] = "builtin",
    window: Annotated[float, typer.Option(help="Seconds that each value is read from.")] = 2.0,
    hop: Annotated[float, typer.Option(help="Seconds from one value to the next.")] = 0.5,
    mode: Annotated[
        str,
        typer.Option(
            help="window: each window by itself (exact). running: each sample once, at the level of the voice so far "
            "(cheap for long windows)."
        ),
    ] = "window",
    json_: Annotated[bool, typer.Option("--json", help="One event a line, as JSON.")] = False,
    seconds: Annotated[float | None, typer.Option(help="Stop after so much sound.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Read a recording as fast as it goes.")] = False,
    language: Annotated[str, typer.Option(help="Language of the display: en or zh.")] = "en",
    device: Annotated[str | None, typer.Option(help="Microphone, by name or number.")] = None,
    rate: Annotated[int | None, typer.Option(help="Samples a second.", rich_help_panel=_RAW)] = None,
    raw: Annotated[str, typer.Option(help="s16le or f32le, one channel.", rich_help_panel=_RAW)] = "s16le",
) -> None:
    """Show the apparent arousal, dominance and valence of a voice while it speaks.

    Silence, noise and music get no value, with the reason. Nothing is recorded, nothing leaves this machine.

    On a terminal the display is drawn anew; in a pipe each value is a line.

    The microphone needs:  pip install 'openaffect\\[live]'

    Examples:

      openaffect listen

      openaffect listen talk.wav --student my-student

      openaffect listen talk.mp3 --fast --json > trace.jsonl

      arecord -q -f S16_LE -r 16000 | openaffect listen - --hop 0.2

      ffmpeg -i rtsp://camera -f s16le -ac 1 -ar 48000 - | openaffect listen - --rate 48000 --json

    Exit codes: 0 the sound ended, 1 it cannot be read, 2 wrong usage, 3 the student cannot be read, 130 interrupted.
    """
    from openaffect.cli.listen_view import WORDS
    from openaffect.errors import UsageError
    from openaffect.runtime import Stream, load

    if language not in WORDS:
        raise UsageError(f"unknown language '{language}'; choose en or zh.")
    if seconds is not None and not seconds > 0:
        raise UsageError(f"--seconds {seconds:g} is no time; choose more than 0.")
    if rate is not None and source != "-":
        raise UsageError("--rate belongs to raw samples on standard input: openaffect listen - --rate 16000.")
    model = load(student)
    stream = Stream(model, window_s=window, hop_s=hop, mode=mode)  # type: ignore[arg-type]  # checked by Stream
    view = _view(model, language, json_lines=json_, experimental=student == "builtin")
    raise typer.Exit(_follow(_sound(source, fast=fast, device=device, rate=rate, raw=raw), stream, view, seconds))


def _sound(source: str | None, *, fast: bool, device: str | None, rate: int | None, raw: str) -> Iterator[Heard]:
    import sys
    from pathlib import Path

    from openaffect.cli.listen_sources import file_sound, microphone, piped_sound

    if source is None:
        return microphone(device)
    if source == "-":
        return piped_sound(sys.stdin.buffer, rate=rate, raw=raw)
    return file_sound(Path(source), fast=fast)


def _view(model: Model, language: str, *, json_lines: bool, experimental: bool) -> View:
    from rich.console import Console

    from openaffect.cli.listen_view import WORDS, Display, Lines
    from openaffect.cli.plain import safe

    words, console = WORDS[language], Console(highlight=False)
    if not json_lines:
        say = Console(stderr=True, soft_wrap=True, highlight=False)
        mark = f" – {words['experimental']}" if experimental else ""
        say.print(f"[bold]{safe(model.name)}[/]{mark}  [dim]{safe(model.facts.note)} {words['purpose']}[/]")
    if json_lines or not console.is_terminal:
        return Lines(model.facts.present, words, json_lines=json_lines)
    return Display(model.facts.present, words, console)


def _follow(sound: Iterator[Heard], stream: Stream, view: View, seconds: float | None) -> int:
    """Push *sound* until it ends, or *seconds* have passed, or Ctrl-C; return the exit code."""
    heard = 0.0
    with view:
        try:
            for samples, rate in sound:
                left = len(samples) if seconds is None else max(0, round((seconds - heard) * rate))
                for event in stream.push(samples[:left], rate):
                    view.show(event)
                heard += len(samples[:left]) / rate
                if left <= len(samples) and seconds is not None:
                    break
        except KeyboardInterrupt:
            return 130
        for event in stream.flush():
            view.show(event)
    return 0
