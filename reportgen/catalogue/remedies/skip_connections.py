"""Skip connections."""

from __future__ import annotations

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "skip-connections",
    title="skip connections",
    version=1,
    summary="Skip connections: each layer adds to its input in place of replacing it, so that error signals have a "
    "way past it; the usual remedy where networks are deep.",
    source="he2016",
    sets=("architecture.skip",),
)
def skip_connections() -> Remedy:
    """Add the input of each layer to its output.

    Notes
    -----
    x_{l+1} = x_l + f_l(x_l), whose derivative is the identity plus that of the branch f_l (He et al. 2016,
    doi:10.1109/CVPR.2016.90, and doi:10.48550/arXiv.1603.05027 for the order of its parts).
    """
    return Remedy(settings={"architecture.skip": True})
