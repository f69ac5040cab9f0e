"""Initialisations of a weight matrix by name, each with its parameters.

A study names one as a string (``he-normal``) or as a mapping (``{name: orthogonal, gain: 1.1}``); both become the
full mapping, so that equal settings give equal run ids. All but ``default`` set biases to 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from reportgen.catalogue.lazy import torch
from reportgen.errors import suggestion

Draw = Callable[[int, int, "torch.Generator", Mapping[str, float]], "torch.Tensor"]


@dataclass(frozen=True)
class Scheme:
    """One way to draw a weight matrix.

    Attributes
    ----------
    summary : str
        The distribution, in one sentence.
    source : str
        Key of ``studies/references.bib``, or "".
    parameters : mapping
        Parameter to its default.
    draw : callable
        ``draw(fan_in, fan_out, generator, parameters)`` to a float64 matrix (fan_in, fan_out).
    """

    summary: str
    source: str
    draw: Draw
    parameters: Mapping[str, float] = field(default_factory=dict)


def _normal(deviation: Callable[[int, int], float]) -> Draw:
    def draw(fan_in: int, fan_out: int, generator: torch.Generator, parameters: Mapping[str, float]) -> torch.Tensor:
        unit = torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float64)
        return unit * (parameters.get("gain", 1.0) * deviation(fan_in, fan_out))

    return draw


def _uniform(deviation: Callable[[int, int], float]) -> Draw:
    def draw(fan_in: int, fan_out: int, generator: torch.Generator, parameters: Mapping[str, float]) -> torch.Tensor:
        unit = torch.rand(fan_in, fan_out, generator=generator, dtype=torch.float64)
        bound = math.sqrt(3.0) * parameters.get("gain", 1.0) * deviation(fan_in, fan_out)
        return (2.0 * unit - 1.0) * bound

    return draw


def _given(fan_in: int, fan_out: int, generator: torch.Generator, parameters: Mapping[str, float]) -> torch.Tensor:
    return torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float64) * parameters["std"]


def _orthogonal(fan_in: int, fan_out: int, generator: torch.Generator, parameters: Mapping[str, float]) -> torch.Tensor:
    return orthogonal(fan_in, fan_out, generator) * parameters["gain"]


def _glorot(fan_in: int, fan_out: int) -> float:
    return math.sqrt(2.0 / (fan_in + fan_out))


def _he(fan_in: int, fan_out: int) -> float:
    return math.sqrt(2.0 / fan_in)


def _lecun(fan_in: int, fan_out: int) -> float:
    return math.sqrt(1.0 / fan_in)


def _default(fan_in: int, fan_out: int) -> float:
    return math.sqrt(1.0 / (3.0 * fan_in))


_GAIN = {"gain": 1.0}

SCHEMES: dict[str, Scheme] = {
    "default": Scheme("PyTorch's nn.Linear: uniform, variance 1/(3 fan_in); biases too.", "", _uniform(_default)),
    "glorot-uniform": Scheme("Uniform, variance 2/(fan_in + fan_out).", "glorot2010", _uniform(_glorot), _GAIN),
    "glorot-normal": Scheme("Normal, variance 2/(fan_in + fan_out).", "glorot2010", _normal(_glorot), _GAIN),
    "he-uniform": Scheme("Uniform, variance 2/fan_in.", "he2015", _uniform(_he), _GAIN),
    "he-normal": Scheme("Normal, variance 2/fan_in.", "he2015", _normal(_he), _GAIN),
    "lecun-normal": Scheme("Normal, variance 1/fan_in.", "lecun1998", _normal(_lecun), _GAIN),
    "scaled-normal": Scheme("Normal, standard deviation gain/sqrt(fan_in).", "", _normal(_lecun), _GAIN),
    "orthogonal": Scheme("Orthonormal columns or rows, times gain.", "saxe2014", _orthogonal, _GAIN),
    "normal": Scheme("Normal with a given standard deviation.", "", _given, {"std": 0.01}),
}  # fmt: skip
"""All initialisations by name."""


def canonical(value: Any) -> dict[str, Any]:
    """Return the full mapping of an initialisation given as a name or a mapping.

    Raises
    ------
    ValueError
        If the name is unknown, a parameter is unknown, or a parameter is not a finite number above 0.
    """
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
        raise ValueError(f"an initialisation is a name or a mapping with a name; allowed: {', '.join(SCHEMES)}")
    name = given["name"]
    if name not in SCHEMES:
        raise ValueError(f"there is no initialisation called '{name}'; {suggestion(name, SCHEMES)}")
    known = SCHEMES[name].parameters
    unknown = sorted(set(given) - {"name", *known})
    if unknown:
        allowed = ", ".join(known) or "none"
        raise ValueError(f"initialisation '{name}' has no parameter '{unknown[0]}'; allowed: {allowed}")
    return {"name": name, **{key: _positive(key, given.get(key, default)) for key, default in known.items()}}


def _positive(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"'{key}' must be a finite number above 0")
    return float(value)


Initialisation = Annotated[
    dict[str, Any],
    BeforeValidator(canonical),
    Field(validate_default=True),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": list(SCHEMES)},
                {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
                    "properties": {"name": {"type": "string", "enum": list(SCHEMES)}},
                },
            ]
        }
    ),
]
"""The type of an option ``initialisation``: a name or a mapping, kept as the full mapping."""


def weight_and_bias(
    fan_in: int, fan_out: int, initialisation: str | Mapping[str, Any], generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the weight matrix and the bias of one layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Units below and above.
    initialisation : str or mapping
        As in a study.
    generator : torch.Generator
        The weight is drawn first, then the bias of ``default``.

    Returns
    -------
    weight : torch.Tensor
        (fan_in, fan_out), float32: inputs are multiplied from the left.
    bias : torch.Tensor
        (1, fan_out), float32.
    """
    parameters = canonical(initialisation)
    scheme = SCHEMES[parameters["name"]]
    weight = scheme.draw(fan_in, fan_out, generator, parameters).float()
    if parameters["name"] != "default":
        return weight, torch.zeros(1, fan_out)
    unit = torch.rand(1, fan_out, generator=generator, dtype=torch.float64)
    return weight, ((2.0 * unit - 1.0) / math.sqrt(fan_in)).float()


def orthogonal(rows: int, columns: int, generator: torch.Generator) -> torch.Tensor:
    """Draw a matrix (rows, columns) whose columns (or rows, if there are fewer) are orthonormal, float64.

    The Q of the QR decomposition of a Gaussian matrix with the signs of R's diagonal taken out is uniformly
    distributed (Mezzadri 2007, doi:10.48550/arXiv.math-ph/0609050); as an initialisation: Saxe et al. 2014,
    doi:10.48550/arXiv.1312.6120.
    """
    tall = torch.randn(max(rows, columns), min(rows, columns), generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(tall)
    q = q * torch.where(r.diagonal() < 0, -1.0, 1.0)
    return q if rows >= columns else q.mT.contiguous()
