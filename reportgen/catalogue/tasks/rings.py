"""Two concentric rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Lt

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.streams import Endless, held_out
from reportgen.registry import tasks

if TYPE_CHECKING:
    import numpy as np

    from reportgen.catalogue.tasks.streams import Batch


@tasks.register(
    "rings",
    title="two rings",
    version=1,
    summary="Two concentric noisy rings in the plane; does a point lie on the inner or the outer one?",
    source="pedregosa2011",
    metrics=("accuracy",),
    shape_kind="vector",
)
def rings(*, inner: Annotated[float, Gt(0), Lt(1)] = 0.5, noise: Annotated[float, Ge(0)] = 0.05) -> Task:
    """Build the task of telling two rings apart, with fresh points in every batch.

    Parameters
    ----------
    inner : float
        Radius of the inner ring (class 1); that of the outer one (class 0) is 1.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.

    Notes
    -----
    Points are uniform in angle. Coordinates are multiplied by 2 / sqrt(1 + inner^2), so that without noise their mean
    square is 1. The rings are those of scikit-learn's ``make_circles``, drawn without end (Pedregosa et al. 2011).
    """

    def draw(generator: np.random.Generator, samples: int) -> Batch:
        import numpy as np

        targets = generator.integers(0, 2, samples)
        radius = np.where(targets == 1, inner, 1.0)
        angle = generator.uniform(0.0, 2.0 * np.pi, samples)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        points = 2.0 / np.sqrt(1.0 + inner**2) * (points + noise * generator.standard_normal((samples, 2)))
        return points.astype(np.float32), targets

    def stream(seed: int, batch_size: int) -> Endless:
        return Endless(draw, seed, batch_size)

    return Task(Shape(inputs=2, outputs=2), "cross-entropy", "accuracy", stream, held_out(draw, 500))
