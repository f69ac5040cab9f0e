"""Clipping the gradient by its norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@remedies.register(
    "clip-norm",
    title="clipping by norm",
    version=1,
    summary="Clipping by norm: a gradient longer than a limit is shortened to it; against explosion only.",
    source="pascanu2013",
    group="clipping",
)
def clip_norm(*, max_norm: Annotated[float, Gt(0)] = 1.0) -> Remedy:
    """Shorten the gradient of all parameters together to at most `max_norm`.

    Parameters
    ----------
    max_norm : float
        The longest gradient that is left as it is (loss per weight, Euclidean).

    Notes
    -----
    g becomes g min(1, max_norm / (|g| + 1e-6)), as ``torch.nn.utils.clip_grad_norm_`` does; the norm is taken in
    float64, so that it does not overflow where its square would (Pascanu et al. 2013, doi:10.48550/arXiv.1211.5063).
    """

    def clip(gradients: Parameters, parameters: Parameters) -> tuple[Parameters, torch.Tensor]:
        coefficient = max_norm / (member_norms(gradients) + 1e-6)
        scale = torch.clamp(coefficient, max=1.0)
        shortened = {name: g * scale.to(g.dtype).view(-1, *[1] * (g.dim() - 1)) for name, g in gradients.items()}
        return shortened, coefficient < 1.0

    return Remedy(clip=clip)


def member_norms(tensors: Parameters) -> torch.Tensor:
    """Return the Euclidean norm over all tensors of each member, (members,) float64."""
    norms = _norms(tensors)
    if torch.isfinite(norms).all():
        return norms
    # Squares of gradients beyond 1e154 overflow: these members' norms are taken of smaller numbers.
    smaller = _norms({name: tensor * 2.0**-600 for name, tensor in tensors.items()}) * 2.0**600
    return torch.where(torch.isfinite(norms), norms, smaller)


def _norms(tensors: Parameters) -> torch.Tensor:
    parts = [torch.linalg.vector_norm(t.flatten(1), dim=1, dtype=torch.float64) for t in tensors.values()]
    return torch.linalg.vector_norm(torch.stack(parts), dim=0)
