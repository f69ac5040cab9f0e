"""The tables of a study's arms for other documents: LaTeX as on the page, CSV with all numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reportgen.analyse.estimates import KINDS
from reportgen.figures.latex import comment, escape
from reportgen.pages.arms import Cell, Row, Table, arm_tables
from reportgen.pages.text import clean
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.pages.entries import StudyEntry

LONGEST = 40
"""Rows from which on a table may be broken over pages."""
WIDEST = 98
"""Characters that a line of a page has room for; a table with more is split into tables of some columns each."""
VALUES = ("estimate", "low", "high", "n", "n_censored")
"""Columns of an estimate in the CSV file of a table; the first has the estimate's own name."""


def table_files(entry: StudyEntry, form: str) -> dict[str, bytes]:
    """Return a file for each table of arms on a study's page: name to content.

    Parameters
    ----------
    entry : StudyEntry
        Its analysis is read, not its figures.
    form : str
        ``latex`` or ``csv``.
    """
    tables = arm_tables(entry)
    if form == "csv":
        return {f"{entry.study.id}-{table.id}.csv": _csv(entry, table).encode() for table in tables}
    return {f"{entry.study.id}-{table.id}.tex": latex_table(entry, table).encode("ascii") for table in tables}


def latex_table(entry: StudyEntry, table: Table) -> str:
    """Return a table as LaTeX with booktabs: as floating tables that fit the line, or longtables where it is long."""
    study = entry.study
    long = len(table.rows) > LONGEST
    lines = [
        f"% reportgen: {study.id}, {comment(table.title.lower())}, version {comment(study.version)}",
        f"% Packages that the document must load: booktabs and {'longtable' if long else 'graphicx'}",
    ]
    parts = _parts(table)
    for number, part in enumerate(parts):
        place = f", part {number + 1} of {len(parts)}," if len(parts) > 1 else ""
        caption = (
            f"\\caption{{{table.title}{place} of the study \\emph{{{escape(study.title)}}}. {escape(table.note)} "
            f"In brackets: 95\\,\\% intervals over seeds.}}"
            f"\\label{{tab:{study.id}-{table.id}{f'-{number + 1}' if number else ''}}}"
        )
        lines += (_longtable if long else _floating)(part, caption)
    return "\n".join(lines) + "\n"


def _parts(table: Table) -> list[Table]:
    """Split a table into such as fit a line, each with all rows and some of the columns of values."""
    room = WIDEST - sum(
        max([len(heading), *(len(row.levels[place]) + 11 * row.is_baseline * (not place) for row in table.rows)])
        for place, heading in enumerate(table.factors)
    )
    parts: list[list[int]] = [[]]
    used = 0
    for place, (title, _) in enumerate(table.columns):
        width = max([len(max(_halves(title), key=len)), *(len(_plain(row.cells[place])) for row in table.rows)]) + 2
        if parts[-1] and used + width > room:
            parts.append([])
            used = 0
        parts[-1].append(place)
        used += width
    return [
        replace(
            table,
            columns=tuple(table.columns[place] for place in part),
            rows=tuple(replace(row, cells=tuple(row.cells[place] for place in part)) for row in table.rows),
            left_out=table.left_out if part is parts[-1] else (),
        )
        for part in parts
    ]


def _floating(table: Table, caption: str) -> list[str]:
    notes = _notes(table)
    rows = [_row(row, notes) for row in table.rows]
    inside = [rf"\begin{{tabular}}{_columns(table)}", r"\toprule", _headings(table), r"\midrule", *rows, r"\bottomrule"]
    return [
        *(r"\begin{table}", rf"\centering{caption}\par\medskip", r"\footnotesize\tabcolsep=4pt", r"\sbox0{%"),
        *(*inside, r"\end{tabular}}"),
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
        *(rf"\par\smallskip\raggedright {remark}" for remark in _remarks(table, notes)),
        r"\end{table}",
    ]


def _longtable(table: Table, caption: str) -> list[str]:
    notes = _notes(table)
    head = [r"\toprule", _headings(table), r"\midrule"]
    return [
        r"\begingroup\scriptsize\tabcolsep=3pt",
        rf"\begin{{longtable}}{_columns(table)}",
        *(rf"{caption} \\", *head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endfoot"),
        *(*(_row(row, notes) for row in table.rows), r"\end{longtable}"),
        *(rf"\noindent {remark}\par" for remark in _remarks(table, notes)),
        r"\endgroup",
    ]


def _columns(table: Table) -> str:
    return f"{{@{{}}{'l' * len(table.factors)}{'r' * len(table.columns)}@{{}}}}"


def _headings(table: Table) -> str:
    stacked = [r"\\".join(map(escape, _halves(title))) for title, _ in table.columns]
    values = [rf"\shortstack[r]{{{title}}}" for title in stacked]
    return f"{' & '.join([*map(escape, table.factors), *values])} \\\\"


def _halves(title: str) -> list[str]:
    """Return a heading in two lines, broken at the blank that is nearest to the middle."""
    blanks = [place for place, character in enumerate(title) if character == " "]
    if not blanks:
        return [title]
    middle = min(blanks, key=lambda place: abs(place - len(title) / 2))
    return [title[:middle], title[middle + 1 :]]


def _notes(table: Table) -> list[str]:
    return list(dict.fromkeys(cell.note for row in table.rows for cell in row.cells if cell.note))


def _row(row: Row, notes: list[str]) -> str:
    levels = [escape(level) for level in row.levels]
    if row.is_baseline and levels:
        levels[0] += r" \emph{(baseline)}"
    return " & ".join([*levels, *(_cell(cell, notes) for cell in row.cells)]) + r" \\"


def _cell(cell: Cell, notes: list[str]) -> str:
    mark = rf"\textsuperscript{{{_letter(notes.index(cell.note))}}}" if cell.note else ""
    interval = f" {escape(_plain(cell)[len(cell.text) :])}" if cell.low and cell.high else ""
    if mark and not interval:
        mark = rf"\rlap{{{mark}}}"
    return f"{escape(cell.text)}{mark}{interval}"


def _plain(cell: Cell) -> str:
    return f"{cell.text} [{cell.low}, {cell.high}]" if cell.low and cell.high else cell.text


def _letter(place: int) -> str:
    """Return a, b, …, z, aa, ab, …."""
    return (_letter(place // 26 - 1) if place >= 26 else "") + chr(ord("a") + place % 26)


def _remarks(table: Table, notes: list[str]) -> list[str]:
    """Return what the letters of the cells mean, and which arms were not run, and why."""
    found = [rf"\textsuperscript{{{_letter(place)}}}~{escape(note)}." for place, note in enumerate(notes)]
    left_out = [f"Not run: {escape('; '.join(labels))} ({escape(reason)})." for reason, labels in table.left_out]
    return ([" ".join(found)] if found else []) + left_out


def _csv(entry: StudyEntry, table: Table) -> str:
    """Return the arms of a table with every estimate of them, in full precision."""
    import pandas as pd

    trained = table.id != "untrained"
    arms = [arm for arm in entry.study.arms if not arm.skipped and (arm.training.steps > 0) == trained]
    rows = pd.DataFrame({"arm": [arm.id for arm in arms]})
    for name in KINDS:
        found = _wide(entry.analysis.estimates, name)
        if rows["arm"].isin(found["arm"]).any():
            rows = rows.merge(found, on="arm", how="left")
    for place, factor in enumerate(entry.study.factors):  # last, since their labels may be any text, even "arm"
        levels = [arm.levels.get(factor.name, "") for arm in arms]
        rows.insert(place + 1, clean(factor.label or factor.name), levels, allow_duplicates=True)
    return csv_text(rows)


def _wide(estimates: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an estimate's rows with columns that its name begins."""
    of_name = estimates.loc[estimates["name"] == name, ["arm", *VALUES]]
    return of_name.rename(columns={value: name if value == "estimate" else f"{name} {value}" for value in VALUES})
