"""The recurrence in one piece against the plain loop that autograd differentiates."""

import pytest
import torch

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.recurrence import SLOPES, last_states

READING = {
    "one read": (1, None),
    "three reads": (3, None),
    "a window": (1, 3),
    "reads and windows": (4, 3),
    "cut": (2, 1),
}


def generator():
    return torch.Generator().manual_seed(0)


def plain(drive, weight, activation, mask=None, reads=1, truncation=None):
    phi = activations.function(activation)
    hidden = torch.zeros_like(drive[:, :, 0])
    length, kept = drive.shape[2], []
    for t in range(1, length + 1):
        hidden = phi(drive[:, :, t - 1] + hidden @ weight) * (1.0 if mask is None else mask)
        kept.append(hidden)
        if truncation and (length - t) % truncation == 0:
            hidden = hidden.detach()
    return kept[-1] if reads == 1 else torch.stack(kept[-reads:], dim=2)


def differentiated(recurrence, drive, weight, *settings):
    drive, weight = drive.clone().requires_grad_(), weight.clone().requires_grad_()
    state = recurrence(drive, weight, *settings)
    (state * torch.arange(state.numel()).reshape(state.shape)).sum().backward()
    return state.detach(), drive.grad, weight.grad


@pytest.mark.parametrize("activation", sorted(SLOPES))
@pytest.mark.parametrize("length", [1, 2, 7])
def test_states_and_gradients_are_those_of_the_plain_loop(activation, length):
    drive = torch.randn(3, 4, length, 5, generator=generator(), dtype=torch.float64)
    weight = torch.randn(3, 5, 5, generator=generator(), dtype=torch.float64)
    ours, theirs = (differentiated(way, drive, weight, activation) for way in (last_states, plain))
    for mine, reference in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("reading", READING)
@pytest.mark.parametrize("length", [4, 8])
def test_reads_windows_and_masks_are_those_of_the_plain_loop(reading, masked, length):
    drive = torch.randn(3, 4, length, 5, generator=generator(), dtype=torch.float64)
    weight = torch.randn(3, 5, 5, generator=generator(), dtype=torch.float64)
    mask = torch.rand(3, 4, 5, generator=generator(), dtype=torch.float64).round() * 2.0 if masked else None
    settings = ("tanh", mask, *READING[reading])
    ours, theirs = (differentiated(way, drive, weight, *settings) for way in (last_states, plain))
    for mine, reference in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-12, atol=1e-12)


def test_nothing_flows_into_the_windows_before_the_last_read():
    drive = torch.randn(2, 3, 8, 5, generator=generator(), dtype=torch.float64)
    weight = torch.randn(2, 5, 5, generator=generator(), dtype=torch.float64)
    _, of_drive, _ = differentiated(last_states, drive, weight, "tanh", None, 1, 3)
    assert (of_drive[:, :, :5] == 0).all() and (of_drive[:, :, 5:] != 0).any(-1).any(-1).all()


def test_a_second_derivative_is_refused_and_not_wrong():
    drive = torch.randn(2, 3, 4, 5, generator=generator(), dtype=torch.float64).requires_grad_()
    weight = torch.randn(2, 5, 5, generator=generator(), dtype=torch.float64).requires_grad_()
    (first,) = torch.autograd.grad(last_states(drive, weight, "tanh").square().sum(), [drive], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_the_network_takes_it_where_nobody_listens(monkeypatch):
    from reportgen.catalogue.architectures import rnn as module
    from reportgen.catalogue.base import Shape
    from reportgen.catalogue.seeding import torch_generator
    from reportgen.catalogue.stacking import apply

    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return last_states(*arguments)

    monkeypatch.setattr(module, "last_states", counted)
    network = module.rnn(Shape(inputs=2, outputs=3, length=4), width=5)
    members = [network.initialise(torch_generator(seed, "initialisation")) for seed in (0, 1)]
    stacked = {name: torch.stack([member[name] for member in members]) for name in members[0]}
    outputs, _ = apply(network, stacked, torch.ones(2, 6, 4, 2))
    assert len(calls) == 1 and outputs.shape == (2, 6, 3)
