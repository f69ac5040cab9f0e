"""Losses and metrics of an ensemble, a value for each member."""

from __future__ import annotations

from reportgen.catalogue.lazy import torch


def losses(kind: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return each member's mean loss over its batch, and over the time steps that are read out.

    Parameters
    ----------
    kind : str
        "cross-entropy" (natural logarithm) or "mean-squared-error".
    outputs : torch.Tensor
        (members, batch, outputs), or (members, batch, reads, outputs).
    targets : torch.Tensor
        (members, batch) or (members, batch, reads) classes, or values like `outputs` (whose last dimension may be
        left out where it is 1); a leading dimension of 1 is shared.

    Returns
    -------
    torch.Tensor
        (members,).
    """
    if kind == "cross-entropy":
        log_probability = torch.log_softmax(outputs, dim=-1)
        chosen = targets.expand(outputs.shape[:-1]).unsqueeze(-1)
        return -log_probability.gather(-1, chosen).squeeze(-1).flatten(1).mean(-1)
    return _squared_error(outputs, targets)


def metrics(kind: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return each member's "accuracy" or "mean-squared-error", (members,); shapes and means as in `losses`."""
    if kind == "accuracy":
        return (outputs.argmax(-1) == targets).to(outputs.dtype).flatten(1).mean(-1)
    return _squared_error(outputs, targets)


def _squared_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    values = targets.reshape(*targets.shape[: outputs.dim() - 1], -1).to(outputs.dtype)
    return (outputs - values).square().mean(tuple(range(1, outputs.dim())))
