import dataclasses

import pytest

from reportgen.errors import ReportgenError
from reportgen.run import engine, environment
from reportgen.run.engine import Crew, run_cells
from reportgen.run.parts import reservation
from reportgen.store import Store, tables
from reportgen.study.spec import Cell


@pytest.fixture
def fake():
    """Return the module of fake trainers."""
    import fake_trainers

    return fake_trainers


@pytest.fixture
def store(tmp_path):
    """Return an empty store."""
    return Store(tmp_path / "results")


def test_cells_are_trained_and_written(store, fake):
    cells = [fake.cell("a"), fake.cell("b", seeds=3)]
    summary = run_cells(cells, store, train=fake.train)
    assert (summary.completed, summary.cells, summary.failed, summary.interrupted) == (5, 2, 0, False)
    assert store.run_ids("completed") == {run.run_id for cell in cells for run in cell.runs}
    assert set(store.runs()["cell_id"]) == {cell.cell_id for cell in cells}


def test_what_the_store_holds_is_not_trained_again(store, fake, log):
    cells = [fake.cell("a", log=str(log)), fake.cell("b", log=str(log))]
    run_cells(cells[:1], store, train=fake.train)
    summary = run_cells(cells, store, train=fake.train)
    assert (summary.completed, fake.trainings(log, "a"), fake.trainings(log, "b")) == (2, 1, 1)


def test_only_the_missing_runs_of_a_cell_are_trained(store, fake):
    cell = fake.cell("a", seeds=3)
    run_cells([Cell(cell.runs[:1])], store, train=fake.train)
    summary = run_cells([cell], store, train=fake.train)
    assert summary.completed == 2
    rest = Cell(cell.runs[1:])
    assert set(store.runs(run.run_id for run in rest.runs)["cell_id"]) == {rest.cell_id}


def test_failed_runs_are_retried_only_if_asked(store, fake, log):
    cell = fake.cell("a", error="no", log=str(log))
    assert run_cells([cell], store, train=fake.train).failed == 2
    assert run_cells([cell], store, train=fake.train).failed == 0
    assert fake.trainings(log) == 1
    assert run_cells([cell], store, train=fake.train, retry_failed=True).failed == 2
    assert fake.trainings(log) == 2


def test_a_failed_cell_has_a_row_a_run_with_what_is_known_of_it(store, fake):
    cell = fake.cell("a", error="no\nmore")
    run_cells([cell, fake.cell("b")], store, train=fake.train)
    failed = store.runs(run.run_id for run in cell.runs)
    assert list(failed["reason"]) == ["ValueError: no", "ValueError: no"]
    assert list(failed["depth"]) == [2, 2]
    assert sorted(failed["seed"]) == [0, 1]
    assert sorted(failed["spec"]) == sorted(run.canonical for run in cell.runs)
    assert failed["parameters"].isna().all()
    assert len(store.run_ids("completed")) == 2


def test_frames_that_do_not_fit_the_tables_make_the_cell_fail(store, fake):
    def wrong(cell, device="cpu", on_step=None):
        made = fake.frames(cell)
        return dataclasses.replace(made, curves=made.curves.drop(columns="metric"))

    run_cells([fake.cell("a")], store, train=wrong)
    assert set(store.runs()["reason"]) == {"the frame for 'curves' lacks metric"}


def test_ctrl_c_keeps_what_is_finished_and_says_so(store, fake):
    cells = {"fast": fake.cell("fast"), "slow": fake.cell("slow")}

    def pressed(cell, device="cpu", on_step=None):
        if store.run_ids():
            raise KeyboardInterrupt
        return fake.frames(cell)

    summary = run_cells(list(cells.values()), store, train=pressed)
    assert (summary.interrupted, summary.completed) == (True, 2)
    assert len(store.run_ids()) == 2


def test_events_count_cells_runs_and_failures(store, fake):
    events = []
    cells = [fake.cell("a"), fake.cell("b", error="no"), fake.cell("c", seeds=3)]
    run_cells(cells, store, train=fake.train, on_event=events.append)
    assert [event.kind for event in events if event.kind != "step"].count("started") == 3
    last = events[-1]
    assert (last.cells_done, last.cells_total, last.runs_done, last.runs_total, last.failures) == (3, 3, 7, 7, 2)
    assert (last.in_flight, last.fraction, last.seconds_left) == (0, 1.0, 0.0)
    assert events[0].seconds_left is None
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)


def test_an_arm_that_another_process_has_reserved_is_passed_over_until_it_is_free(store, fake, tmp_path):
    mine, theirs = fake.cell("mine"), fake.cell("theirs", seeds=3)
    kinds = []
    with Store(tmp_path / "results").claim(reservation(theirs)) as taken:
        assert taken

        def trained(cell, device="cpu", on_step=None):
            made = fake.frames(theirs)
            other = Store(tmp_path / "results")
            other.write_cell(theirs.cell_id, made.runs, made.measurements, made.curves, environment.collect())
            return fake.frames(cell)

        run_cells([theirs, mine], store, train=trained, on_event=lambda event: kinds.append(event.kind))
    assert kinds == ["waiting", "started", "finished", "present"]
    assert len(store.run_ids("completed")) == 5


def test_the_environment_of_the_runs_is_kept(store, fake):
    run_cells([fake.cell("a")], store, train=fake.train)
    [row] = store.environments().to_dict("records")
    assert row["environment_id"] == store.runs()["environment_id"][0]
    assert row["device"] == "cpu"


def test_more_jobs_give_the_same_store(tmp_path, fake):
    cells = [fake.cell(name) for name in "abc"]
    stores = {jobs: Store(tmp_path / str(jobs)) for jobs in (1, 2)}
    for jobs, store in stores.items():
        assert run_cells(cells, store, jobs=jobs, train=fake.train).completed == 6
    for read in (Store.runs, Store.measurements, Store.curves):
        # which libraries a process has loaded, and so its environment, is not what this is about
        one, more = (read(store).drop(columns="environment_id", errors="ignore") for store in stores.values())
        assert one.to_json() == more.to_json()


def test_a_crew_starts_its_processes_once_for_several_calls(store, fake, monkeypatch):
    started, opened = [], engine._Cluster._open

    def counted(cluster, workers):
        started.append(cluster)
        opened(cluster, workers)

    monkeypatch.setattr(engine._Cluster, "_open", counted)
    with Crew() as crew:
        for names in ("ab", "cd", "e"):
            cells = [fake.cell(name) for name in names]
            assert run_cells(cells, store, jobs=2, train=fake.train, crew=crew).completed == 2 * len(cells)
        assert len(started) == 1 and started[0].is_open
    assert not started[0].is_open


def test_a_crew_that_was_interrupted_is_replaced(store, fake):
    kinds = []

    def pressed(event):
        kinds.append(event.kind)
        if kinds.count("finished") == 1 and event.kind == "finished":
            raise KeyboardInterrupt

    with Crew() as crew:
        cells = [fake.cell(name, seconds=0.5) for name in "abcdef"]
        assert run_cells(cells, store, jobs=2, train=fake.train, crew=crew, on_event=pressed).interrupted
        done = len(store.run_ids())
        assert 0 < done < 12
        assert run_cells(cells, store, jobs=2, train=fake.train, crew=crew).completed == 12 - done


def test_a_scheduler_that_is_not_there_is_an_error_with_a_hint(store, fake, monkeypatch):
    monkeypatch.setattr("reportgen.run.engine.PATIENCE", "0.3s")
    with pytest.raises(ReportgenError, match=r"no Dask scheduler at 'tcp://127.0.0.1:9'(.|\n)*dask scheduler"):
        run_cells([fake.cell("a")], store, scheduler="tcp://127.0.0.1:9", train=fake.train)


def test_a_scheduler_that_is_running_is_used(store, fake):
    import distributed

    options = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}, "protocol": "tcp"}
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, host="127.0.0.1", **options
    ) as cluster:
        summary = run_cells(
            [fake.cell("a"), fake.cell("b", error="no")], store, scheduler=cluster.scheduler_address, train=fake.train
        )
    assert (summary.completed, summary.failed) == (2, 2)


def test_without_torch_nothing_is_trained_and_the_error_says_why(store, fake, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ReportgenError, match="PyTorch is not installed"):
        run_cells([fake.cell("a")], store)


def test_the_environment_has_the_table_s_columns_and_names_no_one(tmp_path):
    collected = environment.collect()
    assert list(collected) == tables.names(tables.ENVIRONMENTS)[1:]
    import getpass
    import socket

    text = " ".join(map(str, collected.values()))
    assert socket.gethostname() not in text.split()
    assert getpass.getuser() not in text.split()
    assert environment.repository(tmp_path) == {"commit": "", "dirty": False}
