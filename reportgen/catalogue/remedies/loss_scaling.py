"""Loss scaling."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "loss-scaling",
    title="loss scaling",
    version=1,
    summary="Loss scaling: the loss is multiplied by a large number and the gradient divided by it; against "
    "numbers too small for the number format, not against vanishing itself.",
    source="micikevicius2018",
)
def loss_scaling(*, exponent: Annotated[int, Ge(1), Le(120)] = 64) -> Remedy:
    r"""Multiply the loss by a power of two before the backward pass, and divide the gradient by it after.

    Parameters
    ----------
    exponent : int
        The power: the loss is multiplied by 2 to this exponent. In float32 a scaled error signal of 2^128 or more
        overflows.

    Notes
    -----
    A power of two changes no digit of a number within the range, so the gradient is exactly that without scaling
    wherever nothing was too small or too large on the way (Micikevicius et al. 2018, doi:10.48550/arXiv.1710.03740,
    for numbers of 16 bits). Here numbers have 32 bits, and underflow below about 1e-38.
    """
    return Remedy(loss_scale=2.0**exponent)
