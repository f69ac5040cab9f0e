"""Another activation function."""

from __future__ import annotations

from reportgen.catalogue import activations
from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "activation",
    title="activation function",
    version=1,
    summary="Another activation function: one whose derivative is near 1 where the units work.",
    source="glorot2010",
    sets=("architecture.activation",),
    variants={
        "sigmoid": "sigmoid units",
        "tanh": "tanh units",
        "relu": "ReLU units",
        "leaky-relu": "leaky ReLU units",
        "elu": "ELU units",
        "selu": "SELU units",
        "gelu": "GELU units",
        "silu": "SiLU units",
        "linear": "linear units",
    },
)
def activation(*, to: activations.Name = "relu") -> Remedy:
    """Set the architecture's activation function.

    Parameters
    ----------
    to : str
        One of ``reportgen.catalogue.activations.NAMES``.
    """
    return Remedy(settings={"architecture.activation": to})
