"""Mean-field theory against networks simulated with plain NumPy in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, ndtr

from reportgen.analyse.decay import Decay, theil_sen
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.prediction import Inputs
from reportgen.analyse.theory.recurrent import Recurrence, predict_recurrent

PHI = {
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "gelu": (lambda z: z * ndtr(z), lambda z: ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)),
    "linear": (lambda z: z, np.ones_like),
}


def feedforward_profile(rng, activation, depth, width, deviation, inputs=64, batch=64):
    """log10 rms of dL/dz_l at l = 1 ... depth; `deviation(fan_in, fan_out)` of the weights; a random readout."""
    phi, slope = PHI[activation]
    h = rng.standard_normal((batch, inputs))
    weights, pre = [], []
    for _ in range(depth):
        w = rng.standard_normal((h.shape[1], width)) * deviation(h.shape[1], width)
        weights.append(w)
        pre.append(h @ w)
        h = phi(pre[-1])
    signal = rng.standard_normal((batch, 10)) @ rng.standard_normal((10, width)) * slope(pre[-1])
    logs = [np.log10(np.sqrt(np.mean(signal**2)))]
    for layer in range(depth - 1, 0, -1):
        signal = (signal @ weights[layer].T) * slope(pre[layer - 1])
        logs.append(np.log10(np.sqrt(np.mean(signal**2))))
    return np.array(logs[::-1])


def glorot(fan_in, fan_out):
    return np.sqrt(2 / (fan_in + fan_out))


def lecun(fan_in, fan_out):
    return np.sqrt(1 / fan_in)


def he(fan_in, fan_out):
    return np.sqrt(2 / fan_in)


@pytest.mark.parametrize(
    ("activation", "scheme", "deviation"),
    [
        ("sigmoid", "glorot-normal", glorot),
        ("tanh", "glorot-normal", glorot),
        ("relu", "he-normal", he),
        ("gelu", "lecun-normal", lecun),
        ("linear", "glorot-normal", glorot),
    ],
)
def test_feedforward_prediction_within_one_per_cent_of_simulated_networks(activation, scheme, deviation):
    depth, width, seeds = 30, 256, 12
    rng = np.random.default_rng(7)
    profiles = np.array([feedforward_profile(rng, activation, depth, width, deviation) for _ in range(seeds)])
    distance = np.arange(depth - 2, -1, -1, dtype=float)
    measured = 10 ** theil_sen(distance, profiles[:, 1:]).mean()
    parameters = {"depth": depth, "width": width, "activation": activation, "initialisation": {"name": scheme}}
    predicted = predict_feedforward(parameters, Inputs(64))
    assert measured == pytest.approx(predicted.factor, rel=0.01)
    ends = 10 ** ((profiles[:, 1] - profiles[:, -1]) / (depth - 2)).mean()
    assert ends == pytest.approx(predicted.geometric_mean, rel=0.01)


def recurrent_profile(rng, activation, matrix, drive, length, batch=32):
    """log10 rms of dL/dh_t at t = 1 ... length, from the state 0."""
    phi, slope = PHI[activation]
    width = len(matrix)
    h = np.zeros((batch, width))
    pre = []
    for _ in range(length):
        pre.append(h @ matrix + np.sqrt(drive) * rng.standard_normal((batch, width)))
        h = phi(pre[-1])
    signal = rng.standard_normal((batch, width))
    logs = [np.log10(np.sqrt(np.mean(signal**2)))]
    for step in range(length - 1, 0, -1):
        signal = (signal * slope(pre[step])) @ matrix.T
        logs.append(np.log10(np.sqrt(np.mean(signal**2))))
    return np.array(logs[::-1])


@pytest.mark.parametrize(
    ("activation", "kind", "scale", "tolerance"),
    [
        ("linear", "orthogonal", 0.9, 1e-9),
        ("linear", "orthogonal", 1.1, 1e-9),
        ("linear", "identity", 0.95, 1e-9),
        ("linear", "gaussian", 1.0, 0.02),
        ("relu", "gaussian", 1.2, 0.02),
        ("tanh", "gaussian", 1.5, 0.01),
        ("tanh", "orthogonal", 1.0, 0.01),
    ],
)
def test_recurrent_prediction_against_simulated_networks(activation, kind, scale, tolerance):
    width, length, drive = 256, 40, 0.5
    rng = np.random.default_rng(11)
    decay = Decay()
    first = decay.first_fitted("time", length)
    slopes = []
    for _ in range(6):
        drawn = rng.standard_normal((width, width)) / np.sqrt(width)
        matrix = {"gaussian": drawn, "orthogonal": np.linalg.qr(drawn)[0], "identity": np.eye(width)}[kind]
        profile = recurrent_profile(rng, activation, scale * matrix, drive, length)[first - 1 :]
        slopes.append(theil_sen(np.arange(len(profile) - 1, -1, -1, dtype=float), profile[None])[0])
    predicted = predict_recurrent(Recurrence(activation, width, kind, scale, drive, drive, length), decay)
    assert 10 ** np.mean(slopes) == pytest.approx(predicted.factor, rel=tolerance)
