"""Commands extend lists of learning rates, train what is added, and go by the extended lists from then on."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pandas as pd
import pytest

from reportgen.store import Store

BEST = 1.0


@pytest.fixture
def growing(untrained, monkeypatch):
    """The tiny study with bounds around its rates, 0.03 and 0.1; networks learn best at a rate of 1."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "faults"))
    import fake_trainers

    def train(cell, device="cpu", on_step=None):
        made = fake_trainers.frames(cell)
        points = [
            (
                run.run_id,
                step,
                0.5,
                split,
                "accuracy",
                0.9 - abs(math.log10(run.learning_rate / BEST)) / 10 if step else 0.5,
            )
            for run in cell.runs
            for split in ("validation", "test")
            for step in (0, 4, 8)
        ]
        curves = pd.DataFrame(points, columns=["run_id", "step", "seconds", "split", "metric", "value"])
        return dataclasses.replace(made, curves=curves)

    monkeypatch.setattr("reportgen.run.trainer.train_cell", train)
    bounds(untrained, "[0.001, 10]")
    return untrained


def bounds(folder, text):
    path = folder / "studies" / "tiny.yaml"
    lines = path.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("training:")]
    kept.append(f"training: {{learning_rate: [0.03, 0.1], steps: 8, batch_size: 16, extend_to: {text}}}")
    path.write_text("\n".join(kept) + "\n")


def only_the_list(cli, folder):
    """Train the list as it is in the file, without extending it."""
    bounds(folder, "null")
    assert cli("run", "tiny", "--jobs", "1").code == 0
    bounds(folder, "[0.001, 10]")


def test_run_trains_and_extends_until_the_best_rate_is_inside(cli, growing):
    done = cli("run", "tiny", "--jobs", "1", "--json")
    assert done.code == 0
    assert done.document["trained"]["completed"] == 40
    assert sorted(Store("results").runs()["learning_rate"].unique()) == [0.03, 0.1, 0.3, 1.0, 3.0]
    told = "The best learning rate of 2 arms is at an end of the list: the list is extended there"
    assert done.err.splitlines().count(told) == 3


def test_then_nothing_is_missing_and_nothing_is_trained(cli, growing):
    cli("run", "tiny", "--jobs", "1")
    again = cli("run", "tiny", "--jobs", "1", "--json")
    assert again.document["trained"] is None and "Nothing to train" in again.err
    row = cli("status", "--json").document["studies"][0]
    assert row == {"study": "tiny", "planned": 40, "completed": 40, "diverged": 0, "failed": 0, "missing": 0}


def test_without_bounds_the_list_stays_as_it_is(cli, growing):
    only_the_list(cli, growing)
    assert sorted(Store("results").runs()["learning_rate"].unique()) == [0.03, 0.1]


def test_what_an_extended_list_lacks_is_counted_as_missing(cli, growing):
    only_the_list(cli, growing)
    assert cli("status", "--json").document["studies"][0]["missing"] == 8
    document = cli("plan", "tiny", "--json").document
    assert (document["runs"], document["held"], document["missing"]) == (24, 16, 8)
    assert [arm["added_rates"] for arm in document["arms"]] == [[0.3], [0.3]]


def test_plan_says_which_rates_were_added_and_that_there_may_be_more(cli, growing):
    only_the_list(cli, growing)
    shown = cli("plan", "tiny").out
    assert "baseline; added learning rates: 0.3\n" in shown
    assert "More where the best learning rate of an arm is then the first or last of its list" in shown
    cli("run", "tiny", "--jobs", "1")
    shown = cli("plan", "tiny").out
    assert "added learning rates: 0.3, 1, 3\n" in shown and "More where" not in shown


def test_show_and_verify_go_by_the_extended_list(cli, growing):
    cli("run", "tiny", "--jobs", "1")
    found = {(row["name"], row["arm"]): row for row in cli("show", "tiny", "--json").document["estimates"]}
    rate = found["learning-rate", "relu"]
    assert (rate["estimate"], rate["method"]) == (BEST, "best of 5 on validation data")
    assert cli("verify", "tiny", "--cells", "1", "--json").document["verdicts"] == {"identical": 20}


def test_build_extends_and_a_second_build_does_nothing(cli, growing):
    only_the_list(cli, growing)
    assert cli("build", "--no-run", "--json").document["missing"] == 8
    built = cli("build", "--jobs", "1", "--json")
    assert built.document["missing"] == 0
    assert len(Store("results").run_ids()) == 40
    assert "Nothing has changed" in cli("build", "--jobs", "1").err


def test_a_run_that_fails_again_ends_the_work(cli, growing, monkeypatch):
    only_the_list(cli, growing)
    with monkeypatch.context() as patched:
        patched.setattr("reportgen.run.trainer.train_cell", lambda *_, **__: 1 / 0)
        assert cli("run", "tiny", "--jobs", "1", "--json").document["trained"]["failed"] == 8
        assert cli("run", "tiny", "--jobs", "1", "--retry-failed", "--json").document["trained"]["failed"] == 8
    assert cli("run", "tiny", "--jobs", "1", "--retry-failed", "--json").document["trained"]["completed"] == 24
