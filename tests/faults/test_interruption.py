"""Coordinators that are killed or interrupted, and two at work at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reportgen.run.engine import run_cells
from reportgen.store import Store

PROGRAM = """
import sys
import fake_trainers as fake
from reportgen.run.engine import run_cells
from reportgen.store import Store
store, log, jobs, names, seconds, kill = sys.argv[1:]
behaviour = {"log": log, "seconds": float(seconds)} | ({"kill": int(kill)} if int(kill) else {})
cells = [fake.cell(name, **behaviour) for name in names.split(",")]
print(run_cells(cells, Store(store), jobs=int(jobs), train=fake.train))
"""

NAMES = ("a", "b", "c", "d", "e", "f")


def start(store: Path, log: Path, jobs: int, seconds: float, kill: int = 0) -> "subprocess.Popen[str]":
    """Start a process that runs the cells called `NAMES`, in a process group of its own."""
    settings = [str(store), str(log), str(jobs), ",".join(NAMES), str(seconds), str(kill)]
    command = [sys.executable, "-c", PROGRAM, *settings]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(condition, seconds: float = 20.0) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def group(process: "subprocess.Popen[str]") -> list[int]:
    """Return the processes of a group that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == process.pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_kill_9_the_next_run_trains_only_the_rest(tmp_path, log, jobs):
    import fake_trainers as fake

    process = start(tmp_path / "store", log, jobs, 0.3)
    wait_for(lambda: len(Store(tmp_path / "store").run_ids()) >= 4)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not group(process), 5.0)
    store = Store(tmp_path / "store")
    before, kept = fake.trainings(log), len(store.run_ids())
    cells = [fake.cell(name, log=str(log), seconds=0.3) for name in NAMES]
    summary = run_cells(cells, store, train=fake.train)
    assert 4 <= kept < 12
    assert (summary.completed, len(store.run_ids("completed"))) == (12 - kept, 12)
    assert fake.trainings(log) - before == (12 - kept) // 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(tmp_path, log, jobs):
    process = start(tmp_path / "store", log, jobs, 0.5)
    wait_for(lambda: len(Store(tmp_path / "store").run_ids()) >= 2)
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=10)
    assert time.monotonic() - pressed < 6.0
    assert "interrupted=True" in output, errors
    assert errors == ""
    store = Store(tmp_path / "store")
    assert f"completed={len(store.run_ids('completed'))}," in output
    assert len(store.runs()) == len(store.measurements()) < 12
    wait_for(lambda: not group(process), 3.0)


def test_workers_leave_ctrl_c_to_the_coordinator(tmp_path, log):
    import fake_trainers as fake

    process = start(tmp_path / "store", log, 2, 0.5)
    wait_for(lambda: fake.trainings(log) >= 2)
    for worker in {int(trace.name.split("-")[-2]) for trace in log.iterdir()}:
        os.kill(worker, signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert ("completed=12," in output, errors) == (True, "")
    assert fake.trainings(log) == len(NAMES)


@pytest.mark.parametrize("later", [0.0, 0.4, 0.8])
def test_ctrl_c_stops_at_once_while_workers_start_again(tmp_path, log, later):
    import fake_trainers as fake

    process = start(tmp_path / "store", log, 2, 30.0, kill=1)
    wait_for(lambda: fake.trainings(log) >= 2)
    time.sleep(later)
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=10)
    assert time.monotonic() - pressed < 6.0
    assert ("interrupted=True" in output, errors) == (True, "")
    wait_for(lambda: not group(process), 3.0)


def test_two_coordinators_on_one_store_train_every_cell_once(tmp_path, log):
    import fake_trainers as fake

    first, second = (start(tmp_path / "store", log, 1, 0.15) for _ in range(2))
    outputs = [process.communicate(timeout=30) for process in (first, second)]
    assert [errors for _, errors in outputs] == ["", ""]
    assert [fake.trainings(log, name) for name in NAMES] == [1] * len(NAMES)
    counts = [int(output.split("completed=")[1].split(",")[0]) for output, _ in outputs]
    assert sum(counts) == 12
    assert len(Store(tmp_path / "store").run_ids("completed")) == 12
