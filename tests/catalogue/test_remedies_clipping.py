"""Clipping of stacked gradients against torch's own and against the formulas, member by member."""

from __future__ import annotations

import pytest
import torch

from reportgen.catalogue.remedies.clip_adaptive import clip_adaptive
from reportgen.catalogue.remedies.clip_norm import clip_norm, member_norms
from reportgen.catalogue.remedies.clip_value import clip_value

SCALES = (0.001, 1.0, 100.0)


def drawn(seed, *scales):
    generator = torch.Generator().manual_seed(seed)
    factor = torch.tensor(scales).view(-1, 1, 1)
    return {name: torch.randn(len(scales), *shape, generator=generator) * factor for name, shape in SHAPES.items()}


SHAPES = {"weight": (3, 4), "bias": (1, 4)}


@pytest.mark.parametrize(
    ("ours", "theirs", "clipped"),
    [
        (clip_norm(max_norm=2.0), lambda leaves: torch.nn.utils.clip_grad_norm_(leaves, 2.0), [False, True, True]),
        (clip_value(max_value=0.5), lambda leaves: torch.nn.utils.clip_grad_value_(leaves, 0.5), [False, True, True]),
    ],
    ids=["norm", "value"],
)
def test_clipping_is_that_of_torch_for_each_member(ours, theirs, clipped):
    given = drawn(0, *SCALES)
    found, changed = ours.clip(given, drawn(1, 1.0, 1.0, 1.0))
    assert changed.tolist() == clipped
    for member in range(3):
        leaves = [torch.zeros_like(value[member]).requires_grad_() for value in given.values()]
        for leaf, value in zip(leaves, given.values(), strict=True):
            leaf.grad = value[member].clone()
        theirs(leaves)
        for leaf, value in zip(leaves, found.values(), strict=True):
            assert torch.allclose(leaf.grad, value[member], rtol=1e-6)


def test_the_norm_survives_where_squares_overflow():
    assert torch.isfinite(member_norms({"a": torch.full((1, 4), 1e30)})).all()
    huge = member_norms({"a": torch.tensor([[3e200, 4e200], [3.0, 4.0]], dtype=torch.float64)})
    assert torch.allclose(huge / torch.tensor([1e200, 1.0], dtype=torch.float64), torch.full((2,), 5.0).double())


def test_adaptive_clipping_keeps_each_column_to_its_share():
    weights = torch.tensor([[[3.0, 0.0], [4.0, 0.0]]])
    given = torch.tensor([[[0.6, 0.03], [0.8, 0.04]]])
    found, changed = clip_adaptive(max_ratio=0.1).clip({"w": given}, {"w": weights})
    assert changed.tolist() == [True]
    # |w| = 5 lets 0.5 through of |g| = 1; |w| = 0 counts as 0.001 and lets 0.0001 through of 0.05.
    assert torch.allclose(found["w"], torch.tensor([[[0.3, 0.00006], [0.4, 0.00008]]]))


def test_adaptive_clipping_takes_vectors_as_a_whole():
    vector, gradient = torch.tensor([[[3.0, 4.0]]]), torch.tensor([[[0.0, 2.0]]])
    found, _ = clip_adaptive(max_ratio=0.1).clip({"b": gradient}, {"b": vector})
    assert torch.allclose(found["b"], torch.tensor([[[0.0, 0.5]]]))
    found, _ = clip_adaptive(max_ratio=0.1).clip({"b": gradient[:, 0]}, {"b": vector[:, 0]})
    assert torch.allclose(found["b"], torch.tensor([[0.0, 0.5]]))


def test_adaptive_clipping_leaves_small_gradients_bitwise_as_they_are():
    given, weights = drawn(0, 1e-6, 1e-30), drawn(1, 1.0, 1.0)
    given["bias"][0] = 0.0
    found, changed = clip_adaptive().clip(given, weights)
    assert changed.tolist() == [False, False]
    assert all(torch.equal(found[name], given[name]) for name in given)


def test_adaptive_clipping_measures_what_float32_cannot_square():
    weights, given = torch.full((1, 2, 1), 1e-25), torch.full((1, 2, 2), 1e25)
    found, _ = clip_adaptive(max_ratio=1.0).clip({"w": given}, {"w": weights.expand(1, 2, 2)})
    assert torch.allclose(found["w"].norm(dim=1), torch.full((1, 2), 1e-3))


@pytest.mark.parametrize("remedy", [clip_norm(), clip_value(), clip_adaptive()], ids=["norm", "value", "adaptive"])
def test_members_do_not_touch_each_other(remedy):
    given, weights = drawn(0, *SCALES), drawn(1, 1.0, 1.0, 1.0)
    together, changed = remedy.clip(given, weights)
    for member in range(3):
        alone = [{name: value[member : member + 1] for name, value in own.items()} for own in (given, weights)]
        found, own = remedy.clip(*alone)
        assert own.item() == changed[member].item()
        assert all(torch.equal(found[name][0], together[name][member]) for name in given)
