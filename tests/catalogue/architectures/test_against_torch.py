"""Feed-forward networks and encoders give the numbers of the same networks built from modules of torch."""

import pytest
import torch
from torch import nn

from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent
from reportgen.registry import architectures

IMAGE = Shape(2, 3, image=(4, 5))


def made(name, shape, **options):
    """Return an architecture, and one member's parameters away from where they start."""
    architecture = architectures[name](shape, **architectures[name].complete(options))
    generator = torch.Generator().manual_seed(5)
    drawn = architecture.initialise(generator)
    return architecture, {key: v + 0.2 * torch.randn(v.shape, generator=generator) for key, v in drawn.items()}


def inputs(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(6))


def linear(parameters, name):
    module = nn.Linear(*parameters[f"weight_{name}"].shape)
    module.weight.data, module.bias.data = parameters[f"weight_{name}"].T, parameters[f"bias_{name}"][0]
    return module


def convolution(parameters, name):
    weight = parameters[f"weight_{name}"]
    module = nn.Conv2d(len(weight) // 9, weight.shape[1], 3, padding=1)
    module.weight.data = weight.view(3, 3, -1, weight.shape[1]).permute(3, 2, 0, 1)
    module.bias.data = parameters[f"bias_{name}"][0]
    return module


def normaliser(parameters, name, module):
    module.weight.data, module.bias.data = parameters[f"gain_{name}"][0], parameters[f"shift_{name}"][0]
    return module


MODULES = {
    "batch": lambda units: nn.BatchNorm1d(units, momentum=1.0),
    "layer": nn.LayerNorm,
    "group": lambda units: nn.GroupNorm(2, units),
}
SPATIAL = {
    "batch": lambda units: nn.BatchNorm2d(units, momentum=1.0),
    "layer": lambda units: nn.GroupNorm(1, units),
    "group": lambda units: nn.GroupNorm(2, units),
}


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=2e-6, rtol=2e-5)


def normalised_mlp(kind):
    ours, parameters = made("mlp", Shape(4, 3), depth=2, width=6, normalisation=kind, groups=2)
    layers = [
        part
        for layer in ("1", "2")
        for part in (linear(parameters, layer), normaliser(parameters, layer, MODULES[kind](6)), nn.Tanh())
    ]
    return ours, parameters, nn.Sequential(*layers, linear(parameters, "3"))


@pytest.mark.parametrize("kind", MODULES)
def test_normalisers_stand_before_the_activation_function(kind):
    ours, parameters, theirs = normalised_mlp(kind)
    assert ours.batch_statistics == (kind == "batch")
    with torch.no_grad():
        close(ours.forward(parameters, inputs(7, 4), Silent()), theirs(inputs(7, 4)))


def population(theirs, reference, samples):
    """Set the running statistics of batch normalisation to those of the reference, and evaluate the samples."""
    theirs.train()(reference)
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            values = len(reference) * (reference.shape[-1] * reference.shape[-2] if reference.dim() > 2 else 1)
            module.running_var *= (values - 1) / values
    return theirs.eval()(samples)


def test_batch_normalisation_is_evaluated_with_the_statistics_of_the_reference():
    ours, parameters, theirs = normalised_mlp("batch")
    rows = inputs(11, 4)
    with torch.no_grad():
        expected = population(theirs, rows[:8], rows[8:])
        outputs = ours.forward(parameters, rows, Silent(reference=8))
        alone = ours.forward(parameters, rows[:9], Silent(reference=8))
    close(outputs[8:], expected)
    close(outputs[8], alone[8])


def test_weight_normalisation_is_that_of_torch():
    ours, parameters = made("mlp", Shape(4, 3), depth=1, width=5, weight_normalisation=True)
    hidden = nn.utils.parametrizations.weight_norm(linear(parameters, "1"))
    hidden.parametrizations.weight.original0.data = parameters["length_1"].T
    theirs = nn.Sequential(hidden, nn.Tanh(), linear(parameters, "2"))
    with torch.no_grad():
        close(ours.forward(parameters, inputs(7, 4), Silent()), theirs(inputs(7, 4)))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize(("scale", "factor"), [("one", 1.0), ("inverse-sqrt-depth", 3**-0.5), ("zero", None)])
def test_residual_blocks_add_scaled_branches(layers, placement, scale, factor):
    ours, parameters = made(
        "residual-mlp", Shape(4, 3), depth=3, width=6, branch_layers=layers, placement=placement, scale=scale,
        normalisation="layer",
    )  # fmt: skip
    rows = inputs(7, 4)
    with torch.no_grad():
        stream = linear(parameters, "stem")(rows)
        for block in (1, 2, 3):
            branch = stream
            for layer in range(1, layers + 1):
                if placement == "before":
                    branch = normaliser(parameters, f"{block}_{layer}", nn.LayerNorm(6))(branch)
                branch = linear(parameters, f"{block}_{layer}")(torch.relu(branch))
            stream = stream + (parameters[f"scale_{block}"] if factor is None else factor) * branch
            if placement == "after":
                stream = normaliser(parameters, str(block), nn.LayerNorm(6))(stream)
        if placement == "before":
            stream = normaliser(parameters, "readout", nn.LayerNorm(6))(stream)
        close(ours.forward(parameters, rows, Silent()), linear(parameters, "readout")(stream))


def test_an_mlp_with_skip_connections_is_the_residual_mlp():
    options = {"depth": 3, "width": 6, "activation": "tanh", "initialisation": "lecun-normal", "normalisation": "batch"}
    ours, parameters = made("mlp", Shape(4, 3), skip=True, **options)
    theirs, same = made("residual-mlp", Shape(4, 3), **options)
    assert all(torch.equal(parameters[key], same[key]) for key in same)
    rows = inputs(7, 4)
    assert torch.equal(ours.forward(parameters, rows, Silent()), theirs.forward(same, rows, Silent()))


def test_highway_layers_mix_by_their_gates():
    ours, parameters = made("highway", Shape(4, 3), depth=2, width=5, gate_bias=-2.0)
    rows = inputs(7, 4)
    with torch.no_grad():
        hidden = linear(parameters, "stem")(rows)
        for layer in ("1", "2"):
            gate = torch.sigmoid(linear(parameters, f"{layer}_gate")(hidden))
            hidden = gate * torch.tanh(linear(parameters, layer)(hidden)) + (1 - gate) * hidden
        close(ours.forward(parameters, rows, Silent()), linear(parameters, "readout")(hidden))


def test_gates_of_a_highway_network_start_at_their_bias():
    ours = architectures["highway"](Shape(4, 3), depth=2, width=5, initialisation="default", gate_bias=-2.0)
    parameters = ours.initialise(torch.Generator().manual_seed(1))
    assert all((parameters[f"bias_{layer}_gate"] == -2.0).all() for layer in (1, 2))


def test_dense_layers_read_everything_below():
    ours, parameters = made("dense", Shape(4, 3), depth=3, width=5)
    rows = inputs(7, 4)
    with torch.no_grad():
        first = torch.relu(linear(parameters, "1")(rows))
        second = torch.relu(linear(parameters, "2")(torch.cat([rows, first], dim=1)))
        third = torch.relu(linear(parameters, "3")(torch.cat([rows, first, second], dim=1)))
        expected = linear(parameters, "4")(torch.cat([rows, first, second, third], dim=1))
    close(ours.forward(parameters, rows, Silent()), expected)


@pytest.mark.parametrize("kind", SPATIAL)
def test_plain_convolutional_network(kind):
    ours, parameters = made("cnn", IMAGE, depth=2, width=6, normalisation=kind, groups=2, activation="tanh")
    layers = [
        part
        for layer in ("1", "2")
        for part in (convolution(parameters, layer), normaliser(parameters, layer, SPATIAL[kind](6)), nn.Tanh())
    ]
    theirs = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear(parameters, "readout"))
    images = inputs(11, 4, 5, 2)
    channels_first = images.permute(0, 3, 1, 2)
    with torch.no_grad():
        close(ours.forward(parameters, images, Silent()), theirs(channels_first))
        if kind == "batch":
            expected = population(theirs, channels_first[:8], channels_first[8:])
            close(ours.forward(parameters, images, Silent(reference=8))[8:], expected)


@pytest.mark.parametrize(("scale", "factor"), [("one", 1.0), ("inverse-sqrt-depth", 2**-0.5), ("zero", None)])
def test_convolutional_network_with_skip_connections(scale, factor):
    ours, parameters = made("cnn", IMAGE, depth=2, width=6, normalisation="batch", skip=True, scale=scale)
    images = inputs(7, 4, 5, 2)
    with torch.no_grad():
        stream = convolution(parameters, "stem")(images.permute(0, 3, 1, 2))
        for block in ("1", "2"):
            branch = torch.relu(normaliser(parameters, block, nn.BatchNorm2d(6))(stream))
            size = parameters[f"scale_{block}"] if factor is None else factor
            stream = stream + size * convolution(parameters, block)(branch)
        pooled = normaliser(parameters, "readout", nn.BatchNorm2d(6))(stream).mean((2, 3))
        close(ours.forward(parameters, images, Silent()), linear(parameters, "readout")(pooled))


@pytest.mark.parametrize("initialisation", ["glorot-normal", "glorot-uniform", "he-normal", "lecun-normal", "default"])
def test_convolutions_are_drawn_with_the_fans_of_torch(initialisation):
    theirs = nn.Conv2d(40, 60, 3)
    draw = {
        "glorot-normal": nn.init.xavier_normal_,
        "glorot-uniform": nn.init.xavier_uniform_,
        "he-normal": nn.init.kaiming_normal_,
        "lecun-normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="linear"),
    }
    torch.manual_seed(1)
    draw.get(initialisation, lambda weight: None)(theirs.weight)
    ours = architectures["cnn"](Shape(40, 2, image=(3, 3)), depth=1, width=60, initialisation=initialisation)
    weight = ours.initialise(torch.Generator().manual_seed(1))["weight_1"]
    assert weight.std().item() == pytest.approx(theirs.weight.std().item(), rel=0.03)


def encoder(parameters, depth, heads, before):
    """Return nn.TransformerEncoder with the same parameters."""
    width = len(parameters["weight_1_query"])
    layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, batch_first=True, norm_first=before)
    theirs = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width) if before else None, enable_nested_tensor=False)
    for block, module in enumerate(theirs.layers, start=1):
        parts = [f"{block}_{name}" for name in ("query", "key", "value")]
        module.self_attn.in_proj_weight.data = torch.cat([parameters[f"weight_{part}"].T for part in parts])
        module.self_attn.in_proj_bias.data = torch.cat([parameters[f"bias_{part}"][0] for part in parts])
        module.self_attn.out_proj = linear(parameters, f"{block}_joined")
        module.linear1, module.linear2 = linear(parameters, f"{block}_hidden"), linear(parameters, f"{block}_second")
        normaliser(parameters, f"{block}_attention", module.norm1)
        normaliser(parameters, f"{block}_perceptron", module.norm2)
    if before:
        normaliser(parameters, "readout", theirs.norm)
    return theirs.train()


@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("reads", [1, 2])
def test_transformer_encoder_is_that_of_torch(placement, reads):
    ours, parameters = made(
        "transformer", Shape(3, 4, length=6, reads=reads), depth=2, width=8, heads=2, placement=placement
    )
    rows = inputs(5, 6, 3)
    with torch.no_grad():
        tokens = linear(parameters, "embedding")(rows) + parameters["positions"]
        tokens = encoder(parameters, 2, 2, placement == "before")(tokens)
        expected = linear(parameters, "readout")(tokens.mean(1) if reads == 1 else tokens[:, -2:])
        close(ours.forward(parameters, rows, Silent()), expected)


def test_sinusoidal_positions_turn_by_a_fixed_angle_at_each_step():
    from reportgen.catalogue.architectures.attention import sinusoids

    places = torch.view_as_complex(sinusoids(50, 8).double().unflatten(-1, (4, 2)).flip(-1).contiguous())
    assert torch.equal(sinusoids(50, 8)[0], torch.tensor([0.0, 1.0] * 4))
    turns = torch.exp(1j * torch.tensor([1.0, 0.1, 0.01, 0.001], dtype=torch.float64))
    torch.testing.assert_close(places[1:], places[:-1] * turns, atol=1e-6, rtol=0)


def test_a_transformer_with_sinusoidal_positions_adds_them_to_the_embedding():
    from reportgen.catalogue.architectures.attention import sinusoids

    learned, parameters = made("transformer", Shape(3, 4, length=6), depth=1, width=8, positions="learned")
    fixed = architectures["transformer"](Shape(3, 4, length=6), depth=1, width=8, positions="sinusoidal")
    rows = inputs(5, 6, 3)
    expected = learned.forward(parameters | {"positions": sinusoids(6, 8)}, rows, Silent())
    del parameters["positions"]
    assert torch.equal(fixed.forward(parameters, rows, Silent()), expected)
