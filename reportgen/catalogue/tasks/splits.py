"""Splits of finite data sets: into parts that are the same for every seed, and loaded when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from reportgen.catalogue.seeding import HELD_OUT, numpy_generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Split = tuple[NDArray[np.float32], NDArray[np.int64]]


def stratified(targets: NDArray[np.int64], sizes: Mapping[str, int]) -> dict[str, NDArray[np.int64]]:
    """Split samples so that every part has nearly the same share of every class.

    Parameters
    ----------
    targets : array (samples,)
        Class of each sample.
    sizes : mapping
        Part to its number of samples; what is left is "train".

    Returns
    -------
    dict
        Part to sorted sample numbers, the same at every call.
    """
    import numpy as np

    shuffled = numpy_generator(HELD_OUT, "split").permutation(len(targets))
    # Dealt out class by class at equal distances, each part gets its share of every class.
    dealt = shuffled[np.argsort(targets[shuffled], kind="stable")]
    spread = np.argsort((np.arange(len(targets)) * 0.6180339887498949) % 1.0, kind="stable")
    parts, start = {}, 0
    for name, size in {**sizes, "train": len(targets) - sum(sizes.values())}.items():
        parts[name] = np.sort(dealt[spread[start : start + size]])
        start += size
    return parts


class LateSplits(Mapping[str, "Split"]):
    """The held-out splits of a task whose data are loaded when one of them is first read.

    Parameters
    ----------
    load : callable
        Returns split to (inputs, targets), for "validation" and "test" at least.
    """

    _names = ("validation", "test")

    def __init__(self, load: Callable[[], Mapping[str, Split]]) -> None:
        self._load = load

    def __getitem__(self, split: str) -> Split:
        if split not in self._names:
            raise KeyError(split)
        return self._load()[split]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
