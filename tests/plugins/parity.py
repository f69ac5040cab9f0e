"""A task from outside the package: is the number of ones odd?"""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.streams import Endless, held_out
from reportgen.registry import tasks


@tasks.register(
    "parity",
    version=1,
    summary="Tell whether an odd number of bits is set.",
    metrics=("accuracy",),
    shape_kind="vector",
)
def parity(*, bits: Annotated[int, Ge(1)] = 4) -> Task:
    """Build the task of the parity of random bits, each given as -1 or 1.

    Parameters
    ----------
    bits : int
        Features of a sample.
    """

    def draw(generator, samples):
        drawn = generator.integers(0, 2, (samples, bits))
        return (2.0 * drawn - 1.0).astype("float32"), drawn.sum(axis=1) % 2

    def stream(seed, batch_size):
        return Endless(draw, seed, batch_size)

    return Task(Shape(inputs=bits, outputs=2), "cross-entropy", "accuracy", stream, held_out(draw, 50))
