"""Convolution over images, for one member and for a stacked ensemble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.initialisations import canonical, weight_and_bias
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

PLACES = 9
"""Places of a 3 x 3 window."""


@dataclass(frozen=True)
class Convolution:
    """A 3 x 3 convolution of stride 1 with zero padding: the image keeps its size.

    Its parameters are those of an affine map of the nine pixels around each pixel, row by row, the channels of a pixel
    together: "weight_<name>" (9 channels, filters) and "bias_<name>" (1, filters).
    """

    name: str
    channels: int
    filters: int
    initialisation: str | Mapping[str, Any]

    @property
    def weight(self) -> str:
        """The name of the weight matrix."""
        return f"weight_{self.name}"

    def draw(self, generator: torch.Generator) -> Parameters:
        """Draw the parameters of one member; the matrix's fan_in is 9 channels, its fan_out 9 filters."""
        fan_in = PLACES * self.channels
        weight, bias = weight_and_bias(fan_in, self.filters, self.initialisation, generator)
        if canonical(self.initialisation)["name"].startswith("glorot"):
            # Drawn as a matrix that has `filters` as its fan_out: only one of the nine places at which a pixel is read.
            weight *= ((fan_in + self.filters) / (fan_in + PLACES * self.filters)) ** 0.5
        return {self.weight: weight, f"bias_{self.name}": bias}

    def __call__(self, parameters: Parameters, images: torch.Tensor) -> torch.Tensor:
        """Map (..., batch, height, width, channels) to (..., batch, height, width, filters)."""
        weight, bias = parameters[self.weight], parameters[f"bias_{self.name}"]
        if weight.dim() == 2:
            return _convolved(images, weight, bias)
        # Member by member: a grouped convolution would choose its algorithm, and so each member's last digit, by how
        # many there are; a product with a matrix of patches takes twice the time and nine times the memory.
        shared = images.expand(len(weight), *images.shape[1:])
        return torch.stack([_convolved(*own) for own in zip(shared, weight, bias, strict=True)])


def _convolved(images: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Convolve (batch, height, width, channels) with (9 channels, filters) and (1, filters)."""
    kernel = weight.unflatten(0, (3, 3, -1)).permute(3, 2, 0, 1)
    result = torch.nn.functional.conv2d(images.permute(0, 3, 1, 2), kernel, bias[0], padding=1)
    return result.permute(0, 2, 3, 1)
