"""One value a seed of everything that a claim can be decided by, from runs whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.outcomes import NO_SEED, OUTCOME_COLUMNS
from reportgen.analyse.study import analyse
from reportgen.study.outcomes import OUTCOMES
from reportgen.study.spec import Training


def values(analysis, name, arm):
    rows = analysis.outcomes[(analysis.outcomes["name"] == name) & (analysis.outcomes["arm"] == arm)]
    return rows.set_index("seed")["value"].to_dict()


@pytest.fixture
def study(toy):
    return toy.study(toy.arm("a", learning_rates=(0.1,)), toy.arm("b", learning_rates=(0.1,)))


def test_every_outcome_by_seed(toy, study):
    def truth(arm, run):
        factor = 0.5 if arm.id == "a" else 0.8
        return toy.truth(factor * 1.01**run.seed, jump=20 + 10 * run.seed if arm.id == "a" else 1000)

    analysis = analyse(study, toy.store(study, truth))
    assert list(analysis.outcomes.columns) == list(OUTCOME_COLUMNS)
    assert set(analysis.outcomes["name"]) == set(OUTCOMES) - {
        "cell-decay-factor",
        "saturated-fraction",
        "saturated-fraction-end",
    }
    assert values(analysis, "decay-factor", "a") == pytest.approx({seed: 0.5 * 1.01**seed for seed in range(5)})
    assert values(analysis, "decay-factor-end", "b") == pytest.approx({seed: 0.8 * 1.01**seed for seed in range(5)})
    assert values(analysis, "weight-gradient-factor", "a") == pytest.approx(dict.fromkeys(range(5), 1.0))
    assert values(analysis, "signal-ratio", "a")[0] == pytest.approx(9 * np.log10(0.5))
    assert values(analysis, "success", "a") == dict.fromkeys(range(5), 1.0)
    assert values(analysis, "success", "b") == dict.fromkeys(range(5), 0.0)
    assert values(analysis, "time-to-target", "a") == {seed: 20 + 10 * seed for seed in range(5)}
    assert values(analysis, "time-to-target", "b") == dict.fromkeys(range(5), 100.0)
    assert values(analysis, "final-metric", "b") == pytest.approx(dict.fromkeys(range(5), 0.1))
    assert values(analysis, "diverged", "a") == dict.fromkeys(range(5), 0.0)
    assert values(analysis, "dead-fraction", "a") == dict.fromkeys(range(5), 0.25)
    assert values(analysis, "dead-fraction-end", "a") == dict.fromkeys(range(5), 0.25)
    assert values(analysis, "update-ratio", "a") == pytest.approx(dict.fromkeys(range(5), 1e-3))
    # half of the first ten steps are clipped, and none of the other ninety
    assert values(analysis, "clipped-fraction", "a") == pytest.approx(dict.fromkeys(range(5), 0.05))
    assert values(analysis, "seconds-per-step", "a") == pytest.approx({NO_SEED: 0.002})


def test_a_run_that_diverged_is_marked_after_the_start_only(toy, study):
    store = toy.store(study, lambda arm, run: toy.truth(diverges=35 if run.seed == 1 else None, jump=1000))
    frame = analyse(study, store).outcomes
    marked = frame[frame["diverged"]]
    assert set(marked["seed"]) == {1}
    assert "decay-factor" not in set(marked["name"])
    assert set(frame.loc[frame["name"] == "decay-factor-end", "seed"]) == {0, 2, 3, 4}
    assert frame.query("name == 'diverged' and seed == 1")["value"].tolist() == [1.0, 1.0]


def test_the_edge_of_the_list_matters_to_what_is_trained_only(toy):
    study = toy.study(toy.arm("a"), toy.arm("b"))
    store = toy.store(
        study, lambda arm, run: toy.truth(jump=20 if run.learning_rate == (1.0 if arm.id == "a" else 0.1) else 1000)
    )
    frame = analyse(study, store).outcomes
    marked = frame[frame["at_edge"]]
    assert set(marked["arm"]) == {"a"}
    assert set(marked["name"]) == {name for name in frame["name"].unique() if not OUTCOMES[name].at_start} - {
        "seconds-per-step"
    }


def test_a_signal_out_of_range_is_censored_and_one_that_does_not_exist_is_absent(toy):
    untrained = {"training": Training(steps=0), "learning_rates": (), "tuning_seeds": (), "target": None}
    study = toy.study(toy.arm("deep", **untrained), toy.arm("shallow", depth=2, **untrained))
    store = toy.store(study, lambda arm, run: toy.truth())
    measured = store.tables["measurements"]
    lost = measured["run_id"] == study.arms[0].runs[3].run_id
    store.tables["measurements"] = measured.assign(
        error_signal_rms=measured["error_signal_rms"].mask(lost & (measured["index"] < 10), 0.0)
    )
    analysis = analyse(study, store)
    found = pd.Series(values(analysis, "decay-factor", "deep"))
    assert found.isna().to_dict() == {0: False, 1: False, 2: False, 3: True, 4: False}
    assert values(analysis, "decay-factor", "shallow") == {}


def test_an_empty_store_has_no_outcomes(toy, study):
    frame = analyse(study, toy.store(study, lambda arm, run: toy.truth(present=False))).outcomes
    assert frame.empty
    assert list(frame.columns) == list(OUTCOME_COLUMNS)
