"""Mean-field theory of feed-forward architectures against networks of plain loops in double precision.

Nothing of the catalogue is used: 64 of scikit-learn's digits go through random networks, and what is compared is the
geometric mean over seeds of the fitted factor, as studies measure it.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

from reportgen.analyse.decay import theil_sen
from reportgen.analyse.theory.convolutional import predict_convolutional
from reportgen.analyse.theory.dense import predict_dense
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.highway import predict_highway
from reportgen.analyse.theory.prediction import Inputs
from reportgen.analyse.theory.residual import predict_residual

PHI = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "linear": lambda z: z,
}
VARIANCE = {
    "he-normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun-normal": lambda fan_in, fan_out: 1 / fan_in,
    "glorot-normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
}

DIGITS = Inputs(64, 1.0, variance=0.52, directions=13.2)
BATCH = 64


@cache
def digits():
    pixels = load_digits().data
    return torch.from_numpy((pixels - pixels.mean()) / pixels.std())


class Simulation:
    """One random network: draws weights and masks, and keeps the tensors whose gradients are measured."""

    def __init__(self, seed, of):
        self.of, self.kept = of, []
        self.generator = torch.Generator().manual_seed(seed)
        self.phi = PHI[of["activation"]]
        self.depth, self.width = of["depth"], of["width"]
        self.variance = VARIANCE[of["initialisation"]["name"]]
        chosen = torch.randperm(len(digits()), generator=self.generator)[: of.get("batch", BATCH)]
        self.inputs = digits()[chosen]

    def normal(self, *shape):
        return torch.randn(*shape, generator=self.generator, dtype=torch.float64)

    def weight(self, fan_in, fan_out):
        return self.normal(fan_in, fan_out) * self.variance(fan_in, fan_out) ** 0.5

    def tap(self, value):
        if not value.requires_grad:
            value = value.requires_grad_()
        value.retain_grad()
        self.kept.append(value)
        return value

    def dropped(self, value):
        rate = self.of.get("dropout", 0.0)
        kept = torch.rand(value.shape, generator=self.generator, dtype=torch.float64) >= rate
        return value * kept / (1 - rate)

    def norm(self, value):
        kind, groups = self.of.get("normalisation", "none"), self.of.get("groups", 8)
        if kind == "batch":
            return functional.batch_norm(value, None, None, training=True)
        if kind == "layer":
            return functional.layer_norm(value, value.shape[1:])
        return functional.group_norm(value, groups) if kind == "group" else value

    def slope(self, logits):
        targets = torch.randint(0, logits.shape[1], (len(logits),), generator=self.generator)
        functional.cross_entropy(logits, targets).backward()
        rms = torch.stack([value.grad.square().mean().sqrt() for value in self.kept])
        logs = rms.log10().numpy()[1:]
        return theil_sen(np.arange(len(logs) - 1, -1, -1.0), logs[None])[0]


def measured(build, of, seeds=10):
    """The geometric mean over seeds of the factor per layer, first layer left out."""
    return 10 ** np.mean([build(Simulation(seed, of)) for seed in range(seeds)])


def multilayer(net):
    hidden = net.inputs
    for _ in range(net.depth):
        z = net.tap(hidden @ net.weight(hidden.shape[1], net.width))
        hidden = net.dropped(net.phi(net.norm(z)))
    return net.slope(hidden @ net.weight(net.width, 10))


def residual(net):
    scale = net.depth**-0.5 if net.of.get("scale") == "inverse-sqrt-depth" else 1.0
    before = net.of.get("placement", "before") == "before"
    x = net.inputs @ net.weight(64, net.width)
    for _ in range(net.depth):
        x = value = net.tap(x)
        for _ in range(net.of.get("branch_layers", 1)):
            value = net.phi(net.norm(value) if before else value)
            value = net.dropped(value) @ net.weight(net.width, net.width)
        x = x + scale * value
        x = x if before else net.norm(x)
    return net.slope((net.norm(x) if before else x) @ net.weight(net.width, 10))


def highway(net):
    h = net.inputs @ net.weight(64, net.width)
    for _ in range(net.depth):
        h = net.tap(h)
        gate = torch.sigmoid(h @ net.weight(net.width, net.width) + net.of["gate_bias"])
        h = gate * net.phi(h @ net.weight(net.width, net.width)) + (1 - gate) * h
    return net.slope(h @ net.weight(net.width, 10))


def dense(net):
    seen = net.inputs
    for _ in range(net.depth):
        z = net.tap(seen @ net.weight(seen.shape[1], net.width))
        seen = torch.cat([seen, net.phi(z)], dim=1)
    return net.slope(seen @ net.weight(seen.shape[1], 10))


def convolutional(net):
    def convolve(images):
        fans = 9 * images.shape[1], 9 * net.width
        filters = net.normal(net.width, images.shape[1], 3, 3) * net.variance(*fans) ** 0.5
        return functional.conv2d(images, filters, padding=1)

    skip = net.of.get("skip", False)
    stream = convolve(net.inputs.reshape(-1, 1, 8, 8))
    for layer in range(net.depth):
        stream = net.tap(stream)
        value = net.phi(net.norm(stream))
        read = convolve(value) if skip or layer < net.depth - 1 else value
        stream = stream + read if skip else read
    pooled = (net.norm(stream) if skip else stream).mean((2, 3))
    return net.slope(pooled @ net.weight(net.width, 10))


def network(activation, scheme, depth=20, width=256, **given):
    return {"depth": depth, "width": width, "activation": activation, "initialisation": {"name": scheme}, **given}


RELU, TANH, GELU = ("relu", "he-normal"), ("tanh", "glorot-normal"), ("gelu", "lecun-normal")
SIGMOID = ("sigmoid", "glorot-normal")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (RELU, {"dropout": 0.2}),
        (TANH, {"normalisation": "layer"}),
        (RELU, {"normalisation": "layer", "dropout": 0.2}),
        (RELU, {"normalisation": "group", "groups": 32}),
    ],
)
def test_dropout_and_normalisers_of_a_sample_within_one_per_cent(name, given):
    of = network(*name, **given)
    assert measured(multilayer, of) == pytest.approx(predict_feedforward(of, DIGITS).factor, rel=0.01)


@pytest.mark.parametrize(
    ("name", "given"),
    [(RELU, {}), (RELU, {"dropout": 0.2}), (RELU, {"batch": 16}), (TANH, {}), (GELU, {})],
)
def test_batch_normalisation_within_two_per_cent(name, given):
    of = network(*name, normalisation="batch", **given)
    predicted = predict_feedforward(of, replace(DIGITS, batch=of.get("batch", BATCH)))
    assert measured(multilayer, of) == pytest.approx(predicted.factor, rel=0.02)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (TANH, {}),
        (TANH, {"branch_layers": 2, "dropout": 0.2}),
        (TANH, {"normalisation": "layer"}),
        (RELU, {"normalisation": "layer", "placement": "after", "branch_layers": 2}),
        (RELU, {"normalisation": "group", "groups": 32, "placement": "after"}),
    ],
)
def test_residual_networks_within_one_per_cent(name, given):
    of = network(*name, **given)
    assert measured(residual, of) == pytest.approx(predict_residual(of, DIGITS).factor, rel=0.01)


@pytest.mark.parametrize(
    ("name", "given"),
    [(RELU, {}), (TANH, {"branch_layers": 2}), (RELU, {"placement": "after"})],
)
def test_residual_networks_with_batch_normalisation_within_two_per_cent(name, given):
    of = network(*name, normalisation="batch", **given)
    assert measured(residual, of) == pytest.approx(predict_residual(of, DIGITS).factor, rel=0.02)


@pytest.mark.parametrize(("name", "bias"), [(TANH, -1.0), (TANH, 0.0), (RELU, -3.0)])
def test_highway_networks_within_one_per_cent(name, bias):
    of = network(*name, gate_bias=bias)
    assert measured(highway, of, 6) == pytest.approx(predict_highway(of, DIGITS).factor, rel=0.01)


@pytest.mark.parametrize("name", [RELU, TANH, SIGMOID])
def test_densely_connected_networks_within_one_per_cent(name):
    of = network(*name, width=64)
    assert measured(dense, of, 6) == pytest.approx(predict_dense(of, DIGITS).factor, rel=0.01)


@pytest.mark.parametrize(
    ("name", "given", "tolerance"),
    [
        (TANH, {}, 0.01),
        (SIGMOID, {}, 0.01),
        (TANH, {"skip": True}, 0.01),
        (TANH, {"skip": True, "normalisation": "layer"}, 0.01),
        (RELU, {"normalisation": "layer"}, 0.02),
    ],
)
def test_convolutional_networks_with_their_border(name, given, tolerance):
    of = network(*name, depth=12, width=32, **given)
    predicted = predict_convolutional(of, replace(DIGITS, features=1, image=(8, 8)))
    assert measured(convolutional, of, 8) == pytest.approx(predicted.factor, rel=tolerance)
