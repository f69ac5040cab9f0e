"""Branches that start small."""

from __future__ import annotations

from typing import Literal

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "branch-scale",
    title="scaled branches",
    version=1,
    summary="Scaled branches: what each block adds starts small or at zero, so that the sum of many blocks does "
    "not grow; for deep networks with skip connections, in place of a normaliser.",
    source="de2020, zhang2019, bachlechner2021",
    sets=("architecture.scale",),
    needs=("architecture.skip",),
    variants={
        "inverse-sqrt-depth": "branches scaled by depth",
        "zero": "branches that start at zero",
    },
)
def branch_scale(*, to: Literal["inverse-sqrt-depth", "zero"] = "zero") -> Remedy:
    r"""Scale the branches that are added along the skip connections.

    Parameters
    ----------
    to : str
        "inverse-sqrt-depth": by the inverse square root of the number of blocks. "zero": by a learned number for each
        block, which starts at 0.

    Notes
    -----
    $x_{l+1} = x_l + s f_l(x_l)$ with $s = 1/\sqrt{L}$ for L blocks keeps the variance of the sum within a factor;
    s = 0 makes the network the identity at first (Zhang et al. 2019, doi:10.48550/arXiv.1901.09321; De & Smith 2020,
    doi:10.48550/arXiv.2002.10444; Bachlechner et al. 2021, doi:10.48550/arXiv.2003.04887). Without skip connections
    there is no branch to scale.
    """
    return Remedy(settings={"architecture.scale": to})
