"""The whole analysis on a synthetic store whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.estimates import COLUMNS, KINDS
from reportgen.analyse.explain import THEORY_COLUMNS
from reportgen.analyse.study import Analysis, analyse
from reportgen.study.spec import Component, Target, Training


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
    # no cell state here, and both arms end alike in every seed: there is no scatter to measure an effect by
    assert set(analysis.estimates["name"]) == set(KINDS) - {"cell-decay-factor", "effect-size"}
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
    assert value(analysis, "interquartile-mean", "slow")["estimate"] == pytest.approx(0.95)
    assert value(analysis, "improvement", "fast")["estimate"] == 0.5
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
    arm = toy.arm("start", training=Training(steps=0), learning_rates=(), tuning_seeds=(), target=None)
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
    names = {"metric-difference", "effect-size", "improvement", "speed-up", "interquartile-mean"}
    assert names.isdisjoint(analysis.estimates["name"])
    assert analysis.comparisons.empty
    reasons = analysis.absent.query("name == 'metric-difference'")["reason"].tolist()
    assert reasons == ["fewer than 3 seeds in common with the baseline a"]


def test_arms_that_share_runs_both_count_them(toy):
    first = toy.arm("a")
    second = toy.arm("b", measure=first.measure, target=None)
    study = toy.study(first, second)
    assert {run.run_id for run in first.runs} == {run.run_id for run in second.runs}
    store = toy.store(toy.study(first), lambda arm, run: toy.truth())
    analysis = analyse(study, store)
    assert value(analysis, "final-metric", "a")["n"] == value(analysis, "final-metric", "b")["n"] == 5
    assert "success" not in set(analysis.estimates.query("arm == 'b'")["name"])
    assert analysis.statuses["completed"].tolist() == [24, 24]


@pytest.fixture
def closed_form(toy):
    """`ridge` has no learning rate and learns at once; `sgd`, its baseline, has three and learns at 50 at best."""
    study = toy.study(toy.arm("sgd", is_baseline=True), toy.arm("ridge", learning_rates=(), tuning_seeds=()))

    def truth(arm, run):
        if arm.id == "ridge":
            return toy.truth(jump=10, level=0.97)
        return toy.truth(jump=50 if run.learning_rate == 0.1 else 1000)

    return study, toy.store(study, truth)


def test_an_arm_without_a_learning_rate_has_every_estimate_but_the_rate(closed_form):
    analysis = analyse(*closed_form)
    assert value(analysis, "success", "ridge")["estimate"] == 1.0
    assert value(analysis, "success", "ridge")["n"] == 5
    assert value(analysis, "final-metric", "ridge")["estimate"] == pytest.approx(0.97)
    assert value(analysis, "time-to-target", "ridge")["estimate"] == 10
    assert value(analysis, "metric-difference", "ridge")["estimate"] == pytest.approx(0.02)
    assert value(analysis, "speed-up", "ridge")["estimate"] == pytest.approx(5.0)
    assert value(analysis, "decay-factor", "ridge")["n"] == 5
    assert "learning-rate" not in set(analysis.estimates.query("arm == 'ridge'")["name"])
    absent = analysis.absent[analysis.absent["arm"] == "ridge"].set_index("name")["reason"]
    assert absent["learning-rate"] == "the arm is trained without a learning rate"


def test_an_arm_without_a_learning_rate_has_one_rate_and_is_never_at_an_edge(closed_form):
    analysis = analyse(*closed_form)
    rates = analysis.rates[analysis.rates["arm"] == "ridge"]
    assert rates["learning_rate"].isna().tolist() == [True]
    assert rates[["success", "metric", "n", "is_chosen", "at_edge"]].values.tolist() == [[1.0, 0.97, 5, True, False]]
    assert np.isfinite(rates["metric_low"]).all()
    chosen = analysis.chosen.set_index("arm").loc["ridge"]
    assert np.isnan(chosen["learning_rate"])
    assert (chosen["at_edge"], chosen["n_tuning"]) == (False, 0)
    assert len(analysis.rates[analysis.rates["arm"] == "sgd"]) == 3
    assert set(analysis.curves.query("arm == 'ridge' and split == 'test'")["n"]) == {5}
    assert set(analysis.survival["arm"]) == {"sgd", "ridge"}


def test_comparisons_test_times_and_sizes_too(toy):
    study = toy.study(toy.arm("slow", is_baseline=True, learning_rates=(0.1,)), toy.arm("fast", learning_rates=(0.1,)))

    def truth(arm, run):
        fast = arm.id == "fast"
        return toy.truth(jump=10 if fast else 50 + 10 * (run.seed % 3), level=0.95 + 0.01 * fast * (1 + run.seed % 2))

    analysis = analyse(study, toy.store(study, truth))
    rows = analysis.comparisons.set_index("name")
    assert set(rows.index) == {"metric-difference", "improvement", "effect-size", "speed-up", "log-rank-p"}
    assert rows.loc["log-rank-p", "estimate"] == rows.loc["log-rank-p", "p"] < 0.01
    assert rows.loc["effect-size", "low"] > 0
    assert rows.loc["improvement", "estimate"] == 1.0
    assert "log-rank-p" not in set(analysis.estimates["name"])
    assert value(analysis, "effect-size", "fast")["method"].endswith("against slow")


def test_a_metric_where_lower_is_better(toy):
    target = Target("mean-squared-error", 0.05)
    study = toy.study(toy.arm("good", target=target), toy.arm("poor", target=target, is_baseline=True))

    def truth(arm, run):
        given = {"chance": 0.17, "metric": "mean-squared-error"}
        if run.learning_rate == 1.0:
            return toy.truth(level=9.0, jump=10, diverges=30, **given)
        level = 0.01 if arm.id == "good" else 0.04
        return toy.truth(jump=20 if run.learning_rate == 0.1 else 60, level=level, **given)

    analysis = analyse(study, toy.store(study, truth))
    assert value(analysis, "learning-rate", "good")["estimate"] == 0.1
    assert value(analysis, "success", "good")["estimate"] == 1.0
    assert value(analysis, "time-to-target", "good")["estimate"] == 20
    assert value(analysis, "final-metric", "good")["estimate"] == pytest.approx(0.01)
    assert value(analysis, "final-metric", "good")["unit"] == "mean-squared-error"
    assert value(analysis, "area-under-curve", "good")["estimate"] == pytest.approx((0.17 * 15 + 0.01 * 85) / 100)
    assert value(analysis, "metric-difference", "good")["estimate"] == pytest.approx(-0.03)
    compared = analysis.comparisons.query("name == 'metric-difference' and arm == 'good'")
    assert compared["improvement"].item() == 1.0
    rates = analysis.rates.set_index(["arm", "learning_rate"])
    assert rates.loc[("good", 1.0), "metric"] == pytest.approx(0.17)  # diverged: chance, not the error of 9
    assert rates.loc[("good", 1.0), "success"] == 0.0


def test_theory_stands_beside_the_measurement(toy):
    study = toy.study(toy.arm("level"), toy.arm("slow"), toy.arm("shallow", depth=2))
    analysis = analyse(study, toy.store(study, lambda arm, run: toy.truth(0.5 if arm.id == "slow" else 1.0)))
    assert list(analysis.theory.columns) == list(THEORY_COLUMNS)
    theory = analysis.theory.set_index("arm")
    assert theory["inside"].tolist() == [True, False, False]
    assert theory.loc["level", "explanation"] == ""
    assert theory.loc["slow", "deviation"] == pytest.approx(-50)
    assert theory.loc["slow", "measured"] == theory.loc["slow", "high"] == pytest.approx(0.5)
    assert theory.loc["slow", "explanation"] == "It lies 50 % below, which is not explained."
    assert theory.loc["shallow", "reason"] == "with 2 positions there is no factor to predict"
    assert theory.loc["shallow", "explanation"] == "There is no prediction to compare with."


def recurrent(toy, study, signals):
    """A store of untrained runs whose error signals over time are given by name."""
    store = toy.store(study, lambda arm, run: toy.truth())
    rows = store.tables["measurements"].query("kind == 'layer'").iloc[:0]
    parts = []
    for run in study.arms[0].runs:
        for name, signal in signals.items():
            index = np.arange(1, len(signal) + 1)
            head = {"run_id": run.run_id, "step": 0, "kind": "time", "name": name}
            parts.append(pd.DataFrame({"index": index, "distance": len(signal) - index, "error_signal_rms": signal}))
            parts[-1] = parts[-1].assign(**head)
    store.tables["measurements"] = pd.concat([rows, *parts], ignore_index=True)
    return analyse(study, store)


@pytest.fixture
def untrained_lstm(toy):
    parameters = {"width": 128, "forget_bias": 1.0}
    task = Component("latch", 1, {"length": 50, "classes": 10, "noise": 0.1})
    untrained = {"training": Training(steps=0), "learning_rates": (), "tuning_seeds": (), "target": None}
    return toy.arm("x", task=task, architecture=Component("lstm", 1, parameters), **untrained)


def test_the_cell_state_has_its_own_factor_and_theory(toy, untrained_lstm):
    distance = np.arange(49, -1, -1)
    signals = {"hidden": 0.9**distance, "cell": 0.5 * 0.95**distance}
    analysis = recurrent(toy, toy.study(untrained_lstm), signals)
    found = value(analysis, "cell-decay-factor", "x")
    assert (found["estimate"], found["unit"]) == (pytest.approx(0.95), "per time step")
    assert value(analysis, "decay-factor", "x")["estimate"] == pytest.approx(0.9)
    drawn = analysis.profiles.query("quantity == 'error_signal_rms' and name == 'cell'").set_index("index")
    assert drawn.loc[50, "theory"] == pytest.approx(np.log10(0.5))
    slope = (drawn.loc[40, "theory"] - drawn.loc[10, "theory"]) / 30
    assert 10**-slope == pytest.approx(0.966, abs=0.01)


def test_no_cell_state_is_no_absence(two_arms):
    assert "cell-decay-factor" not in set(analyse(*two_arms).absent["name"])


def test_a_cell_state_without_a_factor_says_why(toy, untrained_lstm):
    signals = {"hidden": np.full(50, 1.0), "cell": np.append(np.full(48, np.inf), [1.0, 1.0])}
    reasons = recurrent(toy, toy.study(untrained_lstm), signals).absent.set_index("name")["reason"]
    assert reasons["cell-decay-factor"] == "fewer than 3 positions to fit (of 45)"


def test_where_no_gradient_flows_back_that_is_said_and_nothing_is_censored(toy, untrained_lstm):
    analysis = recurrent(toy, toy.study(untrained_lstm), {"hidden": np.append(np.zeros(49), 1.0)})
    assert analysis.absent.set_index("name").loc["decay-factor", "reason"] == "no gradient flows back through time"
    assert analysis.decay["n_censored"].tolist() == [0] * 5


def test_a_gradient_that_vanishes_within_two_steps_is_censored(toy, untrained_lstm):
    analysis = recurrent(toy, toy.study(untrained_lstm), {"hidden": np.append(np.zeros(48), [1e-30, 1.0])})
    reason = analysis.absent.set_index("name").loc["decay-factor", "reason"]
    assert reason == "fewer than 3 positions to fit (of 45)"
    assert analysis.decay["n_censored"].tolist() == [43] * 5
