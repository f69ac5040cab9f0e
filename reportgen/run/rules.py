"""What remedies change in training, composed into one set of rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen.run.schedules import schedule

if TYPE_CHECKING:
    import torch

    from reportgen.catalogue.base import Clip, Parameters, Remedy


@dataclass(frozen=True)
class Rules:
    """How a step is taken; the default takes plain steps.

    Attributes
    ----------
    schedules : tuple of callable
        ``(step, steps) -> factor`` on the learning rate; the factors are multiplied.
    clip, weight_penalties, signal_penalties, weight_decay, loss_scale, patience
        As in ``catalogue.base.Remedy``, of all remedies together.
    """

    schedules: tuple[Callable[[int, int], float], ...] = ()
    clip: Clip | None = None
    weight_penalties: tuple[Callable[[Parameters], torch.Tensor], ...] = ()
    signal_penalties: tuple[Callable[[Sequence[torch.Tensor]], torch.Tensor], ...] = ()
    weight_decay: float = 0.0
    loss_scale: float = 1.0
    patience: int | None = None

    def factor(self, step: int, steps: int) -> float:
        """Return the factor on the learning rate in a step, counted from 1."""
        result = 1.0
        for one in self.schedules:
            result *= one(step, steps)
        return result


def compose(remedies: Sequence[Remedy], named: str = "constant") -> Rules:
    """Compose the rules of remedies, in their order, with the schedule that the training names.

    Raises
    ------
    UnknownName
        If there is no such schedule.
    """
    scale = 1.0
    for remedy in remedies:
        scale *= remedy.loss_scale
    chosen = schedule(named)
    own = tuple(r.schedule for r in remedies if r.schedule is not None)
    return Rules(
        schedules=((chosen,) if named != "constant" else ()) + own,
        clip=_in_turn([r.clip for r in remedies if r.clip is not None]),
        weight_penalties=tuple(r.weight_penalty for r in remedies if r.weight_penalty is not None),
        signal_penalties=tuple(r.signal_penalty for r in remedies if r.signal_penalty is not None),
        weight_decay=sum(r.weight_decay for r in remedies),
        loss_scale=scale,
        patience=min((r.patience for r in remedies if r.patience is not None), default=None),
    )


def _in_turn(clips: list[Clip]) -> Clip | None:
    if not clips:
        return None

    def clip(gradients: Parameters, parameters: Parameters) -> tuple[Parameters, torch.Tensor]:
        gradients, changed = clips[0](gradients, parameters)
        for further in clips[1:]:
            gradients, more = further(gradients, parameters)
            changed = changed | more
        return gradients, changed

    return clip
