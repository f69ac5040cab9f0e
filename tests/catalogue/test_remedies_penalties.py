"""Penalties and schedules against closed forms, torch's optimisers and finite differences."""

from __future__ import annotations

import math

import pytest
import torch

from reportgen.catalogue.remedies.l1_penalty import l1_penalty
from reportgen.catalogue.remedies.l2_penalty import l2_penalty
from reportgen.catalogue.remedies.signal_penalty import signal_penalty
from reportgen.catalogue.remedies.warm_up import warm_up
from reportgen.registry import remedies


def weights(members=2):
    generator = torch.Generator().manual_seed(5)
    shapes = {"a": (3, 4), "b": (4, 2)}
    return {name: torch.randn(members, *shape, generator=generator).requires_grad_() for name, shape in shapes.items()}


def test_the_l1_penalty_is_the_sum_of_absolute_weights_of_each_member():
    given = {"a": torch.tensor([[[1.0, -2.0]], [[0.0, 3.0]]]), "b": torch.tensor([[[-4.0]], [[0.5]]])}
    assert l1_penalty(strength=0.5).weight_penalty(given).tolist() == [3.5, 1.75]


def test_the_gradient_of_the_l1_penalty_is_a_sign_and_0_at_0():
    weight = torch.tensor([[[2.0, -1e-30, 0.0]]]).requires_grad_()
    l1_penalty(strength=0.25).weight_penalty({"a": weight}).sum().backward()
    assert weight.grad.tolist() == [[[0.25, -0.25, 0.0]]]


def test_the_l2_penalty_is_half_the_sum_of_squares_of_each_member():
    given = {"a": torch.tensor([[[1.0, -2.0]], [[0.0, 3.0]]]), "b": torch.tensor([[[-4.0]], [[0.5]]])}
    assert l2_penalty(strength=0.5).weight_penalty(given).tolist() == [0.25 * 21.0, 0.25 * 9.25]


def test_a_step_down_the_l2_penalty_is_the_weight_decay_of_torch():
    given = weights(members=1)
    before = {name: value.detach().clone() for name, value in given.items()}
    l2_penalty(strength=0.3).weight_penalty(given).sum().backward()
    for name, value in given.items():
        theirs = before[name].clone().requires_grad_()
        theirs.grad = torch.zeros_like(theirs)
        torch.optim.SGD([theirs], lr=0.1, weight_decay=0.3).step()
        assert torch.allclose(before[name] - 0.1 * value.grad, theirs, rtol=1e-6)


def test_the_formula_of_weight_decay_is_that_of_adamw():
    strength = remedies["weight-decay"].make(strength=0.3).weight_decay
    (before, *_) = weights().values()
    theirs = before.detach().clone().requires_grad_()
    theirs.grad = torch.zeros_like(theirs)  # what remains of a step without a gradient is the decay
    torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.3).step()
    assert torch.allclose(before * (1.0 - 0.1 * strength), theirs, rtol=1e-6)


def test_the_signal_penalty_is_the_squared_distance_of_the_ratios_from_1():
    # One member, two samples: ratios 1/2 and 2, then 3 and 1; (1/4 + 1) and (4 + 0), averaged over the samples.
    lengths = [(2.0, 6.0), (4.0, 2.0), (2.0, 2.0)]
    signals = [torch.tensor([[[0.6 * a, 0.8 * a], [b, 0.0]]]) for a, b in lengths]
    assert signal_penalty(strength=2.0).signal_penalty(signals).tolist() == pytest.approx([2.0 * (1.25 + 4.0) / 2])


def test_the_signal_penalty_of_two_steps_of_a_linear_recurrence():
    """h_2 = W h_1: the error signal at 1 is that at 2 times W, and the penalty (|W^T d| / |d| - 1)^2."""
    weight, last = torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([[[1.0, 2.0]]])
    signals = [last @ weight, last]
    assert signals[0].tolist() == [[[2.0, 7.0]]]
    expected = (math.sqrt(53.0 / 5.0) - 1.0) ** 2
    assert signal_penalty().signal_penalty(signals).item() == pytest.approx(expected, rel=1e-6)


def recurrence(weight, states=4):
    """Return the error signals of tanh steps, with a graph: at each hidden state, from the input to the loss."""
    generator = torch.Generator().manual_seed(1)
    drives = torch.randn(states, 2, 5, 3, generator=generator, dtype=torch.float64)
    zeros = [torch.zeros(2, 5, 3, dtype=torch.float64, requires_grad=True) for _ in drives]
    hidden = torch.zeros(2, 5, 3, dtype=torch.float64)
    for drive, zero in zip(drives, zeros, strict=True):
        hidden = torch.tanh(drive + hidden @ weight) + zero
    loss = (hidden**2 * torch.arange(1.0, 4.0, dtype=torch.float64)).mean((1, 2)).sum()
    return torch.autograd.grad(loss, zeros, create_graph=True)


def test_the_derivative_of_the_signal_penalty_is_the_full_one():
    generator = torch.Generator().manual_seed(2)
    weight = torch.randn(2, 3, 3, generator=generator, dtype=torch.float64).requires_grad_()
    penalty = signal_penalty(strength=0.7).signal_penalty
    found = torch.autograd.grad(penalty(recurrence(weight)).sum(), weight)[0]
    small = 1e-6
    for place in [(0, 0, 0), (0, 2, 1), (1, 1, 2)]:
        moved = torch.zeros_like(weight)
        moved[place] = small
        up, down = (penalty(recurrence(weight.detach() + sign * moved)).sum() for sign in (1, -1))
        assert found[place].item() == pytest.approx(((up - down) / (2 * small)).item(), rel=1e-6)


def test_signals_of_length_0_give_no_nan():
    signals = [torch.zeros(1, 3, 2).requires_grad_() for _ in range(3)]
    with torch.no_grad():
        signals[2][0, 1] = 1.0  # sample 1: 0, 0, 1; the others are 0 throughout
        signals[1][0, 2] = 1.0  # sample 2: 0, 1, 0
    value = signal_penalty().signal_penalty(signals)
    assert value.tolist() == pytest.approx([2.0 / 3.0])
    gradients = torch.autograd.grad(value.sum(), signals)
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_short_signals_are_measured_beyond_the_squares_of_float32():
    shortest = torch.full((1, 1, 2), 1e-28)
    signals = [value.requires_grad_() for value in (0.5 * shortest, shortest)]
    value = signal_penalty().signal_penalty(signals)
    assert value.item() == pytest.approx(0.25, rel=1e-5)
    gradient = torch.autograd.grad(value, signals[0])[0]
    # d (r - 1)^2 / d s = 2 (r - 1) s / (|s| |s'|), with r = 1/2 and |s'| = sqrt(2) 1e-28
    assert gradient.flatten().tolist() == pytest.approx([-0.5e28] * 2, rel=1e-5)


def test_signals_too_short_for_their_derivatives_are_left_out():
    signals = [torch.full((1, 1, 2), size).requires_grad_() for size in (1e-37, 1e-36)]
    value = signal_penalty().signal_penalty(signals)
    assert value.item() == 0.0
    assert torch.autograd.grad(value, signals[0])[0].tolist() == [[[0.0, 0.0]]]


def test_one_position_has_no_ratio():
    assert signal_penalty().signal_penalty([torch.ones(2, 3, 4)]).tolist() == [0.0, 0.0]


def test_maps_of_pixels_are_vectors():
    maps = [torch.full((1, 2, 9, 4), size) for size in (1.0, 2.0)]
    assert signal_penalty().signal_penalty(maps).tolist() == pytest.approx([0.25])


def test_a_warm_up_of_steps_is_a_line():
    factor = warm_up(steps=4).schedule
    assert [factor(step, 100) for step in (1, 2, 3, 4, 5, 100)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("share", "steps", "length"), [(None, 50, 5), (0.1, 30, 3), (0.1, 31, 4), (1.0, 7, 7), (0.01, 5, 1)]
)
def test_a_warm_up_of_a_share_is_rounded_up_to_steps(share, steps, length):
    factor = warm_up(**remedies["warm-up"].complete({} if share is None else {"share": share})).schedule
    expected = [min(1.0, step / length) for step in range(1, steps + 1)]
    assert [factor(step, steps) for step in range(1, steps + 1)] == expected
