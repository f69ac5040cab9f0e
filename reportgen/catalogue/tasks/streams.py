"""Training batches: a finite set in a fresh order every epoch, or samples drawn without end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.seeding import numpy_generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Batch = tuple[NDArray[np.float32], NDArray[Any]]


class Epochs:
    """Batches of a finite training set; each epoch has its own order, and drops what does not fill a batch.

    Parameters
    ----------
    inputs : array (samples, ...)
    targets : array (samples,)
    seed : int
        The run's seed; the order comes from its axis "batch-order".
    batch_size : int
        At most the number of samples is used.
    """

    def __init__(self, inputs: NDArray[np.float32], targets: NDArray[Any], seed: int, batch_size: int) -> None:
        self._inputs, self._targets = inputs, targets
        self._size = min(batch_size, len(targets))
        self._generator = numpy_generator(seed, "batch-order")
        self._order = self._generator.permutation(len(targets))

    def batch(self) -> Batch:
        """Return the next inputs (batch, ...) and targets (batch,)."""
        if len(self._order) < self._size:
            self._order = self._generator.permutation(len(self._targets))
        chosen, self._order = self._order[: self._size], self._order[self._size :]
        return self._inputs[chosen], self._targets[chosen]


class Endless:
    """Batches of fresh samples, none seen twice.

    Parameters
    ----------
    draw : callable
        ``draw(generator, samples) -> (inputs, targets)``.
    seed : int
        The run's seed; the samples come from its axis "data".
    batch_size : int
    """

    def __init__(self, draw: Callable[[np.random.Generator, int], Batch], seed: int, batch_size: int) -> None:
        self._draw, self._batch_size = draw, batch_size
        self._generator = numpy_generator(seed, "data")

    def batch(self) -> Batch:
        """Return the next inputs (batch, ...) and targets (batch,)."""
        return self._draw(self._generator, self._batch_size)


def held_out(draw: Callable[[np.random.Generator, int], Batch], samples: int) -> dict[str, Batch]:
    """Draw the held-out splits of an endless task, the same for every run."""
    return {split: draw(numpy_generator(-1, f"held-out {split}"), samples) for split in ("validation", "test")}
