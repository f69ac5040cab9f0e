"""Networks of equal layers as mean-field theory sees them: the variances of their weights and biases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.analyse.theory.moments import ACTIVATIONS
from reportgen.analyse.theory.prediction import NoTheory


def layer_variances(
    scheme: str, fan_in: int, fan_out: int, gain: float = 1.0, deviation: float = 0.0
) -> tuple[float, float] | None:
    r"""Return the variance per fan-in $\sigma_w^2$ of a weight matrix, and the variance $\sigma_b^2$ of its biases.

    The elements have variance $\sigma_w^2 / n_\mathrm{in}$; $g$ is a gain, 1 if none is given. Normal and uniform
    forms have the same variance.

    - PyTorch's default: $\sigma_w^2 = 1/3$ and $\sigma_b^2 = 1/(3 n_\mathrm{in})$; the biases of all others are 0.
    - Glorot: $2 g^2 n_\mathrm{in} / (n_\mathrm{in} + n_\mathrm{out})$, so $g^2$ between layers of equal width.
    - He: $2 g^2$.
    - LeCun, and normal scaled by a gain: $g^2$.
    - orthogonal: $g^2 n_\mathrm{in} / \max(n_\mathrm{in}, n_\mathrm{out})$.
    - normal with standard deviation $s$: $n_\mathrm{in} s^2$.

    Parameters
    ----------
    scheme : str
        Name of the initialisation in a study ("glorot-normal").
    fan_in, fan_out : int
        Units below and above.
    gain : float
        $g$.
    deviation : float
        $s$.

    Returns
    -------
    (float, float) or None
        None for an initialisation that is not in the list.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS,
    PMLR 9, 249-256. He et al. (2015), Delving deep into rectifiers, ICCV, 1026-1034,
    doi:10.1109/ICCV.2015.123. LeCun et al. (1998), Efficient BackProp, in Neural networks: tricks of the trade,
    Springer, 9-50, doi:10.1007/3-540-49430-8_2. Saxe et al. (2014), Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks, ICLR, doi:10.48550/arXiv.1312.6120.
    """
    match scheme.removesuffix("-uniform").removesuffix("-normal"):
        case "default":
            return 1 / 3, 1 / (3 * fan_in)
        case "glorot":
            return 2 * gain**2 * fan_in / (fan_in + fan_out), 0.0
        case "he":
            return 2 * gain**2, 0.0
        case "lecun" | "scaled":
            return gain**2, 0.0
        case "orthogonal":
            return gain**2 * fan_in / max(fan_in, fan_out), 0.0
        case "normal":
            return fan_in * deviation**2, 0.0
    return None


def drawn_variances(parameters: Mapping[str, Any], fan_in: int, fan_out: int) -> tuple[float, float] | None:
    """Return the `layer_variances` of the initialisation among an architecture's parameters.

    Parameters
    ----------
    parameters : mapping
        With ``initialisation``: its name, and its gain or std.
    fan_in, fan_out : int
        Units below and above.
    """
    given = parameters["initialisation"]
    return layer_variances(given["name"], fan_in, fan_out, given.get("gain", 1.0), given.get("std", 0.0))


@dataclass(frozen=True)
class Network:
    r"""A network of equal layers as mean-field theory sees it.

    Attributes
    ----------
    depth, width : int
        Hidden layers or blocks, and units of each.
    activation : str
        $\phi$.
    scheme : str
        Name of the initialisation.
    entry, hidden : (float, float)
        $(\sigma_w^2, \sigma_b^2)$ of the map from the inputs, and of the maps between units.
    keep : float
        Probability with which dropout keeps a unit.
    normalisation : str
        "none", "batch", "layer" or "group".
    groups : int
        Groups of units of group normalisation.
    """

    depth: int
    width: int
    activation: str
    scheme: str
    entry: tuple[float, float]
    hidden: tuple[float, float]
    keep: float = 1.0
    normalisation: str = "none"
    groups: int = 8


def network_of(parameters: Mapping[str, Any], features: int) -> Network | NoTheory:
    """Read the parameters of an architecture.

    Parameters
    ----------
    parameters : mapping
        depth, width, activation and initialisation; dropout, normalisation and groups where the architecture has them.
    features : int
        Fan-in of the first map.

    Returns
    -------
    Network or NoTheory
        The reason where the initialisation or the activation function is not known.
    """
    depth, width, activation = int(parameters["depth"]), int(parameters["width"]), str(parameters["activation"])
    scheme = str(parameters["initialisation"]["name"])
    entry, hidden = drawn_variances(parameters, features, width), drawn_variances(parameters, width, width)
    if entry is None or hidden is None:
        return NoTheory(f"the variance of the initialisation '{scheme}' is not known")
    if activation not in ACTIVATIONS:
        return NoTheory(f"the moments of the activation function '{activation}' are not known")
    keep = 1.0 - float(parameters.get("dropout", 0.0))
    normalisation, groups = str(parameters.get("normalisation", "none")), int(parameters.get("groups", 8))
    if normalisation not in ("none", "batch", "layer", "group"):
        return NoTheory(f"there is no theory here for the normaliser '{normalisation}'")
    return Network(depth, width, activation, scheme, entry, hidden, keep, normalisation, groups)
