"""Theory of finite width against closed forms and against networks simulated with plain NumPy in double precision."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.analyse.decay import theil_sen
from reportgen.analyse.theory.feedforward import layer_factors, variance_trajectory
from reportgen.analyse.theory.finite_width import attach, signal_variances
from reportgen.analyse.theory.prediction import NoTheory, prediction

PHI = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float), 2.0),
    "linear": (lambda z: z, np.ones_like, 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0),
}
DEPTH, WIDTH, SEEDS = 20, 48, 200


def slope(rng, activation, batch, classes, orthogonal):
    """log10 of the fitted factor of one network; residuals of a classifier that knows nothing."""
    phi, derivative, variance = PHI[activation]
    h, weights, pre = rng.standard_normal((batch, 64)), [], []
    for _ in range(DEPTH):
        w = rng.standard_normal((h.shape[1], WIDTH)) / np.sqrt(h.shape[1])
        if orthogonal and len(weights):
            q, r = np.linalg.qr(w)
            w = q * np.sign(np.diag(r))
        weights.append(w * np.sqrt(variance))
        pre.append(h @ weights[-1])
        h = phi(pre[-1])
    residual = 1 / classes - np.eye(classes)[rng.integers(0, classes, batch)]
    signal = residual @ rng.standard_normal((classes, WIDTH)) * derivative(pre[-1])
    logs = [0.5 * np.log10(np.mean(signal**2))]
    for layer in range(DEPTH - 1, 0, -1):
        signal = (signal @ weights[layer].T) * derivative(pre[layer - 1])
        logs.append(0.5 * np.log10(np.mean(signal**2)))
    return float(theil_sen(np.arange(DEPTH - 1.0)[::-1], np.array(logs[::-1])[None, 1:])[0])


def predicted(activation, **given):
    variance = PHI[activation][2]
    trajectory = variance_trajectory(activation, DEPTH, variance, variance, 0.0)
    found = prediction(layer_factors(activation, trajectory, variance)[0].tolist(), "layer", ("key",), "")
    return attach(found, signal_variances(activation, trajectory[0], variance, 0.0, WIDTH, **given))


@pytest.mark.parametrize(
    ("activation", "batch", "classes", "orthogonal"),
    [
        ("relu", 1, 10, False),
        ("relu", 64, 10, False),
        ("relu", 64, 2, False),
        ("linear", 1, 10, False),
        ("linear", 64, 10, False),
        ("linear", 64, 2, False),
        ("tanh", 64, 10, False),
        ("tanh", 64, 2, False),
        ("relu", 64, 10, True),
        ("tanh", 64, 10, True),
    ],
)
def test_scatter_within_a_quarter_of_simulated_networks(activation, batch, classes, orthogonal):
    rng = np.random.default_rng(2)
    slopes = [slope(rng, activation, batch, classes, orthogonal) for _ in range(SEEDS)]
    found = predicted(activation, batch=batch, outputs=classes, orthogonal=orthogonal)
    assert np.std(slopes) == pytest.approx(found.scatter, rel=0.25)


@pytest.mark.parametrize(("activation", "batch"), [("relu", 1), ("linear", 1), ("linear", 64)])
def test_shift_within_the_error_of_simulated_networks(activation, batch):
    rng = np.random.default_rng(3)
    slopes = [slope(rng, activation, batch, 10, False) for _ in range(SEEDS)]
    found = predicted(activation, batch=batch)
    error = np.std(slopes) / np.sqrt(SEEDS)
    assert np.mean(slopes) == pytest.approx(np.log10(found.factor) + found.shift, abs=3 * error)


@pytest.mark.parametrize(("activation", "expected"), [("relu", 5.0), ("linear", 2.0), ("leaky-relu", 5.0)])
def test_a_single_sample_has_the_closed_form(activation, expected):
    variances = signal_variances(activation, np.ones(6), 1.0, 0.0, 100, batch=1)
    assert variances == pytest.approx(np.full(5, expected / 100), rel=1e-3 if activation == "leaky-relu" else 1e-12)


def test_two_classes_of_a_linear_network_are_no_more_than_one_sample():
    one = signal_variances("linear", np.ones(6), 1.0, 0.0, 100, batch=1)
    assert signal_variances("linear", np.ones(6), 1.0, 0.0, 100, outputs=2) == pytest.approx(one)


def test_a_linear_orthogonal_network_does_not_scatter():
    variances = signal_variances("linear", np.ones(6), 1.0, 0.0, 100, orthogonal=True)
    assert variances == pytest.approx(np.zeros(5))


def test_dropout_adds_scatter():
    without = signal_variances("relu", np.ones(6), 2.0, 0.0, 100, batch=1)
    with_it = signal_variances("relu", np.ones(6), 2.0, 0.0, 100, batch=1, keep=0.5)
    assert with_it == pytest.approx(without + 6 / 100)


def test_equal_variances_have_a_closed_form():
    found = attach(prediction([0.5] * 101, "layer", ("key",), ""), np.full(101, 0.04))
    assert found.scatter == pytest.approx(np.sqrt(1.2 * 0.04 / 100) / (2 * np.log(10)), rel=0.02)
    assert found.shift == pytest.approx(-0.04 / (4 * np.log(10)))
    assert found.factor == pytest.approx(0.5)


def test_nothing_stays_nothing_and_lengths_must_agree():
    assert attach(NoTheory("none"), [0.1]) == NoTheory("none")
    with pytest.raises(ValueError, match="3 variances for 5 positions"):
        attach(prediction([0.5] * 4, "layer", ("key",), ""), [0.1] * 3)
