"""A penalty on the absolute weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@remedies.register(
    "l1-penalty",
    title="L1 penalty",
    version=1,
    summary="L1 penalty: the sum of the absolute weights is added to the loss; keeps weights from growing, and "
    "makes many of them nearly 0.",
    source="tibshirani1996, pascanu2013",
)
def l1_penalty(*, strength: Annotated[float, Gt(0)] = 1e-5) -> Remedy:
    r"""Add the absolute values of the weight matrices to the loss; biases are free.

    Parameters
    ----------
    strength : float
        What the sum of the absolute weights is multiplied by, the lambda of the formula.

    Notes
    -----
    $\lambda \sum_i |w_i|$, whose gradient is $\lambda$ times the sign of a weight, and 0 for weights that are 0
    (Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x, for linear regression). Smaller weights shorten error
    signals: it may help where these explode (Pascanu et al. 2013, doi:10.48550/arXiv.1211.5063), and where large
    weights saturate the units.
    """

    def penalty(weights: Parameters) -> torch.Tensor:
        return strength * torch.stack([weight.abs().flatten(1).sum(1) for weight in weights.values()]).sum(0)

    return Remedy(weight_penalty=penalty)
