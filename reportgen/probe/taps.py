"""What a network's forward function tells a probe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from reportgen.catalogue import activations
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Architecture, Parameters


class Position(NamedTuple):
    """Where something is measured; `index` counts from the input, `distance` from the loss."""

    kind: str
    index: int  # type: ignore[assignment]
    distance: int
    name: str


NETWORK = Position("network", 0, 0, "network")
"""The position of values of the whole network."""

STATISTICS = ("activation_mean", "activation_std", "saturated_fraction", "dead_fraction")
"""The quantities that `Probing` records at every activation, in this order."""

SATURATED = 0.05
"""Share of the range from one of its ends within which an activation counts as saturated."""


class Survey:
    """Taps that list the positions of a network in the order of its forward pass."""

    listening = True
    reference = None

    def __init__(self) -> None:
        self.signals: list[Position] = []
        self.shapes: list[torch.Size] = []
        self.activations: list[Position] = []

    def signal(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor) -> torch.Tensor:
        """Note the position and the shape of `value`."""
        self.signals.append(Position(kind, index, distance, name))
        self.shapes.append(value.shape)
        return value

    def activation(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor, activation: str) -> None:
        """Note the position."""
        self.activations.append(Position(kind, index, distance, name))

    @property
    def elements(self) -> int:
        """Elements of all error signals of one member."""
        return sum(shape.numel() for shape in self.shapes)


def survey(architecture: Architecture, parameters: Parameters, inputs: torch.Tensor) -> Survey:
    """List a network's positions by running its first member once; arguments as in ``stacking.apply``."""
    found = Survey()
    with torch.no_grad():
        architecture.forward({name: value[0] for name, value in parameters.items()}, inputs[0], found)
    return found


class Probing:
    """Taps that add perturbations (zeros, with respect to which the error signal is the gradient) and record.

    Parameters
    ----------
    perturbations : sequence of torch.Tensor
        One for each position, in the order of the forward pass; none to leave the signals alone.

    Attributes
    ----------
    recorded : list of torch.Tensor
        For each activation the values of `STATISTICS`, (..., 4).
    """

    listening = True
    reference = None

    def __init__(self, perturbations: Sequence[torch.Tensor]) -> None:
        self._next = iter(perturbations)
        self._idle = not perturbations
        self.recorded: list[torch.Tensor] = []

    def signal(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor) -> torch.Tensor:
        """Return `value` with the position's perturbation added."""
        return value if self._idle else value + next(self._next)

    def activation(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor, activation: str) -> None:
        """Record the statistics of `value` (..., batch, units)."""
        self.recorded.append(statistics(value.detach(), activation))


def statistics(value: torch.Tensor, activation: str) -> torch.Tensor:
    """Return mean, standard deviation, saturated fraction and dead fraction over batch and units.

    Parameters
    ----------
    value : torch.Tensor
        Activations (..., batch, units).
    activation : str
        The activation function's name. Activations within 5 % of its range from an end are saturated; units that
        are exactly 0 on the whole batch are dead.

    Returns
    -------
    torch.Tensor
        (..., 4); NaN where a quantity is not defined for the activation function, or a value is not finite.
    """
    mean = value.mean((-2, -1))
    undefined = torch.full_like(mean, torch.nan)
    saturated = dead = undefined
    if activation in activations.RANGES:
        low, high = activations.RANGES[activation]
        margin = SATURATED * (high - low)
        at_end = (value <= low + margin) | (value >= high - margin)
        saturated = at_end.to(value.dtype).mean((-2, -1))
    if activation in activations.ZERO_ON_INTERVAL:
        dead = 1.0 - (value != 0).any(-2).to(value.dtype).mean(-1)
    deviation = (value - mean[..., None, None]).square().mean((-2, -1)).sqrt()
    values = torch.stack([mean, deviation, saturated, dead], dim=-1)
    return torch.where(torch.isfinite(mean).unsqueeze(-1), values, undefined.unsqueeze(-1))
