"""Single steps of gated networks with their derivatives, for ``gated``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.recurrence import SLOPES, VALUES
from reportgen.catalogue.lazy import torch

Kept = Sequence["torch.Tensor"]
"""What a step keeps for its derivative and for the next step; the hidden state comes first."""


@dataclass(frozen=True)
class Cell:
    """One step of a gated network, and its derivative.

    Attributes
    ----------
    forward : callable
        ``forward(z, before) -> kept``: from the pre-activations (members, batch, 4 width), which it may overwrite,
        and what was kept one step earlier (None at the first) to what this step keeps.
    backward : callable
        ``backward(kept, before, error, carried, out) -> carried``: from the gradients with respect to h_t by way of
        matrix products and read-outs, and by way of the next step's cell (`carried`; None where there is none), it
        writes the gradient with respect to z into `out`, and returns what the step before is to receive.
    """

    forward: Callable[[torch.Tensor, Kept | None], Kept]
    backward: Callable[[Kept, Kept | None, torch.Tensor, torch.Tensor | None, torch.Tensor], torch.Tensor]


@cache
def lstm(activation: str) -> Cell:
    """Return i, f, o = sigmoid(z), g = phi(z), c = f c_{t-1} + i g, h = o phi(c); z is ordered i, f, o, g."""
    phi, slope = VALUES[activation], SLOPES[activation]

    def forward(z: torch.Tensor, before: Kept | None) -> Kept:
        width = z.shape[-1] // 4
        z[..., : 3 * width].sigmoid_()
        i, f, o, g = z.split(width, dim=-1)
        candidate = phi(g)
        state = i * candidate if before is None else torch.addcmul(i * candidate, f, before[1])
        shown = phi(state)
        return o * shown, state, shown, candidate, z

    def backward(
        kept: Kept, before: Kept | None, error: torch.Tensor, carried: torch.Tensor | None, out: torch.Tensor
    ) -> torch.Tensor:
        _, _, shown, candidate, z = kept
        width = shown.shape[-1]
        i, f, o, _ = z.split(width, dim=-1)
        of_i, of_f, of_o, of_g = out.split(width, dim=-1)
        of_state = slope(error * o, shown)
        of_state = of_state if carried is None else of_state + carried
        torch.mul(of_state, candidate, out=of_i)
        of_f.zero_() if before is None else torch.mul(of_state, before[1], out=of_f)
        torch.mul(error, shown, out=of_o)
        _through_sigmoid(out[..., : 3 * width], z[..., : 3 * width])
        of_g.copy_(slope(of_state * i, candidate))
        return of_state * f

    return Cell(forward, backward)


@cache
def gru() -> Cell:
    """Return r, u = sigmoid(z), n = tanh(a + r b), h = u h_{t-1} + (1 - u) n; z is ordered r, u, a, b."""

    def forward(z: torch.Tensor, before: Kept | None) -> Kept:
        width = z.shape[-1] // 4
        z[..., : 2 * width].sigmoid_()
        r, u, a, b = z.split(width, dim=-1)
        candidate = activations.tanh_value(torch.addcmul(a, r, b))
        state = candidate - u * candidate if before is None else torch.lerp(candidate, before[0], u)
        return state, candidate, z

    def backward(
        kept: Kept, before: Kept | None, error: torch.Tensor, carried: torch.Tensor | None, out: torch.Tensor
    ) -> torch.Tensor:
        _, candidate, z = kept
        width = candidate.shape[-1]
        r, u, _, b = z.split(width, dim=-1)
        of_r, of_u, of_a, of_b = out.split(width, dim=-1)
        of_state = error if carried is None else error + carried
        onward = of_state * u
        of_sum = torch.ops.aten.tanh_backward(of_state - onward, candidate)
        of_a.copy_(of_sum)
        torch.mul(of_sum, r, out=of_b)
        torch.mul(of_sum, b, out=of_r)
        torch.mul(of_state, -candidate if before is None else before[0] - candidate, out=of_u)
        _through_sigmoid(out[..., : 2 * width], z[..., : 2 * width])
        return onward

    return Cell(forward, backward)


def _through_sigmoid(gradient: torch.Tensor, value: torch.Tensor) -> None:
    """Turn the gradient with respect to sigmoid(z) = `value` into that with respect to z, in place."""
    torch.ops.aten.sigmoid_backward.grad_input(gradient, value, grad_input=gradient)
