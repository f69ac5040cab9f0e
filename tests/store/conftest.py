"""A cell of two runs, small enough to read."""

import pandas as pd
import pytest

from reportgen.store import tables

ENVIRONMENT = {
    "reportgen": "0.1", "python": "3.11", "torch": "2.13", "numpy": "2.4", "blas": "mkl", "os": "Linux",
    "cpu": "some avx2", "threads": 1, "device": "cpu", "commit": "", "dirty": False,
}  # fmt: skip


def make_cell(cell_id="c1", run_ids=("r1", "r2"), status="completed", value=1.0, seeds=None):
    """Return the arguments of `Store.write_cell`: a run for each id, measured at two layers and the whole network."""
    runs, measured, curves = [], [], []
    for seed, run_id in enumerate(run_ids):
        run = {"run_id": run_id, "cell_id": cell_id, "status": status, "reason": "" if status == "completed" else "why"}
        run |= {
            "architecture": "mlp",
            "remedies": "",
            "task": "digits",
            "depth": 2,
            "width": 4,
            "sequence_length": None,
        }
        run |= {"learning_rate": 0.1, "seed": seed, "steps": 3, "parameters": 50, "duration_s": 0.5}
        runs.append({**run, "environment_id": "", "spec": "{}"})
        empty = dict.fromkeys(tables.names(tables.MEASUREMENTS))
        for index in (1, 2):
            position = {"kind": "layer", "index": index, "distance": 3 - index, "name": "hidden"}
            counts = [index] * tables.HISTOGRAM_LENGTH
            values = {"error_signal_rms": value / index, "error_signal_histogram": counts}
            measured.append({**empty, "run_id": run_id, "step": 0, **position, **values})
        network = {"kind": "network", "index": 0, "distance": 0, "name": "network", "gradient_norm": value}
        measured.append({**empty, "run_id": run_id, "step": 3, **network})
        for split, metric in (("test", "accuracy"), ("train", "loss")):
            point = {"run_id": run_id, "step": 3, "seconds": 0.25, "split": split, "metric": metric}
            curves.append({**point, "value": 0.5 + seed})
    return cell_id, pd.DataFrame(runs), pd.DataFrame(measured), pd.DataFrame(curves), ENVIRONMENT


@pytest.fixture
def cell():
    """Return `make_cell`."""
    return make_cell


@pytest.fixture
def environment():
    """Return the environment of the cells."""
    return ENVIRONMENT
