"""Orthogonal recurrent weights at the start."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "orthogonal-recurrence",
    title="orthogonal recurrence",
    version=1,
    summary="Orthogonal recurrence: the recurrent weights start as a rotation, which keeps the length of what "
    "passes; against vanishing and explosion over time.",
    source="saxe2014, henaff2016",
    sets=("architecture.recurrence",),
)
def orthogonal_recurrence() -> Remedy:
    """Draw the recurrent weights as an orthogonal matrix.

    Notes
    -----
    All singular values are 1, so that only the activation function and the gain change the length of an error signal
    (Saxe et al. 2014, doi:10.48550/arXiv.1312.6120; Henaff et al. 2016, doi:10.48550/arXiv.1602.06662). Training may
    leave this; the architecture ``orthogonal-rnn`` does not.
    """
    return Remedy(settings={"architecture.recurrence": "orthogonal"})
