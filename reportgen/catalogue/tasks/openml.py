"""MNIST, Fashion-MNIST and CIFAR-10, downloaded from OpenML when they are first trained on, and then kept."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from http.client import HTTPException
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from reportgen.catalogue.base import Shape, Task
from reportgen.catalogue.tasks.splits import LateSplits, stratified
from reportgen.catalogue.tasks.streams import Epochs
from reportgen.errors import ReportgenError
from reportgen.registry import tasks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reportgen.catalogue.tasks.splits import Split

Samples = Annotated[int, Ge(1)] | None


class DataMissing(ReportgenError):
    """A data set is neither on this machine nor can it be downloaded."""


@dataclass(frozen=True)
class DataSet:
    """Images of an OpenML data set, a row each: channel by channel, each row by row; the rows to test on come last.

    Attributes
    ----------
    name : str
        Name of the task of its vectors.
    number : int
        OpenML's number of it, which stands for one version.
    side, channels : int
        Height and width in pixels, and values of a pixel.
    classes, validation, test : int
        Number of classes, and samples of the held-out splits.
    """

    name: str
    number: int
    side: int
    channels: int
    classes: int = 10
    validation: int = 5000
    test: int = 10_000


MNIST = DataSet("mnist", 554, 28, 1)
FASHION_MNIST = DataSet("fashion-mnist", 40996, 28, 1)
CIFAR_10 = DataSet("cifar-10", 40927, 32, 3)


@tasks.register(
    "mnist",
    title="MNIST",
    version=1,
    summary="Handwritten digits of 28 by 28 pixels as vectors of 784 values; 10 classes. Downloaded once.",
    source="lecun1998gradient",
    metrics=("accuracy",),
    shape_kind="vector",
)
def mnist(*, samples: Samples = None) -> Task:
    """Build the task of MNIST: 55,000 images for training, 5,000 for validation, the usual 10,000 for testing.

    Pixels are standardised with one mean and one standard deviation, those of all pixels that are trained on. The
    split is stratified and the same for every seed. The data are OpenML's, kept in the folder of scikit-learn's data
    (``SCIKIT_LEARN_DATA``, by default ``~/scikit_learn_data``).

    Parameters
    ----------
    samples : int or None
        At most so many training samples are used, every class with its share; None for all.
    """
    return vectors(MNIST, samples)


@tasks.register(
    "mnist-images",
    title="MNIST as images",
    version=1,
    summary="Handwritten digits as images of 28 by 28 pixels; 10 classes. Downloaded once.",
    source="lecun1998gradient",
    metrics=("accuracy",),
    shape_kind="image",
)
def mnist_images(*, samples: Samples = None) -> Task:
    """Build the task of `mnist` as images, laid out (28, 28, 1).

    Parameters
    ----------
    samples : int or None
        As in `mnist`.
    """
    return images(MNIST, samples)


@tasks.register(
    "fashion-mnist",
    title="Fashion-MNIST",
    version=1,
    summary="Pictures of clothing of 28 by 28 pixels as vectors of 784 values; 10 classes. Downloaded once.",
    source="xiao2017",
    metrics=("accuracy",),
    shape_kind="vector",
)
def fashion_mnist(*, samples: Samples = None) -> Task:
    """Build the task of Fashion-MNIST, split and standardised as `mnist` is.

    Parameters
    ----------
    samples : int or None
        As in `mnist`.
    """
    return vectors(FASHION_MNIST, samples)


@tasks.register(
    "cifar-10",
    title="CIFAR-10",
    version=1,
    summary="Colour photographs of 32 by 32 pixels as vectors of 3,072 values; 10 classes. Downloaded once.",
    source="krizhevsky2009",
    metrics=("accuracy",),
    shape_kind="vector",
)
def cifar_10(*, samples: Samples = None) -> Task:
    """Build the task of CIFAR-10: 45,000 images for training, 5,000 for validation, OpenML's last 10,000 for testing.

    Split and standardised as `mnist` is, with one mean and one deviation for all three channels.

    Parameters
    ----------
    samples : int or None
        As in `mnist`.
    """
    return vectors(CIFAR_10, samples)


@tasks.register(
    "cifar-10-images",
    title="CIFAR-10 as images",
    version=1,
    summary="Colour photographs as images of 32 by 32 pixels; 10 classes. Downloaded once.",
    source="krizhevsky2009",
    metrics=("accuracy",),
    shape_kind="image",
)
def cifar_10_images(*, samples: Samples = None) -> Task:
    """Build the task of `cifar-10` as images, laid out (32, 32, 3).

    Parameters
    ----------
    samples : int or None
        As in `mnist`.
    """
    return images(CIFAR_10, samples)


def vectors(data: DataSet, samples: int | None = None) -> Task:
    """Build the task of a data set as vectors; nothing is loaded before a split or a stream is asked for."""
    return _task(data, samples, Shape(inputs=data.side**2 * data.channels, outputs=data.classes))


def images(data: DataSet, samples: int | None = None) -> Task:
    """Build the task of a data set as images (side, side, channels); nothing is loaded before it is asked for."""
    return _task(data, samples, Shape(inputs=data.channels, outputs=data.classes, image=(data.side, data.side)))


def _task(data: DataSet, samples: int | None, shape: Shape) -> Task:
    load = partial(_splits, data, samples, shape.image is not None)

    def stream(seed: int, batch_size: int) -> Epochs:
        return Epochs(*load()["train"], seed, batch_size)

    return Task(shape, "cross-entropy", "accuracy", stream, LateSplits(load))


@lru_cache(maxsize=2)
def _splits(data: DataSet, samples: int | None, as_images: bool) -> Mapping[str, Split]:
    """Return the splits; two data sets are kept in memory, as reading the files takes many seconds."""
    import numpy as np

    parts = _parts(data, samples)
    train = parts["train"][0]
    mean, deviation = train.mean(), train.std()
    splits = {}
    for name, (values, targets) in parts.items():
        inputs = (values - mean) / deviation
        if as_images:
            planes = inputs.reshape(-1, data.channels, data.side, data.side)
            inputs = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        splits[name] = inputs, targets
    return splits


def _parts(data: DataSet, samples: int | None) -> dict[str, Split]:
    """Return the splits as they were downloaded."""
    import numpy as np

    values, targets = _fetch(data)
    known = len(targets) - data.test
    parts = stratified(targets[:known], {"validation": data.validation})
    if samples is not None and samples < len(parts["train"]):
        parts["train"] = parts["train"][stratified(targets[parts["train"]], {"used": samples})["used"]]
    parts["test"] = np.arange(known, len(targets))
    return {name: (values[chosen], targets[chosen]) for name, chosen in parts.items()}


def _fetch(data: DataSet) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the rows of a data set (samples, values) and their classes (samples,), downloading it if it is not kept.

    Raises
    ------
    DataMissing
        If it is neither kept nor can it be downloaded.
    """
    import numpy as np
    from sklearn.datasets import fetch_openml, get_data_home

    features = data.side**2 * data.channels
    # float32 from the start, as the 60,000 rows of CIFAR-10 would take several GB on the way; and classes as text,
    # as pandas 3.1 reads those that look like numbers as numbers, and scikit-learn 1.9 then takes the file for damaged.
    columns = {**dict.fromkeys(range(features), "float32"), features: "str"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of retried downloads: the error below says what came of them
            found: Any = fetch_openml(data_id=data.number, as_frame=False, read_csv_kwargs={"dtype": columns})
    except (OSError, EOFError, ValueError, HTTPException) as error:
        raise DataMissing(
            f"the data set '{data.name}' (number {data.number} of openml.org) can neither be read from "
            f"{get_data_home()} nor be downloaded: {error or type(error).__name__}",
            "connect to the network and run again; or run, where there is a network, "
            f"""python -c "from reportgen.registry import tasks; tasks['{data.name}'].make().held_out['test']" """
            "and copy the folder ~/scikit_learn_data/openml from there into the folder above, or to any other folder "
            "that SCIKIT_LEARN_DATA names",
        ) from error
    targets = np.char.strip(found.target.astype(str), "'").astype("int64")
    return found.data.astype("float32", order="C"), targets
