"""Two interleaved spirals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.streams import Endless, held_out
from reportgen.registry import tasks

if TYPE_CHECKING:
    import numpy as np

    from reportgen.catalogue.tasks.streams import Batch


@tasks.register(
    "spirals",
    title="two spirals",
    version=1,
    summary="Two interleaved spirals in the plane; which one does a point lie on?",
    source="lang1988",
    metrics=("accuracy",),
    shape_kind="vector",
)
def spirals(*, turns: Annotated[float, Gt(0)] = 1.0, noise: Annotated[float, Ge(0)] = 0.05) -> Task:
    """Build the task of telling two spirals apart, with fresh points in every batch.

    Parameters
    ----------
    turns : float
        How often each spiral winds around the origin.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate; the spirals end at radius 1.

    Notes
    -----
    A point at fraction u of its spiral has angle 2 pi turns sqrt(u), plus pi on the second one, and radius sqrt(u),
    u uniform on [0.01, 1]. Coordinates are multiplied by 2, so that their mean square is near 1 (Lang & Witbrock 1988).
    """

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        targets = generator.integers(0, 2, samples)
        radius = np.sqrt(generator.uniform(0.01, 1.0, samples))
        angle = 2.0 * np.pi * turns * radius + np.pi * targets
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        points = 2.0 * (points + noise * generator.standard_normal((samples, 2)))
        return points.astype(np.float32), targets

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    return Task(Shape(inputs=2, outputs=2), "cross-entropy", "accuracy", stream, held_out(draw, 500))
