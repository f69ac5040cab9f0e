"""Truncated backpropagation through time."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "truncated-bptt",
    title="truncated backpropagation",
    version=1,
    summary="Truncated backpropagation through time: error signals go back only a few steps; against explosion and "
    "for speed, at the price of what happened earlier.",
    source="williams1990",
    sets=("architecture.truncation",),
)
def truncated_bptt(*, steps: Annotated[int, Ge(1)] = 10) -> Remedy:
    """Let error signals go back over at most `steps` time steps.

    Parameters
    ----------
    steps : int
        Time steps of a window, counted from the end of the sequence; where the sequence is no longer, nothing changes.

    Notes
    -----
    A window begins with the state that the one before it ends with, and no gradient flows between them (Williams &
    Peng 1990, doi:10.1162/neco.1990.2.4.490). Where only the last step is read out, error signals before the last
    window are exactly 0: what needs them is not learnt.
    """
    return Remedy(settings={"architecture.truncation": steps})
