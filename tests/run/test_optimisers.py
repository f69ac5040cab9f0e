import pytest
import torch

from reportgen.errors import UnknownName
from reportgen.run.optimisers import OPTIMISERS, optimiser

THEIRS = {
    "sgd": torch.optim.SGD,
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("scale", [1e-6, 1.0])
def test_each_optimiser_is_that_of_torch_with_a_rate_of_its_own_for_each_member(name, scale):
    generator = torch.Generator().manual_seed(0)
    weights, rates = torch.randn(3, 4, 5, generator=generator), torch.tensor([1e-3, 1e-2, 0.1], dtype=torch.float64)
    theirs = [weights[m].clone().requires_grad_() for m in range(3)]
    references = [THEIRS[name]([own], lr=float(rate)) for own, rate in zip(theirs, rates, strict=True)]
    rule = optimiser(name)
    state = rule.start([weights])
    for step in range(1, 21):
        gradient = torch.randn(3, 4, 5, generator=generator) * scale
        for m, reference in enumerate(references):
            theirs[m].grad = gradient[m].clone()
            reference.step()
        rule.step([weights], [gradient.clone()], state, rates, step)
        assert torch.allclose(weights, torch.stack([own.detach() for own in theirs]), rtol=1e-5, atol=1e-6)


def test_an_unknown_optimiser_is_told():
    with pytest.raises(UnknownName, match="did you mean 'adam'"):
        optimiser("adamm")
