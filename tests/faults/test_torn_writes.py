"""Processes that are killed in the middle of writing a cell."""

import subprocess
import sys

import pytest

from reportgen.store import Store

PROGRAM = """
import os, signal, sys
import fake_trainers as fake
from reportgen.run import environment
from reportgen.store import Store, parquet
deadly, calls, digest = int(sys.argv[2]), 0, parquet.digest
def deadly_digest(path):
    global calls
    calls += 1
    if calls == deadly:
        path.write_bytes(path.read_bytes()[:100])
        os.kill(os.getpid(), signal.SIGKILL)
    return digest(path)
parquet.digest = deadly_digest
cell = fake.cell("torn")
frames = fake.frames(cell, value=float(sys.argv[3]))
Store(sys.argv[1]).write_cell(cell.cell_id, frames.runs, frames.measurements, frames.curves, environment.collect())
"""


def write(folder, deadly, value):
    """Write a cell in another process, which is killed with the `deadly`-th of its files half written."""
    return subprocess.run([sys.executable, "-c", PROGRAM, str(folder), str(deadly), str(value)], check=False).returncode


@pytest.mark.parametrize("deadly", [1, 2, 3, 4])
def test_a_cell_that_is_half_written_is_not_there_and_can_be_written_again(tmp_path, deadly):
    import fake_trainers as fake

    assert write(tmp_path, deadly, 1.0) == -9
    store = Store(tmp_path)
    assert store.run_ids() == set()
    assert len(store.runs()) == len(store.measurements()) == len(store.curves()) == 0
    assert len(list(tmp_path.rglob(".*.tmp"))) == 1
    cell = fake.cell("torn")
    frames = fake.frames(cell)
    environment = {column: "" for column in ("reportgen", "python", "torch", "numpy", "blas", "os", "cpu", "commit")}
    environment |= {"threads": 1, "device": "cpu", "dirty": False}
    store.write_cell(cell.cell_id, frames.runs, frames.measurements, frames.curves, environment)
    assert store.run_ids() == {run.run_id for run in cell.runs}
    assert store.damaged() == []
    assert [path for path in tmp_path.rglob(".*.tmp") if "environments" not in path.parts] == []


def test_a_cell_that_is_killed_while_it_is_replaced_never_mixes_old_and_new(tmp_path):
    assert write(tmp_path, 99, 1.0) == 0
    assert write(tmp_path, 2, 2.0) == -9
    assert len(Store(tmp_path).measurements()) == 0
    assert write(tmp_path, 99, 3.0) == 0
    assert sorted(Store(tmp_path).measurements()["weight_norm"]) == [3.0, 4.0]
