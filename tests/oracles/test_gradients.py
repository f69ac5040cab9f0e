"""Gradients of every architecture, of parameters and of error signals, against finite differences in float64."""

import pytest
import torch

from reportgen.catalogue import activations, stacking
from reportgen.catalogue.architectures.mlp import mlp
from reportgen.catalogue.architectures.rnn import rnn
from reportgen.catalogue.base import Shape
from reportgen.catalogue.losses import losses
from reportgen.probe.taps import Probing, survey

CASES = {f"mlp {name}": (mlp(Shape(3, 2), depth=2, width=3, activation=name), (3,)) for name in activations.NAMES}
CASES |= {
    f"rnn {name}": (rnn(Shape(2, 2, length=4), width=3, activation=name), (4, 2)) for name in ("tanh", "relu", "linear")
}


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case):
    architecture, layout = CASES[case]
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in (3, 4)]
    parameters = {name: torch.stack([own[name] for own in drawn]).double() for name in drawn[0]}
    inputs = torch.randn(2, 2, *layout, generator=torch.Generator().manual_seed(1)).double()
    targets = torch.tensor([[0, 1], [1, 0]])
    shapes = survey(architecture, parameters, inputs).shapes
    names = list(parameters)

    def loss(*leaves):
        own = dict(zip(names, leaves[: len(names)], strict=True))
        outputs, _ = stacking.apply(architecture, own, inputs, leaves[len(names) :], Probing)
        return losses("cross-entropy", outputs, targets).sum()

    leaves = [value.requires_grad_() for value in parameters.values()]
    leaves += [torch.zeros(2, *shape, dtype=torch.float64).requires_grad_() for shape in shapes]
    assert torch.autograd.gradcheck(loss, leaves, eps=1e-6, atol=1e-7, rtol=1e-5)
