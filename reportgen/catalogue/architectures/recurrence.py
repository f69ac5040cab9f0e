"""The recurrence of a plain recurrent network for a whole ensemble, forwards and backwards in one piece."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.sequences import cut_after, first_with_gradient
from reportgen.catalogue.lazy import torch

SLOPES = {
    "tanh": lambda gradient, state: torch.ops.aten.tanh_backward(gradient, state),
    "sigmoid": lambda gradient, state: torch.ops.aten.sigmoid_backward(gradient, state),
    "relu": lambda gradient, state: torch.ops.aten.threshold_backward(gradient, state, 0),
    "linear": lambda gradient, state: gradient,
}
"""The gradient with respect to z from that with respect to phi(z), and phi(z)."""

VALUES = {
    "tanh": activations.tanh_value,
    "sigmoid": lambda z: torch.sigmoid(z),
    "relu": lambda z: torch.relu(z),
    "linear": lambda z: z,
}
"""phi(z) for those who use `SLOPES`."""


def last_states(
    drive: torch.Tensor,
    weight: torch.Tensor,
    activation: str,
    mask: torch.Tensor | None = None,
    reads: int = 1,
    truncation: int | None = None,
) -> torch.Tensor:
    """Return the last states of h_t = m phi(drive_t + h_{t-1} weight), from h_0 = 0.

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
    mask : torch.Tensor, optional
        m, (members, batch, width), the same at every step; 1 without it.
    reads : int
        How many of the last states are returned.
    truncation : int, optional
        Window of truncated backpropagation through time, as in ``sequences.unrolled``.

    Returns
    -------
    torch.Tensor
        (members, batch, width) for one read, else (members, batch, reads, width).
    """
    result: torch.Tensor = _recurrence().apply(drive, weight, activation, mask, reads, truncation)
    return result


@cache
def _recurrence() -> Any:
    class Recurrence(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,
            drive: torch.Tensor,
            weight: torch.Tensor,
            activation: str,
            mask: torch.Tensor | None,
            reads: int,
            truncation: int | None,
        ) -> torch.Tensor:
            phi = VALUES[activation]
            states: list[torch.Tensor] = []
            used: list[torch.Tensor] = []
            for step in drive.unbind(-2):
                states.append(phi(torch.baddbmm(step, used[-1], weight) if used else step))
                used.append(states[-1] if mask is None else states[-1] * mask)
            ctx.settings = activation, reads, truncation
            ctx.save_for_backward(weight, mask, *states, *(used if mask is not None else ()))
            return used[-1].clone() if reads == 1 else torch.stack(used[-reads:], dim=-2)

        @staticmethod
        @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
            (activation, reads, truncation), (weight, mask, *states) = ctx.settings, ctx.saved_tensors
            used = states if mask is None else states[len(states) // 2 :]
            length = len(used)
            slope, transposed = SLOPES[activation], weight.mT
            read = [gradient] if reads == 1 else list(gradient.unbind(-2))
            first = first_with_gradient(length, reads, truncation)
            deltas: list[torch.Tensor] = []
            for t in range(length, first, -1):
                error: Any = read.pop() if read else None
                if t < length and not cut_after(t, length, truncation):
                    flown = deltas[-1], transposed
                    error = torch.bmm(*flown) if error is None else torch.baddbmm(error, *flown)
                deltas.append(slope(error if mask is None else error * mask, states[t - 1]))
            signal = torch.stack(deltas[::-1], dim=-2)
            before = [torch.zeros_like(used[0]), *used[:-1]][first:]
            product = torch.bmm(torch.stack(before, dim=-2).flatten(1, 2).mT, signal.flatten(1, 2))
            if first:
                signal = torch.nn.functional.pad(signal, (0, 0, first, 0))
            return signal, product, None, None, None, None

    # torch asks for the signature at every call; kept here, that takes no time.
    Recurrence.forward.__signature__ = inspect.signature(Recurrence.forward)  # type: ignore[attr-defined]
    return Recurrence
