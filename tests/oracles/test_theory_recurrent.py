"""Theory of recurrent networks against networks simulated with plain NumPy loops in double precision."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from scipy.special import expit

from reportgen.analyse.decay import Decay, theil_sen
from reportgen.analyse.theory import Inputs, NoTheory
from reportgen.analyse.theory.gated import predict_cell, predict_gru, predict_lstm
from reportgen.analyse.theory.paths import Paths
from reportgen.analyse.theory.recurrent import (
    Recurrence,
    predict_orthogonal,
    predict_recurrent,
    within_truncation,
)

PHI = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "linear": (lambda z: z, np.ones_like),
}
LENGTH, WIDTH, SEEDS, BATCH, CLASSES = 50, 128, 10, 8, 10
LATCH = Inputs(CLASSES, 0.01, LENGTH, first=1.0)


def latch(rng):
    """(time, batch, classes): a one-hot symbol times sqrt(classes), then noise of standard deviation 0.1."""
    inputs = 0.1 * rng.standard_normal((LENGTH, BATCH, CLASSES))
    inputs[0] = np.sqrt(CLASSES) * np.eye(CLASSES)[rng.integers(0, CLASSES, BATCH)]
    return inputs


def noise(rng):
    return rng.standard_normal((LENGTH, BATCH, CLASSES))


def matrix(rng, kind="gaussian", gain=1.0, width=WIDTH):
    drawn = rng.standard_normal((width, width)) / np.sqrt(width)
    if kind == "orthogonal":
        q, r = np.linalg.qr(drawn)
        drawn = q * np.sign(np.diag(r))  # without it not every rotation is as likely
    return gain * drawn


def entry(rng, width=WIDTH):
    return rng.standard_normal((CLASSES, width)) / np.sqrt(CLASSES)


def readout(rng, width=WIDTH):
    return rng.standard_normal((BATCH, CLASSES)) @ rng.standard_normal((CLASSES, width))


def level(signal):
    return 0.5 * np.log10(np.mean(signal**2))


def masks(rng, dropout, width=WIDTH):
    return (rng.random((BATCH, width)) >= dropout) / (1 - dropout)


def lstm(rng, inputs, forget_bias=0.0, chrono=False, activation="tanh", dropout=0.0, **recurrent):
    """log10 rms of dL/dh_t and dL/dc_t, each (time,)."""
    phi, slope = PHI[activation]
    weights = {gate: (entry(rng), matrix(rng, **recurrent)) for gate in "ifog"}
    bias = {"i": 0.0, "f": forget_bias, "o": 0.0, "g": 0.0}
    if chrono:
        bias["f"] = np.log(rng.uniform(1, LENGTH - 1, WIDTH))
        bias["i"] = -bias["f"]
    mask, h, c, kept = masks(rng, dropout), np.zeros((BATCH, WIDTH)), np.zeros((BATCH, WIDTH)), []
    for x in inputs:
        z = {gate: x @ weights[gate][0] + (mask * h) @ weights[gate][1] + bias[gate] for gate in "ifog"}
        i, f, o, g, old = expit(z["i"]), expit(z["f"]), expit(z["o"]), phi(z["g"]), c
        c = f * c + i * g
        h = o * phi(c)
        kept.append((z, i, f, o, g, old, c))
    of_h, of_c, levels = mask * readout(rng), 0.0, []
    for z, i, f, o, g, old, c in reversed(kept):
        of_c = of_c + of_h * o * slope(c)
        levels.append((level(of_h), level(of_c)))
        of_z = {
            "i": of_c * g * i * (1 - i),
            "f": of_c * old * f * (1 - f),
            "o": of_h * phi(c) * o * (1 - o),
            "g": of_c * i * slope(z["g"]),
        }
        of_h, of_c = mask * sum(of_z[gate] @ weights[gate][1].T for gate in "ifog"), of_c * f
    return np.array(levels[::-1]).T


def gru(rng, inputs, update_bias=0.0, dropout=0.0, **recurrent):
    """log10 rms of dL/dh_t, (1, time)."""
    (w_r, u_r), (w_z, u_z), (w_n, u_n) = ((entry(rng), matrix(rng, **recurrent)) for _ in range(3))
    mask, h, kept = masks(rng, dropout), np.zeros((BATCH, WIDTH)), []
    for x in inputs:
        r, z, inner = expit(x @ w_r + (mask * h) @ u_r), expit(x @ w_z + (mask * h) @ u_z + update_bias), mask * h @ u_n
        n, old = np.tanh(x @ w_n + r * inner), h
        h = z * h + (1 - z) * n
        kept.append((r, z, inner, n, old))
    of_h, levels = mask * readout(rng), []
    for r, z, inner, n, old in reversed(kept):
        levels.append(level(of_h))
        of_n = of_h * (1 - z) * (1 - n**2)
        back = (of_n * inner * r * (1 - r)) @ u_r.T + (of_h * (old - n) * z * (1 - z)) @ u_z.T + (of_n * r) @ u_n.T
        of_h = of_h * z + mask * back
    return np.array([levels[::-1]])


def plain(rng, inputs, activation="tanh", dropout=0.0, width=512, **recurrent):
    """log10 rms of dL/dh_t, (1, time)."""
    phi, slope = PHI[activation]
    w, u = entry(rng, width), matrix(rng, width=width, **recurrent)
    mask, h, kept = masks(rng, dropout, width), np.zeros((BATCH, width)), []
    for x in inputs:
        kept.append(x @ w + (mask * h) @ u)
        h = phi(kept[-1])
    of_h, levels = mask * readout(rng, width), []
    for z in reversed(kept):
        levels.append(level(of_h))
        of_h = mask * ((of_h * slope(z)) @ u.T)
    return np.array([levels[::-1]])


def measured(network, inputs=latch, seeds=SEEDS, **given):
    """Geometric mean over seeds of the fitted factors: one a signal."""
    rng = np.random.default_rng(5)
    first = Decay().first_fitted("time", LENGTH)
    distance = np.arange(LENGTH - first, -1, -1, dtype=float)
    slopes = [theil_sen(distance, network(rng, inputs(rng), **given)[:, first - 1 :]) for _ in range(seeds)]
    return 10 ** np.mean(slopes, axis=0)


def parameters(kind="gaussian", gain=1.0, **given):
    return {"width": WIDTH, "recurrence": kind, "gain": gain, **given}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"forget_bias": 1.0},
        {"forget_bias": 3.0},
        {"chrono": True},
        {"activation": "relu"},
        {"gain": 2.0},
        {"gain": 4.0},
        {"kind": "orthogonal"},
        {"kind": "orthogonal", "gain": 1.5, "forget_bias": 1.0},
        {"dropout": 0.5, "forget_bias": 1.0},
    ],
    ids=str,
)
def test_lstm_within_two_per_cent_of_simulated_networks(given):
    hidden, cell = measured(lstm, **given)
    assert hidden == pytest.approx(predict_lstm(parameters(**given), LATCH).factor, rel=0.02)
    assert cell == pytest.approx(predict_cell(parameters(**given), LATCH).factor, rel=0.02)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"update_bias": 1.0},
        {"update_bias": -1.0},
        {"gain": 2.0},
        {"gain": 4.0},
        {"kind": "orthogonal", "gain": 1.5},
        {"dropout": 0.3},
    ],
    ids=str,
)
def test_gru_within_two_per_cent_of_simulated_networks(given):
    assert measured(gru, **given)[0] == pytest.approx(predict_gru(parameters(**given), LATCH).factor, rel=0.02)


def test_gated_networks_driven_at_every_step():
    driven = Inputs(CLASSES, 1.0, LENGTH)
    assert measured(lstm, noise)[0] == pytest.approx(predict_lstm(parameters(), driven).factor, rel=0.02)
    assert measured(gru, noise)[0] == pytest.approx(predict_gru(parameters(), driven).factor, rel=0.02)


@pytest.mark.parametrize(
    ("activation", "kind", "gain", "dropout", "tolerance"),
    [
        ("sigmoid", "orthogonal", 1.0, 0.0, 0.002),
        ("sigmoid", "orthogonal", 4.0, 0.0, 0.02),
        ("sigmoid", "gaussian", 1.0, 0.0, 0.02),
        ("sigmoid", "gaussian", 4.0, 0.0, 0.02),
        ("relu", "orthogonal", 1.0, 0.0, 0.02),
        ("relu", "gaussian", 1.0, 0.0, 0.02),
        ("tanh", "orthogonal", 1.0, 0.0, 0.002),
        ("tanh", "orthogonal", 1.0, 0.2, 0.02),
        ("linear", "orthogonal", 0.9, 0.2, 0.02),
    ],
)
def test_one_matrix_at_every_step_and_states_with_a_mean(activation, kind, gain, dropout, tolerance):
    found = measured(plain, seeds=5, activation=activation, kind=kind, gain=gain, dropout=dropout)[0]
    recurrence = Recurrence(activation, 512, kind, gain, 1.0, 0.01, LENGTH, keep=1 - dropout)
    assert found == pytest.approx(predict_recurrent(recurrence).factor, rel=tolerance)


@pytest.mark.parametrize("activation", ["sigmoid", "linear"])
def test_narrow_gaussian_networks_lie_above_as_the_conditions_say(activation):
    predicted = predict_recurrent(Recurrence(activation, 32, "gaussian", 1.0, 1.0, 0.01, LENGTH))
    assert "powers lift" in predicted.conditions
    found = measured(plain, seeds=40, activation=activation, width=32)[0]
    assert 0.01 < found / predicted.factor - 1 < 0.07


def test_at_small_states_a_closed_form_of_the_lstm():
    """To first order c_t = (f + W_g / 4) c_{t-1} with one W_g: squares of binomial terms add up, not those of steps."""
    predicted = predict_lstm({"width": 128}, Inputs(CLASSES, 1e-8, LENGTH))
    steps = np.arange(LENGTH)
    terms = [[comb(int(k), j) ** 2 * 0.25 ** (k - j) * 0.0625**j for j in range(k + 1)] for k in steps]
    logs = 0.5 * np.log10([sum(row) for row in terms])
    hidden = logs[steps[1:] - 1]  # dL/dh_t is W_g^T / 2 times dL/dc_{t+1}
    assert np.array(predicted.profile[:-1])[::-1] - predicted.profile[-2] == pytest.approx(hidden, abs=0.01)


def test_a_closed_form_of_the_gru_without_recurrent_weights():
    predicted = predict_gru({"width": 64, "gain": 1e-6, "update_bias": 2.0}, Inputs(CLASSES, 1e-8, LENGTH))
    assert predicted.factor == pytest.approx(expit(2.0), rel=1e-4)


def test_an_open_forget_gate_carries_the_cell_state_on():
    predicted = predict_cell({"width": 64, "gain": 1e-6, "forget_bias": 4.0}, LATCH)
    assert predicted.factor == pytest.approx(expit(4.0), rel=2e-3)


def test_a_prediction_is_the_same_every_time():
    assert predict_lstm({"width": 64}, LATCH) == predict_lstm({"width": 64}, LATCH)


def test_the_conditions_name_the_factor_of_the_cell_state_and_few_features():
    said = predict_lstm(parameters(), LATCH).conditions
    assert "The cell state's own factor is 0.737." in said
    assert "their size varies" not in said
    assert "their size varies" in predict_gru(parameters(), replace(LATCH, features=1)).conditions


def test_chrono_cites_its_source():
    assert "tallec2018" in predict_lstm(parameters(chrono=True), LATCH).source
    assert "tallec2018" not in predict_lstm(parameters(), LATCH).source


def test_gated_networks_without_theory_say_why():
    assert "no sequences" in predict_lstm(parameters(), Inputs(64)).reason
    assert "1024 time steps" in predict_gru(parameters(), Inputs(1, length=2000)).reason
    assert "'sine'" in predict_lstm(parameters(activation="sine"), LATCH).reason
    exploding = predict_lstm(parameters(activation="relu", gain=1e6), LATCH)
    assert isinstance(exploding, NoTheory)
    assert "range of the numbers" in exploding.reason


@pytest.mark.parametrize(("activation", "factor"), [("linear", 1.0), ("relu", np.sqrt(0.5))])
def test_an_orthogonal_rnn_keeps_the_gradient(activation, factor):
    found = predict_orthogonal({"width": 32, "activation": activation}, LATCH)
    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert (found.scatter == 0.0) == (activation == "linear")


def test_an_orthogonal_tanh_rnn_is_a_plain_one_of_gain_one():
    expected = predict_recurrent(Recurrence("tanh", 32, "orthogonal", 1.0, 1.0, 0.01, LENGTH))
    assert predict_orthogonal({"width": 32, "activation": "tanh"}, LATCH).factor == expected.factor
    assert expected.scatter is None


def test_the_size_of_single_inputs_is_too_much_for_tanh():
    recurrence = Recurrence("tanh", 32, "orthogonal", 1.0, 1.0, 1.0, LENGTH, features=1)
    assert "one input a step" in predict_recurrent(recurrence).reason
    assert predict_recurrent(replace(recurrence, activation="linear")).factor == pytest.approx(1.0)
    assert predict_recurrent(replace(recurrence, features=2)).factor < 1


def test_truncation_leaves_the_steps_of_the_last_window():
    whole = predict_recurrent(Recurrence("tanh", 32, "orthogonal", 1.0, 1.0, 0.01, LENGTH))
    cut = within_truncation(whole, 10)
    assert cut.fitted == 41
    assert np.isnan(cut.profile[:40]).all()
    assert cut.profile[40:] == whole.profile[40:]
    assert cut.factor == pytest.approx(10 ** -np.diff(whole.profile[40:]).mean(), rel=1e-3)
    assert within_truncation(whole, None) == within_truncation(whole, 50) == whole
    assert "last 2 steps" in within_truncation(whole, 2).reason


def test_dropout_in_a_scaled_identity_leaves_exact_units():
    recurrence = Recurrence("linear", 32, "identity", 0.5, 1.0, 1.0, LENGTH, keep=0.8)
    assert predict_recurrent(recurrence).factor == pytest.approx(0.5 / 0.8)
    assert recurrence.exact
    assert not replace(recurrence, matrix="orthogonal").exact


def test_paths_have_the_covariance_that_is_asked_for():
    wanted = 0.7 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5))) * np.outer(np.arange(1, 6), np.arange(1, 6))
    paths = Paths(np.random.default_rng(0), 5, 2, 4096)
    drawn = np.array([paths.step(wanted[t, :t], wanted[t, t]) for t in range(5)])
    for channel in range(2):
        assert drawn[:, channel] @ drawn[:, channel].T / 4096 == pytest.approx(wanted, rel=1e-9)
    assert drawn[:, 0] @ drawn[:, 1].T / 4096 == pytest.approx(np.zeros((5, 5)), abs=1e-9)
    assert drawn.sum(axis=-1) == pytest.approx(np.zeros((5, 2)), abs=1e-9)


def test_paths_repeat_a_step_that_is_fully_correlated_and_allow_none():
    paths = Paths(np.random.default_rng(0), 3, 1, 64)
    nothing, first = paths.step(np.zeros(0), 0.0), paths.step(np.zeros(1), 4.0)
    assert np.abs(nothing).max() < 1e-100
    assert paths.step(np.array([0.0, 4.0]), 4.0) == pytest.approx(first, abs=1e-4)
