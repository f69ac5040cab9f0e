"""run, status, show, and progress."""

import math

import pytest

from reportgen.cli.console import Console, count, duration, plain
from reportgen.cli.progress import Lines
from reportgen.run.progress import Event
from reportgen.store import Store


def test_run_trains_what_is_missing_and_then_nothing(cli, untrained):
    first = cli("run", "tiny", "--jobs", "1", "--json")
    assert first.code == 0
    assert first.document["trained"]["completed"] == 16
    assert "2/2 cells, 16/16 runs, 0 failed" in first.err
    second = cli("run", "tiny", "--jobs", "1", "--json")
    assert second.document["trained"] is None
    assert "Nothing to train" in second.err


def test_run_shares_runs_between_studies(cli, tiny):
    text = (tiny / "studies" / "tiny.yaml").read_text()
    (tiny / "studies" / "renamed.yaml").write_text(text.replace("A tiny study", "Another title"))
    assert cli("run", "renamed", "--json").document["trained"] is None


@pytest.mark.parametrize("table", ["runs", "measurements", "curves"])
@pytest.mark.parametrize("command", [["run", "tiny"], ["build", "tiny"]])
def test_damaged_files_are_set_aside_and_their_runs_trained_again(cli, tiny, table, command):
    damaged = min((tiny / "results" / table).glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    done = cli(*command, "--jobs", "1")
    assert done.code == 0
    assert f"{damaged.name}.damaged" in done.err
    assert "Trained 8 runs" in done.err
    assert cli("status", "--json").document["studies"][0]["completed"] == 16
    assert Store(tiny / "results").damaged() == []


def test_run_says_that_runs_failed(cli, untrained, monkeypatch):
    def broken(*_, **__):
        raise MemoryError("too large")

    monkeypatch.setattr("reportgen.run.trainer.train_cell", broken)
    done = cli("run", "tiny", "--jobs", "1")
    assert done.code == 1
    assert "MemoryError" in done.err
    assert "16 failed" in done.err
    assert cli("status", "--json").document["studies"][0]["failed"] == 16
    assert cli("run", "tiny", "--jobs", "1").code == 0  # failed runs are in the store and not tried again
    monkeypatch.undo()


def test_retry_failed_trains_failed_runs_again(cli, untrained, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("reportgen.run.trainer.train_cell", lambda *_, **__: 1 / 0)
        cli("run", "tiny", "--jobs", "1")
    assert cli("run", "tiny", "--jobs", "1", "--retry-failed").code == 0
    assert cli("status", "--json").document["studies"][0]["completed"] == 16


def test_quiet_run_says_nothing(cli, untrained):
    done = cli("run", "tiny", "--jobs", "1", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_status_counts_runs(cli, tiny):
    row = cli("status", "--json").document["studies"][0]
    assert row == {"study": "tiny", "planned": 16, "completed": 16, "diverged": 0, "failed": 0, "missing": 0}
    quick = cli("status", "--profile", "quick", "--json").document["studies"][0]
    assert quick["missing"] == 16


def test_show_prints_arms_statuses_and_estimates(cli, tiny):
    document = cli("show", "tiny", "--json").document
    assert [arm["arm"] for arm in document["arms"]] == ["tanh", "relu"]
    assert document["arms"][1]["baseline"] is True
    assert document["arms"][0]["runs"]["completed"] == 8
    keys = {"name", "arm", "estimate", "low", "high", "unit", "n", "n_censored"}
    assert all(keys <= set(row) for row in document["estimates"])
    found = {(row["name"], row["arm"]): row for row in document["estimates"]}
    assert found["learning-rate", "relu"]["estimate"] in (0.03, 0.1)
    assert found["final-metric", "tanh"]["n"] == 3


def test_show_a_study_without_results(cli, untrained):
    document = cli("show", "tiny", "--json").document
    assert document["arms"][0]["runs"]["missing"] == 8
    assert document["estimates"] == []
    assert cli("show", "tiny").code == 0


def test_json_has_no_number_that_json_lacks():
    value = {"a": math.nan, "b": [math.inf, 1.5], "c": frozenset({2, 1}), "d": None}
    assert plain(value) == {"a": None, "b": [None, 1.5], "c": [1, 2], "d": None}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_counts():
    assert (count(1, "run"), count(2, "run"), count(1200, "study", "studies")) == ("1 run", "2 runs", "1,200 studies")


def test_lines_of_progress_come_seldom_and_say_all(capsys):
    now = iter([0.0, 1.0, 20.0, 21.0])
    lines = Lines(Console(), "Training", clock=lambda: next(now))
    for done in range(4):
        lines(Event("finished", None, "", "", done, 3, done * 8, 24, 1, 1, done / 3, 90.0 - 30 * done))
    assert capsys.readouterr().err.splitlines() == [
        "Training: 0/3 cells, 0/24 runs, 1 failed, 1 min 30 s left",
        "Training: 2/3 cells, 16/24 runs, 1 failed, 30 s left",
        "Training: 3/3 cells, 24/24 runs, 1 failed",
    ]


def test_verify_trains_again_and_finds_the_same(cli, tiny):
    done = cli("verify", "tiny/profile", "--cells", "1", "--json")
    assert done.code == 0
    assert done.document["verdicts"] == {"identical": 8}


def test_verify_finds_what_was_changed(cli, tiny):
    store = Store("results")
    ids = sorted(store.run_ids())
    runs, measurements, curves = store.runs(ids), store.measurements(ids), store.curves(ids)
    environment = store.environments().iloc[0].to_dict()
    cell_id = runs["cell_id"].iloc[0]
    mine = list(runs.loc[runs["cell_id"] == cell_id, "run_id"])
    parts = [frame[frame["run_id"].isin(mine)] for frame in (runs, measurements, curves)]
    parts[2] = parts[2].assign(value=parts[2]["value"] * 2)
    store.write_cell(cell_id, *parts, environment)
    done = cli("verify", "tiny", "--cells", "2", "--json")
    assert done.code == 1
    assert done.document["verdicts"] == {"differs": 8, "identical": 8}
    assert "curves: value" in cli("verify", "tiny").out


def test_verify_needs_results(cli, untrained):
    done = cli("verify", "tiny")
    assert done.code == 2
    assert "holds nothing of 'tiny'" in done.err and "reportgen run tiny" in done.err
