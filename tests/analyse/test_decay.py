"""Decay on profiles whose factor is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reportgen.analyse.decay import Decay, geometric_mean, profile_shape, r_squared, theil_sen


def profile(values, kind="layer", run="r", step=0, nearest=None):
    """Rows of a series at index 1, 2, ...; over layers a readout of another size follows."""
    n = len(values)
    nearest = (1 if kind == "layer" else 0) if nearest is None else nearest
    index = np.arange(1, n + 1)
    frame = pd.DataFrame(
        {"index": index, "distance": n - index + nearest, "name": "hidden", "error_signal_rms": values}
    )
    if kind == "layer":
        readout = {"index": [n + 1], "distance": [0], "name": ["readout"], "error_signal_rms": [1e6]}
        frame = pd.concat([frame, pd.DataFrame(readout)])
    return frame.assign(run_id=run, step=step, kind=kind)


def exponential(factor, n):
    """Values at index 1 ... n that shrink by `factor` a step towards the input."""
    return 3e-4 * factor ** np.arange(n - 1.0, -1.0, -1.0)


@pytest.mark.parametrize("factor", [0.25, 0.97, 1.0, 1.6])
@pytest.mark.parametrize(("kind", "length"), [("layer", 30), ("time", 200)])
def test_an_exact_exponential_is_recovered_exactly(factor, kind, length):
    row = Decay()(profile(exponential(factor, length), kind)).iloc[0]
    assert row["factor"] == pytest.approx(factor, rel=1e-12)
    assert row["r_squared"] == pytest.approx(1.0, abs=1e-12)
    assert row["signal_ratio"] == pytest.approx((length - 1) * np.log10(factor), abs=1e-9)
    assert row["n_positions"] == (29 if kind == "layer" else 180)


def test_the_factor_is_below_one_where_the_signal_vanishes_towards_the_input():
    assert Decay()(profile([1e-4, 1e-3, 1e-2, 1e-1])).iloc[0]["factor"] == pytest.approx(0.1)
    assert Decay()(profile([1e4, 1e3, 1e2, 1e1])).iloc[0]["factor"] == pytest.approx(10.0)


def test_first_layer_and_readout_are_left_out():
    values = exponential(0.5, 10)
    values[0] = 1e3
    row = Decay()(profile(values)).iloc[0]
    assert row["factor"] == pytest.approx(0.5, rel=1e-12)
    assert row["r_squared"] == pytest.approx(1.0)


def test_the_unsettled_tenth_of_the_steps_is_left_out():
    values = exponential(0.9, 50)
    values[:5] = 7.0
    assert Decay()(profile(values, "time")).iloc[0]["r_squared"] == pytest.approx(1.0)
    values[5] = 7.0
    assert Decay()(profile(values, "time")).iloc[0]["r_squared"] < 0.999


def test_one_outlying_layer_does_not_move_the_factor_far():
    values = exponential(0.5, 20)
    values[9] *= 1e6
    assert Decay()(profile(values)).iloc[0]["factor"] == pytest.approx(0.5, rel=0.03)


def test_values_out_of_range_are_counted_and_not_used():
    values = exponential(0.5, 10)
    values[1], values[2], values[3] = 0.0, 0.0, np.inf
    row = Decay()(profile(values)).iloc[0]
    assert (row["n_positions"], row["n_censored"]) == (6, 3)
    assert row["factor"] == pytest.approx(0.5, rel=1e-12)


def test_what_was_not_measured_is_not_censored():
    values = exponential(0.5, 10)
    values[4] = np.nan
    row = Decay()(profile(values)).iloc[0]
    assert (row["n_positions"], row["n_censored"]) == (8, 0)


@pytest.mark.parametrize(("length", "positions"), [(1, 0), (2, 1), (3, 2)])
def test_too_few_positions_give_a_reason(length, positions):
    row = Decay()(profile(exponential(0.5, length))).iloc[0]
    assert np.isnan(row["factor"])
    assert row["reason"] == f"fewer than 3 positions to fit (of {positions})"


def test_runs_of_different_depth_and_steps_are_fitted_apart():
    frames = [
        profile(exponential(0.5, 5), run="shallow"),
        profile(exponential(0.8, 20), run="deep"),
        profile(exponential(0.9, 20), run="deep", step=10),
        profile(exponential(1.1, 20), "time", run="deep"),
    ]
    fits = Decay()(pd.concat(frames)).set_index(["run_id", "step", "kind"])["factor"]
    assert fits["shallow", 0, "layer"] == pytest.approx(0.5)
    assert fits["deep", 0, "layer"] == pytest.approx(0.8)
    assert fits["deep", 10, "layer"] == pytest.approx(0.9)
    assert fits["deep", 0, "time"] == pytest.approx(1.1)


def test_a_network_without_hidden_positions_gives_no_rows():
    assert Decay()(profile(exponential(0.5, 5)).assign(name="input")).empty


@pytest.mark.parametrize("of", ["distance", "position"])
def test_a_power_law_is_recognised(of):
    index = np.arange(1.0, 31.0)
    values = (31 - index) ** -1.5 if of == "distance" else index**0.5
    row = Decay()(profile(values)).iloc[0]
    assert row["power_of"] == of
    assert row["r_squared_power"] == pytest.approx(1.0)
    assert profile_shape(row["r_squared"], row["r_squared_power"]) == "power law"


def test_an_exponential_is_not_taken_for_a_power_law():
    row = Decay()(profile(exponential(0.8, 30))).iloc[0]
    assert profile_shape(row["r_squared"], row["r_squared_power"]) == "exponential"


def test_profile_shape_wants_half_of_the_unexplained_variance():
    assert profile_shape(0.90, 0.94) == "neither clearly"
    assert profile_shape(0.90, 0.96) == "power law"
    assert profile_shape(float("nan"), 0.9) == ""


def test_theil_sen_agrees_with_scipy_with_gaps():
    rng = np.random.default_rng(0)
    x = np.arange(12.0)
    y = rng.normal(size=(3, 12))
    y[1, [2, 5]] = np.nan
    y[2, :] = np.nan
    slopes = theil_sen(x, y)
    assert slopes[0] == pytest.approx(stats.theilslopes(y[0], x)[0])
    known = np.isfinite(y[1])
    assert slopes[1] == pytest.approx(stats.theilslopes(y[1][known], x[known])[0])
    assert np.isnan(slopes[2])


def test_r_squared_agrees_with_scipy_and_is_one_for_a_level_line():
    rng = np.random.default_rng(1)
    x = np.arange(10.0)
    y = rng.normal(size=(2, 10))
    y[1] = 0.3
    assert r_squared(x, y)[0] == pytest.approx(stats.linregress(x, y[0]).rvalue ** 2)
    assert r_squared(x, y)[1] == 1.0


def test_geometric_mean_over_seeds():
    frame = pd.DataFrame({"arm": "a", "factor": [0.5, 0.25, 1.0, np.nan], "n_censored": [0, 2, 0, 5]})
    row = geometric_mean(frame, ["arm"]).iloc[0]
    assert row["estimate"] == pytest.approx(0.5)
    assert (row["n"], row["n_censored"]) == (3, 2)
    half = 4.302653 * np.log10(2) / np.sqrt(3)
    assert np.log10([row["low"], row["high"]]) == pytest.approx(np.log10(0.5) + np.array([-half, half]), abs=1e-6)
