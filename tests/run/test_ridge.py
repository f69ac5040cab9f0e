import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge as Reference

from reportgen.catalogue.base import Readout
from reportgen.run.ridge import Ridge


def identity(parameters, inputs):
    return torch.cat([inputs, torch.ones_like(inputs[..., :1])], dim=-1)


def parameters(rows, features, outputs):
    return {"readout": torch.zeros(rows, features, outputs, dtype=torch.float64)}


def test_the_readout_is_that_of_ridge_regression_on_all_batches():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(2, 60, 4, generator=generator, dtype=torch.float64)
    targets = torch.randn(2, 60, generator=generator, dtype=torch.float64)
    own, ridge = parameters(2, 5, 1), Ridge(Readout(identity, "readout", 0.1), 2)
    for part in (slice(0, 20), slice(20, 60)):
        ridge.absorb(own, inputs[:, part], targets[:, part], None, [0, 1])
    for row in range(2):
        design = identity({}, inputs)[row].numpy()
        alpha = 0.1 * (design**2).mean(0).mean() * len(design)
        expected = Reference(alpha, fit_intercept=False).fit(design, targets[row].numpy()).coef_
        assert own["readout"][row, :, 0].numpy() == pytest.approx(expected, rel=1e-9)


def test_classes_are_regressed_one_hot_and_copies_of_a_member_count_once():
    inputs = torch.eye(3, dtype=torch.float64).repeat(2, 4, 1)
    targets = torch.tensor([[0, 1, 2] * 4, [0, 1, 2] * 4])
    own, ridge = parameters(2, 4, 3), Ridge(Readout(identity, "readout", 1e-9), 1)
    ridge.absorb(own, inputs, targets, 3, [0, 0])
    assert torch.equal(own["readout"][0], own["readout"][1])
    outputs = identity({}, inputs)[0] @ own["readout"][0]
    assert np.array_equal(outputs.argmax(1).numpy(), targets[0].numpy())
    assert outputs.amax().item() == pytest.approx(1.0, abs=1e-6)


def test_a_member_keeps_its_sums_when_another_drops_out():
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(2, 30, 3, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 2, (2, 30), generator=generator)
    together, alone = (Ridge(Readout(identity, "readout", 0.01), 2) for _ in range(2))
    both, one = parameters(2, 4, 2), parameters(1, 4, 2)
    together.absorb(both, inputs[:, :15], targets[:, :15], 2, [0, 1])
    together.absorb(one, inputs[1:, 15:], targets[1:, 15:], 2, [1])
    reference = parameters(1, 4, 2)
    for part in (slice(0, 15), slice(15, 30)):
        alone.absorb(reference, inputs[1:, part], targets[1:, part], 2, [1])
    assert torch.allclose(one["readout"], reference["readout"], rtol=1e-12)
