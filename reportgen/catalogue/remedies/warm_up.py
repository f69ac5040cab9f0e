"""Warm-up of the learning rate."""

from __future__ import annotations

import math
from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, Field, ValidationInfo

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


def _one_length(share: float | None, info: ValidationInfo) -> float | None:
    steps = info.data.get("steps")
    if share is not None and steps is not None:
        raise ValueError("give steps or share, not both")
    return 0.1 if share is None and steps is None else share


Share = Annotated[Annotated[float, Gt(0), Le(1)] | None, AfterValidator(_one_length), Field(validate_default=True)]


@remedies.register(
    "warm-up",
    version=1,
    summary="Warm-up: the learning rate grows from near 0 in the first steps; against divergence at the start, "
    "above all in transformers.",
    source="goyal2017, xiong2020",
)
def warm_up(*, steps: Annotated[int, Ge(1)] | None = None, share: Share = None) -> Remedy:
    r"""Let the learning rate grow along a line to its full size.

    Parameters
    ----------
    steps : int, optional
        Steps until the learning rate is full.
    share : float, optional
        The same as a share of all steps of the training, rounded up; 0.1 if neither is given.

    Notes
    -----
    In step t, counted from 1, the rate is multiplied by $\min(1, t / n)$ for a warm-up of n steps (Goyal et al. 2017,
    doi:10.48550/arXiv.1706.02677; why transformers with normalisation after each sum need it: Xiong et al. 2020,
    doi:10.48550/arXiv.2002.04745). A schedule of the training is multiplied by it.
    """

    def factor(step: int, total: int) -> float:
        # Products such as 0.1 x 30 lie a little above the whole number that is meant.
        length = math.ceil(round((0.1 if share is None else share) * total, 9)) if steps is None else steps
        return min(1.0, step / length)

    return Remedy(schedule=factor)
