"""What the catalogue's entries return: tasks, architectures, remedies as frozen values of plain functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reportgen.catalogue.lazy import torch

    Parameters = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Shape:
    """What a task feeds a network and expects of it.

    Attributes
    ----------
    inputs : int
        Features a sample (or a time step) has.
    outputs : int
        Classes, or regressed values.
    length : int or None
        Time steps of a sequence; None for vectors. Sequences are laid out (batch, time, features).
    """

    inputs: int
    outputs: int
    length: int | None = None


class Stream(Protocol):
    """Training batches of one seed, in order."""

    def batch(self) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return the next inputs (batch, [time,] features) and targets (batch,)."""
        ...


@dataclass(frozen=True)
class Task:
    """A learning problem.

    Attributes
    ----------
    shape : Shape
    loss : str
        "cross-entropy" or "mean-squared-error".
    metric : str
        "accuracy" or "mean-squared-error".
    stream : callable
        ``stream(seed, batch_size) -> Stream``; depends on the named axes of `seed` only.
    held_out : mapping
        Split ("validation", "test") to (inputs, targets), the same for every seed.
    """

    shape: Shape
    loss: str
    metric: str
    stream: Callable[[int, int], Stream]
    held_out: Mapping[str, tuple[NDArray[np.float32], NDArray[Any]]]


@dataclass(frozen=True)
class Weight:
    """Where a weight matrix sits: the parameter's name and its position."""

    parameter: str
    kind: str
    index: int
    distance: int
    name: str


class Taps(Protocol):
    """What a network's forward function tells a probe; the default taps do nothing and return what they get.

    Where nobody is `listening`, a network may take a shorter way to the same outputs.
    """

    @property
    def listening(self) -> bool:
        """Whether signals and activations are asked for."""
        ...

    def signal(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor) -> torch.Tensor:
        """Mark `value` (..., batch, units) as a position of the error signal, and return it (perhaps perturbed)."""
        ...

    def activation(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor, activation: str) -> None:
        """Show the activations (..., batch, units) at a position, and the activation function's name."""
        ...


@dataclass(frozen=True)
class Architecture:
    """A network as two plain functions of its parameters.

    Attributes
    ----------
    initialise : callable
        ``initialise(generator) -> parameters`` of one member, drawn from a ``torch.Generator``, float32.
    forward : callable
        ``forward(parameters, inputs, taps) -> outputs``. Written so that it works for one member and, where
        `stacking` is "batched", for parameters and inputs with a leading ensemble dimension.
    weights : tuple of Weight
        The weight matrices that are measured, with their positions.
    depth, width : int
    stacking : str
        "batched" (broadcasts over a leading dimension), "vmap" (torch.func stacks it) or "loop" (member by member).
    note : str
        Why it cannot be stacked, for the store; "" otherwise.
    """

    initialise: Callable[[torch.Generator], Parameters]
    forward: Callable[[Parameters, torch.Tensor, Taps], torch.Tensor]
    weights: tuple[Weight, ...]
    depth: int
    width: int
    stacking: str = "batched"
    note: str = ""


@dataclass(frozen=True)
class Remedy:
    """A change meant to help.

    Attributes
    ----------
    settings : mapping
        Options of the architecture (or of the training) that it sets, by dotted path
        (``{"architecture.activation": "relu"}``). Two remedies that set one path clash; a remedy does not apply
        to an architecture that lacks the option.
    clip : callable or None
        ``clip(gradients) -> (gradients, clipped)``: gradients by parameter name with a leading ensemble dimension;
        `clipped` is a boolean tensor (members,). Runs after the backward pass, before the optimiser.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    clip: Callable[[Parameters], tuple[Parameters, torch.Tensor]] | None = None
