"""How an error ends a command: a sentence for the person, and an exit code."""

from __future__ import annotations

import sys
import traceback

import typer

from reportgen.cli.console import bold, printable
from reportgen.errors import ReportgenError, StudyError

INTERRUPTED = 130
WRONG_USAGE = 2
FAILED = 1

EXTRA_RUN = frozenset({"torch", "sklearn", "dask", "distributed"})
"""Modules that come with the extra "run"."""


class TrainingMissing(ReportgenError):
    """What training needs is not installed."""

    def __init__(self, module: str) -> None:
        super().__init__(
            f"training needs {module}, which is not installed",
            "install it with: pip install 'reportgen[run]' (a site of finished runs builds without: --no-run)",
        )


def report(error: BaseException, debug: bool) -> int:
    """Print what went wrong on standard error and return the exit code."""
    if isinstance(error, typer.Abort | KeyboardInterrupt):
        print("Interrupted. What is finished is kept; the same command continues.", file=sys.stderr)
        return INTERRUPTED
    if debug:
        traceback.print_exception(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in EXTRA_RUN:
        error = TrainingMissing((error.name or "").partition(".")[0])
    if isinstance(error, ReportgenError):
        _print(error.message, error.hint, headed=not isinstance(error, StudyError))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError) and error.strerror:
        named = f"'{error.filename}': " if error.filename else ""
        _print(f"{named}{error.strerror}", "" if debug else "add --debug to see where")
        return FAILED
    _print(f"reportgen stumbled over {type(error).__name__}: {error}", "" if debug else "add --debug to see where")
    return FAILED


def _usage(error: typer.TyperException) -> int:
    """Report a wrong command line; no arguments at all have printed the help already."""
    if type(error).__name__ != "NoArgsIsHelpError":
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "reportgen"
        _print(error.format_message(), f"{path} --help shows what is allowed")
    return WRONG_USAGE


def _print(message: str, hint: str, headed: bool = True) -> None:
    head = bold("Error:", sys.stderr) + " " if headed else ""
    print(f"{head}{printable(message)}", file=sys.stderr)
    if hint:
        print(f"  {printable(hint)}", file=sys.stderr)
