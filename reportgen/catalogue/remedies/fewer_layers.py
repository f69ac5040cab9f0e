"""A shallower network."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "fewer-layers",
    title="fewer layers",
    version=1,
    summary="Fewer layers: a shallower network, in which error signals have less far to go; gives up depth.",
    source="schoenholz2017",
    sets=("architecture.depth",),
    lowers=("architecture.depth",),
)
def fewer_layers(*, to: Annotated[int, Ge(1)] = 2) -> Remedy:
    """Build the architecture with fewer layers.

    Parameters
    ----------
    to : int
        Layers or blocks, as the architecture counts them; it must have more without the remedy.

    Notes
    -----
    A decay factor stays what it is, but its power with the depth as exponent is nearer to 1. How deep a network can be
    before its error signals are gone: Schoenholz et al. 2017, doi:10.48550/arXiv.1611.01232.
    """
    return Remedy(settings={"architecture.depth": to})
