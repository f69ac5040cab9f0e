"""The recurrence of a plain recurrent network for a whole ensemble, forwards and backwards in one piece."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from reportgen.catalogue import activations
from reportgen.catalogue.lazy import torch

SLOPES = {
    "tanh": lambda gradient, state: torch.ops.aten.tanh_backward(gradient, state),
    "relu": lambda gradient, state: torch.ops.aten.threshold_backward(gradient, state, 0),
    "linear": lambda gradient, state: gradient,
}
"""The gradient with respect to z from that with respect to phi(z), and phi(z)."""


def last_state(drive: torch.Tensor, weight: torch.Tensor, activation: str) -> torch.Tensor:
    """Return h_T of h_t = phi(drive_t + h_{t-1} weight), from h_0 = 0.

    The values and gradients are those of the plain loop, to rounding. It takes less than half the time: no graph of
    single steps is built, and the gradient of `weight` is one matrix product over all steps instead of one a step.

    Parameters
    ----------
    drive : torch.Tensor
        (members, batch, time, width).
    weight : torch.Tensor
        (members, width, width).
    activation : str
        A key of `SLOPES`.

    Returns
    -------
    torch.Tensor
        (members, batch, width).
    """
    result: torch.Tensor = _recurrence().apply(drive, weight, activation)
    return result


@cache
def _recurrence() -> Any:
    class Recurrence(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, drive: torch.Tensor, weight: torch.Tensor, activation: str) -> torch.Tensor:
            phi = activations.function(activation)
            first, *rest = drive.unbind(-2)
            states = [phi(first)]
            for step in rest:
                states.append(phi(torch.baddbmm(step, states[-1], weight)))
            ctx.activation = activation
            ctx.save_for_backward(weight, *states)
            return states[-1].clone()

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
            weight, *states = ctx.saved_tensors
            slope, transposed = SLOPES[ctx.activation], weight.mT
            deltas = [slope(gradient, states[-1])]
            for state in reversed(states[:-1]):
                deltas.append(slope(torch.bmm(deltas[-1], transposed), state))
            signal = torch.stack(deltas[::-1], dim=-2)
            before = torch.stack([torch.zeros_like(states[0]), *states[:-1]], dim=-2)
            return signal, torch.bmm(before.flatten(1, 2).mT, signal.flatten(1, 2)), None

    # torch asks for the signature at every call; kept here, that takes no time.
    Recurrence.forward.__signature__ = inspect.signature(Recurrence.forward)  # type: ignore[attr-defined]
    return Recurrence
