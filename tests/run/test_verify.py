import dataclasses

import numpy as np
import pytest

from reportgen.run.engine import run_cells
from reportgen.run.verify import verify
from reportgen.store import Store


@pytest.fixture
def fake():
    """Return the module of fake trainers."""
    import fake_trainers

    return fake_trainers


@pytest.fixture
def store(tmp_path, fake):
    """Return a store with the runs of one cell."""
    filled = Store(tmp_path / "results")
    run_cells([fake.cell("a")], filled, train=fake.train)
    return filled


def again(fake, store, change):
    """Verify with a trainer whose frames are changed."""

    def train(cell, device="cpu", on_step=None):
        made = fake.frames(cell)
        return dataclasses.replace(made, **change(made))

    return verify([fake.cell("a")], store, train=train)


def test_the_same_values_are_identical_whatever_the_timings(store, fake):
    found = again(fake, store, lambda made: {"curves": made.curves.assign(seconds=99.0)})
    assert list(found["verdict"]) == ["identical", "identical"]
    assert list(found["deviation"]) == [0.0, 0.0]


def test_a_last_bit_is_within_tolerance_and_is_located(store, fake):
    found = again(
        fake, store, lambda made: {"measurements": made.measurements.assign(weight_norm=[np.nextafter(1, 2), 2.0])}
    )
    assert sorted(found["verdict"]) == ["identical", "within tolerance"]
    row = found[found["deviation"] > 0].iloc[0]
    assert row["deviation"] == pytest.approx(2.2e-16, rel=0.01)
    assert row["where"] == "measurements: weight_norm at step 0, kind layer, index 1, name hidden"


def test_a_larger_deviation_differs(store, fake):
    found = again(fake, store, lambda made: {"measurements": made.measurements.assign(weight_norm=[1.0, 2.2])})
    assert sorted(found["verdict"]) == ["differs", "identical"]
    assert found["deviation"].max() == pytest.approx(0.2 / 2.2)


@pytest.mark.parametrize("change", ["histogram", "row", "status", "gap"])
def test_what_is_not_a_number_differs(store, fake, change):
    def changed(made):
        if change == "histogram":
            return {"measurements": made.measurements.assign(error_signal_histogram=[[1] * 53] * 2)}
        if change == "row":
            return {"curves": made.curves[made.curves["value"] > 0]}
        if change == "status":
            return {"runs": made.runs.assign(status=["completed", "diverged"])}
        return {"measurements": made.measurements.assign(weight_norm=[1.0, np.nan])}

    found = again(fake, store, changed)
    assert "differs" in set(found["verdict"])
    assert found["deviation"].max() == np.inf


def test_runs_that_are_not_there_are_absent_and_nothing_is_written(store, fake):
    found = verify([fake.cell("b")], store, train=fake.train)
    assert list(found["verdict"]) == ["absent", "absent"]
    assert len(store.run_ids()) == 2


def test_a_training_that_fails_gives_its_reason(store, fake):
    def broken(cell, device="cpu", on_step=None):
        raise ValueError("out of luck")

    found = verify([fake.cell("a")], store, train=broken)
    assert set(found["verdict"]) == {"failed"}
    assert set(found["where"]) == {"ValueError: out of luck"}
