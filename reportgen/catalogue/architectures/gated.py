"""The recurrence of a gated network for a whole ensemble, forwards and backwards in one piece."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from reportgen.catalogue.architectures.cells import Cell, Kept
from reportgen.catalogue.architectures.sequences import cut_after, first_with_gradient
from reportgen.catalogue.lazy import torch


def last_states(
    inputs: torch.Tensor,
    weight: torch.Tensor,
    cell: Cell,
    mask: torch.Tensor | None = None,
    reads: int = 1,
    truncation: int | None = None,
) -> torch.Tensor:
    """Return the last hidden states of a gated network, started from 0.

    Parameters
    ----------
    inputs : torch.Tensor
        (members or 1, batch, time, features).
    weight : torch.Tensor
        (members, width + features + 1, 4 width): z_t = [m h_{t-1}, x_t, 1] weight.
    cell : Cell
    mask : torch.Tensor, optional
        m, (members, batch, width), the same at every step, for matrix products and read-outs; 1 without it.
    reads : int
        How many of the last states are returned, times m.
    truncation : int, optional
        Window of truncated backpropagation through time, as in ``sequences.unrolled``.

    Returns
    -------
    torch.Tensor
        (members, batch, width) for one read, else (members, batch, reads, width).

    Notes
    -----
    Values and gradients are those of the plain loop, to rounding. State, inputs and constant lie side by side, so a
    step is one matrix product, and the gradient of all weights is one over all steps. On one thread it trains 42
    LSTMs (width 32, batch 32, 50 steps) as fast as PyTorch's fused kernel called for each, and GRUs in a fifth of the
    time; and it knows truncation, dropout and ReLU.
    """
    result: torch.Tensor = _recurrence().apply(inputs, weight, cell, mask, reads, truncation)
    return result


@cache
def _recurrence() -> Any:
    class Recurrence(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,
            inputs: torch.Tensor,
            weight: torch.Tensor,
            cell: Cell,
            mask: torch.Tensor | None,
            reads: int,
            truncation: int | None,
        ) -> torch.Tensor:
            width = weight.shape[-1] // 4
            rows = _rows(inputs, weight)
            steps: list[Kept] = []
            read: list[torch.Tensor] = []
            length, differentiable = rows.shape[1], any(ctx.needs_input_grad)
            for t in range(length):
                steps.append(cell.forward(torch.bmm(rows[:, t], weight), steps[-1] if steps else None))
                hidden = steps[-1][0] if mask is None else steps[-1][0] * mask
                if t + 1 < length:
                    rows[:, t + 1, :, :width] = hidden
                if t >= length - reads:
                    read.append(hidden)
                if not differentiable:
                    del steps[:-1]
            if differentiable:
                ctx.settings = cell, reads, truncation, len(steps[0]), inputs.shape
                ctx.save_for_backward(rows, weight, mask, *(value for kept in steps for value in kept))
            return read[0].clone() if reads == 1 else torch.stack(read, dim=-2)

        @staticmethod
        @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
            (cell, reads, truncation, size, shape), (rows, weight, mask, *kept) = ctx.settings, ctx.saved_tensors
            length, width = rows.shape[1], weight.shape[-1] // 4
            transposed = weight[:, :width].mT
            read = [gradient] if reads == 1 else list(gradient.unbind(-2))
            first = first_with_gradient(length, reads, truncation)
            deltas = rows.new_empty(*rows.shape[:3], weight.shape[-1])
            deltas[:, :first] = 0.0
            carried = None
            for t in range(length - 1, first - 1, -1):
                own, before = kept[t * size : (t + 1) * size], kept[(t - 1) * size : t * size] if t else None
                error: Any = read.pop() if read else None
                if t + 1 == length or cut_after(t + 1, length, truncation):
                    carried = None
                else:
                    flown = deltas[:, t + 1], transposed
                    error = torch.bmm(*flown) if error is None else torch.baddbmm(error, *flown)
                error = error if mask is None else error * mask
                carried = cell.backward(own, before, error, carried, deltas[:, t])
            product = torch.bmm(rows[:, first:].flatten(1, 2).mT, deltas[:, first:].flatten(1, 2))
            of_inputs = None
            if ctx.needs_input_grad[0]:
                of_inputs = (deltas @ weight[:, None, width:-1].mT).transpose(1, 2).sum_to_size(shape)
            return of_inputs, product, None, None, None, None

    # torch asks for the signature at every call; kept here, that takes no time.
    Recurrence.forward.__signature__ = inspect.signature(Recurrence.forward)  # type: ignore[attr-defined]
    return Recurrence


def _rows(inputs: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return [state, x_t, 1], (members, time, batch, width + features + 1); the first state is 0, the others wait."""
    batch, length, features = inputs.shape[1:]
    width = weight.shape[-1] // 4
    rows = weight.new_empty(len(weight), length, batch, weight.shape[-2])
    rows[:, 0, :, :width] = 0.0
    rows[..., width : width + features] = inputs.transpose(1, 2)
    rows[..., -1] = 1.0
    return rows
