"""Theory against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr

from reportgen.analyse.theory import Inputs, NoTheory, predict
from reportgen.analyse.theory.feedforward import layer_factors, predict_feedforward
from reportgen.analyse.theory.feedforward import variance_trajectory as trajectory
from reportgen.analyse.theory.known import recurrence_of
from reportgen.analyse.theory.moments import ACTIVATIONS, moments
from reportgen.analyse.theory.network import layer_variances
from reportgen.analyse.theory.prediction import prediction
from reportgen.analyse.theory.recurrent import Recurrence, predict_recurrent, state_variances, step_factors
from reportgen.study.spec import Arm, Component, Measure, Training


def network(activation: str, scheme: str, depth: int = 30, width: int = 256, **given: float) -> dict[str, object]:
    initialisation = {"name": scheme, **given}
    return {"depth": depth, "width": width, "activation": activation, "initialisation": initialisation}


def gaussian(function, variance):
    """E[f(sqrt(q) z)^2] by adaptive quadrature, independent of the package."""
    density = lambda z: function(np.sqrt(variance) * z) ** 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    return quad(density, -12, 0, epsabs=1e-13)[0] + quad(density, 0, 12, epsabs=1e-13)[0]


@pytest.mark.parametrize("variance", [0.01, 1.0, 30.0])
@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("sigmoid", expit),
        ("tanh", np.tanh),
        ("relu", lambda x: max(x, 0.0)),
        ("leaky-relu", lambda x: x if x > 0 else 0.01 * x),
        ("elu", lambda x: x if x > 0 else np.expm1(x)),
        ("selu", lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * np.expm1(x))),
        ("gelu", lambda x: x * ndtr(x)),
        ("silu", lambda x: x * expit(x)),
        ("linear", lambda x: x),
    ],
)
def test_moments_match_adaptive_quadrature(activation, function, variance):
    value, slope = moments(activation, variance)
    assert value[0] == pytest.approx(gaussian(function, variance), rel=1e-9)
    step = 1e-6 * np.sqrt(variance)
    derivative = lambda x: (function(x + step) - function(x - step)) / (2 * step)  # noqa: E731
    assert slope[0] == pytest.approx(gaussian(derivative, variance), rel=2e-5)


def test_all_nine_activations_are_known():
    assert set(ACTIVATIONS) == {"sigmoid", "tanh", "relu", "leaky-relu", "elu", "selu", "gelu", "silu", "linear"}


def test_relu_with_he_is_critical_in_every_layer():
    he = layer_variances("he-normal", 64, 64)
    assert he == (2.0, 0.0)
    np.testing.assert_allclose(layer_factors("relu", trajectory("relu", 50, 2.0, *he), 2.0), 1.0, atol=1e-15)
    assert predict_feedforward(network("relu", "he-uniform"), Inputs(64)).factor == pytest.approx(1.0, abs=1e-14)


def test_the_closed_form_for_selu_is_a_fixed_point():
    value, _ = moments("selu", 1.0)
    assert value[0] == pytest.approx(1.0, abs=1e-6)


def test_variances_by_initialisation():
    assert layer_variances("glorot-normal", 64, 256) == (pytest.approx(0.4), 0.0)
    assert layer_variances("glorot-uniform", 256, 256, gain=1.5) == (pytest.approx(2.25), 0.0)
    assert layer_variances("default", 64, 256) == (pytest.approx(1 / 3), pytest.approx(1 / 192))
    assert layer_variances("lecun-normal", 64, 256) == (1.0, 0.0)
    assert layer_variances("scaled-normal", 64, 256, gain=1.2) == (pytest.approx(1.44), 0.0)
    assert layer_variances("orthogonal", 64, 256) == (pytest.approx(0.25), 0.0)
    assert layer_variances("orthogonal", 256, 256, gain=0.9) == (pytest.approx(0.81), 0.0)
    assert layer_variances("normal", 100, 100, deviation=0.01) == (pytest.approx(0.01), 0.0)
    assert layer_variances("lottery", 100, 100) is None


def test_the_default_with_relu_is_one_over_the_root_of_six():
    predicted = predict_feedforward(network("relu", "default"), Inputs(64))
    assert predicted.factor == pytest.approx(np.sqrt(1 / 6), rel=1e-12)


def test_tanh_with_glorot_follows_its_trajectory_not_its_fixed_point():
    predicted = predict_feedforward(network("tanh", "glorot-normal"), Inputs(64))
    assert predicted.geometric_mean == pytest.approx(0.956, abs=0.001)
    at_60 = predict_feedforward(network("tanh", "glorot-normal", depth=60), Inputs(64))
    assert predicted.factor < at_60.factor < 1
    assert at_60.geometric_mean == pytest.approx(0.973, abs=0.001)


def test_sigmoid_with_glorot_reaches_a_fixed_factor():
    predicted = predict_feedforward(network("sigmoid", "glorot-normal"), Inputs(64))
    q = 0.3
    for _ in range(200):
        q = gaussian(expit, q)
    chi = gaussian(lambda x: expit(x) * expit(-x), q)
    assert predicted.factor == pytest.approx(np.sqrt(chi), rel=1e-6)


def test_a_linear_orthogonal_network_has_its_gain():
    predicted = predict_feedforward(network("linear", "orthogonal", gain=0.97), Inputs(64))
    assert predicted.factor == pytest.approx(0.97, rel=1e-12)
    assert predicted.conditions.startswith("Exact")


def test_the_profile_ends_at_zero_and_the_fit_leaves_out_the_first_layer():
    predicted = prediction([1e-3, 0.5, 0.5, 0.5], "layer", ("key",), "")
    assert predicted.factor == pytest.approx(0.5)
    assert predicted.geometric_mean == pytest.approx(0.5)
    assert predicted.fitted == 2
    assert predicted.profile[-1] == 0.0
    assert predicted.profile[0] == pytest.approx(np.log10(1e-3 * 0.125))


def test_nothing_is_predicted_for_two_layers():
    found = predict_feedforward(network("tanh", "he-normal", depth=2), Inputs(64))
    assert isinstance(found, NoTheory)
    assert "2 positions" in found.reason


def test_nothing_is_predicted_for_what_is_not_known():
    assert "lottery" in predict_feedforward(network("tanh", "lottery"), Inputs(64)).reason
    assert "sine" in predict_feedforward(network("sine", "he-normal"), Inputs(64)).reason


def test_nothing_is_predicted_where_the_size_of_the_input_decides():
    found = predict_feedforward(network("gelu", "he-normal"), Inputs(64))
    assert "from 0.75 to 0.95" in found.reason
    shallow = predict_feedforward(network("tanh", "glorot-normal", depth=5, width=32), Inputs(64))
    assert "from 0.817 to 0.859" in shallow.conditions
    assert "size" not in predict_feedforward(network("sigmoid", "glorot-normal"), Inputs(64)).conditions


def recurrence(activation="linear", matrix="orthogonal", scale=0.9, drive=0.5, length=50) -> Recurrence:
    return Recurrence(activation, 64, matrix, scale, drive, drive, length)


@pytest.mark.parametrize("scale", [0.8, 0.95, 1.0, 1.05])
@pytest.mark.parametrize("matrix", ["orthogonal", "identity"])
def test_a_linear_recurrence_has_exactly_its_scale(scale, matrix):
    predicted = predict_recurrent(recurrence(matrix=matrix, scale=scale))
    assert predicted.factor == pytest.approx(scale, rel=1e-12)
    assert predicted.conditions.startswith("Exact")


def test_relu_recurrence_loses_the_root_of_two():
    np.testing.assert_allclose(step_factors(recurrence("relu", "gaussian", 1.4)), 1.4 / np.sqrt(2))


def test_tanh_recurrence_settles_at_its_self_consistent_variance():
    q = state_variances(recurrence("tanh", "gaussian", 1.5, length=100))[-1]
    assert q == pytest.approx(1.5**2 * gaussian(np.tanh, q) + 0.5, rel=1e-9)
    expected = 1.5 * np.sqrt(gaussian(lambda x: 1 - np.tanh(x) ** 2, q))
    assert step_factors(recurrence("tanh", "gaussian", 1.5, length=100))[-1] == pytest.approx(expected, rel=1e-9)


def test_an_exploding_linear_recurrence_stays_in_range():
    assert predict_recurrent(recurrence("linear", "gaussian", 50.0, length=400)).factor == pytest.approx(50.0)


def test_a_scaled_identity_with_tanh_has_no_theory():
    assert "do not mix" in predict_recurrent(recurrence("tanh", "identity")).reason


def test_recurrence_of_reads_the_parameters_of_the_catalogue():
    given = {"width": 32, "activation": "tanh", "recurrence": "gaussian", "spectral_radius": 1.1, "gain": None}
    latch = Inputs(10, 0.01, 50, first=1.0)
    assert recurrence_of(given, latch) == Recurrence("tanh", 32, "spectral-radius", 1.1, 1.0, 0.01, 50, features=10)
    given = {"width": 32, "activation": "linear", "recurrence": "orthogonal", "spectral_radius": None, "gain": 0.9}
    assert recurrence_of(given, latch) == Recurrence("linear", 32, "orthogonal", 0.9, 1.0, 0.01, 50, features=10)
    assert isinstance(recurrence_of(given, Inputs(64)), NoTheory)


def arm(task: Component, architecture: Component) -> Arm:
    return Arm(
        "a", "a", {}, {}, "", False, task, architecture, (), Training(steps=0), Measure(()), None, (), (0,), ()
    )  # fmt: skip


def test_predict_applies_the_settings_of_remedies():
    mlp = Component("mlp", 1, network("relu", "he-normal"))
    remedied = replace(arm(Component("digits"), mlp), remedies=(Component("skip-connections"),))
    assert predict(remedied).factor == pytest.approx(2**0.5)


def test_batch_normalisation_depends_on_the_batch_of_the_arm():
    mlp = Component("mlp", 1, {**network("linear", "lecun-normal", width=1024), "normalisation": "batch"})
    own = replace(arm(Component("digits"), mlp), training=Training(steps=0, batch_size=32))
    assert predict(own).factor == pytest.approx((30 / 29) ** 0.5, rel=1e-4)


def test_the_size_of_the_digits_images_is_known():
    cnn = Component("cnn", 1, network("relu", "he-normal", width=16))
    assert predict(arm(Component("digit-images"), cnn)).factor == pytest.approx(0.959, abs=0.01)


@pytest.mark.parametrize(("name", "reason"), [("transformer", "tokens"), ("echo-state", "no gradient flows")])
def test_architectures_without_theory_say_why(name, reason):
    assert reason in predict(arm(Component("digit-rows"), Component(name))).reason


def test_predict_dispatches_on_the_architecture():
    mlp = Component("mlp", 1, network("relu", "he-normal"))
    rnn = Component("rnn", 1, {"width": 32, "activation": "linear", "recurrence": "orthogonal", "gain": 0.9})
    pixels = Component("digit-pixels")
    assert predict(arm(Component("digits"), mlp)).factor == pytest.approx(1.0)
    assert predict(arm(pixels, rnn)).factor == pytest.approx(0.9)
    assert predict(arm(pixels, Component("own"))).reason == "there is no theory here for the architecture 'own'"
    assert "'custom' is not known" in predict(arm(Component("custom"), mlp)).reason
    assert predict(arm(Component("custom"), mlp), Inputs(3)).factor == pytest.approx(1.0)
