"""Forget gates that start open."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "forget-bias",
    title="forget-gate bias",
    version=1,
    summary="Forget bias: the forget gates of an LSTM start open, so that the cell keeps what it holds; against "
    "vanishing over time.",
    source="gers2000, jozefowicz2015",
    sets=("architecture.forget_bias",),
    group="forget gate",
)
def forget_bias(*, bias: float = 1.0) -> Remedy:
    r"""Start the biases of the forget gates at a value above 0.

    Parameters
    ----------
    bias : float
        The bias of every forget gate at the start.

    Notes
    -----
    The gate starts near $1/(1 + e^{-b})$, and the cell keeps about this factor a step: 0.5 for b = 0, 0.73 for 1, 0.99
    for 5 (Gers et al. 2000, doi:10.1162/089976600300015015; Jozefowicz et al. 2015, An empirical exploration of
    recurrent network architectures, which recommends 1). Not with `chrono`, which draws the same biases.
    """
    return Remedy(settings={"architecture.forget_bias": bias})
