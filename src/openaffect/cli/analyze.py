"""``openaffect analyze``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_PRIVACY = "Privacy"
_REASON = "Reasoning"
_WHAT = "What to look at"
_OUT = "Results"


def analyze(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Video, audio, still images, transcripts (.txt .srt .vtt), folders, globs.", metavar="PATH"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for results; the same command again skips what is done.", rich_help_panel=_OUT),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            help="Repeatable: json html csv eaf textgrid vtt srt rttm audformat labelstudio hume parquet. "
            "Default with --out: json and html.",
            rich_help_panel=_OUT,
        ),
    ] = None,
    json_: Annotated[
        bool,
        typer.Option("--json", help="Print each report as one line of JSON instead of text.", rich_help_panel=_OUT),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no report on the terminal.", rich_help_panel=_OUT)
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the report: en or zh.", rich_help_panel=_OUT)] = "en",
    transcript: Annotated[
        str | None,
        typer.Option(help="Use this .srt, .vtt or .txt instead of recognising speech.", rich_help_panel=_WHAT),
    ] = None,
    asr: Annotated[
        str,
        typer.Option(
            help="Speech recogniser: auto, whisper-base, whisper-tiny.en, none, or a CTranslate2 folder.",
            rich_help_panel=_WHAT,
        ),
    ] = "auto",
    speech_language: Annotated[
        str | None,
        typer.Option(help="Language spoken (ISO 639-1, e.g. zh); default: identified.", rich_help_panel=_WHAT),
    ] = None,
    voice: Annotated[bool, typer.Option("--voice/--no-voice", help="Measure the voice.", rich_help_panel=_WHAT)] = True,
    student: Annotated[
        str | None,
        typer.Option(
            help="Read arousal, dominance and valence from the voice by a student: a folder that 'openaffect distill "
            "export' wrote, or builtin (an experimental index of vocal activation). Default: none.",
            metavar="builtin|FOLDER",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Look at key frames only: faster, coarser in time.", rich_help_panel=_WHAT)
    ] = False,
    frame_rate: Annotated[float, typer.Option(help="Frames looked at per second.", rich_help_panel=_WHAT)] = 10.0,
    max_segment: Annotated[float, typer.Option(help="Longest segment in seconds.", rich_help_panel=_WHAT)] = 12.0,
    one_person: Annotated[
        bool,
        typer.Option(
            "--one-person",
            help="Take the only face and the only voice for one person, whatever their synchrony (the report says so).",
            rich_help_panel=_WHAT,
        ),
    ] = False,
    reasoner: Annotated[
        str, typer.Option(help="clues (rules, no download) or openai:MODEL.", rich_help_panel=_REASON)
    ] = "clues",
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Address of an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1.", rich_help_panel=_REASON
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed sent to openai:MODEL.", rich_help_panel=_REASON)] = 0,
    offline: Annotated[
        bool, typer.Option("--offline", help="Forbid every host but this machine.", rich_help_panel=_PRIVACY)
    ] = False,
    faces: Annotated[
        bool, typer.Option("--faces/--no-faces", help="Look at faces at all.", rich_help_panel=_PRIVACY)
    ] = True,
    blur: Annotated[
        bool,
        typer.Option(
            "--blur",
            help="Blur faces in kept and sent frames; the page does not link the media.",
            rich_help_panel=_PRIVACY,
        ),
    ] = False,
    keep_frames: Annotated[
        bool,
        typer.Option(
            "--keep-frames",
            help="Keep each segment's peak frame (default: no image is kept).",
            rich_help_panel=_PRIVACY,
        ),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Files at the same time; 0: by cores.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads in all; 0: the cores of this machine.")] = 0,
) -> None:
    """Explain the apparent emotion in recordings, pictures and texts, with the evidence.

    Everything runs on this machine unless you name a server with --reasoner openai:MODEL.

    Examples:

      openaffect analyze clip.mp4

      openaffect analyze interviews/ --out results -f html -f csv -f eaf

      openaffect analyze talk.wav --transcript talk.srt --language zh

      openaffect analyze talk.wav --student my-student

      openaffect analyze clip.mp4 --reasoner openai:qwen2.5-omni-7b --base-url http://127.0.0.1:8000/v1

    Exit codes: 0 done, 1 some inputs failed, 2 wrong usage, 130 interrupted.
    A path that begins with a dash goes after "--".
    """
    from openaffect.analysis.options import Options
    from openaffect.cli.show import show_run

    options = Options(
        language=language,  # type: ignore[arg-type]  # checked by Options
        reasoner=reasoner,
        base_url=base_url,
        offline=offline,
        asr=asr,
        speech_language=speech_language,
        transcript=transcript,
        faces=faces,
        voice=voice,
        student=student,
        blur=blur,
        keep_frames=keep_frames,
        fast=fast,
        frame_rate=frame_rate,
        one_person=one_person,
        max_segment_s=max_segment,
        threads=threads,
        seed=seed,
    )
    raise typer.Exit(show_run(paths, options, out=out, formats=formats, jobs=jobs, as_json=json_, quiet=quiet))
