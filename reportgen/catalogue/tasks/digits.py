"""Handwritten digits: as vectors, as images, and read row by row and pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.splits import stratified
from reportgen.catalogue.tasks.streams import Epochs
from reportgen.registry import tasks

if TYPE_CHECKING:
    from reportgen.catalogue.tasks.splits import Split

SIZES = {"validation": 300, "test": 300}
"""Samples of the held-out splits; the other 1,197 of the 1,797 are for training."""


@tasks.register(
    "digits",
    version=1,
    summary="Handwritten digits of 8 by 8 pixels as vectors of 64 values; 10 classes.",
    source="pedregosa2011",
    metrics=("accuracy",),
    shape_kind="vector",
)
def digits() -> Task:
    """Build the task of scikit-learn's digits: 1,197 for training, 300 for validation, 300 for testing.

    Pixels are standardised with one mean and one standard deviation, those of all training pixels together (some
    pixels are always blank, and have no deviation of their own). The split is stratified and the same for every seed.
    """
    return _task(Shape(inputs=64, outputs=10), (64,))


@tasks.register(
    "digit-images",
    title="digits as images",
    version=1,
    summary="Handwritten digits as images of 8 by 8 pixels; 10 classes.",
    source="pedregosa2011",
    metrics=("accuracy",),
    shape_kind="image",
)
def digit_images() -> Task:
    """Build the task of `digits` as images of 8 by 8 pixels and one channel, laid out (8, 8, 1)."""
    return _task(Shape(inputs=1, outputs=10, image=(8, 8)), (8, 8, 1))


@tasks.register(
    "digit-rows",
    title="digits by row",
    version=1,
    summary="Handwritten digits read row by row: sequences of 8 time steps of 8 values; 10 classes.",
    source="pedregosa2011",
    metrics=("accuracy",),
    shape_kind="sequence",
    length=8,
)
def digit_rows() -> Task:
    """Build the task of `digits` as sequences, from the top row down: 8 time steps of 8 values."""
    return _task(Shape(inputs=8, outputs=10, length=8), (8, 8))


@tasks.register(
    "digit-pixels",
    title="digits by pixel",
    version=1,
    summary="Handwritten digits read pixel by pixel: sequences of 64 time steps; 10 classes.",
    source="pedregosa2011",
    metrics=("accuracy",),
    shape_kind="sequence",
    length=64,
)
def digit_pixels() -> Task:
    """Build the task of `digits` as sequences, row by row from the top left: 64 time steps of one value."""
    return _task(Shape(inputs=1, outputs=10, length=64), (64, 1))


def _task(shape: Shape, layout: tuple[int, ...]) -> Task:
    splits = {name: (inputs.reshape(-1, *layout), targets) for name, (inputs, targets) in _splits().items()}
    inputs, targets = splits.pop("train")

    def stream(seed: int, batch_size: int) -> Epochs:
        return Epochs(inputs, targets, seed, batch_size)

    return Task(shape, "cross-entropy", "accuracy", stream, splits)


@cache
def _splits() -> Mapping[str, Split]:
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    targets = data.target.astype("int64")
    parts = stratified(targets, SIZES)
    train = data.data[parts["train"]]
    inputs = ((data.data - train.mean()) / train.std()).astype("float32")
    return {name: (inputs[chosen], targets[chosen]) for name, chosen in parts.items()}
