"""A remedy from outside the package, for an architecture from outside the package."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "lower-frequency",
    version=1,
    summary="A lower frequency: sine units that stay on their first half-wave.",
    sets=("architecture.frequency",),
)
def lower_frequency(*, to: Annotated[float, Gt(0)] = 1.0) -> Remedy:
    """Set the frequency of sine units.

    Parameters
    ----------
    to : float
        The new omega.
    """
    return Remedy(settings={"architecture.frequency": to})
