"""Gradients of feed-forward networks and encoders, of parameters and error signals, against finite differences."""

import pytest
import torch

from reportgen.catalogue import activations, stacking
from reportgen.catalogue.base import Shape
from reportgen.catalogue.losses import losses
from reportgen.probe.taps import Probing, survey
from reportgen.registry import architectures

BATCH = 3
VECTOR, SEQUENCE, READS = Shape(3, 2), Shape(2, 2, length=3), Shape(2, 2, length=3, reads=2)
IMAGE = Shape(1, 2, image=(2, 3))
LAYOUTS = {VECTOR: (3,), SEQUENCE: (3, 2), READS: (3, 2), IMAGE: (2, 3, 1)}

SMALL = {"depth": 2, "width": 3, "activation": "tanh"}
IMAGES, ENCODER = SMALL | {"width": 2}, SMALL | {"depth": 1, "width": 4}
GROUPED = {"normalisation": "group", "width": 4, "groups": 2}
CASES = {f"mlp {name}": ("mlp", SMALL | {"activation": name}, VECTOR) for name in activations.NAMES}
CASES |= {
    "mlp batch": ("mlp", SMALL | {"normalisation": "batch"}, VECTOR),
    "mlp layer": ("mlp", SMALL | {"normalisation": "layer"}, VECTOR),
    "mlp group": ("mlp", SMALL | GROUPED, VECTOR),
    "mlp weight": ("mlp", SMALL | {"weight_normalisation": True}, VECTOR),
    "mlp dropout": ("mlp", SMALL | {"dropout": 0.5}, VECTOR),
    "residual": ("residual-mlp", SMALL | {"scale": "inverse-sqrt-depth"}, VECTOR),
    "residual, two layers": ("residual-mlp", SMALL | {"branch_layers": 2, "dropout": 0.5}, VECTOR),
    "residual, before": ("residual-mlp", SMALL | {"normalisation": "batch", "scale": "zero"}, VECTOR),
    "residual, after": ("residual-mlp", SMALL | {"normalisation": "layer", "placement": "after"}, VECTOR),
    "highway": ("highway", SMALL, VECTOR),
    "dense": ("dense", SMALL, VECTOR),
    "cnn": ("cnn", IMAGES | {"dropout": 0.5}, IMAGE),
    "cnn batch": ("cnn", IMAGES | {"normalisation": "batch"}, IMAGE),
    "cnn layer": ("cnn", IMAGES | {"normalisation": "layer", "skip": True, "scale": "zero"}, IMAGE),
    "cnn group": ("cnn", IMAGES | GROUPED | {"depth": 1, "skip": True}, IMAGE),
    "transformer, before": ("transformer", ENCODER | {"heads": 2, "dropout": 0.5}, READS),
    "transformer, after": ("transformer", ENCODER | {"heads": 1, "placement": "after"}, SEQUENCE),
}


def setting(case, members):
    """Return architecture, shape, parameters, masks, inputs and targets of an ensemble in float64."""
    name, options, shape = CASES[case]
    architecture = architectures[name](shape, **architectures[name].complete(options))
    generator = torch.Generator().manual_seed(1)
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(members)]
    # Moved, so that gains, shifts and scales are not where they start.
    parameters = {key: torch.stack([own[key] for own in drawn]).double() for key in drawn[0]}
    parameters = {key: v + 0.2 * torch.randn(v.shape, generator=generator) for key, v in parameters.items()}
    masks = [architecture.noise(generator, BATCH) for _ in range(members)] if architecture.noise else [{}]
    held = {key: torch.stack([mask[key] for mask in masks]).double() for key in masks[0]}
    inputs = torch.randn(members, BATCH, *LAYOUTS[shape], generator=generator).double()
    targets = torch.randint(2, (members, BATCH * shape.reads), generator=generator)
    shapes = survey(architecture, parameters | held, inputs).shapes

    def loss(own, signals):
        outputs, _ = stacking.apply(architecture, own | held, inputs, signals, Probing)
        return losses("cross-entropy", outputs.reshape(members, BATCH * shape.reads, -1), targets).sum()

    zeros = [torch.zeros(members, *shape, dtype=torch.float64).requires_grad_() for shape in shapes]
    return loss, parameters, zeros


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case):
    # Finite differences take time: one member of the larger networks.
    loss, parameters, zeros = setting(case, 2 if CASES[case][2] == VECTOR else 1)
    names = list(parameters)
    leaves = [*(value.requires_grad_() for value in parameters.values()), *zeros]

    def of_leaves(*values):
        return loss(dict(zip(names, values[: len(names)], strict=True)), values[len(names) :])

    assert torch.autograd.gradcheck(of_leaves, leaves, eps=1e-6, atol=1e-7, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_error_signals_can_be_differentiated(case):
    """As a penalty on them needs it; along one direction in the space of the parameters."""
    loss, parameters, zeros = setting(case, 2)
    generator = torch.Generator().manual_seed(7)
    directions = {key: torch.randn(value.shape, generator=generator).double() for key, value in parameters.items()}

    def penalty(step):
        own = {key: value + step * directions[key] for key, value in parameters.items()}
        signals = torch.autograd.grad(loss(own, zeros), zeros, create_graph=True)
        return sum(signal.square().sum() for signal in signals)

    step = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(penalty(step), step)
    difference = (penalty(torch.tensor(1e-5)) - penalty(torch.tensor(-1e-5))) / 2e-5
    assert slope.item() == pytest.approx(difference.item(), rel=1e-5, abs=1e-8)
