"""Outcomes of single runs, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.convergence import Outcomes, chance_levels


def run(metric="accuracy", target=0.9, budget=100, diverged=False, chance=0.1, key=0):
    return {
        "run": key,
        "metric": metric,
        "target": target,
        "budget": budget,
        "diverged": diverged,
        "chance": chance,
    }


def outcome(steps, values, **changes):
    curves = pd.DataFrame({"run": 0, "step": steps, "value": values})
    return Outcomes()(curves, pd.DataFrame([run(**changes)])).iloc[0]


def test_the_first_evaluation_at_the_target_counts():
    found = outcome([0, 25, 50, 75, 100], [0.1, 0.89, 0.9, 0.5, 0.95])
    assert (found["step"], found["reached"], found["final"]) == (50, True, 0.95)


def test_an_error_has_to_fall_to_the_target():
    found = outcome([0, 50, 100], [1.0, 0.3, 0.2], metric="mean-squared-error", target=0.3, chance=1.0)
    assert (found["step"], found["reached"], found["final"]) == (50, True, 0.2)


def test_never_there_is_censored_at_the_budget():
    found = outcome([0, 100], [0.1, 0.5])
    assert (found["step"], found["reached"]) == (100, False)


def test_no_target_is_never_reached():
    assert not outcome([0, 100], [0.1, 1.0], target=np.nan)["reached"]


def test_the_area_is_the_mean_over_the_budget():
    assert outcome([0, 50, 100], [0.0, 1.0, 1.0])["area"] == pytest.approx(0.75)


def test_a_diverged_run_is_at_chance_from_its_last_finite_evaluation():
    found = outcome([0, 40, 60], [0.1, 0.5, np.nan], diverged=True)
    assert (found["step"], found["reached"], found["final"]) == (100, False, 0.1)
    assert found["area"] == pytest.approx((40 * 0.3 + 60 * 0.1) / 100)


def test_a_run_that_diverges_after_the_target_has_reached_it():
    found = outcome([0, 40], [0.1, 0.95], diverged=True)
    assert (found["step"], found["reached"], found["final"]) == (40, True, 0.1)


def test_an_error_above_chance_counts_as_chance():
    found = outcome([0, 50, 100], [2.0, 1e30, 1e30], metric="mean-squared-error", target=0.1, chance=2.0)
    assert (found["final"], found["area"]) == (2.0, 2.0)


def test_runs_do_not_mix_and_keep_their_order():
    curves = pd.DataFrame({"run": [7, 5, 7, 5], "step": [100, 0, 0, 100], "value": [0.9, 0.2, 0.1, 0.4]})
    found = Outcomes()(curves, pd.DataFrame([run(key=7), run(key=5)]))
    assert found["run"].tolist() == [7, 5]
    assert found["final"].tolist() == [0.9, 0.4]
    assert found["area"].tolist() == pytest.approx([0.5, 0.3])


def test_a_run_without_evaluations_has_no_outcome():
    curves = pd.DataFrame({"run": [1], "step": [0], "value": [0.1]})
    assert Outcomes()(curves, pd.DataFrame([run(key=0), run(key=1)]))["run"].tolist() == [1]


def test_chance_is_the_mean_of_the_first_evaluation():
    curves = pd.DataFrame({"arm": "a", "step": [0, 0, 0, 10], "value": [0.1, 0.3, np.nan, 0.9]})
    assert chance_levels(curves)["a"] == pytest.approx(0.2)
