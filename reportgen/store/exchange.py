"""The store's tables for other programs: CSV, Parquet and SQLite, whole."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import ReportgenError, UnknownName
from reportgen.store import parquet, tables
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.store.store import Store


def export(store: Store, folder: Path, format: str = "csv") -> list[Path]:
    """Write all tables of a store to a folder, and return the files.

    Parameters
    ----------
    store : Store
    folder : Path
        Made if it is not there; files of the same names are replaced.
    format : str
        ``csv`` or ``parquet`` (a file a table), or ``sqlite`` (one database, ``reportgen.sqlite``). In CSV and
        SQLite a histogram is text, its counts separated by spaces, and a missing value is empty or null.
    """
    if format not in _WRITERS:
        raise UnknownName("export format", format, _WRITERS)
    frames = {
        "runs": store.runs(),
        "measurements": store.measurements(),
        "curves": store.curves(),
        "environments": store.environments(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _WRITERS[format](frames, folder)
    except OSError as error:
        raise ReportgenError(f"'{folder}' cannot be written: {error.strerror or error}") from error


def _csv(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    paths = {folder / f"{name}.csv": frame for name, frame in frames.items()}
    for path, frame in paths.items():
        path.write_text(csv_text(_plain(frame), None), encoding="utf-8", newline="")
    return list(paths)


def _parquet(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    paths = [folder / f"{name}.parquet" for name in frames]
    with parquet.connect() as database:
        for (name, frame), path in zip(frames.items(), paths, strict=True):
            parquet.write(database, name, parquet.check(name, frame), path, {})
    return paths


def _sqlite(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    path = folder / "reportgen.sqlite"
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for name, frame in frames.items():
            columns = ", ".join(f"{parquet.quoted(c.name)} {_TYPES[c.sql]}" for c in tables.TABLES[name])
            database.execute(f"CREATE TABLE {name} ({columns})")
            _plain(frame).to_sql(name, database, if_exists="append", index=False)
    return [path]


_TYPES = {
    "VARCHAR": "TEXT",
    "INTEGER": "INTEGER",
    "BIGINT": "INTEGER",
    "DOUBLE": "REAL",
    "BOOLEAN": "INTEGER",
    "INTEGER[]": "TEXT",
}
"""SQLite's name of each DuckDB type of the tables."""


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with histograms as text, and whole numbers whole although some are missing."""
    plain = frame.copy()
    types = {column.name: column.sql for columns in tables.TABLES.values() for column in columns}
    for name in frame.columns:
        if types[name] == "INTEGER[]":
            plain[name] = [None if counts is None else " ".join(map(str, counts)) for counts in frame[name]]
        elif types[name] in ("INTEGER", "BIGINT"):
            plain[name] = frame[name].astype("Int64")
    return plain


_WRITERS: Mapping[str, Callable[[Mapping[str, pd.DataFrame], Path], list[Path]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "sqlite": _sqlite,
}
