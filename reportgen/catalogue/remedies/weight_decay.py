"""Decoupled weight decay."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "weight-decay",
    title="weight decay",
    version=1,
    summary="Weight decay: every step shrinks the weights by a small share, apart from the gradient; keeps weights "
    "from growing whatever the optimiser.",
    source="loshchilov2019",
)
def weight_decay(*, strength: Annotated[float, Gt(0)] = 0.01) -> Remedy:
    r"""Shrink the weight matrices in every step; biases are free.

    Parameters
    ----------
    strength : float
        The share by which a step of learning rate 1 would shrink the weights, the lambda of the formula.

    Notes
    -----
    $w \leftarrow (1 - \eta \lambda) w$ before the optimiser's own step, with the step's learning rate $\eta$, as in
    ``torch.optim.AdamW`` (Loshchilov & Hutter 2019, doi:10.48550/arXiv.1711.05101). With plain gradient descent it is
    the same as `l2-penalty`. The optimiser "adamw" shrinks all parameters by 0.01 by itself; this comes on top.
    """
    return Remedy(weight_decay=strength)
