"""Random numbers from named axes, so that arms are paired and adding one changes no other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    import numpy as np

AXES = ("data", "initialisation", "batch-order", "noise")
"""What a seed decides; each axis has its own stream of random numbers."""

HELD_OUT = -1
"""The seed of held-out data, which are the same for every run."""


REFERENCE = -2
"""The seed of the training batch from which batch normalisation takes its statistics in evaluation."""


def derive(seed: int, axis: str) -> int:
    """Derive the seed of one axis by hashing its name with the run's seed.

    Parameters
    ----------
    seed : int
        The seed of the run.
    axis : str
        What the numbers decide, by custom one of `AXES`.

    Returns
    -------
    int
        63 bits of the SHA-256 of axis and seed: two axes or two seeds share no stream.
    """
    return int.from_bytes(hashlib.sha256(f"{axis}\n{seed}".encode()).digest()[:8], "big") >> 1


def numpy_generator(seed: int, axis: str) -> np.random.Generator:
    """Return a NumPy generator (Philox, a counter-based generator) for one axis of `seed`."""
    import numpy as np

    return np.random.Generator(np.random.Philox(key=derive(seed, axis)))


def torch_generator(seed: int, axis: str) -> torch.Generator:
    """Return a torch generator on the CPU for one axis of `seed`."""
    return torch.Generator().manual_seed(derive(seed, axis))
