"""How a process that trains is set up: one thread, subnormal numbers flushed while it trains."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def prepare() -> None:
    """Make this process train on one thread, with matrix products that do not depend on what else is computed.

    The variables of OpenMP count only if torch has not been imported yet, and MKL reads its variable at the first
    matrix product; so a worker calls this first. Without MKL's reproducible mode the products of odd shapes depend
    in the last digit on the address and the number of the matrices, and a run on its ensemble.
    """
    os.environ.setdefault("MKL_CBWR", "AUTO")
    if "torch" not in sys.modules:
        os.environ["OMP_NUM_THREADS"] = "1"
        os.environ["OMP_WAIT_POLICY"] = "passive"
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    _keep_memory()


def _keep_memory() -> None:
    """Tell the C library not to hand freed memory back at every step, which costs a tenth of the time of a step."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        trim_threshold, map_threshold = -1, -3
        mallopt(map_threshold, 2**25)
        mallopt(trim_threshold, 2**29)


@contextmanager
def flushed() -> Iterator[None]:
    """Flush subnormal numbers to zero inside the block, in this thread.

    A vanishing backward pass is 2 to 5 times slower with them. They come back afterwards: NumPy warns about a
    process without subnormal numbers.
    """
    import torch

    before = bool(torch.tensor(1e-310, dtype=torch.float64) * 1.0 == 0.0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
