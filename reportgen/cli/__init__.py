"""The command line: a command parses, calls the stages, and prints.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from reportgen import __version__
from reportgen.cli import cite, define, exports, publish, results, site, train, verdicts
from reportgen.cli.console import Console
from reportgen.cli.faults import INTERRUPTED, report

__all__ = ["app", "main"]

SHARED = ("--quiet", "--debug")
"""Options of all commands; they may stand before or after the command."""

app = typer.Typer(
    name="reportgen",
    no_args_is_help=True,
    add_completion=False,
    add_help_option=False,  # typer's own on the group imports pydantic for "reportgen COMMAND --help"
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From study files to a static site about vanishing and exploding gradients.",
    epilog="Exit codes: 0 done, 1 work failed, 2 wrong usage or study, 3 built with failed runs under --strict, "
    "130 interrupted. --quiet and --debug may also stand after the command. NO_COLOR is respected.",
)
for module in (define, train, results, verdicts, exports, site, cite, publish):
    module.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reportgen {__version__}")
        raise typer.Exit


def _show_help(context: typer.Context, wanted: bool) -> None:
    if wanted:
        typer.echo(context.get_help())
        raise typer.Exit


@app.callback()
def _shared(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print answers and errors only.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
    usage: Annotated[
        bool, typer.Option("--help", "-h", callback=_show_help, is_eager=True, help="Show this message and exit.")
    ] = False,
) -> None:
    context.obj = Console(quiet=quiet)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are printed, never raised.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the name of the program; ``sys.argv`` if it is left out.
    """
    # The analyses' matrices are small: threads gain nothing there, and cost much where other work runs beside them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Python that is started for parallel work must not look for modules in the working directory first.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    given = _shared_first(sys.argv[1:] if arguments is None else list(arguments))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character must not stop the work
    try:
        code = typer.main.get_command(app).main(given, prog_name="reportgen", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        return report(error, debug="--debug" in given)
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code and says nothing
        return report(KeyboardInterrupt(), debug=False)
    return code if isinstance(code, int) else 0


def _shared_first(arguments: list[str]) -> list[str]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    shared = [argument for argument in arguments[:end] if argument in SHARED]
    return shared + [argument for argument in arguments[:end] if argument not in SHARED] + arguments[end:]
