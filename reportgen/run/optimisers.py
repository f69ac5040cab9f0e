"""Optimisers over stacked tensors, each member with its own learning rate.

Formulas and defaults are those of ``torch.optim``. Every update is elementwise, so members do not touch each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from reportgen.errors import UnknownName

State = dict[str, list[torch.Tensor]]
"""What an optimiser remembers: name to one tensor for each tensor of weights."""


@dataclass(frozen=True)
class Optimiser:
    """An update rule.

    Attributes
    ----------
    slots : tuple of str
        What it remembers of each weight; all start at 0.
    update : callable
        ``update(weights, gradient, remembered, rate, step)`` changes the stacked `weights` (members, ...) in place.
        `remembered` has a tensor a slot, `rate` is float64 (members, 1, ...), `step` counts from 1. It may use
        `gradient` as scratch space.
    """

    slots: tuple[str, ...]
    update: Callable[[torch.Tensor, torch.Tensor, tuple[torch.Tensor, ...], torch.Tensor, int], None]

    def start(self, weights: list[torch.Tensor]) -> State:
        """Return the state before the first step."""
        return {slot: [torch.zeros_like(weight) for weight in weights] for slot in self.slots}

    def step(
        self, weights: list[torch.Tensor], gradients: list[torch.Tensor], state: State, rates: torch.Tensor, step: int
    ) -> None:
        """Update all weights in place.

        Parameters
        ----------
        weights, gradients : list of torch.Tensor
            (members, ...) each; the gradients are used up.
        state : State
            From `start`.
        rates : torch.Tensor
            (members,), float64.
        step : int
            Number of this step, from 1.
        """
        for i, (weight, gradient) in enumerate(zip(weights, gradients, strict=True)):
            rate = rates.view(-1, *[1] * (weight.dim() - 1))
            self.update(weight, gradient, tuple(state[slot][i] for slot in self.slots), rate, step)


def _sgd(
    weight: torch.Tensor, gradient: torch.Tensor, kept: tuple[torch.Tensor, ...], rate: torch.Tensor, _: int
) -> None:
    weight.addcmul_(gradient, -rate.to(weight.dtype))


def _momentum(
    weight: torch.Tensor, gradient: torch.Tensor, kept: tuple[torch.Tensor, ...], rate: torch.Tensor, _: int
) -> None:
    velocity = kept[0].mul_(0.9).add_(gradient)
    weight.addcmul_(velocity, -rate.to(weight.dtype))


def _rmsprop(
    weight: torch.Tensor, gradient: torch.Tensor, kept: tuple[torch.Tensor, ...], rate: torch.Tensor, _: int
) -> None:
    square = kept[0].mul_(0.99).addcmul_(gradient, gradient, value=0.01)
    weight.addcmul_(gradient.div_(square.sqrt().add_(1e-8)), -rate.to(weight.dtype))


def _adam(
    weight: torch.Tensor, gradient: torch.Tensor, kept: tuple[torch.Tensor, ...], rate: torch.Tensor, step: int
) -> None:
    mean, square = kept
    mean.lerp_(gradient, 0.1)
    square.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
    # The bias correction of the second moment is moved from the moment to the rate and to epsilon.
    correction = (1.0 - 0.999**step) ** 0.5
    size = (-rate * (correction / (1.0 - 0.9**step))).to(weight.dtype)
    torch.sqrt(square, out=gradient)
    weight.addcmul_(torch.div(mean, gradient.add_(1e-8 * correction), out=gradient), size)


def _adamw(
    weight: torch.Tensor, gradient: torch.Tensor, kept: tuple[torch.Tensor, ...], rate: torch.Tensor, step: int
) -> None:
    weight.mul_((1.0 - rate * 0.01).to(weight.dtype))
    _adam(weight, gradient, kept, rate, step)


OPTIMISERS = {
    "sgd": Optimiser((), _sgd),
    "momentum": Optimiser(("velocity",), _momentum),
    "rmsprop": Optimiser(("square",), _rmsprop),
    "adam": Optimiser(("mean", "square"), _adam),
    "adamw": Optimiser(("mean", "square"), _adamw),
}
"""Stochastic gradient descent; with momentum 0.9; RMSprop (decay 0.99, epsilon 1e-8); Adam (decays 0.9 and 0.999,
epsilon 1e-8; Kingma & Ba 2015, doi:10.48550/arXiv.1412.6980); AdamW (weight decay 0.01; Loshchilov & Hutter 2019,
doi:10.48550/arXiv.1711.05101)."""


def optimiser(name: str) -> Optimiser:
    """Return the optimiser called `name`; raises UnknownName."""
    if name not in OPTIMISERS:
        raise UnknownName("optimiser", name, OPTIMISERS)
    return OPTIMISERS[name]
