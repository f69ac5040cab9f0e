"""What recurrent networks share: the drive of all steps, the loop over them, truncation, and the readout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue.architectures.layers import affine
from reportgen.catalogue.base import Weight
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

    State = tuple[torch.Tensor, ...]
    Step = Callable[[int, torch.Tensor, State | None], State]

Truncation = Annotated[int, Ge(1)] | None
"""Time steps in a window of truncated backpropagation through time, or None for the whole sequence."""

WEIGHTS = (
    Weight("input", "layer", 1, 2, "input"),
    Weight("recurrent", "layer", 2, 1, "recurrent"),
    Weight("readout", "layer", 3, 0, "readout"),
)
"""The weight matrices of a recurrent network with one state: they serve every step, so they count as layers."""


def drives(inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return inputs @ weight + bias of all steps in one product.

    Parameters
    ----------
    inputs : torch.Tensor
        (..., batch, time, features).
    weight : torch.Tensor
        (..., features, units).
    bias : torch.Tensor
        (..., 1, units).

    Returns
    -------
    torch.Tensor
        (..., batch, time, units).
    """
    # A step reads its part in one piece where steps follow each other in memory. In training they do not: the order of
    # the rows is that in which the gradient of `weight` is summed, and so decides its last digit.
    by_step = not torch.is_grad_enabled()
    ordered = inputs.transpose(-3, -2) if by_step else inputs
    driven = affine(ordered.flatten(-3, -2), weight, bias).unflatten(-2, ordered.shape[-3:-1])
    return driven.transpose(-3, -2) if by_step else driven


def cut_after(step: int, length: int, truncation: int | None) -> bool:
    """Whether no gradient flows from step + 1 back to `step` (both from 1): windows are counted from the last step."""
    return truncation is not None and (length - step) % truncation == 0


def first_with_gradient(length: int, reads: int, truncation: int | None) -> int:
    """Return the first step (from 0) that the gradient of the last `reads` states reaches."""
    return 0 if truncation is None else max(0, length - -(-reads // truncation) * truncation)


def unrolled(step: Step, drive: torch.Tensor, reads: int, truncation: int | None) -> torch.Tensor:
    """Run a recurrence step by step.

    Parameters
    ----------
    step : callable
        ``step(t, drive, state) -> state`` for t = 1 ... T, with `drive` (..., batch, units); the first state is
        None. A state is a tuple of tensors (..., batch, width), the one that is read out first.
    drive : torch.Tensor
        (..., batch, time, units).
    reads : int
        How many of the last states are read out.
    truncation : int or None
        The state is detached after every step t for which T - t is a multiple of it: the gradient of a step flows
        back to the first step of its own window (Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490).

    Returns
    -------
    torch.Tensor
        (..., batch, width) for one read, else (..., batch, reads, width).
    """
    length = drive.shape[-2]
    state, kept = None, []
    for t, own in enumerate(drive.unbind(-2), start=1):
        state = step(t, own, state)
        if t > length - reads:
            kept.append(state[0])
        if cut_after(t, length, truncation):
            state = tuple(value.detach() for value in state)
    return kept[0] if reads == 1 else torch.stack(kept, dim=-2)


def read_out(parameters: Parameters, hidden: torch.Tensor, reads: int) -> torch.Tensor:
    """Return the linear readout of states (..., batch, [reads,] width): (..., batch, [reads,] outputs)."""
    rows = hidden if reads == 1 else hidden.flatten(-3, -2)
    outputs = affine(rows, parameters["readout"], parameters["readout_bias"])
    return outputs if reads == 1 else outputs.unflatten(-2, (-1, reads))
