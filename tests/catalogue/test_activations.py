import pytest
import torch

from reportgen.catalogue import activations


def test_every_name_has_a_function_that_keeps_the_shape():
    value = torch.linspace(-3.0, 3.0, 12).view(3, 4)
    for name in activations.NAMES:
        assert activations.function(name)(value).shape == (3, 4)


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1e-3, 1.0, 20.0])
def test_tanh_is_exact_to_float32_at_every_size(scale):
    value = torch.linspace(-scale, scale, 1001)
    exact = torch.tanh(value.double())
    assert torch.allclose(activations.tanh(value).double(), exact, rtol=2e-7, atol=0)


def test_tanh_differentiates_alone_and_under_vmap():
    value = torch.linspace(-2.0, 2.0, 40).view(5, 8).requires_grad_()
    exact = 1 - torch.tanh(value.double()) ** 2
    alone = torch.autograd.grad(activations.tanh(value).sum(), value)[0]
    mapped = torch.autograd.grad(torch.vmap(activations.tanh)(value).sum(), value)[0]
    assert torch.allclose(alone.double(), exact, rtol=1e-5)
    assert torch.equal(alone, mapped)


def test_tanh_passes_non_finite_values_on():
    value = activations.tanh(torch.tensor([torch.nan, torch.inf, -torch.inf]))
    assert torch.equal(value.isnan(), torch.tensor([True, False, False]))
    assert value[1:].tolist() == [1.0, -1.0]
