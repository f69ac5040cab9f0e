"""Early stopping, member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reportgen.run.ensemble import Ensemble

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


class Patience:
    """Stops members whose validation loss has not improved for some evaluations, at their best weights.

    A stopped member stays in the ensemble with a learning rate of 0, so that its curves go on, level
    (Prechelt 1998, doi:10.1007/3-540-49430-8_3).

    Parameters
    ----------
    evaluations : int
        How many evaluations without a better loss end a member's training.

    Attributes
    ----------
    stopped : dict
        Member to the step at which it stopped.
    """

    def __init__(self, evaluations: int) -> None:
        self._evaluations = evaluations
        self._best: dict[int, tuple[float, Parameters]] = {}
        self._waited: dict[int, int] = {}
        self._due: list[int] = []
        self.stopped: dict[int, int] = {}

    def look(self, step: int, ensemble: Ensemble, validation: NDArray[np.float64]) -> None:
        """Look at the members' validation losses (members,) before the step after `step`."""
        for position, (member, loss) in enumerate(zip(list(ensemble.members), validation.tolist(), strict=True)):
            if member in self.stopped:
                continue
            if member not in self._best or loss < self._best[member][0]:
                self._best[member], self._waited[member] = (loss, ensemble.member(position)), 0
                continue
            self._waited[member] += 1
            if self._waited[member] >= self._evaluations:
                self.stopped[member] = step
                self._due.append(member)

    def stop(self, ensemble: Ensemble) -> None:
        """Stop the members whose patience is at its end; after the step, whose gradient needs the old weights."""
        for member in self._due:
            if member in ensemble.members:
                ensemble.stop(member, self._best.pop(member)[1])
        self._due.clear()
