"""Chrono initialisation."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "chrono",
    title="chrono initialisation",
    version=1,
    summary="Chrono initialisation: the forget gates of an LSTM start with memories of all lengths up to the "
    "sequence's; against vanishing over time where lags are long.",
    source="tallec2018",
    sets=("architecture.chrono",),
    group="forget gate",
)
def chrono() -> Remedy:
    r"""Draw the biases of the gates for memories up to the length of the sequence.

    Notes
    -----
    $b_f = \log u$ with u uniform in [1, T - 1], and $b_i = -b_f$, for sequences of T steps: a gate of bias $\log u$
    forgets over about u steps (Tallec & Ollivier 2018, doi:10.48550/arXiv.1804.11188). Not with `forget-bias`, which
    sets the same biases.
    """
    return Remedy(settings={"architecture.chrono": True})
