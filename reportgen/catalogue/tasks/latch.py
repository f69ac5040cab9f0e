"""Report the first symbol of a sequence: the plainest task with a long lag."""

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
    "latch",
    title="first symbol",
    version=1,
    summary="Report the first symbol of a sequence after many steps of noise.",
    source="bengio1994",
    metrics=("accuracy",),
    shape_kind="sequence",
)
def latch(
    *,
    length: Annotated[int, Ge(2)] = 50,
    classes: Annotated[int, Ge(2)] = 10,
    noise: Annotated[float, Ge(0)] = 0.1,
) -> Task:
    """Build the task of reporting the first symbol, with fresh sequences in every batch.

    Parameters
    ----------
    length : int
        Time steps of a sequence; the symbol is shown in the first, the answer is read after the last.
    classes : int
        Number of symbols.
    noise : float
        Standard deviation of the Gaussian noise on every feature of every step but the first.

    Notes
    -----
    The symbol is one-hot, times sqrt(classes), so that its features have mean square 1. A form of the latching
    problem of Bengio, Simard & Frasconi 1994, doi:10.1109/72.279181.
    """

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        targets = generator.integers(0, classes, samples)
        inputs = noise * generator.standard_normal((samples, length, classes), dtype=np.float32)
        inputs[:, 0] = 0.0
        inputs[np.arange(samples), 0, targets] = classes**0.5
        return inputs.astype(np.float32), targets

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    shape = Shape(inputs=classes, outputs=classes, length=length)
    return Task(shape, "cross-entropy", "accuracy", stream, held_out(draw, 200))
