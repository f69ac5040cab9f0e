"""The recurrence in one piece against the plain loop that autograd differentiates."""

import pytest
import torch

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.recurrence import SLOPES, last_state


def plain(drive, weight, activation):
    phi = activations.function(activation)
    hidden = torch.zeros_like(drive[:, :, 0])
    for t in range(drive.shape[2]):
        hidden = phi(drive[:, :, t] + hidden @ weight)
    return hidden


def differentiated(recurrence, drive, weight, activation):
    drive, weight = drive.clone().requires_grad_(), weight.clone().requires_grad_()
    state = recurrence(drive, weight, activation)
    (state * torch.arange(state.numel()).reshape(state.shape)).sum().backward()
    return state.detach(), drive.grad, weight.grad


@pytest.mark.parametrize("activation", sorted(SLOPES))
@pytest.mark.parametrize("length", [1, 2, 7])
def test_states_and_gradients_are_those_of_the_plain_loop(activation, length):
    generator = torch.Generator().manual_seed(0)
    drive = torch.randn(3, 4, length, 5, generator=generator, dtype=torch.float64)
    weight = torch.randn(3, 5, 5, generator=generator, dtype=torch.float64)
    ours, theirs = (differentiated(way, drive, weight, activation) for way in (last_state, plain))
    for mine, reference in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-12, atol=1e-12)


def test_the_network_takes_it_where_nobody_listens(monkeypatch):
    from reportgen.catalogue.architectures import rnn as module
    from reportgen.catalogue.base import Shape
    from reportgen.catalogue.seeding import torch_generator
    from reportgen.catalogue.stacking import apply

    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return last_state(*arguments)

    monkeypatch.setattr(module, "last_state", counted)
    network = module.rnn(Shape(inputs=2, outputs=3, length=4), width=5)
    members = [network.initialise(torch_generator(seed, "initialisation")) for seed in (0, 1)]
    stacked = {name: torch.stack([member[name] for member in members]) for name in members[0]}
    outputs, _ = apply(network, stacked, torch.ones(2, 6, 4, 2))
    assert len(calls) == 1 and outputs.shape == (2, 6, 3)
