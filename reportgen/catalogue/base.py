"""What the catalogue's entries return: tasks, architectures, remedies as frozen values of plain functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reportgen.catalogue.lazy import torch

    Parameters = dict[str, torch.Tensor]
    Clip = Callable[[Parameters, Parameters], tuple[Parameters, torch.Tensor]]


@dataclass(frozen=True)
class Shape:
    """What a task feeds a network and expects of it.

    Attributes
    ----------
    inputs : int
        Features a sample (or a time step) has; channels of an image.
    outputs : int
        Classes, or regressed values.
    length : int or None
        Time steps of a sequence; None for vectors. Sequences are laid out (batch, time, features).
    reads : int
        How many of the last time steps are read out. With 1 the outputs are (batch, outputs) after the last step,
        else (batch, reads, outputs).
    image : (int, int) or None
        Height and width of an image; images are laid out (batch, height, width, channels).
    """

    inputs: int
    outputs: int
    length: int | None = None
    reads: int = 1
    image: tuple[int, int] | None = None


class Stream(Protocol):
    """Training batches of one seed, in order."""

    def batch(self) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return the next inputs (batch, [time,] features) and targets (batch,) or (batch, reads)."""
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

    @property
    def reference(self) -> int | None:
        """How many rows at the head of the batch are training data from which batch normalisation takes its statistics.

        None where it takes them from the whole batch, as in training.
        """
        ...

    def signal(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor) -> torch.Tensor:
        """Mark `value` (..., batch, units) as a position of the error signal, and return it (perhaps perturbed)."""
        ...

    def activation(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor, activation: str) -> None:
        """Show the activations (..., batch, units) at a position, and the activation function's name."""
        ...


@dataclass(frozen=True)
class Readout:
    """A linear readout that is solved for and not trained step by step.

    Attributes
    ----------
    features : callable
        ``features(parameters, inputs) -> (..., rows, features)``: what the readout reads, a constant 1 included.
    parameter : str
        The matrix (features, outputs) that is solved for; all other parameters stay as they were drawn.
    ridge : float
        Penalty on its square, in units of the mean square of the features.
    """

    features: Callable[[Parameters, torch.Tensor], torch.Tensor]
    parameter: str
    ridge: float


@dataclass(frozen=True)
class Architecture:
    """A network as two plain functions of its parameters.

    Attributes
    ----------
    initialise : callable
        ``initialise(generator) -> parameters`` of one member, drawn from a ``torch.Generator``, float32.
    forward : callable
        ``forward(parameters, inputs, taps) -> outputs``. Written so that it works for one member and, where
        `stacking` is "batched", for parameters and inputs with a leading ensemble dimension. Where there is
        `noise`, `parameters` hold it too in training, and lack it in evaluation.
    weights : tuple of Weight
        The weight matrices that are measured, with their positions.
    depth, width : int
    stacking : str
        "batched" (broadcasts over a leading dimension), "vmap" (torch.func stacks it) or "loop" (member by member).
    note : str
        Why it cannot be stacked, for the store; "" otherwise.
    noise : callable or None
        ``noise(generator, batch) -> parameters``: the random factors of one member's training step (dropout), float32.
    batch_statistics : bool
        Whether samples of a batch influence each other, as in batch normalisation; see `Taps.reference`.
    readout : Readout or None
        For networks of which only the readout is fitted, in closed form.
    """

    initialise: Callable[[torch.Generator], Parameters]
    forward: Callable[[Parameters, torch.Tensor, Taps], torch.Tensor]
    weights: tuple[Weight, ...]
    depth: int
    width: int
    stacking: str = "batched"
    note: str = ""
    noise: Callable[[torch.Generator, int], Parameters] | None = None
    batch_statistics: bool = False
    readout: Readout | None = None


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
        ``clip(gradients, parameters) -> (gradients, clipped)``: both by parameter name with a leading ensemble
        dimension; `clipped` is a boolean tensor (members,). Runs after the backward pass, before the optimiser.
    weight_penalty : callable or None
        ``weight_penalty(weights) -> (members,)``: added to the loss that is differentiated; `weights` holds the
        architecture's weight matrices (members, ...) by name, no biases.
    signal_penalty : callable or None
        ``signal_penalty(signals) -> (members,)``: added likewise; `signals` are the error signals at the positions
        called "hidden", from the input to the loss, (members, batch, units) each, differentiable.
    schedule : callable or None
        ``schedule(step, steps) -> factor`` on the learning rate; `step` counts from 1.
    weight_decay : float
        Decoupled: each step multiplies the weight matrices by 1 - rate x weight_decay.
    loss_scale : float
        The loss is multiplied by it before the backward pass, and the gradient divided by it after.
    patience : int or None
        Evaluations without a better validation loss after which a run stops and goes back to its best weights.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    clip: Clip | None = None
    weight_penalty: Callable[[Parameters], torch.Tensor] | None = None
    signal_penalty: Callable[[Sequence[torch.Tensor]], torch.Tensor] | None = None
    schedule: Callable[[int, int], float] | None = None
    weight_decay: float = 0.0
    loss_scale: float = 1.0
    patience: int | None = None
