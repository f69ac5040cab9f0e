"""The echo state network: its reservoir, its states, and where no gradient flows."""

import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.echo_state import echo_state, reservoir
from reportgen.catalogue.base import Shape
from reportgen.probe.taps import Probing, survey
from reportgen.registry import architectures


def drawn(architecture, seeds=(0, 1)):
    members = [architecture.initialise(torch.Generator().manual_seed(seed)) for seed in seeds]
    return {name: torch.stack([own[name] for own in members]).double() for name in members[0]}


@pytest.mark.parametrize(("width", "density", "each"), [(40, 0.1, 4), (7, 0.01, 1), (1, 0.1, 1), (5, 1.0, 5)])
def test_each_unit_reads_from_equally_many_and_the_radius_is_exact(width, density, each):
    matrix = reservoir(width, density, 0.9, torch.Generator().manual_seed(0))
    assert (matrix != 0).sum(0).tolist() == [each] * width
    assert torch.linalg.eigvals(matrix).abs().max().item() == pytest.approx(0.9, rel=1e-10)


@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_features_are_the_leaky_states_and_a_constant(leak):
    architecture = echo_state(Shape(2, 3, 6), width=8, leak=leak, input_scale=0.5)
    parameters = drawn(architecture)
    assert parameters["input"].abs().max() <= 0.5
    inputs = torch.randn(2, 4, 6, 2, dtype=torch.float64)
    state = torch.zeros(2, 4, 8, dtype=torch.float64)
    for t in range(6):
        state = (1 - leak) * state + leak * torch.tanh(
            inputs[:, :, t] @ parameters["input"] + state @ parameters["recurrent"]
        )
    features = architecture.readout.features(parameters, inputs)
    torch.testing.assert_close(features, torch.cat([state, torch.ones(2, 4, 1, dtype=torch.float64)], dim=-1))


def test_the_outputs_are_the_features_times_the_readout_that_starts_at_0():
    architecture = echo_state(Shape(2, 3, 6, reads=2), width=8)
    parameters, inputs = drawn(architecture), torch.randn(2, 4, 6, 2, dtype=torch.float64)
    assert not stacking.apply(architecture, parameters, inputs)[0].any()
    parameters["readout"] = torch.randn(2, 9, 3, dtype=torch.float64)
    rows = architecture.readout.features(parameters, inputs) @ parameters["readout"]
    torch.testing.assert_close(stacking.apply(architecture, parameters, inputs)[0], rows.unflatten(1, (4, 2)))
    assert architecture.readout.parameter == "readout" and architecture.readout.ridge == 1e-4


def test_no_gradient_flows_through_time_or_into_the_reservoir():
    architecture = echo_state(Shape(2, 3, 6), width=8)
    parameters = drawn(architecture)
    parameters["readout"] = torch.randn(2, 9, 3, dtype=torch.float64)
    inputs = torch.randn(2, 4, 6, 2, dtype=torch.float64)
    shapes = survey(architecture, parameters, inputs).shapes
    zeros = [torch.zeros(2, *shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    leaves = [value.requires_grad_() for value in parameters.values()]
    outputs, _ = stacking.apply(architecture, parameters, inputs, zeros, Probing)
    found = torch.autograd.grad(outputs.sum(), [*zeros, *leaves], materialize_grads=True)
    assert not any(signal.any() for signal in found[:5])
    torch.testing.assert_close(found[5], parameters["readout"][:, None, :8].sum(-1).expand(2, 4, 8))
    assert [bool(gradient.any()) for gradient in found[6:]] == [False, False, True]


def test_it_is_fitted_without_a_learning_rate():
    assert architectures["echo-state"].facts["learning_rate"] is False
