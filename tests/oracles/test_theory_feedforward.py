"""Theory of feed-forward architectures against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from reportgen.analyse.theory.convolutional import filters_of, neighbours, predict_convolutional
from reportgen.analyse.theory.dense import predict_dense
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.highway import predict_highway
from reportgen.analyse.theory.moments import evaluate, gaussian_mean
from reportgen.analyse.theory.normalised import inverse_mean, per_batch, per_sample, sphere_moments
from reportgen.analyse.theory.prediction import Inputs, NoTheory
from reportgen.analyse.theory.residual import predict_residual

INPUTS = Inputs(64)
IMAGES = Inputs(1, image=(8, 8))


def network(activation="relu", scheme="he-normal", depth=20, width=256, **given):
    return {"depth": depth, "width": width, "activation": activation, "initialisation": {"name": scheme}, **given}


def steps(found):
    """Factors from each layer to the one below, from the input on."""
    return 10 ** -np.diff(found.profile)


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "linear", "tanh"])
def test_the_slope_is_the_derivative_of_the_value(activation):
    x = np.array([-3.0, -0.5, 0.5, 3.0])
    (above, _), (below, _), (_, slope) = (evaluate(activation, x + h) for h in (1e-6, -1e-6, 0.0))
    np.testing.assert_allclose((above - below) / 2e-6, slope, rtol=1e-6, atol=1e-9)


def test_gaussian_mean_has_its_own_mean_and_variance():
    assert gaussian_mean(lambda x: x**2, 0.5, 3.0) == pytest.approx(9.5)
    assert gaussian_mean(norm.cdf, 2.0, 1.0) == pytest.approx(norm.cdf(1 / np.sqrt(3)))


@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_dropout_raises_a_critical_network_by_the_root_of_the_share_kept(keep):
    found = predict_feedforward(network(dropout=1 - keep), INPUTS)
    assert found.factor == pytest.approx(keep**-0.5, rel=1e-12)


def test_weight_normalisation_changes_nothing():
    own = network("tanh", "glorot-normal")
    assert predict_feedforward({**own, "weight_normalisation": True}, INPUTS) == predict_feedforward(own, INPUTS)


@pytest.mark.parametrize("count", [8, 64])
def test_values_normalised_together_lie_on_a_sphere(count):
    density = lambda t: (1 - t**2) ** ((count - 4) / 2)  # noqa: E731
    square = quad(lambda t: np.tanh(np.sqrt(count - 1) * t) ** 2 * density(t), -1, 1)[0] / quad(density, -1, 1)[0]
    assert per_sample("tanh", count).second == pytest.approx(square, rel=1e-9)


@pytest.mark.parametrize("count", [6, 8, 64])
def test_the_slope_of_relu_behind_a_small_group(count):
    behind = per_sample("relu", count, keep=0.5)
    assert behind.second == pytest.approx(1.0, rel=1e-6)
    assert behind.slope == pytest.approx((count - 2) / (count - 3), rel=1e-6)


def test_layer_normalisation_makes_relu_critical_for_any_gain():
    for scheme in ("he-normal", "lecun-normal"):
        found = predict_feedforward(network(scheme=scheme, width=10**5, normalisation="layer"), INPUTS)
        assert found.factor == pytest.approx(1.0, abs=2e-5)


def test_batch_normalisation_of_relu_explodes_by_pi_over_pi_minus_one():
    """Yang et al. 2019, for large batches."""
    behind = per_batch("relu", 20_000)
    assert behind.slope / behind.seen == pytest.approx(np.pi / (np.pi - 1), rel=5e-4)


@pytest.mark.parametrize("batch", [8, 64])
def test_batch_normalisation_of_a_linear_network_is_known_for_every_batch(batch):
    behind = per_batch("linear", batch)
    assert behind.slope / behind.seen == pytest.approx((batch - 2) / (batch - 3), rel=1e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_moments_over_a_batch_are_those_of_sampled_batches(activation):
    batch, samples = 16, 100_000
    a = np.random.default_rng(3).standard_normal((samples, batch))
    a = (a - a.mean(1, keepdims=True)) / a.std(1, keepdims=True)
    value, slope = evaluate(activation, a)
    centring = np.eye(batch) - 1 / batch
    backwards = centring - a[:200, :, None] * a[:200, None, :] / batch
    turned = slope[:200, :, None] * centring * slope[:200, None, :]
    direct = np.einsum("sij,sji->s", backwards, turned)
    one, two = slope.sum(1), (a * slope).sum(1)
    formula = (slope**2 * (1 - (1 + a**2) / batch)).sum(1) - ((slope**2).sum(1) - (one**2 + two**2) / batch) / batch
    np.testing.assert_allclose(direct, formula[:200], atol=1e-12)
    behind = per_batch(activation, batch)
    assert behind.seen == pytest.approx(value.var(axis=1, ddof=1).mean(), rel=2e-3)
    assert behind.slope == pytest.approx(batch / (batch - 3) * formula.mean() / (batch - 1), rel=2e-3)


def test_a_nearly_linear_network_never_forgets_how_its_inputs_are_alike():
    own = network("linear", "lecun-normal", width=64, normalisation="batch")
    assert "how its inputs are alike" in predict_feedforward(own, INPUTS).reason
    few = network("tanh", "lecun-normal", normalisation="batch")
    assert isinstance(predict_feedforward(few, Inputs(2)), NoTheory)
    assert "by up to about 2 %" in predict_feedforward(few, replace(INPUTS, directions=13)).conditions


@pytest.mark.parametrize("given", [{"normalisation": "group", "groups": 64}, {"normalisation": "batch"}])
def test_nothing_is_predicted_where_a_variance_is_taken_over_five_values(given):
    assert "inverse of a variance" in predict_feedforward(network(**given), replace(INPUTS, batch=5)).reason


@pytest.mark.parametrize("added", [0.05, 1.0, 1e6])
def test_the_mean_inverse_variance_of_a_sum(added):
    generator = np.random.default_rng(5)
    count, samples = 12, 200_000
    whole = np.sqrt(count) + np.sqrt(added) * generator.standard_normal(samples)
    r = (whole**2 + added * generator.chisquare(count - 2, samples)) / count
    assert inverse_mean(count, added) == pytest.approx((1 / r).mean(), rel=5e-3)


def test_nothing_added_has_variance_one():
    assert inverse_mean(8, 0.0) == 1.0
    assert inverse_mean(8, 1e-7) == pytest.approx(1.0, abs=1e-6)
    assert sphere_moments("linear", 8) == pytest.approx((1.0, 1.0, -1 / 7))


@pytest.mark.parametrize("layers", [1, 2])
def test_residual_relu_networks_grow_by_the_root_of_two(layers):
    assert predict_residual(network(branch_layers=layers), INPUTS).factor == pytest.approx(2**0.5, rel=1e-12)


def test_branches_scaled_by_depth_grow_by_a_bounded_factor():
    found = predict_residual(network(depth=25, scale="inverse-sqrt-depth"), INPUTS)
    assert found.factor == pytest.approx((1 + 1 / 25) ** 0.5, rel=1e-12)


@pytest.mark.parametrize("given", [{}, {"normalisation": "batch"}, {"normalisation": "layer", "placement": "after"}])
def test_branches_that_start_at_zero_pass_the_signal_on_exactly(given):
    found = predict_residual(network(scale="zero", **given), INPUTS)
    assert found.factor == 1.0
    assert found.conditions.startswith("Exact")


def test_the_error_signal_through_normalised_branches_grows_as_the_root_of_the_variance():
    """ReLU with He adds 1 to the variance in every block."""
    found = predict_residual(network(width=10**6, normalisation="layer"), INPUTS)
    variance = 2 * 1.0 + np.arange(20)
    np.testing.assert_allclose(steps(found), np.sqrt(variance[1:] / variance[:-1]), rtol=1e-5)


def test_batch_normalised_branches_see_only_what_differs_between_samples():
    found = predict_residual(network(normalisation="batch"), replace(INPUTS, variance=0.5, batch=20_000))
    added = 1 - 1 / np.pi
    expected = np.sqrt(1 + 1 / (2 * 0.5 + added * np.arange(19)))
    np.testing.assert_allclose(steps(found), expected, rtol=5e-4)


def test_a_multilayer_perceptron_with_skips_is_a_residual_network():
    own = network("tanh", "glorot-normal", normalisation="layer")
    assert predict_feedforward({**own, "skip": True}, INPUTS) == predict_residual(own, INPUTS)


def test_two_layers_below_a_batch_normalised_sum_have_no_theory():
    own = network(branch_layers=2, normalisation="batch", placement="after")
    assert "not worked out" in predict_residual(own, INPUTS).reason


def test_a_closed_highway_passes_everything_on_and_an_open_one_is_a_plain_network():
    assert predict_highway(network(gate_bias=-60.0), INPUTS).factor == pytest.approx(1.0, abs=1e-12)
    assert predict_highway(network(gate_bias=300.0), INPUTS).factor == pytest.approx(1.0, abs=1e-9)
    halved = predict_highway(network(scheme="lecun-normal", gate_bias=300.0), INPUTS)
    assert halved.factor == pytest.approx(0.5**0.5, rel=1e-6)


def test_a_highway_without_matrices_is_its_carry_gate():
    """With vanishing weights the gate is sigmoid(-1) everywhere."""
    own = {**network("tanh", gate_bias=-1.0), "initialisation": {"name": "normal", "std": 1e-9}}
    assert predict_highway(own, INPUTS).factor == pytest.approx(1 / (1 + np.exp(-1)), rel=1e-9)


def test_a_dense_linear_network_is_a_power_of_the_position():
    found = predict_dense(network("linear", "lecun-normal", width=64), INPUTS)
    np.testing.assert_allclose(steps(found), np.sqrt(1 + 1 / np.arange(2, 21)), rtol=1e-12)


def test_the_neighbourhood_of_a_corner_has_four_pixels():
    mean = neighbours(np.ones((1, 3, 4))) * 9
    np.testing.assert_allclose(mean[0], [[4, 6, 6, 4], [6, 9, 9, 6], [4, 6, 6, 4]])


def test_a_convolution_over_one_pixel_uses_a_ninth_of_its_filter():
    assert predict_convolutional(network(), replace(IMAGES, image=(1, 1))).factor == pytest.approx(1 / 3)


def test_a_critical_convolutional_network_loses_what_leaves_at_the_border():
    found = predict_convolutional(network(depth=120), IMAGES)
    assert steps(found)[0] == pytest.approx((1 + 2 * np.cos(np.pi / 9)) / 3, rel=1e-9)


def test_filters_count_nine_places():
    read = filters_of(network(scheme="glorot-normal", width=16), 1)
    assert (read.entry[0], read.hidden[0]) == (pytest.approx(2 * 9 / (9 + 144)), pytest.approx(1.0))
    assert filters_of(network(scheme="orthogonal", width=16), 1).entry[0] == pytest.approx(9 / 16)


def test_convolutional_branches_that_start_at_zero_are_exact():
    assert predict_convolutional(network(skip=True, scale="zero"), IMAGES).factor == 1.0


def test_convolutional_networks_without_theory_say_why():
    assert "how pixels and samples correlate" in predict_convolutional(network(normalisation="batch"), IMAGES).reason
    assert "size of the task's images" in predict_convolutional(network(), Inputs(1)).reason


@pytest.mark.parametrize("predict", [predict_residual, predict_highway, predict_dense, predict_convolutional])
def test_unknown_parts_are_named(predict):
    assert "sine" in predict(network("sine"), IMAGES).reason
    assert "lottery" in predict(network(scheme="lottery"), IMAGES).reason
