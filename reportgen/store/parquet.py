"""Frames to Parquet files and back, checked against the tables; the one place that speaks to DuckDB."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.errors import ReportgenError
from reportgen.store import tables
from reportgen.store.tables import Column

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

STATUSES = ("completed", "diverged", "failed")

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
"""No extension is fetched from the network, and SQL does not see Python variables."""

FORMAT = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2"
"""Version 2 lets DuckDB split the bytes of floating-point columns, which zstd then packs better."""


class DamagedFile(ReportgenError):
    """A file of the store that cannot be read."""

    def __init__(self, address: str, why: str, cell_id: str) -> None:
        self.address, self.cell_id = address, cell_id
        super().__init__(
            f"the file '{address}' of the store is damaged: {why}",
            "`reportgen run` sets it aside and trains its runs again; or restore it from a copy",
        )


class BadFrame(ReportgenError):
    """A frame that does not fit its table, or frames that do not fit together."""


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection to an empty database in memory."""
    import duckdb

    return duckdb.connect(":memory:", config=dict(_SETTINGS))


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C during a query be a KeyboardInterrupt, which DuckDB turns into another error."""
    import duckdb

    try:
        yield
    except (RuntimeError, duckdb.InterruptException) as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


def quoted(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def source(paths: Collection[Path]) -> str:
    """Return the SQL table function that reads the files, with their paths in the column ``filename``."""
    return f"read_parquet({_list(paths)}, filename = true)"


def metadata_source(paths: Collection[Path]) -> str:
    """Return the SQL table function that reads the files' own notes, with their paths in ``file_name``."""
    return f"parquet_kv_metadata({_list(paths)})"


def _list(paths: Collection[Path]) -> str:
    """Return an SQL list of paths, in which a character that would match others matches itself."""
    escaped = ("".join(f"[{c}]" if c in "*?[" else c for c in str(path)) for path in paths)
    return f"[{', '.join(literal(path) for path in escaped)}]"


def selection(columns: Iterable[Column], prefix: str = "") -> str:
    """Return the SQL list of the columns, each cast to its type."""
    return ", ".join(f"CAST({prefix}{quoted(c.name)} AS {c.sql}) AS {quoted(c.name)}" for c in columns)


def check(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its columns in order and typed as the table says.

    Raises
    ------
    BadFrame
        Naming the table, the column and what is wrong with it.
    """
    columns = tables.TABLES[table]
    wanted = tables.names(columns)
    missing = [name for name in wanted if name not in frame.columns]
    unknown = sorted(str(name) for name in frame.columns if name not in wanted)
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has unknown columns {', '.join(unknown)}"] if unknown else []
        raise BadFrame(f"the frame for '{table}' {' and '.join(parts)}", f"its columns are: {', '.join(wanted)}")
    import pandas as pd

    return pd.DataFrame({column.name: _typed(table, column, frame[column.name]) for column in columns})


def _typed(table: str, column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    def fault(what: str) -> BadFrame:
        return BadFrame(f"the column '{column.name}' of '{table}' {what}", f"{column.sql}: {column.meaning}")

    values = values.reset_index(drop=True)
    if column.sql == "VARCHAR":
        if pd.api.types.infer_dtype(values, skipna=False) not in ("string", "empty"):
            raise fault("has values that are not text")
        return values.astype("str")
    if column.sql == "INTEGER[]":
        return _histograms(values, fault)
    try:
        numbers = pd.to_numeric(values.astype(object).where(values.notna(), None) if values.dtype == object else values)
    except (TypeError, ValueError) as error:
        raise fault(f"has values that are not numbers: {error}") from error
    if column.sql == "DOUBLE":
        return numbers.astype("float64")
    try:
        whole = numbers.astype("Int64")
    except (TypeError, ValueError) as error:
        raise fault("has values that are not whole numbers") from error
    if column.sql == "INTEGER" and (whole.abs() >= 2**31).any():
        raise fault("has values beyond 32 bits")
    return whole.astype("boolean") if column.sql == "BOOLEAN" else whole


def _histograms(values: pd.Series[Any], fault: Any) -> pd.Series[Any]:
    import pandas as pd

    rows = [None if value is None or value is pd.NA or isinstance(value, float) else value for value in values]
    if any(row is not None and len(row) != tables.HISTOGRAM_LENGTH for row in rows):
        raise fault(f"has histograms whose length is not {tables.HISTOGRAM_LENGTH}")
    return pd.Series(rows, dtype=object)


def check_cell(cell_id: str, runs: pd.DataFrame, measurements: pd.DataFrame, curves: pd.DataFrame) -> None:
    """Check that the three frames of a cell fit together; raises BadFrame."""
    ids = set(runs["run_id"])
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", cell_id):
        raise BadFrame(f"{cell_id[:100]!r} cannot be the id of a cell, which is the name of its files")
    faults = [
        (runs.empty, "has no runs"),
        (len(ids) < len(runs), "has a run twice"),
        (set(runs["cell_id"]) - {cell_id}, "has runs of another cell"),
        (set(runs["status"]) - set(STATUSES), f"has a status other than {', '.join(STATUSES)}"),
        ((runs["reason"] == "")[runs["status"] != "completed"].any(), "has a run that failed without a reason"),
        (set(measurements["run_id"]) - ids, "has measurements of runs that are not in it"),
        (set(curves["run_id"]) - ids, "has curves of runs that are not in it"),
        (measurements.duplicated(["run_id", "step", "kind", "index", "name"]).any(), "has a measurement twice"),
        (curves.duplicated(["run_id", "step", "split", "metric"]).any(), "has a point of a curve twice"),
    ]
    for wrong, what in faults:
        if wrong:
            raise BadFrame(f"the cell {cell_id} {what}", "this is a fault of the trainer, not of the study")


def write(
    connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, path: Path, notes: Mapping[str, str]
) -> None:
    """Write a checked frame; `notes` go into the file's own metadata."""
    columns = tables.TABLES[table]
    order = ", ".join(quoted(name) for name in ORDER[table])
    metadata = ", ".join(f"{key}: {literal(value)}" for key, value in notes.items())
    options = f"{FORMAT}, KV_METADATA {{{metadata}}}" if notes else FORMAT
    if frame.empty:
        query = f"SELECT {nothing(columns)} WHERE false"
    else:
        connection.register("frame", frame)
        query = f"SELECT {selection(columns)} FROM frame ORDER BY {order}"
    try:
        connection.execute(f"COPY ({query}) TO {literal(str(path))} ({options})")
    finally:
        if not frame.empty:
            connection.unregister("frame")


def nothing(columns: Iterable[Column]) -> str:
    """Return an SQL list of typed nulls."""
    return ", ".join(f"CAST(NULL AS {column.sql}) AS {quoted(column.name)}" for column in columns)


ORDER: Mapping[str, Sequence[str]] = {
    "runs": ("run_id",),
    "measurements": ("run_id", "step", "kind", "index", "name"),
    "curves": ("run_id", "step", "split", "metric"),
    "environments": ("environment_id",),
}
"""The order of a table's rows, in files and in frames."""


def frame_of(result: duckdb.DuckDBPyConnection, columns: Iterable[Column]) -> pd.DataFrame:
    """Return a result as a frame with the same types whatever it holds.

    Text is ``str``; DOUBLE is ``float64`` with NaN where there is no value; whole numbers are ``int64``, or
    ``float64`` with NaN where one is missing; a histogram is an array of ``int32`` or None.
    """
    frame = result.df()
    for column in columns:
        values = frame[column.name]
        if column.sql == "VARCHAR":
            frame[column.name] = values.astype("str")
        elif column.sql == "INTEGER[]":
            frame[column.name] = values.astype(object).where(values.notna(), None)
        elif column.sql == "BOOLEAN":
            frame[column.name] = values.astype(bool)
        elif column.sql == "DOUBLE" or column.name in NULLABLE or values.isna().any():
            frame[column.name] = values.astype("float64")
        else:
            frame[column.name] = values.astype("int64")
    return frame


NULLABLE = ("sequence_length",)
"""Whole numbers that are read as ``float64`` always, since most networks have none."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
