"""Workers that die, and trainers that fail, on Dask's cluster of processes."""

import pytest

from reportgen.run.engine import run_cells
from reportgen.store import Store


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Run good and bad cells once, and return the store, the summary, the events and the log."""
    import fake_trainers as fake

    log = tmp_path_factory.mktemp("log")
    store = Store(tmp_path_factory.mktemp("store"))
    cells = {
        "good": fake.cell("good", log=str(log)),
        "other": fake.cell("other", log=str(log)),
        "raises": fake.cell("raises", error="the loss is a banana\nsecond line", log=str(log)),
        "dies-once": fake.cell("dies-once", kill=1, log=str(log)),
        "dies-always": fake.cell("dies-always", kill=99, log=str(log)),
    }
    events = []
    summary = run_cells(list(cells.values()), store, jobs=2, train=fake.train, on_event=events.append)
    return store, summary, events, log, cells


def rows(course, name):
    """Return the rows of the runs of a cell."""
    store, _, _, _, cells = course
    return store.runs(run.run_id for run in cells[name].runs)


def test_the_cells_that_train_are_completed(course):
    for name in ("good", "other"):
        assert list(rows(course, name)["status"]) == ["completed", "completed"]


def test_an_exception_becomes_a_row_with_its_first_line(course):
    assert set(rows(course, "raises")["status"]) == {"failed"}
    assert set(rows(course, "raises")["reason"]) == {"ValueError: the loss is a banana"}
    [event] = [event for event in course[2] if event.kind == "failed" and "banana" in event.message]
    assert "Traceback" in event.detail


def test_a_cell_whose_worker_died_once_is_completed_at_the_second_attempt(course):
    import fake_trainers as fake

    assert list(rows(course, "dies-once")["status"]) == ["completed", "completed"]
    assert fake.trainings(course[3], "dies-once") == 2


def test_a_cell_that_keeps_killing_its_worker_fails_after_three_attempts(course):
    import fake_trainers as fake

    failed = rows(course, "dies-always")
    assert list(failed["status"]) == ["failed", "failed"]
    assert failed["reason"].str.contains("killed its worker 3 times").all()
    assert fake.trainings(course[3], "dies-always") == 3


def test_only_the_cell_that_kills_is_trained_again(course):
    import fake_trainers as fake

    assert [fake.trainings(course[3], name) for name in ("good", "other", "raises")] == [1, 1, 1]


def test_the_summary_and_the_last_event_count_every_run(course):
    _, summary, events, _, _ = course
    assert (summary.completed, summary.failed, summary.cells, summary.interrupted) == (6, 4, 5, False)
    assert (events[-1].runs_done, events[-1].runs_total, events[-1].failures, events[-1].fraction) == (10, 10, 4, 1.0)
