"""Another activation function."""

from __future__ import annotations

from reportgen.catalogue import activations
from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "activation",
    version=1,
    summary="Another activation function: one whose derivative is near 1 where the units work.",
    source="glorot2010",
    sets=("architecture.activation",),
)
def activation(*, to: activations.Name = "relu") -> Remedy:
    """Set the architecture's activation function.

    Parameters
    ----------
    to : str
        One of ``reportgen.catalogue.activations.NAMES``.
    """
    return Remedy(settings={"architecture.activation": to})
