"""Normalisation of what the units compute."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import Ge

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "normalisation",
    version=1,
    summary="Normalisation: values get mean 0 and variance 1 in every layer; keeps activations in the range where "
    "derivatives are large, and lets larger learning rates work.",
    source="ioffe2015, ba2016, wu2018",
    sets=("architecture.normalisation", "architecture.groups"),
    variants={
        "batch": "batch normalisation",
        "layer": "layer normalisation",
        "group": "group normalisation",
    },
)
def normalisation(*, kind: Literal["batch", "layer", "group"] = "batch", groups: Annotated[int, Ge(1)] = 8) -> Remedy:
    r"""Put a normaliser into every layer of the architecture.

    Parameters
    ----------
    kind : str
        "batch": over the samples of a batch; "layer": over the units of a sample; "group": over groups of units.
    groups : int
        How many groups of units there are, for "group" only; the width must be a multiple.

    Notes
    -----
    A value z becomes $\gamma (z - \mu) / \sqrt{s^2 + 10^{-5}} + \beta$ with mean $\mu$ and variance $s^2$ of what it is
    normalised over, and learned $\gamma$ and $\beta$ (Ioffe & Szegedy 2015, doi:10.48550/arXiv.1502.03167; Ba et al.
    2016, doi:10.48550/arXiv.1607.06450; Wu & He 2018, doi:10.48550/arXiv.1803.08494). Without skip connections, batch
    normalisation makes error signals explode towards the input of a deep network (Yang et al. 2019,
    doi:10.48550/arXiv.1902.08129).
    """
    settings: dict[str, Any] = {"architecture.normalisation": kind}
    return Remedy(settings=settings | ({"architecture.groups": groups} if kind == "group" else {}))
