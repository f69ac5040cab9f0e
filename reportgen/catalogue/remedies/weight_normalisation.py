"""Weight normalisation."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "weight-normalisation",
    title="weight normalisation",
    version=1,
    summary="Weight normalisation: each unit's weights are a direction and a length that are learnt apart; makes "
    "the steps depend less on how the weights are scaled.",
    source="salimans2016",
    sets=("architecture.weight_normalisation",),
)
def weight_normalisation() -> Remedy:
    r"""Write each unit's weights as a direction and a learned length.

    Notes
    -----
    $w = g\, v / |v|$ for every unit (Salimans & Kingma 2016, doi:10.48550/arXiv.1602.07868). Here g starts as |v|, so
    the network at initialisation, and its error signals, are those of the plain one; the paper's initialisation from
    data is left out.
    """
    return Remedy(settings={"architecture.weight_normalisation": True})
