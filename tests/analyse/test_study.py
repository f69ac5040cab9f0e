"""The whole analysis on a synthetic store whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.estimates import COLUMNS, KINDS
from reportgen.analyse.study import Analysis, analyse


def value(analysis: Analysis, name: str, arm: str) -> pd.Series:
    rows = analysis.estimates[(analysis.estimates["name"] == name) & (analysis.estimates["arm"] == arm)]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.fixture
def two_arms(toy):
    """`fast` jumps at 20 with rate 0.1, `slow` at 60; rate 1.0 diverges, rate 0.01 never learns."""
    study = toy.study(toy.arm("slow", is_baseline=True), toy.arm("fast"))

    def truth(arm, run):
        factor = 0.5 if arm.id == "slow" else 1.0
        if run.learning_rate == 1.0:
            return toy.truth(factor, diverges=25, jump=1000)
        if run.learning_rate == 0.01:
            return toy.truth(factor, jump=1000)
        return toy.truth(factor, jump=(60 if arm.id == "slow" else 20) + 10 * (run.seed % 2))

    return study, toy.store(study, truth)


def test_every_estimate_of_a_trained_arm(two_arms):
    analysis = analyse(*two_arms)
    assert list(analysis.estimates.columns) == list(COLUMNS)
    assert set(analysis.estimates["name"]) == set(KINDS)
    assert value(analysis, "decay-factor", "slow")["estimate"] == pytest.approx(0.5, abs=1e-12)
    assert value(analysis, "decay-factor", "slow")["low"] == pytest.approx(0.5, abs=1e-12)
    assert value(analysis, "decay-rate", "slow")["estimate"] == pytest.approx(np.log10(0.5))
    assert value(analysis, "decay-factor", "slow")["unit"] == "per layer"
    assert value(analysis, "decay-factor-end", "slow")["n"] == 5
    assert value(analysis, "weight-gradient-factor", "slow")["estimate"] == pytest.approx(1.0)
    assert value(analysis, "exponential-fit", "slow")["estimate"] == pytest.approx(1.0)
    assert value(analysis, "signal-ratio", "slow")["estimate"] == pytest.approx(9 * np.log10(0.5))
    assert value(analysis, "theory-decay-factor", "slow")["estimate"] == pytest.approx(1.0)
    assert value(analysis, "theory-deviation", "slow")["estimate"] == pytest.approx(-50.0)
    assert value(analysis, "learning-rate", "slow")["estimate"] == 0.1
    assert value(analysis, "success", "slow")["estimate"] == 1.0
    assert value(analysis, "time-to-target", "slow")["estimate"] == pytest.approx((60 * 3 + 70 * 2) / 5)
    assert value(analysis, "median-time-to-target", "slow")["estimate"] == 60
    assert value(analysis, "final-metric", "slow")["estimate"] == pytest.approx(0.95)
    assert value(analysis, "final-metric", "slow")["unit"] == "accuracy"
    assert value(analysis, "speed-up", "fast")["estimate"] == pytest.approx(320 / 120)
    assert value(analysis, "metric-difference", "fast")["estimate"] == pytest.approx(0.0)
    assert value(analysis, "seconds-per-step", "fast")["estimate"] == pytest.approx(0.002)


def test_area_is_the_trapezoid_mean(two_arms):
    area = value(analyse(*two_arms), "area-under-curve", "fast")
    early, late = (0.1 * 15 + 0.95 * 85) / 100, (0.1 * 25 + 0.95 * 75) / 100
    assert area["estimate"] == pytest.approx((3 * early + 2 * late) / 5)


def test_frames_of_a_trained_arm(two_arms):
    analysis = analyse(*two_arms)
    rates = analysis.rates.set_index(["arm", "learning_rate"])
    assert rates.loc[("slow", 1.0), "diverged"] == 1.0
    assert rates.loc[("slow", 1.0), "metric"] == pytest.approx(0.1)
    assert rates.loc[("slow", 0.1), "success"] == 1.0
    assert rates.loc[("slow", 0.1), "is_chosen"]
    assert not rates["at_edge"].any()
    assert set(analysis.course.loc[analysis.course["arm"] == "slow", "step"]) == {0, 10, 100}
    start = analysis.profiles.query("arm == 'slow' and stage == 'start' and quantity == 'error_signal_rms'")
    assert len(start) == 11
    assert start["n"].eq(5).all()
    hidden = start[start["name"] == "hidden"]
    assert hidden.loc[hidden["index"] == 10, "theory"].item() == hidden.loc[hidden["index"] == 10, "estimate"].item()
    assert hidden["theory"].nunique() == 1
    assert start.loc[start["name"] == "readout", "theory"].isna().all()
    dead = analysis.profiles.query("quantity == 'dead_fraction'")
    assert (dead["estimate"] == 0.25).all()
    assert "saturated_fraction" not in set(analysis.profiles["quantity"])
    assert list(analysis.survival.query("arm == 'slow'")["not_reached"]) == pytest.approx([1.0, 0.4, 0.0, 0.0])
    assert len(analysis.seed_curves) == 2 * 5 * 11
    assert set(analysis.curves["split"]) == {"train", "validation", "test"}
    assert analysis.run_ids["slow"] == tuple(sorted(run.run_id for run in two_arms[0].arm("slow").runs))


def test_arms_keep_the_order_of_the_study(two_arms):
    analysis = analyse(*two_arms)
    for name in ("estimates", "statuses", "profiles", "decay", "course", "curves", "survival", "rates", "chosen"):
        assert list(getattr(analysis, name)["arm"].unique()) == ["slow", "fast"], name


def test_the_same_store_gives_the_same_numbers(two_arms):
    first, second = analyse(*two_arms), analyse(*two_arms)
    for name in Analysis.__dataclass_fields__:
        if name != "run_ids":
            pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)


def test_an_untrained_arm_has_decay_only(toy):
    arm = toy.arm("start", training=toy.arm("x").training.__class__(steps=0), learning_rates=(), target=None)
    study = toy.study(arm)
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth(0.8)))
    names = set(analysis.estimates["name"])
    assert value(analysis, "decay-factor", "start")["estimate"] == pytest.approx(0.8)
    assert "final-metric" not in names
    assert "decay-factor-end" not in names
    assert analysis.chosen.empty
    assert analysis.statuses.iloc[0].tolist() == ["start", 5, 5, 0, 0, 0, ""]


def test_too_shallow_for_a_factor_is_said(toy):
    study = toy.study(toy.arm("shallow", depth=2))
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth()))
    assert "decay-factor" not in set(analysis.estimates["name"])
    reason = analysis.absent.set_index("name").loc["decay-factor", "reason"]
    assert reason == "fewer than 3 positions to fit (of 1)"
    assert "final-metric" in set(analysis.estimates["name"])


def test_an_empty_store_gives_statuses_and_reasons(toy):
    study = toy.study(toy.arm("a"), toy.arm("b", skipped="does not apply"))
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth(present=False)))
    assert set(analysis.estimates["name"]) <= {"theory-decay-factor"}
    assert analysis.statuses.values.tolist() == [["a", 24, 0, 0, 0, 24, ""], ["b", 0, 0, 0, 0, 0, "does not apply"]]
    assert analysis.run_ids == {"a": (), "b": ()}
    for name in ("profiles", "decay", "curves", "rates", "survival", "times", "seed_curves", "comparisons"):
        assert getattr(analysis, name).empty, name
        assert len(getattr(analysis, name).columns) > 3, name


def test_when_everything_diverges_the_arm_is_at_chance_and_censored(toy):
    study = toy.study(toy.arm("a", is_baseline=True), toy.arm("b"))
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth(jump=1000, diverges=35)))
    assert value(analysis, "diverged", "a")["estimate"] == 1.0
    assert value(analysis, "final-metric", "a")["estimate"] == pytest.approx(0.1)
    assert value(analysis, "success", "a")["estimate"] == 0.0
    assert value(analysis, "time-to-target", "a")["estimate"] == 100
    assert value(analysis, "time-to-target", "a")["n_censored"] == 5
    assert "speed-up" not in set(analysis.estimates["name"])
    assert analysis.times["diverged"].all()
    assert analysis.times["censored"].all()
    ends = analysis.curves.query("arm == 'a' and split == 'test' and metric == 'accuracy'")
    assert ends["n"].tolist() == [5] * 4
    assert "end" not in set(analysis.profiles["stage"])
    assert "decay-factor-end" not in set(analysis.estimates["name"])
    assert analysis.decay["step"].max() == 10


def test_a_run_that_diverged_goes_on_at_chance_in_the_curve(toy):
    study = toy.study(toy.arm("a", learning_rates=(0.1,)))
    analysis = analyse(
        study, toy.store(study, lambda arm, run: toy.truth(jump=10, diverges=35 if run.seed == 0 else None))
    )
    curve = analysis.curves.query("split == 'test' and metric == 'accuracy'").set_index("step")
    assert curve.loc[30, "mean"] == pytest.approx(0.95)
    assert curve.loc[40, "mean"] == pytest.approx((4 * 0.95 + 0.1) / 5)
    assert curve.loc[40, "n"] == 5
    loss = analysis.curves.query("split == 'test' and metric == 'loss'").set_index("step")
    assert loss.loc[40, "n"] == 4
    assert value(analysis, "final-metric", "a")["estimate"] == pytest.approx((4 * 0.95 + 0.1) / 5)


def test_failed_and_missing_runs_are_counted_and_left_out(toy):
    study = toy.study(toy.arm("a", learning_rates=(0.1,)))
    store = toy.store(study, lambda arm, run: toy.truth(failed=run.seed == 0, present=run.seed != 1))
    analysis = analyse(study, store)
    assert analysis.statuses.iloc[0].tolist() == ["a", 8, 6, 0, 1, 1, ""]
    assert value(analysis, "final-metric", "a")["n"] == 3
    assert value(analysis, "decay-factor", "a")["n"] == 3


def test_two_seeds_give_estimates_without_intervals_or_comparisons(toy):
    study = toy.study(toy.arm("a", is_baseline=True, seeds=(0, 1)), toy.arm("b", seeds=(0, 1)))
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth()))
    assert np.isnan(value(analysis, "final-metric", "b")["low"])
    assert np.isnan(value(analysis, "success", "b")["low"])
    assert "metric-difference" not in set(analysis.estimates["name"])
    reasons = analysis.absent.query("name == 'metric-difference'")["reason"].tolist()
    assert reasons == ["fewer than 3 seeds in common with the baseline a"]


def test_arms_that_share_runs_both_count_them(toy):
    first = toy.arm("a")
    second = toy.arm("b", remedies=first.remedies, target=None)
    study = toy.study(first, second)
    assert {run.run_id for run in first.runs} == {run.run_id for run in second.runs}
    store = toy.store(toy.study(first), lambda arm, run: toy.truth())
    analysis = analyse(study, store)
    assert value(analysis, "final-metric", "a")["n"] == value(analysis, "final-metric", "b")["n"] == 5
    assert "success" not in set(analysis.estimates.query("arm == 'b'")["name"])
    assert analysis.statuses["completed"].tolist() == [24, 24]
