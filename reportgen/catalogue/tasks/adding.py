"""Add the two marked values of a long sequence."""

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
    "adding",
    title="adding problem",
    version=1,
    summary="Add the two marked values of a long sequence of random numbers.",
    source="hochreiter1997",
    metrics=("mean-squared-error",),
    shape_kind="sequence",
)
def adding(*, length: Annotated[int, Ge(2)] = 50) -> Task:
    """Build the adding problem, with fresh sequences in every batch.

    Parameters
    ----------
    length : int
        Time steps of a sequence; the sum is read after the last.

    Notes
    -----
    Each step has two features: a value, uniform on [0, 1], and a marker, which is 1 at one step of the first half and
    at one of the second half, and 0 elsewhere. The target is the sum of the two marked values. Always answering its
    mean, 1, has a mean squared error of 1/6, the variance of the sum: a network that has not bridged the lag stays
    there. Inputs are left as they are, unscaled: the values have mean square 1/3, the markers 2 / length.
    Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with a fixed length, values that are not negative,
    and the markers in the two halves, as has become usual.
    """

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        inputs = np.zeros((samples, length, 2), np.float32)
        inputs[:, :, 0] = generator.random((samples, length), dtype=np.float32)
        rows = np.arange(samples)
        marked = generator.integers(0, length // 2, samples), generator.integers(length // 2, length, samples)
        for step in marked:
            inputs[rows, step, 1] = 1.0
        return inputs, inputs[rows, marked[0], 0] + inputs[rows, marked[1], 0]

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    shape = Shape(inputs=2, outputs=1, length=length)
    return Task(shape, "mean-squared-error", "mean-squared-error", stream, held_out(draw, 500))
