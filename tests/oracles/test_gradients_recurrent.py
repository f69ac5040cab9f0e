"""Gradients of every recurrent network, of parameters and of error signals, against finite differences in float64."""

import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.base import Shape
from reportgen.catalogue.losses import losses
from reportgen.probe.taps import Probing, survey
from reportgen.registry import architectures

CASES = {
    "rnn sigmoid": ("rnn", {"activation": "sigmoid"}, 1),
    "rnn, two reads and dropout": ("rnn", {"dropout": 0.5}, 2),
    "lstm": ("lstm", {"forget_bias": 1.0}, 1),
    "lstm relu": ("lstm", {"activation": "relu", "chrono": True}, 1),
    "lstm, two reads and dropout": ("lstm", {"dropout": 0.5}, 2),
    "gru": ("gru", {"update_bias": 1.0}, 1),
    "gru, two reads and dropout": ("gru", {"dropout": 0.5}, 2),
    "orthogonal-rnn tanh": ("orthogonal-rnn", {"activation": "tanh"}, 1),
    "orthogonal-rnn linear": ("orthogonal-rnn", {"activation": "linear"}, 1),
}
MEMBERS, BATCH, LENGTH = 2, 2, 3
FIXED = ("start",)
"""Parameters that no gradient flows into."""


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case):
    name, options, reads = CASES[case]
    entry = architectures[name]
    architecture = entry(Shape(2, 2, LENGTH, reads), **entry.complete({"width": 3} | options))
    generator = torch.Generator().manual_seed(1)
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in (3, 4)]
    parameters = {key: torch.stack([own[key] for own in drawn]).double() for key in drawn[0]}
    parameters = {
        key: v if key in FIXED else v + 0.2 * torch.randn(v.shape, generator=generator) for key, v in parameters.items()
    }
    masks = [architecture.noise(generator, BATCH) for _ in range(MEMBERS)] if architecture.noise else []
    held = {key: torch.stack([mask[key] for mask in masks]).double() for key in (masks[0] if masks else ())}
    held |= {key: parameters.pop(key) for key in FIXED if key in parameters}
    inputs = torch.randn(MEMBERS, BATCH, LENGTH, 2, generator=generator).double()
    layout = (MEMBERS, BATCH) if reads == 1 else (MEMBERS, BATCH, reads)
    targets = torch.randint(2, layout, generator=generator)
    names, shapes = list(parameters), survey(architecture, parameters | held, inputs).shapes

    def loss(*leaves):
        own = dict(zip(names, leaves[: len(names)], strict=True)) | held
        outputs, _ = stacking.apply(architecture, own, inputs, leaves[len(names) :], Probing)
        rows = outputs.flatten(1, 2) if reads > 1 else outputs
        return losses("cross-entropy", rows, targets.flatten(1)).sum()

    leaves = [value.requires_grad_() for value in parameters.values()]
    # Not at 0: there the cell of a ReLU LSTM stands at the kink.
    offsets = [0.1 * torch.randn(MEMBERS, *shape, generator=generator).double() for shape in shapes]
    leaves += [offset.requires_grad_() for offset in offsets]
    assert torch.autograd.gradcheck(loss, leaves, eps=1e-6, atol=1e-7, rtol=1e-5)
