"""The command line: one file a command, no logic.  Nothing heavy is imported before a command runs."""

from __future__ import annotations

import errno
import io
import os
import sys

import typer
from typer.exceptions import TyperException

from openaffect import __version__
from openaffect.cli.analyze import analyze
from openaffect.cli.bench import bench
from openaffect.cli.data import data
from openaffect.cli.distill import distill
from openaffect.cli.listen import listen
from openaffect.cli.plain import plain
from openaffect.cli.schema import schema
from openaffect.cli.summarize import summarize
from openaffect.errors import OpenAffectError

app = typer.Typer(
    name="openaffect",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Explains the apparent emotion in video, audio and text, with evidence.\n\n"
    "Start with:  openaffect analyze clip.mp4",
)
app.command()(analyze)
app.command()(summarize)
app.command()(listen)
app.command()(schema)
app.add_typer(bench, name="bench")
app.add_typer(data, name="data")
app.add_typer(distill, name="distill")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"openaffect {__version__}")
        raise typer.Exit


def _show(error: TyperException) -> None:
    if hasattr(error, "show"):
        error.show()
    else:
        typer.echo(f"openaffect: {error}", err=True)


def main() -> None:
    """Run the command line and exit: 0 done, 1 some inputs failed, 2 wrong usage, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows fewer letters still gets the numbers
    try:
        code = app(prog_name="openaffect", standalone_mode=False)
    except OpenAffectError as error:
        # Names from files stand in the message: they must neither steer the terminal nor break the one sentence.
        typer.echo(f"openaffect: {plain(str(error))}", err=True)
        code = error.exit_code
    except TyperException as error:
        _show(error)
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("openaffect: interrupted.", err=True)
        code = 130
    except BrokenPipeError:
        # The reader of our output went away (a pager, `head`): nothing to say and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"openaffect: cannot write the output: {os.strerror(error.errno).lower()}.", file=sys.stderr)  # noqa: T201
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
