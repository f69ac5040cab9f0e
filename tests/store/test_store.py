import subprocess
import sys
import threading

import numpy as np
import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.store import Store, tables
from reportgen.store.parquet import DamagedFile


@pytest.fixture(params=["local", "memory"])
def store(request, tmp_path):
    """Return an empty store on each kind of folder."""
    return Store(tmp_path / "results" if request.param == "local" else f"memory://{tmp_path.name}/results")


def test_what_is_written_is_read_back(store, cell, environment):
    store.write_cell(*cell())
    runs, measured, curves = store.runs(), store.measurements(), store.curves()
    assert list(runs.columns) == tables.names(tables.RUNS)
    assert list(runs["run_id"]) == ["r1", "r2"]
    assert runs.loc[0, "learning_rate"] == 0.1
    assert list(measured.columns) == tables.names(tables.MEASUREMENTS)
    assert list(measured["error_signal_rms"].dropna()) == [1.0, 0.5, 1.0, 0.5]
    assert measured.loc[1, "error_signal_histogram"].tolist() == [2] * tables.HISTOGRAM_LENGTH
    assert measured.loc[2, "error_signal_histogram"] is None
    assert list(curves["value"]) == [0.5, 0.5, 1.5, 1.5]
    [described] = store.environments().to_dict("records")
    assert {name: described[name] for name in environment} == environment
    assert set(runs["environment_id"]) == {described["environment_id"]}


def test_values_survive_to_the_last_bit(store, cell):
    arguments = cell()
    exact = [5e-324, np.pi, -np.inf, 1e-300, np.nextafter(1.0, 2.0), 0.0]
    arguments[2]["error_signal_rms"] = exact
    store.write_cell(*arguments)
    assert list(store.measurements()["error_signal_rms"]) == exact


def test_a_missing_value_is_nan(store, cell):
    store.write_cell(*cell())
    assert np.isnan(store.measurements().loc[0, "gradient_norm"])
    assert np.isnan(store.runs().loc[0, "sequence_length"])


@pytest.mark.parametrize("filled", [False, True])
def test_the_types_of_the_columns_do_not_depend_on_what_is_in_the_store(store, cell, filled):
    if filled:
        store.write_cell(*cell())
    kinds = {"VARCHAR": "str", "INTEGER": "int64", "BIGINT": "int64", "DOUBLE": "float64", "INTEGER[]": "object"}
    frames = {"runs": store.runs(), "measurements": store.measurements(), "curves": store.curves()}
    for table, frame in frames.items():
        for column in tables.TABLES[table]:
            expected = "float64" if column.name == "sequence_length" else kinds[column.sql]
            assert str(frame[column.name].dtype) == expected, column.name
        assert frame.empty is not filled


def test_an_absent_store_is_empty_and_reading_does_not_make_it(tmp_path):
    store = Store(tmp_path / "nowhere")
    assert store.run_ids() == set()
    assert store.measurements_long().empty
    assert list(store.sql("SELECT count(*) AS n FROM measurements")["n"]) == [0]
    assert not (tmp_path / "nowhere").exists()


def test_run_ids_by_status(store, cell):
    store.write_cell(*cell("c1", ["r1"]))
    store.write_cell(*cell("c2", ["r2"], "failed"))
    store.write_cell(*cell("c3", ["r3"], "diverged"))
    assert store.run_ids() == {"r1", "r2", "r3"}
    assert store.run_ids("failed") == {"r2"}
    assert store.run_ids(("completed", "diverged")) == {"r1", "r3"}


def test_another_process_s_cell_is_seen_by_a_store_that_is_open(tmp_path, cell):
    reader, writer = Store(tmp_path), Store(tmp_path)
    assert reader.run_ids() == set()
    writer.write_cell(*cell("c1", ["r1"]))
    assert reader.run_ids() == {"r1"}
    writer.write_cell(*cell("c1", ["r1"], value=7.0))
    assert reader.measurements()["gradient_norm"].max() == 7.0


def test_selection_of_measurements(store, cell):
    store.write_cell(*cell("c1", ["r1", "r2"]))
    store.write_cell(*cell("c2", ["r3"]))
    assert set(store.measurements(["r2", "r3"])["run_id"]) == {"r2", "r3"}
    assert set(store.measurements(kinds=["network"])["gradient_norm"]) == {1.0}
    assert set(store.measurements(steps=[0])["kind"]) == {"layer"}
    narrow = store.measurements(["r1"], columns=["gradient_norm"])
    assert list(narrow.columns) == [*tables.names(tables.POSITION), "gradient_norm"]
    assert store.measurements([]).empty
    assert store.measurements(["unknown"]).empty
    assert store.measurements(kinds=[]).empty


def test_an_unknown_quantity_is_an_error_that_lists_the_known_ones(store):
    with pytest.raises(UsageError, match=r"no quantity is called gradient_rms\n.*error_signal_rms"):
        store.measurements(columns=["gradient_rms"])


def test_selection_of_curves(store, cell):
    store.write_cell(*cell())
    assert set(store.curves(splits=["test"])["metric"]) == {"accuracy"}
    assert set(store.curves(["r2"], metrics=["loss"])["value"]) == {1.5}


def test_long_measurements_hold_the_same_numbers_and_no_gaps(store, cell):
    store.write_cell(*cell("c1", ["r1"]))
    long = store.measurements_long()
    assert list(long.columns) == [*tables.names(tables.POSITION), "quantity", "value"]
    assert [tuple(row) for row in long[["index", "quantity", "value"]].to_numpy()] == [
        (1, "error_signal_rms", 1.0),
        (2, "error_signal_rms", 0.5),
        (0, "gradient_norm", 1.0),
    ]


def test_the_order_of_rows_does_not_depend_on_the_order_of_writing(tmp_path, cell):
    first, second = Store(tmp_path / "1"), Store(tmp_path / "2")
    cells = [cell("c1", ["r4", "r1"]), cell("c2", ["r3", "r2"])]
    for store, order in ((first, cells), (second, cells[::-1])):
        for cell_id, runs, measured, curves, environment in order:
            step = 1 if store is first else -1
            store.write_cell(cell_id, runs[::step], measured[::step], curves[::step], environment)
    assert list(first.runs()["run_id"]) == ["r1", "r2", "r3", "r4"]
    for read in (Store.runs, Store.measurements, Store.curves):
        assert read(first).to_json() == read(second).to_json()
    assert first.fingerprint() == second.fingerprint()


def test_a_run_in_two_cells_counts_once_and_a_success_comes_before_a_failure(store, cell):
    store.write_cell(*cell("c1", ["r1", "r2"], "failed", value=1.0))
    store.write_cell(*cell("c2", ["r2"], value=2.0))
    store.write_cell(*cell("c3", ["r2"], value=3.0))
    assert list(store.runs()["status"]) == ["failed", "completed"]
    assert list(store.runs()["cell_id"]) == ["c1", "c2"]
    assert set(store.measurements(["r2"])["gradient_norm"].dropna()) == {2.0}
    assert len(store.sql("SELECT * FROM measurements WHERE run_id = 'r2'")) == 3


def test_drop_removes_runs_and_keeps_the_others_of_their_cell(store, cell):
    store.write_cell(*cell("c1", ["r1", "r2"]))
    store.write_cell(*cell("c2", ["r3"]))
    store.drop(["r1", "r3"])
    assert store.run_ids() == {"r2"}
    assert set(store.measurements()["run_id"]) == set(store.curves()["run_id"]) == {"r2"}
    assert store.damaged() == []


class TestFingerprint:
    def test_it_changes_with_a_measurement_a_curve_and_a_status(self, store, cell):
        prints = []
        for change in range(4):
            arguments = cell(status="diverged" if change == 3 else "completed", value=2.0 if change == 1 else 1.0)
            if change == 2:
                arguments[3].loc[0, "value"] = 0.75
            store.write_cell(*arguments)
            prints.append(store.fingerprint())
        assert len(set(prints)) == 4

    def test_it_is_the_same_for_the_same_content(self, tmp_path, cell):
        stores = [Store(tmp_path / name) for name in "ab"]
        for store in stores:
            store.write_cell(*cell())
        assert stores[0].fingerprint() == stores[1].fingerprint()

    def test_it_depends_on_the_asked_runs_only(self, store, cell):
        store.write_cell(*cell("c1", ["r1"]))
        before = store.fingerprint(["r1"])
        store.write_cell(*cell("c2", ["r2"]))
        assert store.fingerprint(["r1"]) == before != store.fingerprint()


class TestFrames:
    """Frames that do not fit are refused, and nothing is written."""

    def refused(self, store, arguments, message):
        """Check that a cell is refused with a message."""
        with pytest.raises(ReportgenError, match=message):
            store.write_cell(*arguments)
        assert store.run_ids() == set()

    def test_a_missing_and_an_unknown_column(self, store, cell):
        cell_id, runs, measured, curves, environment = cell()
        wrong = curves.rename(columns={"value": "valeu"})
        self.refused(
            store, (cell_id, runs, measured, wrong, environment), "'curves' lacks value and has unknown columns valeu"
        )

    @pytest.mark.parametrize(
        ("frame", "column", "value", "message"),
        [
            (1, "reason", None, "'reason' of 'runs' has values that are not text"),
            (1, "learning_rate", "fast", "'learning_rate' of 'runs' has values that are not numbers"),
            (2, "step", 0.5, "'step' of 'measurements' has values that are not whole numbers"),
            (2, "index", 2**31, "'index' of 'measurements' has values beyond 32 bits"),
            (2, "run_id", "r9", "has measurements of runs that are not in it"),
            (1, "cell_id", "c9", "has runs of another cell"),
            (1, "status", "lost", "has a status other than completed, diverged, failed"),
            (1, "status", "failed", "failed without a reason"),
            (1, "run_id", "r2", "has a run twice"),
            (3, "split", "train", "has a point of a curve twice"),
        ],
    )
    def test_a_wrong_value(self, store, cell, frame, column, value, message):
        arguments = cell()
        changed = arguments[frame].astype({column: object})
        changed.loc[0, column] = value
        if column == "split":
            changed.loc[0, "metric"] = "loss"
        self.refused(store, (*arguments[:frame], changed, *arguments[frame + 1 :]), message)

    def test_a_histogram_of_the_wrong_length(self, store, cell):
        arguments = cell()
        arguments[2].at[0, "error_signal_histogram"] = [1, 2, 3]
        self.refused(store, arguments, "histograms whose length is not 53")

    def test_a_measurement_twice(self, store, cell):
        arguments = cell()
        arguments[2].loc[1, "index"] = 1
        self.refused(store, arguments, "has a measurement twice")


class TestDamage:
    @pytest.mark.parametrize(
        ("table", "read"), [("runs", "run_ids"), ("measurements", "measurements"), ("curves", "curves")]
    )
    def test_a_cut_file_is_named_with_what_to_do(self, tmp_path, cell, table, read):
        store = Store(tmp_path)
        store.write_cell(*cell("c1", ["r1"]))
        store.write_cell(*cell("c2", ["r2"]))
        path = tmp_path / table / "c2.parquet"
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(
            DamagedFile, match=rf"{table}/c2.parquet' of the store is damaged(.|\n)*reportgen run"
        ) as caught:
            getattr(Store(tmp_path), read)()
        assert caught.value.cell_id == "c2"

    def test_repair_sets_the_cell_aside_and_the_rest_is_read(self, tmp_path, cell):
        store = Store(tmp_path)
        store.write_cell(*cell("c1", ["r1"]))
        store.write_cell(*cell("c2", ["r2"]))
        path = tmp_path / "measurements" / "c2.parquet"
        changed = bytearray(path.read_bytes())
        changed[60] ^= 1
        path.write_bytes(changed)
        assert [error.cell_id for error in store.damaged()] == ["c2"]
        assert [address.rsplit("/", 2)[1] for address in store.repair()] == ["runs", "measurements", "curves"]
        assert store.run_ids() == set(store.measurements()["run_id"]) == {"r1"}
        store.write_cell(*cell("c2", ["r2"]))
        assert store.damaged() == []

    def test_a_file_that_is_missing(self, tmp_path, cell):
        store = Store(tmp_path)
        store.write_cell(*cell())
        (tmp_path / "curves" / "c1.parquet").unlink()
        with pytest.raises(DamagedFile, match=r"curves/c1.parquet' of the store is damaged: it is missing"):
            store.curves()
        assert len(store.runs()) == 2

    def test_measurements_without_runs_are_passed_over(self, tmp_path, cell):
        store = Store(tmp_path)
        store.write_cell(*cell())
        (tmp_path / "runs" / "c1.parquet").unlink()
        assert store.measurements().empty
        assert store.sql("SELECT * FROM curves").empty


@pytest.mark.parametrize("name", ["with space", 'quote\'d "twice"', "glob [ab] * ? {x}", "ünï%20code#"])
def test_paths_with_special_characters(tmp_path, cell, name):
    store = Store(tmp_path / name)
    store.write_cell(*cell("c1", ["r1"]))
    store.write_cell(*cell("c2", ["r2", "r3"]))
    assert set(store.measurements(["r1", "r2"])["run_id"]) == {"r1", "r2"}
    assert store.damaged() == []
    assert len(store.fingerprint()) == 64


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(UsageError, match="is a file"):
        Store(tmp_path / "results")


def test_an_unknown_kind_of_url_is_refused():
    with pytest.raises(UsageError, match="'gopher://x' cannot be opened"):
        Store("gopher://x")


def test_a_wrong_query_says_what_the_tables_are(tmp_path):
    with pytest.raises(UsageError, match=r"query fails(.|\n)*the tables are: runs, measurements, curves, environments"):
        Store(tmp_path).sql("SELECT * FROM run")


def test_sql_joins_the_tables(store, cell):
    store.write_cell(*cell())
    query = "SELECT r.seed, max(c.value) AS best FROM runs r JOIN curves c USING (run_id) GROUP BY ALL ORDER BY ALL"
    assert store.sql(query).to_dict("list") == {"seed": [0, 1], "best": [0.5, 1.5]}


HOLD = """
import sys, time
from reportgen.store import Store
with Store(sys.argv[1]).claim("arm") as taken:
    print(taken, flush=True)
    time.sleep(60)
"""


class TestClaim:
    def test_a_claim_keeps_others_out_until_it_ends(self, tmp_path):
        first, second = Store(tmp_path), Store(tmp_path)
        with first.claim("arm") as taken:
            assert taken
            with second.claim("arm") as again, second.claim("other") as other:
                assert (again, other) == (False, True)
        with second.claim("arm") as taken:
            assert taken
        assert list((tmp_path / ".locks").iterdir()) == []

    def test_a_claim_ends_with_a_process_that_is_killed(self, tmp_path):
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout.readline() == "True\n"
            with Store(tmp_path).claim("arm") as taken:
                assert not taken
            process.kill()
        with Store(tmp_path).claim("arm") as taken:
            assert taken

    def test_an_object_store_has_no_claims_and_says_so(self):
        store = Store("memory://claims")
        assert not store.exclusive
        with store.claim("arm") as first, store.claim("arm") as second:
            assert first and second


def test_threads_can_read_and_write_at_once(tmp_path, cell):
    store = Store(tmp_path)
    faults = []

    def work(number):
        try:
            store.write_cell(*cell(f"c{number}", [f"r{number}"]))
            assert f"r{number}" in set(store.measurements()["run_id"])
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(store.run_ids()) == 6
