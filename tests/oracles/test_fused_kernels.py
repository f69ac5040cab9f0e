"""Error signals of the unrolled gated cells against those that come out of PyTorch's fused kernels.

A fused kernel shows no inner states. But with the identity as input weights its inputs are the gates' pre-activations,
and the gradient with respect to them is the gates' error signal; times the recurrent weights it is what flows back
to the hidden state of the step before.
"""

import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.gru import gru
from reportgen.catalogue.architectures.lstm import lstm
from reportgen.catalogue.base import Shape
from reportgen.probe.taps import Probing, survey

WIDTH, BATCH, LENGTH = 5, 4, 9


def member(architecture, seed=0):
    """Draw one member's parameters in float64, moved a little so that none is 0."""
    generator = torch.Generator().manual_seed(seed)
    drawn = architecture.initialise(generator)
    return {name: v.double() + 0.2 * torch.randn(v.shape, generator=generator) for name, v in drawn.items()}


def unrolled(architecture, parameters, inputs, coefficients):
    """Return outputs, gradients by parameter, and error signals by name, of sum(outputs x coefficients)."""
    leaves = {name: v[None].clone().requires_grad_() for name, v in parameters.items()}
    found = survey(architecture, leaves, inputs[None])
    zeros = [torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True) for shape in found.shapes]
    outputs, _ = stacking.apply(architecture, leaves, inputs[None], zeros, Probing)
    wanted = [*leaves.values(), *zeros]
    gradients = [g[0] for g in torch.autograd.grad((outputs[0] * coefficients).sum(), wanted)]
    signals = zip(found.signals, gradients[len(leaves) :], strict=True)
    hidden = torch.stack([signal for position, signal in signals if position.name == "hidden"])
    return outputs[0].detach(), dict(zip(leaves, gradients, strict=False)), hidden


def problem(make, reads):
    architecture = make(Shape(3, 2, LENGTH, reads), width=WIDTH)
    generator = torch.Generator().manual_seed(8)
    inputs = torch.randn(BATCH, LENGTH, 3, generator=generator, dtype=torch.float64)
    layout = (BATCH, 2) if reads == 1 else (BATCH, reads, 2)
    coefficients = torch.randn(layout, generator=generator, dtype=torch.float64)
    return architecture, member(architecture), inputs, coefficients


def through_kernel(kernel, gates, parameters, inputs, hidden_bias, coefficients, reads):
    """Run a fused kernel on pre-activations; return outputs, hidden states, pre-activations and their gradient.

    The gradients of the weights are left at `parameters`; `direct` is what a read-out sends straight to its state.
    """
    drive = (inputs @ parameters["input"] + parameters["bias"]).detach().requires_grad_()
    identity = torch.eye(gates * WIDTH, dtype=torch.float64)
    start = torch.zeros(1, BATCH, WIDTH, dtype=torch.float64)
    state = (start, start) if gates == 4 else start
    tensors = [identity, parameters["recurrent"].T, torch.zeros(gates * WIDTH, dtype=torch.float64), hidden_bias]
    hidden = kernel(drive, state, tensors, True, 1, 0.0, True, False, True)[0]
    last = hidden[:, -1] if reads == 1 else hidden[:, -reads:]
    outputs = last @ parameters["readout"] + parameters["readout_bias"]
    (errors,) = torch.autograd.grad((outputs * coefficients).sum(), [drive])
    direct = torch.zeros(LENGTH, BATCH, WIDTH, dtype=torch.float64)
    direct[-reads:] = (coefficients @ parameters["readout"].T).reshape(BATCH, reads, WIDTH).transpose(0, 1)
    return (
        outputs.detach(),
        hidden.detach().transpose(0, 1),
        drive.detach().transpose(0, 1),
        errors.transpose(0, 1),
        direct,
    )


def assert_close(left, right):
    torch.testing.assert_close(left, right, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("reads", [1, 3])
def test_error_signals_of_an_lstm_are_those_of_the_fused_kernel(reads):
    architecture, parameters, inputs, coefficients = problem(lstm, reads)
    none = torch.zeros(4 * WIDTH, dtype=torch.float64)
    outputs, _, _, errors, direct = through_kernel(torch.lstm, 4, parameters, inputs, none, coefficients, reads)
    ours, gradients, signals = unrolled(architecture, parameters, inputs, coefficients)
    assert_close(ours, outputs)
    for t in range(LENGTH):
        expected = direct[t] + (errors[t + 1] @ parameters["recurrent"].T if t + 1 < LENGTH else 0.0)
        assert_close(signals[t], expected)
    assert_close(gradients["bias"], errors.sum((0, 1))[None])
    assert_close(gradients["input"], torch.einsum("btf,tbg->fg", inputs, errors))


@pytest.mark.parametrize("reads", [1, 3])
def test_error_signals_of_a_gru_are_those_of_the_fused_kernel(reads):
    """Beside the products, the part z_t of the state is carried on, and r_t scales the candidate's product."""
    architecture, parameters, inputs, coefficients = problem(gru, reads)
    c = torch.cat([torch.zeros(2 * WIDTH, dtype=torch.float64), parameters["recurrent_bias"][0]])
    outputs, states, drive, errors, direct = through_kernel(torch.gru, 3, parameters, inputs, c, coefficients, reads)
    ours, gradients, signals = unrolled(architecture, parameters, inputs, coefficients)
    assert_close(ours, outputs)
    expected = direct[-1]
    assert_close(signals[-1], expected)
    for t in range(LENGTH - 2, -1, -1):
        flown = states[t] @ parameters["recurrent"][:, : 2 * WIDTH]
        r, z = torch.sigmoid(drive[t + 1, :, : 2 * WIDTH] + flown).split(WIDTH, dim=-1)
        scaled = torch.cat([errors[t + 1, :, : 2 * WIDTH], r * errors[t + 1, :, 2 * WIDTH :]], dim=-1)
        expected = direct[t] + z * expected + scaled @ parameters["recurrent"].T
        assert_close(signals[t], expected)
    assert_close(gradients["bias"], errors.sum((0, 1))[None])
    assert_close(gradients["input"], torch.einsum("btf,tbg->fg", inputs, errors))


@pytest.mark.parametrize("reads", [1, 3])
def test_the_fused_kernel_and_the_ensemble_s_own_recurrence_train_an_lstm_alike(reads, monkeypatch):
    from reportgen.catalogue.architectures import fused

    architecture = lstm(Shape(3, 2, LENGTH, reads), width=WIDTH, forget_bias=1.0)
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(3)]
    inputs = torch.randn(3, BATCH, LENGTH, 3, generator=torch.Generator().manual_seed(1))
    found = []
    for quick in (True, False):
        monkeypatch.setattr(fused, "available", lambda _, quick=quick: quick)
        leaves = {name: torch.stack([own[name] for own in drawn]).requires_grad_() for name in drawn[0]}
        outputs, _ = stacking.apply(architecture, leaves, inputs)
        found.append([outputs, *torch.autograd.grad(outputs.square().sum(), list(leaves.values()))])
    for left, right in zip(*found, strict=True):
        torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-5)
