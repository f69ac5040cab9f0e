"""A penalty on error signals that change their size from position to position."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

SMALLEST = 2.0**-100
"""Ratios to shorter error signals are left out: float32 does not hold their derivatives."""


@remedies.register(
    "signal-penalty",
    title="penalty on error signals",
    version=1,
    summary="Penalty on error signals: a loss is added that grows as they change their length from step to step; "
    "against vanishing over time.",
    source="pascanu2013",
)
def signal_penalty(*, strength: Annotated[float, Gt(0)] = 1.0) -> Remedy:
    r"""Add Pascanu's regulariser to the loss: error signals are to keep their length from one position to the next.

    Parameters
    ----------
    strength : float
        What the regulariser is multiplied by.

    Notes
    -----
    $\Omega = \sum_t (|\delta_t| / |\delta_{t+1}| - 1)^2$ with the error signals $\delta_t$ of a sample at the
    positions called "hidden", averaged over the batch (Pascanu et al. 2013, doi:10.48550/arXiv.1211.5063).
    Where only the last step is read out, $\delta_t$ is $\delta_{t+1}$ propagated back, as in the paper; else it also
    holds what step t adds to the loss. The paper takes the "immediate" partial derivative of $\Omega$ and holds states
    and $\delta_{t+1}$ fixed; here the full derivative is taken. In layers of a feed-forward network it is the same
    formula with layers in place of steps.
    """

    def penalty(signals: Sequence[torch.Tensor]) -> torch.Tensor:
        # In float64: squares of error signals below 1e-23 are 0 in float32.
        norms = [torch.linalg.vector_norm(s.flatten(2), dim=-1, dtype=torch.float64) for s in signals]
        total = torch.zeros_like(norms[0])
        for nearer_the_input, nearer_the_loss in pairwise(norms):
            known = nearer_the_loss > SMALLEST
            ratio = nearer_the_input / torch.where(known, nearer_the_loss, 1.0)
            total = total + torch.where(known, (ratio - 1.0).square(), 0.0)
        return strength * total.mean(-1)

    return Remedy(signal_penalty=penalty)
