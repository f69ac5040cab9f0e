"""A penalty on the squared weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@remedies.register(
    "l2-penalty",
    title="L2 penalty",
    version=1,
    summary="L2 penalty: the sum of the squared weights is added to the loss; keeps weights from growing, and with "
    "them error signals from exploding.",
    source="krogh1991, pascanu2013",
)
def l2_penalty(*, strength: Annotated[float, Gt(0)] = 1e-4) -> Remedy:
    r"""Add half the squares of the weight matrices to the loss; biases are free.

    Parameters
    ----------
    strength : float
        What half the sum of squares is multiplied by, the lambda of the formula.

    Notes
    -----
    $\frac{\lambda}{2} \sum_i w_i^2$, whose gradient is $\lambda w_i$ (Krogh & Hertz 1991, A simple weight decay can
    improve generalization), like the option ``weight_decay`` of ``torch.optim.SGD``. An optimiser that rescales
    gradients rescales this part too; `weight-decay` stands apart from it. Smaller weights shorten error
    signals: it may help where these explode (Pascanu et al. 2013, doi:10.48550/arXiv.1211.5063), and where large
    weights saturate the units.
    """

    def penalty(weights: Parameters) -> torch.Tensor:
        return 0.5 * strength * torch.stack([weight.square().flatten(1).sum(1) for weight in weights.values()]).sum(0)

    return Remedy(weight_penalty=penalty)
