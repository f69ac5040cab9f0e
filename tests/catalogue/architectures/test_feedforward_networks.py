"""What feed-forward networks and encoders have in common: positions, stacking, dropout, scales, options."""

from dataclasses import replace

import pydantic
import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.base import Shape
from reportgen.catalogue.stacking import Silent
from reportgen.probe.taps import Probing, survey
from reportgen.registry import architectures

VECTOR, SEQUENCE, READS = Shape(4, 3), Shape(2, 3, length=5), Shape(2, 3, length=5, reads=2)
IMAGE = Shape(2, 3, image=(3, 4))
LAYOUTS = {VECTOR: (4,), SEQUENCE: (5, 2), READS: (5, 2), IMAGE: (3, 4, 2)}
SMALL = {"depth": 2, "width": 4, "activation": "tanh"}
CASES = {
    "mlp": ("mlp", {"normalisation": "batch", "dropout": 0.5}, VECTOR),
    "mlp, layer": ("mlp", {"normalisation": "layer", "weight_normalisation": True}, VECTOR),
    "residual": ("residual-mlp", {"normalisation": "group", "groups": 2, "scale": "zero", "dropout": 0.5}, VECTOR),
    "residual, after": ("residual-mlp", {"normalisation": "batch", "placement": "after", "branch_layers": 2}, VECTOR),
    "highway": ("highway", {}, VECTOR),
    "dense": ("dense", {}, VECTOR),
    "cnn": ("cnn", {"normalisation": "batch", "dropout": 0.5}, IMAGE),
    "cnn, skip": ("cnn", {"normalisation": "group", "groups": 2, "skip": True, "scale": "zero"}, IMAGE),
    "cnn, layer": ("cnn", {"normalisation": "layer"}, IMAGE),
    "transformer": ("transformer", {"heads": 2, "dropout": 0.5}, READS),
    "transformer, after": ("transformer", {"placement": "after", "positions": "sinusoidal"}, SEQUENCE),
}
MEMBERS, BATCH = 3, 6


def made(name, options, shape):
    return architectures[name](shape, **architectures[name].complete(SMALL | options))


def ensemble(architecture, shape):
    """Return parameters away from where they start, masks among them, and inputs, of several members in float64."""
    generator = torch.Generator().manual_seed(2)
    drawn = [architecture.initialise(torch.Generator().manual_seed(member)) for member in range(MEMBERS)]
    stacked = {key: torch.stack([own[key] for own in drawn]).double() for key in drawn[0]}
    stacked = {key: v + 0.2 * torch.randn(v.shape, generator=generator) for key, v in stacked.items()}
    masks = [architecture.noise(generator, BATCH) for _ in range(MEMBERS)] if architecture.noise else [{}]
    stacked |= {key: torch.stack([mask[key] for mask in masks]).double() for key in masks[0]}
    return stacked, torch.randn(MEMBERS, BATCH, *LAYOUTS[shape], generator=generator).double()


def probed(architecture, parameters, inputs):
    """Return outputs, activation statistics and error signals."""
    shapes = survey(architecture, parameters, inputs).shapes
    zeros = [torch.zeros(len(inputs), *shape, dtype=inputs.dtype).requires_grad_() for shape in shapes]
    outputs, recorded = stacking.apply(architecture, parameters, inputs, zeros, Probing)
    return [outputs, *recorded, *torch.autograd.grad(outputs.square().sum(), zeros)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("way", ["vmap", "loop"])
def test_an_ensemble_is_its_members_one_at_a_time(case, way):
    name, options, shape = CASES[case]
    architecture = made(name, options, shape)
    parameters, inputs = ensemble(architecture, shape)
    for ours, theirs in zip(
        probed(architecture, parameters, inputs),
        probed(replace(architecture, stacking=way), parameters, inputs),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("case", CASES)
def test_inputs_may_be_shared_by_all_members(case):
    name, options, shape = CASES[case]
    architecture = made(name, options, shape)
    parameters, inputs = ensemble(architecture, shape)
    shared, _ = stacking.apply(architecture, parameters, inputs[:1])
    repeated, _ = stacking.apply(architecture, parameters, inputs[:1].expand_as(inputs))
    torch.testing.assert_close(shared, repeated, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_positions_count_from_the_input_and_from_the_loss(case):
    name, options, shape = CASES[case]
    architecture = made(name, options, shape)
    found = survey(architecture, *ensemble(architecture, shape))
    hidden = [position for position in found.signals if position.name == "hidden"]
    assert hidden == [("layer", 1, 2, "hidden"), ("layer", 2, 1, "hidden")]
    assert found.signals[-1] == ("layer", 3, 0, "readout")
    assert hidden == [position for position in found.activations if position.name == "hidden"]
    places = [(weight.kind, weight.index, weight.distance, weight.name) for weight in architecture.weights]
    assert len(set(places)) == len(places)
    assert [place for place in places if place[3] in ("hidden", "readout")] == [*hidden, found.signals[-1]]


@pytest.mark.parametrize("case", CASES)
def test_all_matrices_are_measured(case):
    name, options, shape = CASES[case]
    architecture = made(name, options, shape)
    parameters = architecture.initialise(torch.Generator().manual_seed(1))
    assert {key for key in parameters if key.startswith("weight_")} == {w.parameter for w in architecture.weights}


@pytest.mark.parametrize(
    ("name", "shape", "options", "inside"),
    [
        ("residual-mlp", VECTOR, {}, (BATCH, 4)),
        ("cnn", IMAGE, {"skip": True}, (BATCH, 12, 4)),
        ("transformer", SEQUENCE, {}, (BATCH, 5, 4)),
    ],
)
def test_hidden_error_signals_are_those_at_the_block_inputs(name, shape, options, inside):
    architecture = made(name, options, shape)
    found = survey(architecture, *ensemble(architecture, shape))
    assert [s for s, p in zip(found.shapes, found.signals, strict=True) if p.name == "hidden"] == [inside] * 2


@pytest.mark.parametrize("placement", ["before", "after"])
def test_blocks_of_scale_0_hand_the_error_signal_on_unchanged(placement):
    options = {"depth": 6, "scale": "zero", "branch_layers": 2, "placement": placement, "activation": "relu"}
    architecture = made("residual-mlp", options, VECTOR)
    parameters = {k: v[None].double() for k, v in architecture.initialise(torch.Generator().manual_seed(1)).items()}
    inputs = torch.randn(1, BATCH, 4, generator=torch.Generator().manual_seed(2)).double()
    names = [position.name for position in survey(architecture, parameters, inputs).signals]
    signals = probed(architecture, parameters, inputs)[-len(names) :]
    hidden = [signal for signal, name in zip(signals, names, strict=True) if name == "hidden"]
    assert len(hidden) == 6 and hidden[0].abs().min() > 0
    for signal in hidden[1:]:
        torch.testing.assert_close(signal, hidden[0], rtol=1e-12, atol=0)
    assert all((signal == 0).all() for signal, name in zip(signals, names, strict=True) if name == "branch")


@pytest.mark.parametrize(
    ("name", "options"), [("mlp", {}), ("residual-mlp", {"branch_layers": 2}), ("mlp", {"skip": True})]
)
def test_weight_normalisation_leaves_the_initial_network_unchanged(name, options):
    rows = torch.randn(BATCH, 4, generator=torch.Generator().manual_seed(2))
    outputs = []
    for weight_normalisation in (True, False):
        architecture = made(name, options | {"weight_normalisation": weight_normalisation}, VECTOR)
        parameters = architecture.initialise(torch.Generator().manual_seed(1))
        outputs.append(architecture.forward(parameters, rows, Silent()))
    torch.testing.assert_close(*outputs, rtol=1e-5, atol=1e-6)


def test_weight_normalisation_stands_weights_whose_squares_are_below_the_range():
    tiny = {"name": "normal", "std": 1e-30}
    architecture = made("mlp", {"initialisation": tiny, "weight_normalisation": True, "depth": 1}, VECTOR)
    parameters = architecture.initialise(torch.Generator().manual_seed(1))
    outputs = architecture.forward(parameters, torch.ones(2, 4), Silent())
    assert torch.isfinite(outputs).all() and (parameters["length_1"] > 0).all()


DROPPING = {
    "mlp": ("mlp", VECTOR, 2),
    "residual": ("residual-mlp", VECTOR, 2),
    "cnn": ("cnn", IMAGE, 2),
    "transformer": ("transformer", SEQUENCE, 4),
}


@pytest.mark.parametrize("case", DROPPING)
def test_without_masks_dropout_is_no_part_of_the_network(case):
    name, shape, _ = DROPPING[case]
    dropping, plain = made(name, {"dropout": 0.5}, shape), made(name, {}, shape)
    parameters = dropping.initialise(torch.Generator().manual_seed(1))
    inputs = torch.randn(BATCH, *LAYOUTS[shape], generator=torch.Generator().manual_seed(2))
    ones = {key: torch.ones_like(mask) for key, mask in dropping.noise(torch.Generator(), BATCH).items()}
    expected = plain.forward(parameters, inputs, Silent())
    assert plain.noise is None
    assert torch.equal(dropping.forward(parameters, inputs, Silent()), expected)
    assert torch.equal(dropping.forward(parameters | ones, inputs, Silent()), expected)


@pytest.mark.parametrize("case", DROPPING)
def test_masks_keep_the_mean_and_reach_every_branch(case):
    name, shape, count = DROPPING[case]
    architecture = made(name, {"dropout": 0.25, "width": 32}, shape)
    masks = architecture.noise(torch.Generator().manual_seed(1), 200)
    parameters = architecture.initialise(torch.Generator().manual_seed(1))
    inputs = torch.randn(200, *LAYOUTS[shape], generator=torch.Generator().manual_seed(2))
    plain = architecture.forward(parameters, inputs, Silent())
    assert len(masks) == count
    for key, mask in masks.items():
        assert mask.unique().tolist() == pytest.approx([0.0, 4 / 3])
        assert mask.mean().item() == pytest.approx(1.0, abs=0.02)
        assert not torch.allclose(architecture.forward(parameters | {key: mask}, inputs, Silent()), plain)


@pytest.mark.parametrize("name", ["mlp", "residual-mlp", "cnn"])
def test_groups_that_do_not_divide_the_width_are_refused_when_they_matter(name):
    complete = architectures[name].complete
    assert complete({"width": 20, "normalisation": "layer"})["groups"] == 8
    assert complete({"width": 20, "normalisation": "group", "groups": 5})["groups"] == 5
    with pytest.raises(pydantic.ValidationError, match="20 units cannot be divided into 8 equal parts"):
        complete({"width": 20, "normalisation": "group"})


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(pydantic.ValidationError, match="30 units cannot be divided into 4 equal parts"):
        architectures["transformer"].complete({"width": 30})


@pytest.mark.parametrize("kind", ["batch", "layer", "group"])
def test_normalised_values_have_mean_0_and_variance_1(kind):
    from reportgen.catalogue.architectures.layers import Normaliser

    axes = {"batch": (0, 1), "layer": (1, 2, 3), "group": (1, 3)}[kind]
    normaliser = Normaliser(kind, "x", 6, groups=2, spatial=True)
    value = 3.0 + 2.0 * torch.randn(5, 4, 6, generator=torch.Generator().manual_seed(1)).double()
    found = normaliser({k: v.double() for k, v in normaliser.draw().items()}, value, Silent()).unflatten(-1, (2, 3))
    torch.testing.assert_close(found.mean(axes), torch.zeros_like(found.mean(axes)), rtol=0, atol=1e-12)
    variance = found.square().mean(axes)
    torch.testing.assert_close(variance, torch.ones_like(variance), rtol=0, atol=1e-4)
