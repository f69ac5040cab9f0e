"""How fast the store writes and answers: ``python tests/benchmarks/bench_store.py``; not a test."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from reportgen.store import Store, tables

ENVIRONMENT = {
    "reportgen": "0", "python": "3", "torch": "2", "numpy": "2", "blas": "mkl", "os": "linux",
    "cpu": "x", "threads": 1, "device": "cpu", "commit": "", "dirty": False,
}  # fmt: skip


def cell(number: int, n_runs: int, depth: int, points: int) -> tuple[str, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make a cell of random values: `n_runs` runs of `depth` layers measured at `points` steps."""
    rng = np.random.default_rng(number)
    cell_id = f"{number:016x}"
    ids = [f"{number:08x}{run:08x}" for run in range(n_runs)]
    text = {
        "cell_id": cell_id,
        "status": "completed",
        "reason": "",
        "architecture": "mlp",
        "remedies": "",
        "task": "digits",
    }
    sizes = {"depth": depth, "width": 64, "sequence_length": None, "learning_rate": 0.1, "seed": 1, "steps": 600}
    more = {"parameters": 10**5, "duration_s": rng.random(n_runs), "environment_id": "", "spec": "x" * 700}
    runs = pd.DataFrame({"run_id": ids, **text, **sizes, **more})
    rows = pd.MultiIndex.from_product([ids, range(points), range(1, depth + 1)], names=["run_id", "step", "index"])
    measured = rows.to_frame(index=False).assign(
        kind="layer", distance=lambda frame: depth - frame["index"], name="hidden"
    )
    for column in tables.QUANTITIES:
        if column.sql == "DOUBLE":
            measured[column.name] = rng.standard_normal(len(measured))
    shape = (len(measured), tables.HISTOGRAM_LENGTH)
    measured["error_signal_histogram"] = list(rng.poisson(3.0, shape).astype(np.int32))
    keys = pd.MultiIndex.from_product(
        [ids, range(40), ["test", "train"], ["accuracy", "loss"]], names=["run_id", "step", "split", "metric"]
    )
    curves = keys.to_frame(index=False).assign(seconds=0.5, value=rng.random(len(keys)))
    return cell_id, runs, measured, curves


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "large")
        large = cell(1, n_runs=66, depth=20, points=14)
        numbers = large[2].shape[0] * sum(column.sql == "DOUBLE" for column in tables.QUANTITIES)
        store.write_cell(*cell(0, 2, 2, 2), ENVIRONMENT)
        started = time.perf_counter()
        store.write_cell(*large, ENVIRONMENT)
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in store.folder.fetch("measurements", [large[0]]))
        counts = large[2].shape[0] * tables.HISTOGRAM_LENGTH
        print(f"write a cell of {numbers:,} numbers and {counts:,} counts: {seconds:.3f} s", end="; ")
        print(f"{(numbers + counts) / seconds / 1e6:.1f} million values/s, {size / 1e6:.2f} MB")

        path = Path(folder) / "many"
        store = Store(path)
        started = time.perf_counter()
        for number in range(500):
            store.write_cell(*cell(number, 66, 2, 2), ENVIRONMENT)
        print(f"write 500 small cells: {time.perf_counter() - started:.1f} s")
        for label, question in {
            "run_ids()": lambda store: store.run_ids(),
            "fingerprint()": lambda store: store.fingerprint(),
            "damaged()": lambda store: store.damaged(),
            "runs()": lambda store: store.runs(),
            "measurements()": lambda store: store.measurements(),
            "curves()": lambda store: store.curves(),
        }.items():
            store = Store(path)
            times = []
            for _ in range(2):
                started = time.perf_counter()
                question(store)
                times.append(time.perf_counter() - started)
            print(f"500 cells, {label}: {times[0]:.3f} s, again {times[1]:.3f} s")


if __name__ == "__main__":
    main()
