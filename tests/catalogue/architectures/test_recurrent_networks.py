"""What all recurrent networks have in common: positions, stacking, reads, truncation, dropout."""

import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent
from reportgen.probe.taps import Probing, survey
from reportgen.registry import architectures

PLAIN = {
    "rnn tanh": ("rnn", {"activation": "tanh"}),
    "rnn sigmoid": ("rnn", {"activation": "sigmoid", "recurrence": "gaussian"}),
    "lstm": ("lstm", {}),
    "lstm relu": ("lstm", {"activation": "relu", "forget_bias": 1.0}),
    "gru": ("gru", {"update_bias": 0.5}),
}
ALL = PLAIN | {
    "orthogonal-rnn": ("orthogonal-rnn", {"activation": "relu"}),
    "echo-state": ("echo-state", {"leak": 0.4, "density": 0.5}),
}
LENGTH = 7


class Listening(Silent):
    """Makes a network take the unrolled way, and changes nothing."""

    listening = True


def network(case, reads=1, **options):
    name, own = ALL[case]
    entry = architectures[name]
    return entry(Shape(2, 3, LENGTH, reads), **entry.complete(own | {"width": 5} | options))


def stacked(architecture, members=3, dtype=torch.float64, move=0.3):
    """Draw members, moved a little so that no parameter is 0."""
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(members)]
    generator = torch.Generator().manual_seed(99)
    parameters = {name: torch.stack([own[name] for own in drawn]).to(dtype) for name in drawn[0]}
    return {name: v + move * torch.randn(v.shape, generator=generator, dtype=dtype) for name, v in parameters.items()}


def sequences(members=3, dtype=torch.float64):
    return torch.randn(members, 4, LENGTH, 2, generator=torch.Generator().manual_seed(1), dtype=dtype)


def gradients(architecture, parameters, inputs, taps=Silent):
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items() if name != "dropout"}
    held = {"dropout": parameters["dropout"]} if "dropout" in parameters else {}
    outputs, _ = stacking.apply(architecture, leaves | held, inputs, (), taps)
    weights = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(2), dtype=outputs.dtype)
    found = torch.autograd.grad((outputs * weights).sum(), list(leaves.values()), materialize_grads=True)
    return outputs.detach(), dict(zip(leaves, found, strict=True))


def assert_same(left, right, tolerance=1e-10):
    torch.testing.assert_close(left[0], right[0], rtol=tolerance, atol=tolerance)
    for name in left[1]:
        torch.testing.assert_close(left[1][name], right[1][name], rtol=tolerance, atol=tolerance, msg=name)


@pytest.mark.parametrize("case", ALL)
def test_positions_are_time_steps_and_matrices_layers(case):
    architecture = network(case)
    found = survey(architecture, stacked(architecture), sequences())
    steps = [("time", t, LENGTH - t, "hidden") for t in range(1, LENGTH + 1)]
    assert [p for p in found.signals if p.name == "hidden"] == steps
    assert [p for p in found.activations if p.name == "hidden"] == steps
    assert [(w.kind, w.index, w.distance, w.name) for w in architecture.weights] == [
        ("layer", 1, 2, "input"),
        ("layer", 2, 1, "recurrent"),
        ("layer", 3, 0, "readout"),
    ]
    assert {w.parameter for w in architecture.weights} <= set(stacked(architecture))


def test_an_lstm_has_positions_at_its_cell_and_its_forget_gate_too():
    architecture = network("lstm")
    found = survey(architecture, stacked(architecture), sequences())
    assert [p for p in found.signals if p.name != "hidden"] == [("time", t, LENGTH - t, "cell") for t in range(1, 8)]
    assert [p.index for p in found.activations if p.name == "forget-gate"] == list(range(1, 8))


@pytest.mark.parametrize("reads", [1, 3])
@pytest.mark.parametrize("case", ALL)
def test_the_quick_way_equals_the_unrolled_one(case, reads):
    architecture = network(case, reads)
    parameters, inputs = stacked(architecture), sequences()
    assert_same(*(gradients(architecture, parameters, inputs, taps) for taps in (Silent, Listening)))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("case", PLAIN)
def test_the_inputs_gradient_of_the_quick_way_is_that_of_the_unrolled_one(case, shared):
    architecture = network(case, 3, truncation=4)
    parameters, found = stacked(architecture), []
    for taps in (Silent, Listening):
        inputs = sequences(1 if shared else 3).requires_grad_()
        outputs, _ = stacking.apply(architecture, parameters, inputs, (), taps)
        found += torch.autograd.grad(outputs.square().sum(), [inputs])
    torch.testing.assert_close(*found, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("reads", [1, 3])
@pytest.mark.parametrize("case", ALL)
def test_stacked_equals_single(case, reads):
    architecture = network(case, reads)
    parameters, inputs = stacked(architecture), sequences()
    outputs, _ = stacking.apply(architecture, parameters, inputs)
    shared, _ = stacking.apply(architecture, parameters, inputs[:1])
    assert outputs.shape == ((3, 4, 3) if reads == 1 else (3, 4, reads, 3))
    for m in range(3):
        own = {name: value[m] for name, value in parameters.items()}
        torch.testing.assert_close(outputs[m], architecture.forward(own, inputs[m], Silent()))
        torch.testing.assert_close(shared[m], architecture.forward(own, inputs[0], Silent()))


@pytest.mark.parametrize("case", ALL)
def test_reads_are_what_a_readout_after_each_step_gives(case):
    architecture, last = network(case, 3), network(case)
    parameters, inputs = stacked(architecture), sequences()
    outputs, _ = stacking.apply(architecture, parameters, inputs)
    for k in range(3):
        shorter, _ = stacking.apply(last, parameters, inputs[:, :, : LENGTH - 2 + k])
        torch.testing.assert_close(outputs[:, :, k], shorter)


@pytest.mark.parametrize("reads", [1, 4])
@pytest.mark.parametrize("window", [1, 3, LENGTH, 20])
@pytest.mark.parametrize("case", PLAIN)
def test_truncation_equals_windows_that_start_from_a_given_state(case, window, reads):
    """Output after a cut: that of the whole sequence, whose state at the cut is a number and no function."""
    parameters, inputs = stacked(network(case)), sequences()
    quick = gradients(network(case, reads, truncation=window), parameters, inputs)
    assert_same(quick, gradients(network(case, reads, truncation=window), parameters, inputs, Listening))
    whole = gradients(network(case, reads), parameters, inputs)
    torch.testing.assert_close(quick[0], whole[0])
    same = all(torch.allclose(quick[1][name], whole[1][name]) for name in whole[1])
    assert same == (window >= LENGTH)


@pytest.mark.parametrize("case", PLAIN)
def test_truncated_error_signals_end_at_the_window(case):
    architecture = network(case, truncation=3)
    parameters, inputs = stacked(architecture), sequences()
    found = survey(architecture, parameters, inputs)
    zeros = [torch.zeros(3, *shape, dtype=torch.float64, requires_grad=True) for shape in found.shapes]
    outputs, _ = stacking.apply(architecture, parameters, inputs, zeros, Probing)
    signals = torch.autograd.grad(outputs.square().sum(), zeros, materialize_grads=True)
    reached = {p.index for p, signal in zip(found.signals, signals, strict=True) if signal.any()}
    assert reached == {5, 6, 7}


@pytest.mark.parametrize("reads", [1, 3])
@pytest.mark.parametrize("case", PLAIN)
def test_dropout_hides_units_from_products_and_readout(case, reads):
    """A masked unit counts as 0 for the weights: the same as its rows of both matrices set to 0."""
    architecture = network(case, reads, dropout=0.5)
    parameters, inputs = stacked(architecture), sequences()
    mask = torch.tensor([0.0, 2.0, 2.0, 0.0, 2.0], dtype=torch.float64)
    quick = gradients(architecture, parameters | {"dropout": mask.expand(3, 4, 5)}, inputs)
    assert_same(quick, gradients(architecture, parameters | {"dropout": mask.expand(3, 4, 5)}, inputs, Listening))
    scaled = {
        name: value * mask[:, None] if name in ("recurrent", "readout") else value for name, value in parameters.items()
    }
    torch.testing.assert_close(quick[0], stacking.apply(architecture, scaled, inputs)[0])


@pytest.mark.parametrize("case", PLAIN)
def test_dropout_draws_one_mask_a_sequence(case):
    assert network(case).noise is None
    drawn = network(case, dropout=0.25).noise(torch.Generator().manual_seed(0), 2000)
    assert list(drawn) == ["dropout"] and drawn["dropout"].shape == (2000, 5)
    assert drawn["dropout"].unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert drawn["dropout"].mean().item() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("case", ALL)
def test_torch_vmap_stacks_it_too(case):
    from dataclasses import replace

    architecture = network(case, 2)
    parameters, inputs = stacked(architecture), sequences()
    mapped = replace(architecture, stacking="vmap")
    assert_same(*(gradients(a, parameters, inputs, Listening) for a in (mapped, architecture)))
