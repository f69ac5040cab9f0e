"""Clipping the gradient of each unit by the norm of its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

SMALLEST = 1e-3
"""A unit's weights count as at least so long, so that weights that start at 0 can be learnt."""


@remedies.register(
    "clip-adaptive",
    title="adaptive clipping",
    version=1,
    summary="Adaptive clipping: each unit's gradient is kept to a share of the length of its weights; against "
    "steps that are too large for some units, whatever their scale.",
    source="brock2021",
    group="clipping",
)
def clip_adaptive(*, max_ratio: Annotated[float, Gt(0)] = 0.01) -> Remedy:
    r"""Shorten the gradient of each unit to at most `max_ratio` of the norm of its weights.

    Parameters
    ----------
    max_ratio : float
        The largest ratio of a unit's gradient to its weights, both Euclidean norms, that is left as it is.

    Notes
    -----
    A unit's gradient g becomes $g \min(1, \lambda \max(|w|, 10^{-3}) / |g|)$ with its weights w (Brock et al. 2021,
    doi:10.48550/arXiv.2102.06171). A unit is a column of a weight matrix; a vector (biases, gains) is taken as a
    whole, as in the authors' code. They spare the last layer; here it is clipped like the others. A member counts as
    clipped where any of its units is. In matrices of ``torch.nn``, whose units are rows, columns are taken too.
    """

    def clip(gradients: Parameters, parameters: Parameters) -> tuple[Parameters, torch.Tensor]:
        kept, changed = {}, []
        for name, gradient in gradients.items():
            longest = max_ratio * _unit_norms(parameters[name]).clamp(min=SMALLEST)
            scale = (longest / _unit_norms(gradient)).clamp(max=1.0)
            kept[name] = gradient * scale.to(gradient.dtype)
            changed.append((scale < 1.0).flatten(1).any(1))
        return kept, torch.stack(changed).any(0)

    return Remedy(clip=clip)


def _unit_norms(tensor: torch.Tensor) -> torch.Tensor:
    whole = tensor[0].squeeze().dim() < 2
    dimensions = tuple(range(1, tensor.dim() if whole else tensor.dim() - 1))
    return torch.linalg.vector_norm(tensor, dim=dimensions, keepdim=True, dtype=torch.float64)
