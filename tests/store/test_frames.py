"""Frames as Parquet files."""

import io
import json
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from reportgen.store.frames import parquet_bytes

FRAME = pd.DataFrame(
    {
        "name": ["b", "=cmd()", None, 'it\'s "x"\x00'],
        "value": [1 / 3, float("nan"), 1e-300, -2.0],
        "n": [3, 1, 2, 0],
        "inside": [True, False, True, True],
        "a 'quoted' \"name\"": ["", "ü", "中", "\n"],
    }
)


def read(content, tmp_path, what="*"):
    path = tmp_path / "frame.parquet"
    path.write_bytes(content)
    with duckdb.connect() as database:
        return database.execute(f"SELECT {what} FROM '{path}'").fetchall()


def test_rows_types_and_order_are_kept(tmp_path):
    rows = read(parquet_bytes(FRAME, {}), tmp_path)
    assert rows == [
        ("b", 0.333333333333, 3, True, ""),
        ("=cmd()", None, 1, False, "ü"),
        (None, 1e-300, 2, True, "中"),
        ('it\'s "x"', -2.0, 0, True, "\n"),
    ]
    with duckdb.connect() as database:
        columns = database.execute(f"DESCRIBE SELECT * FROM '{tmp_path / 'frame.parquet'}'").fetchall()
    assert [(name, kind) for name, kind, *_ in columns] == list(
        zip(FRAME.columns, ["VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN", "VARCHAR"], strict=True)
    )


@pytest.mark.parametrize(
    ("values", "kind", "read_back"),
    [
        ([None, 1, 2], "BIGINT", [None, 1, 2]),
        ([None, True], "BOOLEAN", [None, True]),
        ([None, 1, 0.5], "DOUBLE", [None, 1.0, 0.5]),
        (["x", 1, None], "VARCHAR", ["x", "1", None]),
        ([None, None], "VARCHAR", [None, None]),
    ],
)
def test_a_column_of_objects_has_the_type_of_what_is_in_it(values, kind, read_back, tmp_path):
    frame = pd.DataFrame({"seed": pd.Series(values, dtype=object)})
    assert [row[0] for row in read(parquet_bytes(frame, {}), tmp_path)] == read_back
    assert set(read(parquet_bytes(frame, {}), tmp_path, "typeof(seed)")) == {(kind,)}


def test_numbers_are_those_of_the_csv(tmp_path):
    frame = pd.DataFrame({"x": [10.0**p / 7 for p in range(-300, 300, 7)]})
    csv = pd.read_csv(io.StringIO(frame.to_csv(index=False, float_format="%.12g")))
    assert [row[0] for row in read(parquet_bytes(frame, {}), tmp_path)] == list(csv["x"])


def test_notes_are_in_the_file(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet_bytes(FRAME, {"title": "it's; DROP", "source": "x/y"}))
    with duckdb.connect() as database:
        found = database.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall()
    assert {key.decode(): value.decode() for key, value in found} == {"title": "it's; DROP", "source": "x/y"}


@pytest.mark.parametrize("frame", [FRAME.iloc[:0], FRAME[["value"]].iloc[:0]])
def test_a_frame_without_rows_is_a_file_without_rows(frame, tmp_path):
    assert read(parquet_bytes(frame, {}), tmp_path) == []


def test_the_same_frame_gives_the_same_bytes_in_another_process(tmp_path):
    code = (
        "import sys, json, pandas as pd; from reportgen.store.frames import parquet_bytes\n"
        "frame = pd.DataFrame(json.load(sys.stdin)); sys.stdout.buffer.write(parquet_bytes(frame, {'a': 'b'}))"
    )
    data = {"x": [i / 7 for i in range(5000)], "name": [f"n{i % 13}" for i in range(5000)]}
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(data).encode(), capture_output=True, check=True
    )
    assert done.stdout == parquet_bytes(pd.DataFrame(data), {"a": "b"})
