"""Any frame as the bytes of a Parquet file, the same on every call."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.store import parquet

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {"i": "BIGINT", "u": "BIGINT", "f": "DOUBLE", "b": "BOOLEAN"}
"""DuckDB type of each kind of NumPy type; everything else is text."""
_OBJECTS: Any = {"integer": "Int64", "boolean": "boolean", "floating": "float64", "mixed-integer-float": "float64"}
"""pandas' type for a column of Python objects, some of them missing, by what the others are."""
_UNNAMED = {code: " " for code in range(0x20)}


def parquet_bytes(frame: pd.DataFrame, notes: Mapping[str, str]) -> bytes:
    """Return a frame as a Parquet file.

    Parameters
    ----------
    frame : DataFrame
        Rows keep their order; floats are rounded to the 12 significant digits that CSV files have, so that both say
        the same; missing values are null.
    notes : mapping
        Go into the file's key-value metadata.
    """
    import pandas as pd

    columns = [(f"c{place}", *_typed(frame.iloc[:, place])) for place in range(frame.shape[1])]
    names = [str(name).translate(_UNNAMED) for name in frame.columns]
    plain = pd.DataFrame({column: values for column, values, _ in columns})
    chosen = ", ".join(
        f"CAST({column} AS {kind}) AS {parquet.quoted(name)}"
        for (column, _, kind), name in zip(columns, names, strict=True)
    )
    metadata = ", ".join(f"{key}: {parquet.literal(value.translate(_UNNAMED))}" for key, value in notes.items())
    with tempfile.TemporaryDirectory(prefix="reportgen-") as folder, parquet.connect() as database:
        path = Path(folder) / "frame.parquet"
        database.execute("SET threads = 1")  # so that the file is cut into the same row groups on every machine
        database.register("frame", plain)
        database.execute(
            f"COPY (SELECT {chosen} FROM frame) TO {parquet.literal(str(path))} "
            f"({parquet.FORMAT}, KV_METADATA {{{metadata}}})"
        )
        return path.read_bytes()


def _typed(values: pd.Series[Any]) -> tuple[Any, str]:
    """Return a column as objects that DuckDB reads without a guess, and its type."""
    import pandas as pd

    if values.dtype == object and len(values):
        found = pd.api.types.infer_dtype(values, skipna=True)
        values = values.astype(_OBJECTS[found]) if found in _OBJECTS else values
    kind = _TYPES.get(values.dtype.kind, "VARCHAR")
    if kind == "DOUBLE":
        return values.map(lambda value: float(f"{value:.12g}")), kind
    if kind == "VARCHAR":
        return values.map(lambda value: str(value).replace("\0", ""), na_action="ignore").astype("str"), kind
    return values, kind
