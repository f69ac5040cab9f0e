"""Estimates as macros, so that the numbers of a paper come from the store: LaTeX, Typst and JSON.

A value's id is ``study/name/arm``. Every file keeps the raw numbers beside what is printed, and `read_values` reads
them back, so that a check compares numbers and not their digits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reportgen import __version__
from reportgen.pages import numbers
from reportgen.pages.cite import escape
from reportgen.pages.entries import records

if TYPE_CHECKING:
    import pandas as pd

HEAD = "reportgen values, format 1"
"""How a file of values is known."""

_PLAIN = re.compile(r"[A-Za-z0-9/_.:+-]")
_LATEX_LINE = re.compile(r"\\rg@def\{([^{}]*)\}\{([^{}]*)\}\{([^{}]*)\}\{([^{}]*)\}\{(\d+)\}")
_TYPST_LINE = re.compile(r'"((?:[^"\\]|\\.)*)": \(raw: \(([^(),]*), ([^(),]*), ([^(),]*)\), runs: (\d+),')


@dataclass(frozen=True)
class Value:
    """An estimate with its interval; `low` and `high` are NaN where there is none, `n` counts its runs."""

    id: str
    estimate: float
    low: float
    high: float
    unit: str
    n: int

    @property
    def raw(self) -> tuple[str, str, str]:
        """The numbers as the site's tables have them; "" for an end that there is not."""
        return written(self.estimate), written(self.low), written(self.high)

    @cached_property
    def texts(self) -> tuple[str, str, str]:
        """The numbers with the digits that the interval justifies; shares in per cent."""
        return numbers.interval(self.estimate, self.low, self.high, self.unit)

    @property
    def interval(self) -> str:
        """The estimate with its interval: "0.51 [0.50, 0.52]"."""
        middle, low, high = self.texts
        return f"{middle} [{low}, {high}]" if low and high else middle

    @property
    def shown_unit(self) -> str:
        """The unit; "" for a share, which is written in per cent."""
        return "" if self.unit.startswith("share") else self.unit


def written(number: float | None) -> str:
    """Return a number as the site's tables write it, "" where there is none."""
    return "" if number is None or not math.isfinite(number) else f"{number:.12g}"


def study_values(study: str, estimates: pd.DataFrame) -> list[Value]:
    """Return a study's estimates as values, in the order of their ids; arms without an estimate have none."""
    found = [
        Value(f"{study}/{row.name}/{row.arm}", row.estimate, row.low, row.high, row.unit, int(row.n))
        for row in records(estimates)
        if math.isfinite(row.estimate)
    ]
    return sorted(found, key=lambda value: value.id)


def latex_id(value_id: str) -> str:
    """Return a value's id as LaTeX reads it: characters that mean something to it become "!" and their number."""
    return "".join(c if _PLAIN.match(c) else f"!{ord(c):x}!" for c in value_id)


def plain_id(written_id: str) -> str:
    """Return the id that `latex_id` has written."""
    return re.sub(r"!([0-9a-f]{1,6})!", lambda match: chr(min(int(match[1], 16), 0x10FFFF)), written_id)


def latex(values: Iterable[Value], source: str = "") -> str:
    """Write LaTeX macros; `source` says where the values are from."""
    lines = [f"% {HEAD}; reportgen {__version__}{_from(source)}", *_LATEX_MACROS]
    for value in values:
        middle, low, high = (escape.latex(text) for text in value.texts)
        raw = "".join(f"{{{number}}}" for number in value.raw)
        shown = "".join(f"{{{text}}}" for text in (middle, low, high, escape.latex(value.shown_unit)))
        lines.append(rf"\rg@def{{{latex_id(value.id)}}}{raw}{{{value.n}}}{shown}%")
    return "\n".join([*lines, r"\rg@restore%", r"\endinput", ""])


def typst(values: Iterable[Value], source: str = "") -> str:
    """Write a dictionary of Typst, and functions that look values up."""
    lines = []
    for value in values:
        raw = ", ".join(number or "none" for number in value.raw)
        middle, low, high = value.texts
        shown = {"value": middle, "low": low, "high": high, "interval": value.interval, "unit": value.shown_unit}
        fields = ", ".join(f"{name}: {escape.typst_string(text)}" for name, text in shown.items())
        lines.append(f"  {escape.typst_string(value.id)}: (raw: ({raw}), runs: {value.n}, {fields}),")
    head = f"// {HEAD}; reportgen {__version__}{_from(source)}"
    return "\n".join([head, "#let rg-values = (", *(lines or ["  :"]), *_TYPST_FUNCTIONS, ""])


def to_json(values: Iterable[Value]) -> str:
    """Write the raw numbers, and what is printed, as JSON."""
    held = {
        value.id: {
            "estimate": value.estimate,
            "low": value.low if math.isfinite(value.low) else None,
            "high": value.high if math.isfinite(value.high) else None,
            "unit": value.unit,
            "n": value.n,
            "text": value.interval,
        }
        for value in values
    }
    document = {"format": HEAD, "version": __version__, "values": held}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def is_values(text: str) -> bool:
    """Tell whether a file's text is one that this module writes."""
    return HEAD in text[:200]


def read_values(text: str) -> dict[str, tuple[tuple[str, str, str], int]]:
    """Return the raw numbers in a file of values by id, each with its line (from 1)."""
    if text.lstrip().startswith("{"):
        return _read_json(text)
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := _LATEX_LINE.match(line):
            found[plain_id(match[1])] = (_ends(match[2], match[3], match[4]), number)
        elif match := _TYPST_LINE.search(line):
            name = re.sub(r"\\(.)", r"\1", match[1])
            found[name] = (_ends(match[2], match[3], match[4]), number)
    return found


def _read_json(text: str) -> dict[str, tuple[tuple[str, str, str], int]]:
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    held = document.get("values") if isinstance(document, Mapping) else None
    if not isinstance(held, Mapping):
        return {}
    found = {}
    for name, value in held.items():
        place = text.find(f"{json.dumps(name, ensure_ascii=False)}:")
        if isinstance(value, Mapping):
            ends = [value.get(key) for key in ("estimate", "low", "high")]
            found[name] = (_ends(*("" if end is None else str(end) for end in ends)), text.count("\n", 0, place) + 1)
    return found


def _ends(*texts: str) -> tuple[str, str, str]:
    """Bring numbers to the form in which they are compared."""
    found = []
    for text in texts:
        try:
            found.append(written(float(text)))
        except ValueError:
            found.append("")
    return found[0], found[1], found[2]


def _from(source: str) -> str:
    return f"; {escape.one_line(source)}" if source else ""


_LATEX_MACROS = r"""% \rgvalue{study/name/arm} prints an estimate, \rglow and \rghigh the ends of its 95 % interval,
% \rginterval all of these, \rgunit its unit, \rgn how many runs are behind it, \rgraw the unrounded number.
% Do not edit: reportgen wrote this.
\expandafter\edef\csname rg@restore\endcsname{\catcode64=\the\catcode64\relax}%
\catcode64=11\relax%
\def\rg@def#1#2#3#4#5#6#7#8#9{%
  \expandafter\def\csname rg@raw@\detokenize{#1}\endcsname{#2}%
  \expandafter\def\csname rg@n@\detokenize{#1}\endcsname{#5}%
  \expandafter\def\csname rg@value@\detokenize{#1}\endcsname{#6}%
  \expandafter\def\csname rg@low@\detokenize{#1}\endcsname{#7}%
  \expandafter\def\csname rg@high@\detokenize{#1}\endcsname{#8}%
  \expandafter\def\csname rg@unit@\detokenize{#1}\endcsname{#9}%
  \if\relax\detokenize{#7}\relax%
    \expandafter\def\csname rg@interval@\detokenize{#1}\endcsname{#6}%
  \else%
    \expandafter\def\csname rg@interval@\detokenize{#1}\endcsname{#6 [#7, #8]}%
  \fi}%
\def\rg@get#1#2{%
  \ifcsname rg@#1@\detokenize{#2}\endcsname\csname rg@#1@\detokenize{#2}\endcsname\else\rg@unknown{#2}\fi}%
\protected\def\rg@unknown#1{\textbf{??}%
  \PackageError{reportgen}{There is no value '\detokenize{#1}'}{The file of values has the ids: study/name/arm.}}%
\def\rgvalue{\rg@get{value}}%
\def\rglow{\rg@get{low}}%
\def\rghigh{\rg@get{high}}%
\def\rginterval{\rg@get{interval}}%
\def\rgunit{\rg@get{unit}}%
\def\rgn{\rg@get{n}}%
\def\rgraw{\rg@get{raw}}%""".splitlines()

_TYPST_FUNCTIONS = """)
// Prints an estimate, the ends of its 95 % interval, all three, its unit, how many runs are behind it, and the
// unrounded number. Do not edit: reportgen wrote this.
#let rg-get(id, field) = {
  if id not in rg-values { panic("reportgen: there is no value '" + id + "'") }
  rg-values.at(id).at(field)
}
#let rgvalue(id) = rg-get(id, "value")
#let rglow(id) = rg-get(id, "low")
#let rghigh(id) = rg-get(id, "high")
#let rginterval(id) = rg-get(id, "interval")
#let rgunit(id) = rg-get(id, "unit")
#let rgn(id) = str(rg-get(id, "runs"))
#let rgraw(id) = rg-get(id, "raw").at(0)""".splitlines()
