"""What theory needs to know of the catalogue's tasks and recurrent networks, without building them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reportgen.analyse.theory.prediction import Inputs, NoTheory
from reportgen.analyse.theory.recurrent import Recurrence

if TYPE_CHECKING:
    from reportgen.study.spec import Component

INPUTS: Mapping[str, Callable[[Mapping[str, Any]], Inputs]] = MappingProxyType(
    {
        "digits": lambda _: Inputs(64, variance=0.52, directions=13.2),
        "digit-images": lambda _: Inputs(1, image=(8, 8)),
        "digit-rows": lambda _: Inputs(8, length=8),
        "digit-pixels": lambda _: Inputs(1, length=64),
        "spirals": lambda given: Inputs(2, 1.01 + 4 * given["noise"] ** 2),
        "rings": lambda given: Inputs(2, 1 + 4 * given["noise"] ** 2 / (1 + given["inner"] ** 2)),
        "breast-cancer": lambda _: Inputs(30, directions=4.0),
        "mnist": lambda _: Inputs(784),
        "mnist-images": lambda _: Inputs(1, image=(28, 28)),
        "fashion-mnist": lambda _: Inputs(784),
        "cifar-10": lambda _: Inputs(3072),
        "cifar-10-images": lambda _: Inputs(3, image=(32, 32)),
        "latch": lambda given: Inputs(given["classes"], given["noise"] ** 2, given["length"], first=1.0),
        "adding": lambda given: Inputs(2, 1 / 6 + 1 / given["length"], given["length"]),
        "copy-memory": lambda given: Inputs(given["classes"] + 2, length=given["lag"] + 2 * given["symbols"]),
        "temporal-order": lambda given: Inputs(6, length=given["length"]),
    }
)
"""Task to the inputs that it feeds, as a function of its parameters; a test compares them with the tasks."""


def inputs_of(task: Component) -> Inputs | None:
    """Return what a task feeds a network, or None for a task that theory does not know."""
    known = INPUTS.get(task.name)
    return known(task.parameters) if known else None


def recurrence_of(parameters: Mapping[str, Any], inputs: Inputs) -> Recurrence | NoTheory:
    r"""Return the plain recurrent network of an arm as theory sees it.

    Its input matrix has elements of variance $1/n_\mathrm{in}$ and its biases are 0, so that the drive has the
    mean square of the inputs. A spectral radius says the same as a gain where all eigenvalues have one modulus
    (orthogonal, identity).

    Parameters
    ----------
    parameters : mapping
        width, activation, recurrence, and gain or spectral_radius of the architecture.
    inputs : Inputs
        What the task feeds it.
    """
    if inputs.length is None:
        return NoTheory("the task feeds no sequences")
    radius, gain = parameters.get("spectral_radius"), parameters.get("gain")
    matrix = str(parameters["recurrence"])
    if radius is not None and matrix == "gaussian":
        matrix = "spectral-radius"
    scale = next((float(value) for value in (radius, gain) if value is not None), 1.0)
    activation, width = str(parameters["activation"]), int(parameters["width"])
    first = inputs.mean_square if inputs.first is None else inputs.first
    return Recurrence(
        activation,
        width,
        matrix,
        scale,
        first,
        inputs.mean_square,
        inputs.length,
        truncation=parameters.get("truncation"),
        keep=1.0 - float(parameters.get("dropout", 0.0)),
        features=inputs.features,
    )
