"""Long short-term memory against torch.nn.LSTM, and its initial values."""

from itertools import pairwise

import pydantic
import pytest
import torch
from torch import nn

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.lstm import lstm
from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent
from reportgen.registry import architectures


def module_of(parameters, inputs, width):
    """Return nn.LSTM with one member's weights."""
    made = nn.LSTM(inputs, width, batch_first=True, dtype=parameters["input"].dtype)
    with torch.no_grad():
        made.weight_ih_l0.copy_(parameters["input"].T)
        made.weight_hh_l0.copy_(parameters["recurrent"].T)
        made.bias_ih_l0.copy_(parameters["bias"][0])
        made.bias_hh_l0.zero_()
    return made


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_it_is_that_of_torch(dtype, tolerance):
    ours = lstm(Shape(2, 3, length=6), width=4, forget_bias=1.0, recurrence="gaussian", gain=1.2)
    parameters = {name: v.to(dtype) for name, v in ours.initialise(torch.Generator().manual_seed(5)).items()}
    inputs = torch.randn(5, 6, 2, generator=torch.Generator().manual_seed(6)).to(dtype)
    with torch.no_grad():
        expected = module_of(parameters, 2, 4)(inputs)[1][0][0] @ parameters["readout"] + parameters["readout_bias"]
    found = [ours.forward(parameters, inputs, Silent())]
    found.append(stacking.apply(ours, {name: v[None] for name, v in parameters.items()}, inputs[None])[0][0])
    for outputs in found:
        torch.testing.assert_close(outputs, expected, rtol=tolerance, atol=tolerance)


def test_each_gate_has_its_own_orthogonal_matrix():
    recurrent = lstm(Shape(2, 3, 6), width=4, gain=0.5).initialise(torch.Generator().manual_seed(0))["recurrent"]
    parts = recurrent.split(4, dim=1)
    for part in parts:
        torch.testing.assert_close(part.T @ part, 0.25 * torch.eye(4))
    assert not torch.equal(parts[0], parts[1])


def test_only_the_forget_gate_has_the_forget_bias():
    bias = lstm(Shape(2, 3, 6), width=2, forget_bias=1.5).initialise(torch.Generator())["bias"]
    assert bias.tolist() == [[0.0, 0.0, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0]]


def test_chrono_biases_are_logarithms_of_times_up_to_the_length():
    bias = lstm(Shape(2, 3, 101), width=1000, chrono=True, recurrence="gaussian").initialise(
        torch.Generator().manual_seed(0)
    )["bias"][0]
    i, f, g, o = bias.split(1000)
    times = f.exp()
    assert torch.equal(i, -f) and not g.any() and not o.any()
    assert times.min() >= 1.0 and times.max() <= 100.001 and times.mean().item() == pytest.approx(50.5, rel=0.05)


def test_chrono_and_a_forget_bias_exclude_each_other():
    entry = architectures["lstm"]
    assert entry.complete({"chrono": True})["forget_bias"] == 0.0
    with pytest.raises(pydantic.ValidationError, match="give forget_bias or chrono, not both"):
        entry.complete({"chrono": True, "forget_bias": 1.0})


def test_the_cell_decays_by_its_forget_gate_alone_where_gates_do_not_see_the_state():
    """With U = 0 the derivative of c_t with respect to c_{t-1} is f, and nothing flows through h."""
    from reportgen.probe.taps import Probing, survey

    ours = lstm(Shape(2, 3, length=6), width=4, forget_bias=0.7)
    parameters = {name: v[None].double() for name, v in ours.initialise(torch.Generator().manual_seed(1)).items()}
    for name in ("input", "recurrent"):
        parameters[name] = torch.zeros_like(parameters[name])
    inputs = torch.randn(1, 5, 6, 2, dtype=torch.float64)
    found = survey(ours, parameters, inputs)
    zeros = [torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True) for shape in found.shapes]
    signals = torch.autograd.grad(stacking.apply(ours, parameters, inputs, zeros, Probing)[0].sum(), zeros)
    cells = [s for p, s in zip(found.signals, signals, strict=True) if p.name == "cell"]
    factor = torch.sigmoid(torch.tensor(0.7, dtype=torch.float64))
    for below, above in pairwise(cells):
        torch.testing.assert_close(below, factor * above, rtol=1e-6, atol=0.0)
