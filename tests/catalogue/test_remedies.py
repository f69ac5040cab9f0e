import torch

from reportgen.catalogue.remedies.clip_norm import clip_norm, member_norms
from reportgen.registry import remedies


def gradients(*scales):
    generator = torch.Generator().manual_seed(0)
    factor = torch.tensor(scales).view(-1, 1, 1)
    return {"a": torch.randn(len(scales), 3, 4, generator=generator) * factor, "b": torch.ones(len(scales), 1, 4)}


def test_clipping_is_that_of_torch_for_each_member():
    given = gradients(0.001, 1.0, 100.0)
    given["b"] *= torch.tensor([0.001, 1.0, 100.0]).view(-1, 1, 1)
    clipped, changed = clip_norm(max_norm=2.0).clip(given)
    assert changed.tolist() == [False, True, True]
    for member in range(3):
        leaves = [torch.zeros_like(value[member]).requires_grad_() for value in given.values()]
        for leaf, value in zip(leaves, given.values(), strict=True):
            leaf.grad = value[member].clone()
        torch.nn.utils.clip_grad_norm_(leaves, 2.0)
        for leaf, value in zip(leaves, clipped.values(), strict=True):
            assert torch.allclose(leaf.grad, value[member], rtol=1e-6)


def test_the_norm_survives_where_squares_overflow():
    assert torch.isfinite(member_norms({"a": torch.full((1, 4), 1e30)})).all()
    huge = member_norms({"a": torch.tensor([[3e200, 4e200], [3.0, 4.0]], dtype=torch.float64)})
    assert torch.allclose(huge / torch.tensor([1e200, 1.0], dtype=torch.float64), torch.full((2,), 5.0).double())


def test_remedies_set_options():
    assert remedies["activation"].make(to="elu").settings == {"architecture.activation": "elu"}
    made = remedies["initialisation"].make(**remedies["initialisation"].complete({"to": "he-normal"}))
    assert made.settings == {"architecture.initialisation": {"name": "he-normal", "gain": 1.0}}
