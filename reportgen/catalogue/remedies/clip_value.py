"""Clipping the gradient element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.lazy import torch
from reportgen.registry import remedies

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@remedies.register(
    "clip-value",
    title="clipping by value",
    version=1,
    summary="Clipping by value: each element of the gradient is cut off at a limit; against explosion only, and it "
    "turns the direction of the step.",
    source="mikolov2012",
    group="clipping",
)
def clip_value(*, max_value: Annotated[float, Gt(0)] = 1.0) -> Remedy:
    r"""Cut each element of the gradient off at `max_value` and -`max_value`.

    Parameters
    ----------
    max_value : float
        The largest absolute value that is left as it is (loss per weight).

    Notes
    -----
    $g_i$ becomes $\min(v, \max(-v, g_i))$, as ``torch.nn.utils.clip_grad_value_`` does (Mikolov 2012, Statistical
    language models based on neural networks, PhD thesis, Brno University of Technology). A member counts as clipped
    where any of its elements is.
    """

    def clip(gradients: Parameters, parameters: Parameters) -> tuple[Parameters, torch.Tensor]:
        beyond = [(gradient.abs() > max_value).flatten(1).any(1) for gradient in gradients.values()]
        cut = {name: gradient.clamp(-max_value, max_value) for name, gradient in gradients.items()}
        return cut, torch.stack(beyond).any(0)

    return Remedy(clip=clip)
