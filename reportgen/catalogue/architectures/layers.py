"""Layers as plain functions that work for one member and for a stacked ensemble."""

from __future__ import annotations

from reportgen.catalogue.lazy import torch


def affine(inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return inputs @ weight + bias.

    Parameters
    ----------
    inputs : torch.Tensor
        (batch, in), or (members, batch, in) for an ensemble; a leading dimension of 1 is shared by all members.
    weight : torch.Tensor
        (in, out) or (members, in, out).
    bias : torch.Tensor
        Added to every row: (1, out) or (members, 1, out); or one for each row, as (batch, out).

    Returns
    -------
    torch.Tensor
        (batch, out) or (members, batch, out).
    """
    if weight.dim() == 2:
        return torch.addmm(bias, inputs, weight)
    return torch.baddbmm(bias, inputs.expand(len(weight), -1, -1), weight)
