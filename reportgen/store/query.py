"""The SELECT statements over a cell's files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.store import parquet
from reportgen.store.tables import Column

if TYPE_CHECKING:
    import duckdb

Cells = Mapping[str, Collection[str]]
"""Cell ids, in order, with the ids of the wanted runs of each."""


def keep(cursor: duckdb.DuckDBPyConnection, table: str, cells: Cells) -> str:
    """Make a temporary table of the wanted runs, and return the clause that keeps only their rows."""
    pairs = [(cell_id, run_id) for cell_id, runs in cells.items() for run_id in sorted(runs)]
    wanted = f"wanted_{table}"
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {wanted} (cell_id VARCHAR, run_id VARCHAR)")
    columns = [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    cursor.execute(f"INSERT INTO {wanted} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", columns)
    return f"SEMI JOIN {wanted} w ON w.run_id = t.run_id AND w.cell_id = parse_filename(t.filename, true)"


def select(
    table: str,
    columns: Iterable[Column],
    paths: Collection[Path],
    only: str,
    conditions: Mapping[str, Iterable[Any] | None],
) -> str:
    """Return the statement that reads columns of files, in the table's order.

    Parameters
    ----------
    only : str
        What `keep` returned, or "" for all rows.
    conditions : mapping
        Column name to the values that are wanted; None for all.
    """
    if not paths:
        return f"SELECT {parquet.nothing(columns)} WHERE false"
    tests = [
        f"t.{parquet.quoted(name)} IN ({', '.join(map(_constant, values)) or 'NULL'})"
        for name, values in conditions.items()
        if values is not None
    ]
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    order = ", ".join(f"t.{parquet.quoted(name)}" for name in parquet.ORDER[table])
    return f"SELECT {parquet.selection(columns, 't.')} FROM {parquet.source(paths)} t {only} {where} ORDER BY {order}"


def _constant(value: Any) -> str:
    return parquet.literal(value) if isinstance(value, str) else str(int(value))
