"""Building blocks of networks, as plain functions that work for one member and for a stacked ensemble.

A block draws its parameters under its own name and finds them again in the network's parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Lt
from pydantic import AfterValidator, ValidationInfo

from reportgen.catalogue.initialisations import weight_and_bias
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters, Taps

Normalisation = Literal["none", "batch", "layer", "group"]
"""The normalisers; "none" leaves values as they are."""

Share = Annotated[float, Ge(0), Lt(1)]
"""The probability with which dropout sets a unit to 0."""


def _divides_width(groups: int, info: ValidationInfo) -> int:
    width = info.data.get("width", groups)
    if info.data.get("normalisation", "group") == "group" and width % groups:
        raise ValueError(f"must divide the width: {width} units cannot be divided into {groups} equal parts")
    return groups


Groups = Annotated[int, Ge(1), AfterValidator(_divides_width)]
"""A number of equal parts of the width; where there is an option "normalisation", only if that is "group"."""

EPSILON = 1e-5
"""Added to variances before dividing by their root, as PyTorch does."""


def affine(inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return inputs @ weight + bias.

    Parameters
    ----------
    inputs : torch.Tensor
        (batch, in), or (members, batch, in) for an ensemble; a leading dimension of 1 is shared by all members.
    weight : torch.Tensor
        (in, out) or (members, in, out).
    bias : torch.Tensor
        Added to every row: (1, out) or (members, 1, out); or one for each row, as (batch, out).

    Returns
    -------
    torch.Tensor
        (batch, out) or (members, batch, out).
    """
    if weight.dim() == 2:
        return torch.addmm(bias, inputs, weight)
    return torch.baddbmm(bias, inputs.expand(len(weight), -1, -1), weight)


@dataclass(frozen=True)
class Affine:
    """An affine map with its parameters "weight_<name>" and "bias_<name>".

    With weight normalisation the matrix is V with every column scaled to a learned length, which starts as the
    column's own: the network at initialisation is the same (Salimans & Kingma 2016, doi:10.48550/arXiv.1602.07868).
    """

    name: str
    fan_in: int
    fan_out: int
    initialisation: str | Mapping[str, Any]
    weight_normalisation: bool = False

    @property
    def weight(self) -> str:
        """The name of the weight matrix."""
        return f"weight_{self.name}"

    def draw(self, generator: torch.Generator) -> Parameters:
        """Draw the parameters of one member."""
        weight, bias = weight_and_bias(self.fan_in, self.fan_out, self.initialisation, generator)
        drawn = {self.weight: weight, f"bias_{self.name}": bias}
        if self.weight_normalisation:
            drawn[f"length_{self.name}"] = weight.double().norm(dim=-2, keepdim=True).float()
        return drawn

    def __call__(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Map (..., batch, fan_in) to (..., batch, fan_out)."""
        weight = parameters[self.weight]
        if self.weight_normalisation:
            # Divided by its largest element first: squares of small weights would be below the range.
            largest = weight.detach().abs().amax(dim=-2, keepdim=True)
            weight = weight / torch.where(largest > 0, largest, torch.ones_like(largest))
            length = weight.square().sum(dim=-2, keepdim=True).sqrt()
            weight = weight * (parameters[f"length_{self.name}"] / length)
        return affine(inputs, weight, parameters[f"bias_{self.name}"])


@dataclass(frozen=True)
class Normaliser:
    """A normaliser with learned gain (1 at the start) and shift (0): parameters "gain_<name>" and "shift_<name>".

    Batch normalisation takes mean and variance of a unit over the batch (Ioffe & Szegedy 2015,
    doi:10.48550/arXiv.1502.03167), layer normalisation of a sample over its units (Ba et al. 2016,
    doi:10.48550/arXiv.1607.06450), group normalisation of a sample over each group of units (Wu & He 2018,
    doi:10.48550/arXiv.1803.08494). With `spatial`, values are (..., batch, pixels, units), and pixels are averaged
    over too.
    """

    kind: str
    name: str
    units: int
    groups: int = 8
    spatial: bool = False

    def __post_init__(self) -> None:
        if self.kind == "group" and self.units % self.groups:
            raise ValueError(f"{self.units} units cannot be divided into {self.groups} groups")

    def draw(self) -> Parameters:
        """Return the parameters at the start; none for "none"."""
        if self.kind == "none":
            return {}
        return {f"gain_{self.name}": torch.ones(1, self.units), f"shift_{self.name}": torch.zeros(1, self.units)}

    def __call__(self, parameters: Parameters, value: torch.Tensor, taps: Taps) -> torch.Tensor:
        """Normalise (..., batch, [pixels,] units)."""
        if self.kind == "none":
            return value
        gain, shift = parameters[f"gain_{self.name}"], parameters[f"shift_{self.name}"]
        if self.spatial:
            gain, shift = gain.unsqueeze(-2), shift.unsqueeze(-2)
        return torch.addcmul(shift, self._standardised(value, taps.reference), gain)

    def _standardised(self, value: torch.Tensor, reference: int | None) -> torch.Tensor:
        if self.kind == "batch":
            axes = (-3, -2) if self.spatial else (-2,)
            return _over_the_batch(value, value if reference is None else value.narrow(axes[0], 0, reference), axes)
        count = 2 if self.spatial else 1
        if self.kind == "layer":
            return _over_the_last(value, count)
        parts = value.unflatten(-1, (self.groups, -1))
        if not self.spatial:
            return _over_the_last(parts, count).flatten(-2)
        return _over_the_last(parts.transpose(-3, -2), count).transpose(-3, -2).flatten(-2)


def _over_the_last(value: torch.Tensor, count: int) -> torch.Tensor:
    """Standardise over the last `count` axes: one kernel, which treats every sample by itself."""
    return torch.nn.functional.layer_norm(value, value.shape[-count:], eps=EPSILON)


def _over_the_batch(value: torch.Tensor, seen: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """Standardise with the mean and the variance of `seen` over `axes`."""
    mean = seen.mean(axes, keepdim=True)
    centred = value - mean
    spread = centred if seen is value else seen - mean
    return centred * torch.rsqrt(spread.square().mean(axes, keepdim=True) + EPSILON)


def dropped(parameters: Parameters, name: str, value: torch.Tensor) -> torch.Tensor:
    """Multiply by the dropout mask called `name`; in evaluation there is none, and `value` stays as it is."""
    mask = parameters.get(name)
    return value if mask is None else value * mask


def masks(
    names: Sequence[str], units: int | tuple[int, ...], dropout: float
) -> Callable[[torch.Generator, int], Parameters] | None:
    """Return an architecture's `noise`: masks (batch, *units), 0 with probability `dropout`, else 1/(1 - dropout).

    Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting, Journal of Machine
    Learning Research 15, 1929-1958. None where nothing is dropped.
    """
    if not dropout:
        return None
    keep = 1.0 - dropout
    shape = (units,) if isinstance(units, int) else units

    def noise(generator: torch.Generator, batch: int) -> Parameters:
        kept = torch.empty(len(names), batch, *shape).bernoulli_(keep, generator=generator) / keep
        return dict(zip(names, kept, strict=True))

    return noise
