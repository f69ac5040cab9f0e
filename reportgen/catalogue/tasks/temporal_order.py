"""In which order did two symbols come, long ago?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.streams import Endless, held_out
from reportgen.registry import tasks

if TYPE_CHECKING:
    import numpy as np

    from reportgen.catalogue.tasks.streams import Batch

SYMBOLS = 6
"""X and Y, which count, then the four distractors."""


@tasks.register(
    "temporal-order",
    title="temporal order",
    version=1,
    summary="Report which two of two symbols came, and in which order, among distractors; 4 classes.",
    source="hochreiter1997",
    metrics=("accuracy",),
    shape_kind="sequence",
)
def temporal_order(*, length: Annotated[int, Ge(10)] = 50) -> Task:
    """Build the temporal order problem, with fresh sequences in every batch.

    Parameters
    ----------
    length : int
        Time steps of a sequence; the answer is read after the last.

    Notes
    -----
    X or Y comes once at a random step of the second tenth of the sequence, and once at one of the sixth tenth; every
    other step has one of four distractors. The classes are XX, XY, YX, YY, all as frequent. Symbols are one-hot,
    times sqrt(6), so that every step has mean square 1. Task 6a of Hochreiter & Schmidhuber 1997,
    doi:10.1162/neco.1997.9.8.1735, with a fixed length and therefore without their symbols for start and end.
    """
    windows = (length // 10, length // 5), (length // 2, 3 * length // 5)

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        shown = generator.integers(2, SYMBOLS, (samples, length))
        relevant = generator.integers(0, 2, (samples, 2))
        for place, (start, end) in enumerate(windows):
            shown[np.arange(samples), generator.integers(start, end, samples)] = relevant[:, place]
        one_hot = np.eye(SYMBOLS, dtype=np.float32) * np.float32(SYMBOLS**0.5)
        return one_hot[shown], 2 * relevant[:, 0] + relevant[:, 1]

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    shape = Shape(inputs=SYMBOLS, outputs=4, length=length)
    return Task(shape, "cross-entropy", "accuracy", stream, held_out(draw, 200))
