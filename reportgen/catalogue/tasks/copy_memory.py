"""Repeat a list of symbols after a long pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.streams import Endless, held_out
from reportgen.registry import tasks

if TYPE_CHECKING:
    import numpy as np

    from reportgen.catalogue.tasks.streams import Batch


@tasks.register(
    "copy-memory",
    title="copy memory",
    version=1,
    summary="Remember a list of symbols during a long pause, then repeat it in order.",
    source="arjovsky2016",
    metrics=("accuracy",),
    shape_kind="sequence",
)
def copy_memory(
    *,
    lag: Annotated[int, Ge(1)] = 30,
    symbols: Annotated[int, Ge(2)] = 10,
    classes: Annotated[int, Ge(2)] = 8,
) -> Task:
    """Build the copying memory problem, with fresh sequences in every batch.

    Parameters
    ----------
    lag : int
        Time steps between the last symbol and the first answer; they are blank, but for the go mark in the last.
    symbols : int
        How many symbols are shown in the first steps, and asked for in the last.
    classes : int
        Number of different symbols.

    Notes
    -----
    A sequence has lag + 2 symbols steps, and the network is read in the last `symbols` of them, which are blank: each
    answer is due lag + symbols steps after its symbol. Guessing has an accuracy of 1 / classes and a loss of
    log(classes). Steps are one-hot over the classes, the blank and the go mark, times sqrt(classes + 2), so that
    every step has mean square 1. Arjovsky, Shah & Bengio 2016, proceedings.mlr.press/v48/arjovsky16.html (lag is
    their T), after Hochreiter & Schmidhuber 1997; the blanks that they ask for before the answers are not scored here.
    """
    length, blank, go = lag + 2 * symbols, classes, classes + 1

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        targets = generator.integers(0, classes, (samples, symbols))
        shown = np.full((samples, length), blank)
        shown[:, :symbols] = targets
        shown[:, symbols + lag - 1] = go
        one_hot = np.eye(classes + 2, dtype=np.float32) * np.float32((classes + 2) ** 0.5)
        return one_hot[shown], targets

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    shape = Shape(inputs=classes + 2, outputs=classes, length=length, reads=symbols)
    return Task(shape, "cross-entropy", "accuracy", stream, held_out(draw, 200))
