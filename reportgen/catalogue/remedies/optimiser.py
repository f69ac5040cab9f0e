"""Another optimiser."""

from __future__ import annotations

from typing import Literal

from reportgen.catalogue.base import Remedy
from reportgen.registry import remedies


@remedies.register(
    "optimiser",
    version=1,
    summary="Another optimiser: one that divides each weight's gradient by its usual size, so that small gradients "
    "still move the weights.",
    source="kingma2015",
    sets=("training.optimiser",),
    variants={
        "sgd": "plain SGD",
        "momentum": "momentum",
        "rmsprop": "RMSprop",
        "adam": "Adam",
        "adamw": "AdamW",
    },
)
def optimiser(*, to: Literal["sgd", "momentum", "rmsprop", "adam", "adamw"] = "adam") -> Remedy:
    """Set the optimiser.

    Parameters
    ----------
    to : str
        "sgd", "momentum", "rmsprop", "adam" or "adamw", with the constants of ``torch.optim``.

    Notes
    -----
    RMSprop and Adam divide by a running root mean square of the gradient (Kingma & Ba 2015,
    doi:10.48550/arXiv.1412.6980): weights move though error signals are small, as long as these are far above 1e-8.
    Error signals vanish as before.
    """
    return Remedy(settings={"training.optimiser": to})
