"""Norms and histograms of numbers that lie far outside the range of float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reportgen.catalogue.lazy import torch
from reportgen.store.tables import HISTOGRAM_EDGES, HISTOGRAM_LENGTH


def norm(values: torch.Tensor) -> torch.Tensor:
    """Return the Euclidean norm of each row without overflow or underflow of the squares.

    Parameters
    ----------
    values : torch.Tensor
        (rows, ...).

    Returns
    -------
    torch.Tensor
        (rows,); not finite where a value is not.
    """
    flat = values.flatten(1)
    largest = flat.abs().amax(1)
    usable = torch.isfinite(largest) & (largest > 0)
    divisor = torch.where(usable, largest, torch.ones_like(largest))
    return torch.linalg.vector_norm(flat / divisor.unsqueeze(1), dim=1) * divisor


def rms(values: torch.Tensor) -> torch.Tensor:
    """Return the root mean square of each row, (rows,), without overflow or underflow of the squares."""
    return norm(values) / values[0].numel() ** 0.5


def histogram(values: torch.Tensor, exponent: int) -> NDArray[np.int64]:
    """Count magnitudes in the fixed bins of ``store.tables.HISTOGRAM_EDGES``.

    Parameters
    ----------
    values : torch.Tensor
        (rows, ...), float64, multiplied by 2 to the `exponent`.
    exponent : int

    Returns
    -------
    array
        (rows, HISTOGRAM_LENGTH): exact zeros, below the first edge, the bins, at or above the last edge.
    """
    flat = values.abs().flatten(1)
    edges = torch.tensor([10.0**edge * 2.0**exponent for edge in HISTOGRAM_EDGES], dtype=flat.dtype)
    bins = torch.bucketize(flat, edges.to(flat.device), right=True) + 1
    bins = torch.where(flat == 0, torch.zeros_like(bins), bins)
    offsets = torch.arange(len(flat), device=flat.device).unsqueeze(1) * HISTOGRAM_LENGTH
    counts = torch.bincount((bins + offsets).flatten(), minlength=len(flat) * HISTOGRAM_LENGTH)
    result: NDArray[np.int64] = counts.view(len(flat), HISTOGRAM_LENGTH).cpu().numpy()
    return result
