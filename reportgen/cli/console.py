"""What the commands print: people's text, tables, and JSON documents."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Characters that move a cursor, reorder a line, or cannot be seen."""


@dataclass(frozen=True)
class Console:
    """Where a command's words go.

    Attributes
    ----------
    quiet : bool
        Whether `say` is silent.
    """

    quiet: bool = False

    def say(self, text: str) -> None:
        """Tell people how it goes, on standard error; silent under ``--quiet``."""
        if not self.quiet:
            typer.echo(printable(text), err=True, color=colour(sys.stderr))

    def warn(self, text: str) -> None:
        """Tell people what they should know even under ``--quiet``, on standard error."""
        typer.echo(f"{bold('Warning:', sys.stderr)} {printable(text)}", err=True, color=colour(sys.stderr))

    def answer(self, text: str) -> None:
        """Print what was asked for, on standard output."""
        typer.echo(printable(text), color=colour(sys.stdout))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print rows in aligned columns on standard output; numbers are set to the right."""
        cells = [[printable(_cell(value)) for value in row] for row in rows]
        right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(header))]
        widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
        for index, row in enumerate([list(header), *cells]):
            parts = [text.rjust(w) if r else text.ljust(w) for text, w, r in zip(row, widths, right, strict=True)]
            line = "  ".join(parts).rstrip()
            typer.echo(bold(line, sys.stdout) if index == 0 else line, color=colour(sys.stdout))

    def document(self, value: Any) -> None:
        """Print one JSON document on standard output; numbers that JSON lacks become null."""
        # In JSON such characters stand in texts only, where the same escapes mean them.
        self.answer(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def printable(text: str) -> str:
    """Return the text with what a terminal would obey, or hide, written as an escape: ``\\u001b``."""
    return _HIDDEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def colour(stream: Any) -> bool:
    """Whether colours and bold text are wanted on a stream (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def bold(text: str, stream: Any) -> str:
    """Return the text in bold where the stream shows it."""
    return typer.style(text, bold=True) if colour(stream) else text


def plain(value: Any) -> Any:
    """Return a value in the types of JSON: NaN and infinities are None, NumPy's scalars Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def count(number: int, thing: str, things: str = "") -> str:
    """Return a number with its noun: "1 run", "2 runs"."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def duration(seconds: float) -> str:
    """Return a duration as people say it: "40 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
