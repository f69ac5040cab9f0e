"""Losses and metrics of an ensemble, a value for each member."""

from __future__ import annotations

from reportgen.catalogue import stacking
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
    return averaged(sample_losses(kind, outputs, targets))


def metrics(kind: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return each member's "accuracy" or "mean-squared-error", (members,); shapes and means as in `losses`."""
    return averaged(sample_metrics(kind, outputs, targets))


def sample_losses(kind: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the losses of the samples, (members, batch, ...), whose mean is that of `losses`."""
    if kind == "cross-entropy":
        chosen = targets.expand(outputs.shape[:-1])
        return -_log_probability(outputs, chosen)
    return _squared_error(outputs, targets)


def sample_metrics(kind: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the metric of the samples, (members, batch, ...), whose mean is that of `metrics`."""
    if kind == "accuracy":
        return (outputs.argmax(-1) == targets).to(outputs.dtype)
    return _squared_error(outputs, targets)


def averaged(values: torch.Tensor) -> torch.Tensor:
    """Return each member's mean, (members,), of the values of its samples (members, batch, ...)."""
    return values.flatten(1).mean(-1)


def _log_probability(outputs: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Return the log-probability (members, batch, ...) of the chosen classes."""
    samples = outputs[0, ..., 0].numel()
    if outputs.dtype == torch.float32 and samples % stacking.VECTOR == 0:
        # With the samples side by side: a few classes do not fill a vector register, and take ten times as long. Full
        # registers of samples give the same numbers, bitwise; in float64, where it counts little, they would not.
        # Unlike a transposition, stacking hands back a gradient whose layout is that of `outputs`.
        log_probability = torch.log_softmax(torch.stack(outputs.unbind(-1), dim=1), dim=1)
        return log_probability.gather(1, chosen.unsqueeze(1)).squeeze(1)
    return torch.log_softmax(outputs, dim=-1).gather(-1, chosen.unsqueeze(-1)).squeeze(-1)


def _squared_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    values = targets.reshape(*targets.shape[: outputs.dim() - 1], -1).to(outputs.dtype)
    return (outputs - values).square()
