"""The recurrent matrix stays orthogonal, and the linear network's factor 1, during training."""

import pytest
import torch
from torch import nn

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.orthogonal_rnn import orthogonal_rnn, recurrent_matrix
from reportgen.catalogue.base import Shape
from reportgen.probe.taps import Probing, survey


def trained(activation, optimiser=torch.optim.Adam, steps=50):
    """Train one member in a plain loop; return the architecture and the parameters (1, ...) before and after."""
    made = orthogonal_rnn(Shape(3, 4, length=10), width=16, activation=activation)
    start = {name: value[None] for name, value in made.initialise(torch.Generator().manual_seed(0)).items()}
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    generator = torch.Generator().manual_seed(1)
    rule = optimiser(parameters.values(), lr=0.03)
    for _ in range(steps):
        inputs = torch.randn(1, 32, 10, 3, generator=generator)
        targets = torch.randint(4, (32,), generator=generator)
        rule.zero_grad()
        nn.functional.cross_entropy(stacking.apply(made, parameters, inputs)[0][0], targets).backward()
        rule.step()
    return made, start, {name: value.detach() for name, value in parameters.items()}


@pytest.mark.parametrize("optimiser", [torch.optim.Adam, torch.optim.AdamW])
@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
def test_the_recurrent_matrix_moves_and_stays_orthogonal(activation, optimiser):
    """Whatever the optimiser does to its parameters: AdamW shrinks all of them at every step."""
    _, before, after = trained(activation, optimiser)
    left, right = recurrent_matrix(before)[0], recurrent_matrix(after)[0]
    assert (left - right).norm() > 0.5
    for matrix in (left, right):
        assert (matrix.T @ matrix - torch.eye(16)).abs().max() < 1e-5


def test_the_optimiser_does_not_move_the_start():
    _, before, after = trained("tanh")
    assert torch.equal(before["start"], after["start"]) and not torch.equal(before["recurrent"], after["recurrent"])


def test_the_linear_factor_is_1_throughout():
    for parameters in trained("linear")[1:]:
        made = orthogonal_rnn(Shape(3, 4, length=40), width=16, activation="linear")
        own = {name: value.double() for name, value in parameters.items()}
        inputs = torch.randn(1, 8, 40, 3, dtype=torch.float64)
        shapes = survey(made, own, inputs).shapes
        zeros = [torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
        outputs, _ = stacking.apply(made, own, inputs, zeros, Probing)
        norms = torch.stack([s.norm() for s in torch.autograd.grad(outputs.square().sum(), zeros)])
        assert (norms[:-1] / norms[1:]).tolist() == pytest.approx([1.0] * 39, abs=1e-6)


def test_at_the_start_it_is_an_rnn_with_an_orthogonal_matrix():
    from reportgen.catalogue.architectures.rnn import rnn

    shape, generator = Shape(3, 4, length=10), torch.Generator().manual_seed
    ours, theirs = orthogonal_rnn(shape, width=6), rnn(shape, width=6, recurrence="orthogonal")
    inputs = torch.randn(1, 5, 10, 3)
    outputs = [
        stacking.apply(made, {k: v[None] for k, v in made.initialise(generator(3)).items()}, inputs)[0]
        for made in (ours, theirs)
    ]
    torch.testing.assert_close(*outputs)


def test_gradients_are_those_of_the_plain_exponential_at_any_scale():
    generator = torch.Generator().manual_seed(0)
    turned = (0.3 * torch.randn(2, 6, 6, generator=generator, dtype=torch.float64)).requires_grad_()
    start = torch.eye(6, dtype=torch.float64).expand(2, 6, 6)
    weight = torch.randn(2, 6, 6, generator=generator, dtype=torch.float64)
    (plain,) = torch.autograd.grad((torch.matrix_exp(turned - turned.mT) * weight).sum(), turned)
    for exponent in (0, 120, 500):
        loss = (recurrent_matrix({"start": start, "recurrent": turned}) * weight * 2.0**exponent).sum()
        (ours,) = torch.autograd.grad(loss, turned)
        torch.testing.assert_close(ours * 2.0**-exponent, plain, rtol=1e-12, atol=1e-14)


def test_the_exponential_can_be_differentiated_twice():
    start = torch.eye(3, dtype=torch.float64)
    turned = torch.randn(3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda own: recurrent_matrix({"start": start, "recurrent": own}), turned)
