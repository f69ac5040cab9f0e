"""Is a tumour malignant or benign?"""

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

SIZES = {"validation": 100, "test": 100}
"""Samples of the held-out splits; the other 369 of the 569 are for training."""


@tasks.register(
    "breast-cancer",
    title="breast cancer",
    version=1,
    summary="30 measurements of cell nuclei; is the tumour malignant or benign?",
    source="street1993",
    metrics=("accuracy",),
    shape_kind="vector",
)
def breast_cancer() -> Task:
    """Build the task of scikit-learn's breast cancer data: 369 for training, 100 for validation, 100 for testing.

    Each feature is standardised with its own mean and standard deviation over the training samples. The split is
    stratified and the same for every seed. 63 % of the samples are benign (class 1): the accuracy of always saying so.

    Notes
    -----
    The Wisconsin diagnostic data of Street, Wolberg & Mangasarian 1993, doi:10.1117/12.148698.
    """
    splits = dict(_splits())
    inputs, targets = splits.pop("train")

    def stream(seed: int, batch_size: int) -> Epochs:
        return Epochs(inputs, targets, seed, batch_size)

    return Task(Shape(inputs=30, outputs=2), "cross-entropy", "accuracy", stream, splits)


@cache
def _splits() -> Mapping[str, Split]:
    from sklearn.datasets import load_breast_cancer

    data: Any = load_breast_cancer()
    targets = data.target.astype("int64")
    parts = stratified(targets, SIZES)
    train = data.data[parts["train"]]
    inputs = ((data.data - train.mean(axis=0)) / train.std(axis=0)).astype("float32")
    return {name: (inputs[chosen], targets[chosen]) for name, chosen in parts.items()}
