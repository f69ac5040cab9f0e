"""Losses and metrics against their definitions."""

import pytest
import torch
from torch.nn import functional

from reportgen.catalogue.losses import losses, metrics


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def classes(count, *shape):
    return torch.randint(0, count, shape, generator=torch.Generator().manual_seed(1))


def test_cross_entropy_is_that_of_every_member():
    outputs, targets = draw(3, 7, 4), classes(4, 3, 7)
    expected = [functional.cross_entropy(o, t) for o, t in zip(outputs, targets, strict=True)]
    torch.testing.assert_close(losses("cross-entropy", outputs, targets), torch.stack(expected))


def test_cross_entropy_is_the_mean_over_batch_and_reads():
    outputs, targets = draw(3, 7, 5, 4), classes(4, 3, 7, 5)
    expected = torch.stack([losses("cross-entropy", outputs[:, :, read], targets[:, :, read]) for read in range(5)])
    torch.testing.assert_close(losses("cross-entropy", outputs, targets), expected.mean(0))


def test_even_odds_have_the_logarithm_of_the_number_of_classes():
    found = losses("cross-entropy", torch.zeros(2, 3, 5, 8), classes(8, 2, 3, 5))
    assert found.tolist() == pytest.approx([2.0794415] * 2)


def test_accuracy_is_the_share_of_right_answers_at_all_reads():
    targets = torch.tensor([[[0, 1, 2], [2, 1, 0]]])
    answers = torch.tensor([[[0, 1, 2], [2, 1, 1]], [[1, 1, 1], [1, 1, 1]]])
    outputs = functional.one_hot(answers, 3).float()
    assert metrics("accuracy", outputs, targets).tolist() == pytest.approx([5 / 6, 2 / 6])


@pytest.mark.parametrize("shape", [(2, 7, 3), (2, 7, 4, 3)])
def test_squared_errors_are_averaged_over_all_but_the_members(shape):
    outputs, targets = draw(*shape), draw(*shape, seed=1)
    expected = torch.stack([(o - t).square().mean() for o, t in zip(outputs, targets, strict=True)])
    for found in (losses, metrics):
        torch.testing.assert_close(found("mean-squared-error", outputs, targets), expected)


@pytest.mark.parametrize("shape", [(2, 7), (2, 7, 4)])
def test_the_targets_of_a_single_output_may_lack_its_dimension(shape):
    outputs, targets = draw(*shape, 1), draw(*shape, seed=1)
    expected = losses("mean-squared-error", outputs, targets.unsqueeze(-1))
    assert torch.equal(losses("mean-squared-error", outputs, targets), expected)
    assert expected[0] == pytest.approx((outputs[0, ..., 0] - targets[0]).square().mean())


@pytest.mark.parametrize("reads", [(), (5,)])
def test_targets_may_be_shared_by_the_members(reads):
    outputs, shared = draw(3, 7, *reads, 4), classes(4, 1, 7, *reads)
    own = shared.expand(3, 7, *reads).contiguous()
    assert torch.equal(losses("cross-entropy", outputs, shared), losses("cross-entropy", outputs, own))
    assert torch.equal(metrics("accuracy", outputs, shared), metrics("accuracy", outputs, own))
    values = draw(1, 7, *reads, 4, seed=1)
    together = losses("mean-squared-error", outputs, values)
    assert torch.equal(together, losses("mean-squared-error", outputs, values.expand(outputs.shape)))
