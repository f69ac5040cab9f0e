"""The gated recurrent unit against torch.nn.GRU, and its initial values."""

import pytest
import torch
from torch import nn

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.gru import gru
from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent


def module_of(parameters, inputs, width):
    """Return nn.GRU with one member's weights."""
    made = nn.GRU(inputs, width, batch_first=True, dtype=parameters["input"].dtype)
    with torch.no_grad():
        made.weight_ih_l0.copy_(parameters["input"].T)
        made.weight_hh_l0.copy_(parameters["recurrent"].T)
        made.bias_ih_l0.copy_(parameters["bias"][0])
        made.bias_hh_l0.zero_()
        made.bias_hh_l0[2 * width :] = parameters["recurrent_bias"][0]
    return made


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_it_is_that_of_torch(dtype, tolerance):
    ours = gru(Shape(2, 3, length=6), width=4, update_bias=1.0, recurrence="gaussian", gain=1.2)
    parameters = {name: v.to(dtype) for name, v in ours.initialise(torch.Generator().manual_seed(5)).items()}
    parameters["recurrent_bias"] = torch.randn(1, 4, generator=torch.Generator().manual_seed(7)).to(dtype)
    inputs = torch.randn(5, 6, 2, generator=torch.Generator().manual_seed(6)).to(dtype)
    with torch.no_grad():
        expected = module_of(parameters, 2, 4)(inputs)[1][0] @ parameters["readout"] + parameters["readout_bias"]
    found = [ours.forward(parameters, inputs, Silent())]
    found.append(stacking.apply(ours, {name: v[None] for name, v in parameters.items()}, inputs[None])[0][0])
    for outputs in found:
        torch.testing.assert_close(outputs, expected, rtol=tolerance, atol=tolerance)


def test_only_the_update_gate_has_the_update_bias():
    drawn = gru(Shape(2, 3, 6), width=2, update_bias=1.5).initialise(torch.Generator())
    assert drawn["bias"].tolist() == [[0.0, 0.0, 1.5, 1.5, 0.0, 0.0]]
    assert not drawn["recurrent_bias"].any()


def test_a_large_update_bias_keeps_the_error_signal():
    from reportgen.probe.taps import Probing, survey

    ours = gru(Shape(2, 3, length=30), width=4, update_bias=20.0)
    parameters = {name: v[None].double() for name, v in ours.initialise(torch.Generator().manual_seed(1)).items()}
    inputs = torch.randn(1, 5, 30, 2, dtype=torch.float64)
    zeros = [
        torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True)
        for shape in survey(ours, parameters, inputs).shapes
    ]
    signals = torch.autograd.grad(stacking.apply(ours, parameters, inputs, zeros, Probing)[0].sum(), zeros)
    torch.testing.assert_close(signals[0], signals[-1], rtol=1e-4, atol=1e-6)
