"""Dropout."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Gt, Lt

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "dropout",
    version=1,
    summary="Dropout: in training, units are silenced at random; against overfitting, not against vanishing.",
    source="srivastava2014",
    sets=("architecture.dropout",),
)
def dropout(*, probability: Annotated[float, Gt(0), Lt(1)] = 0.1) -> Remedy:
    """Set units to 0 at random in training, and scale the others up.

    Parameters
    ----------
    probability : float
        The probability with which a unit is set to 0 in a step.

    Notes
    -----
    Each unit is multiplied by 0 with probability p, else by 1/(1 - p), so that its mean stays; in evaluation nothing
    is dropped (Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting, Journal of
    Machine Learning Research 15, 1929-1958). The mean square grows by 1/(1 - p) a layer, so a deep network whose
    weights are just right without dropout explodes with it. In recurrent networks a unit is dropped for a whole
    sequence (Gal & Ghahramani 2016, doi:10.48550/arXiv.1512.05287).
    """
    return Remedy(settings={"architecture.dropout": probability})
