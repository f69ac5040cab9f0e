"""Early stopping."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "early-stopping",
    title="early stopping",
    version=1,
    summary="Early stopping: training ends when the validation loss no longer falls, and goes back to the best "
    "weights; against overfitting and wasted steps, not against vanishing.",
    source="prechelt1998",
)
def early_stopping(*, patience: Annotated[int, Ge(1)] = 5) -> Remedy:
    """End a run whose validation loss has not improved for a while, at its best weights.

    Parameters
    ----------
    patience : int
        How many evaluations in a row without a lower validation loss end the run. How often there is one is set by the
        study's ``measure.evaluations``.

    Notes
    -----
    Rules for when to stop are compared by Prechelt 1998, doi:10.1007/3-540-49430-8_3; this one looks at the best loss
    so far. It can end a run on a plateau that a longer training would leave.
    """
    return Remedy(patience=patience)
