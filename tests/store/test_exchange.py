import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from reportgen.errors import UsageError
from reportgen.store import Store, tables
from reportgen.store.exchange import export


@pytest.fixture
def store(tmp_path, cell):
    """Return a store with one cell."""
    filled = Store(tmp_path / "results")
    filled.write_cell(*cell())
    return filled


def test_csv_has_a_file_a_table_with_the_same_numbers(store, tmp_path):
    paths = export(store, tmp_path / "out", "csv")
    assert [path.name for path in paths] == ["runs.csv", "measurements.csv", "curves.csv", "environments.csv"]
    measured = pd.read_csv(paths[1], keep_default_na=True)
    assert list(measured.columns) == tables.names(tables.MEASUREMENTS)
    assert list(measured["error_signal_rms"].dropna()) == [1.0, 0.5, 1.0, 0.5]
    assert measured.loc[1, "error_signal_histogram"] == " ".join(["2"] * tables.HISTOGRAM_LENGTH)
    assert paths[0].read_text().splitlines()[1].startswith("r1,c1,completed,,mlp,,digits,2,4,,0.1,0,3,50,")


def test_sqlite_has_the_tables_with_types_and_nulls(store, tmp_path):
    [path] = export(store, tmp_path / "out", "sqlite")
    export(store, tmp_path / "out", "sqlite")
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT typeof(depth), typeof(sequence_length), typeof(learning_rate) FROM runs"
        assert database.execute(query).fetchall() == [("integer", "null", "real")] * 2
        assert database.execute("SELECT max(value) FROM curves WHERE split = 'test'").fetchone() == (1.5,)


def test_parquet_is_a_file_a_table_that_other_readers_open(store, tmp_path):
    paths = export(store, tmp_path / "out", "parquet")
    frame = store.sql(f"SELECT count(*) AS n, max(error_signal_rms) AS top FROM '{paths[1]}'")
    assert frame.to_dict("list") == {"n": [6], "top": [1.0]}


def test_an_unknown_format_is_refused(store, tmp_path):
    with pytest.raises(UsageError, match=r"no export format called 'xlsx'(.|\n)*csv, parquet, sqlite"):
        export(store, tmp_path, "xlsx")
