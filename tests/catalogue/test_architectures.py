import pydantic
import pytest
import torch
from torch import nn

from reportgen.catalogue.architectures.mlp import mlp
from reportgen.catalogue.architectures.rnn import recurrent_matrix, rnn
from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent
from reportgen.probe.taps import survey
from reportgen.registry import architectures

MODULES = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}


def generator():
    return torch.Generator().manual_seed(5)


@pytest.mark.parametrize("activation", MODULES)
def test_mlp_is_a_stack_of_linear_layers(activation):
    ours = mlp(Shape(4, 3), depth=2, width=5, activation=activation, initialisation="default")
    parameters = ours.initialise(generator())
    theirs = nn.Sequential(
        nn.Linear(4, 5), MODULES[activation](), nn.Linear(5, 5), MODULES[activation](), nn.Linear(5, 3)
    )
    linears = [module for module in theirs if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for layer, linear in enumerate(linears, start=1):
            linear.weight.copy_(parameters[f"weight_{layer}"].T)
            linear.bias.copy_(parameters[f"bias_{layer}"][0])
    inputs = torch.randn(7, 4, generator=generator())
    assert torch.allclose(ours.forward(parameters, inputs, Silent()), theirs(inputs), atol=1e-6)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_rnn_is_that_of_torch(activation):
    ours = rnn(Shape(2, 3, length=6), width=4, activation=activation, recurrence="gaussian", gain=1.2)
    parameters = ours.initialise(generator())
    theirs = nn.RNN(2, 4, nonlinearity=activation, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(parameters["input"].T)
        theirs.weight_hh_l0.copy_(parameters["recurrent"].T)
        theirs.bias_ih_l0.copy_(parameters["bias"][0])
        theirs.bias_hh_l0.zero_()
        inputs = torch.randn(5, 6, 2, generator=generator())
        expected = theirs(inputs)[1][0] @ parameters["readout"] + parameters["readout_bias"]
    assert torch.allclose(ours.forward(parameters, inputs, Silent()), expected, atol=1e-6)


def test_positions_of_an_mlp_count_the_readout_as_the_last_layer():
    ours = mlp(Shape(4, 3), depth=2, width=5)
    found = survey(ours, {k: v[None] for k, v in ours.initialise(generator()).items()}, torch.zeros(1, 7, 4))
    assert found.signals == [("layer", 1, 2, "hidden"), ("layer", 2, 1, "hidden"), ("layer", 3, 0, "readout")]
    assert found.activations == found.signals[:2]
    assert [(w.kind, w.index, w.distance, w.name) for w in ours.weights] == found.signals


def test_positions_of_an_rnn_are_time_steps_and_its_matrices_layers():
    ours = rnn(Shape(2, 3, length=3), width=4)
    found = survey(ours, {k: v[None] for k, v in ours.initialise(generator()).items()}, torch.zeros(1, 7, 3, 2))
    assert found.signals == [("time", t, 3 - t, "hidden") for t in (1, 2, 3)]
    assert [(w.name, w.index, w.distance) for w in ours.weights] == [
        ("input", 1, 2),
        ("recurrent", 2, 1),
        ("readout", 3, 0),
    ]


@pytest.mark.parametrize("recurrence", ["gaussian", "orthogonal", "identity"])
def test_spectral_radius_is_exact(recurrence):
    drawn = recurrent_matrix(20, recurrence, generator(), spectral_radius=1.3)
    assert torch.linalg.eigvals(drawn).abs().max().item() == pytest.approx(1.3, rel=1e-12)


def test_gain_scales_the_recurrence():
    assert torch.equal(recurrent_matrix(3, "identity", generator(), gain=0.5), 0.5 * torch.eye(3, dtype=torch.float64))
    gaussian = recurrent_matrix(300, "gaussian", generator(), gain=2.0)
    assert gaussian.var().item() == pytest.approx(4.0 / 300, rel=0.02)


def test_gain_and_spectral_radius_exclude_each_other():
    entry = architectures["rnn"]
    assert entry.complete({})["gain"] == 1.0
    assert entry.complete({"spectral_radius": 1.1})["gain"] is None
    assert entry.complete(entry.complete({"spectral_radius": 1.1})) == entry.complete({"spectral_radius": 1.1})
    with pytest.raises(pydantic.ValidationError, match="give gain or spectral_radius, not both"):
        entry.complete({"gain": 1.0, "spectral_radius": 1.0})
