"""Another initialisation."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.initialisations import Initialisation
from reportgen.registry import remedies


@remedies.register(
    "initialisation",
    version=1,
    summary="Another initialisation: weights scaled so that the error signal keeps its size from layer to layer.",
    source="glorot2010",
    sets=("architecture.initialisation",),
    variants={
        "default": "PyTorch's initialisation",
        "glorot-normal": "Glorot initialisation",
        "glorot-uniform": "Glorot initialisation (uniform)",
        "he-normal": "He initialisation",
        "he-uniform": "He initialisation (uniform)",
        "lecun-normal": "LeCun initialisation",
        "scaled-normal": "Gaussian initialisation",
        "orthogonal": "orthogonal initialisation",
        "normal": "Gaussian initialisation of one scale",
    },
)
def initialisation(*, to: Initialisation = "he-normal") -> Remedy:  # type: ignore[assignment]
    """Set the architecture's initialisation.

    Parameters
    ----------
    to : str or mapping
        A name or a mapping, as in ``reportgen.catalogue.initialisations``.
    """
    return Remedy(settings={"architecture.initialisation": to})
