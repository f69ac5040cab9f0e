import math

import pytest
import torch

from reportgen.catalogue.initialisations import SCHEMES, canonical, orthogonal, weight_and_bias
from reportgen.registry import architectures

VARIANCES = {
    "default": 1 / (3 * 400),
    "glorot-uniform": 2 / 600,
    "glorot-normal": 2 / 600,
    "he-uniform": 2 / 400,
    "he-normal": 2 / 400,
    "lecun-normal": 1 / 400,
    "scaled-normal": 1 / 400,
    "normal": 0.01**2,
    "orthogonal": 1 / 400,
}


def draw(initialisation, fan_in=400, fan_out=200):
    return weight_and_bias(fan_in, fan_out, initialisation, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", SCHEMES)
def test_weights_have_the_scheme_s_variance(name):
    weight, _ = draw(name)
    assert weight.shape == (400, 200) and weight.dtype == torch.float32
    assert weight.double().var().item() == pytest.approx(VARIANCES[name], rel=0.02)


def test_default_is_that_of_linear():
    torch.manual_seed(0)
    linear = torch.nn.Linear(400, 200)
    weight, bias = draw("default")
    for ours, theirs in ((weight, linear.weight), (bias, linear.bias)):
        assert ours.abs().max().item() == pytest.approx(theirs.abs().max().item(), rel=0.02)
        assert ours.abs().max().item() <= 1 / math.sqrt(400)


def test_biases_start_at_zero_but_in_the_default():
    for name in set(SCHEMES) - {"default"}:
        assert not draw(name)[1].any()


@pytest.mark.parametrize("name", ["glorot-uniform", "he-normal", "orthogonal", "scaled-normal"])
def test_gain_multiplies_the_weights(name):
    assert torch.allclose(draw({"name": name, "gain": 2.5})[0], 2.5 * draw(name)[0], rtol=1e-6)


@pytest.mark.parametrize("shape", [(30, 30), (50, 20), (20, 50)])
def test_orthogonal_matrices_have_singular_values_of_one(shape):
    drawn = orthogonal(*shape, torch.Generator().manual_seed(0))
    assert torch.allclose(torch.linalg.svdvals(drawn), torch.ones(min(shape), dtype=torch.float64), atol=1e-12)


def test_a_name_and_its_full_mapping_are_the_same_setting():
    mlp = architectures["mlp"]
    by_name = mlp.complete({"initialisation": "orthogonal"})
    assert by_name == mlp.complete({"initialisation": {"name": "orthogonal", "gain": 1}})
    assert by_name["initialisation"] == {"name": "orthogonal", "gain": 1.0}
    assert mlp.complete({}) == mlp.complete({"initialisation": "glorot-normal"})


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="did you mean 'he-normal'"):
        canonical("he-norml")
    with pytest.raises(ValueError, match="'normal' has no parameter 'gain'; allowed: std"):
        canonical({"name": "normal", "gain": 1.0})
    for wrong in (0, -1.0, math.inf, True, "1"):
        with pytest.raises(ValueError, match="'gain' must be a finite number above 0"):
            canonical({"name": "orthogonal", "gain": wrong})
    with pytest.raises(ValueError, match="a name or a mapping with a name"):
        canonical(3)
