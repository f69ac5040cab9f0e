"""Measured decay factors against closed forms; through the trainer, as studies measure them."""

import numpy as np
import pytest
import torch
from torch import nn

from reportgen.registry import architectures, tasks
from reportgen.run.trainer import train_cell
from reportgen.study import spec


def log_profiles(architecture, task, seeds, kind, **options):
    """Return log10 of the error signal's rms at initialisation, (seeds, positions), positions from the input."""
    runs = tuple(
        spec.RunSpec(
            spec.Component(task, 1, tasks[task].complete(options)),
            spec.Component(architecture["name"], 1, architectures[architecture["name"]].complete(architecture["of"])),
            (),
            spec.Training("sgd", 0, 64),
            spec.Measure(("error_signal_rms",)),
            seed,
            None,
        )
        for seed in range(seeds)
    )
    rows = train_cell(spec.Cell(runs)).measurements
    rows = rows[(rows.kind == kind) & (rows.name == "hidden")]
    return np.log10(rows.pivot(index="run_id", columns="index", values="error_signal_rms").to_numpy())


def factors(profiles, skip=1):
    """Return each seed's factor per position towards the input, by least squares; the first `skip` are left out."""
    kept = profiles[:, skip:]
    slope = np.polyfit(np.arange(kept.shape[1]), kept.T, 1)[0]
    return 10.0**-slope


def mlp(**of):
    return {"name": "mlp", "of": of}


@pytest.mark.parametrize("gain", [0.9, 1.0, 1.1])
def test_a_scaled_orthogonal_linear_recurrence_decays_by_its_gain(gain):
    own = {"name": "rnn", "of": {"width": 32, "activation": "linear", "recurrence": "orthogonal", "gain": gain}}
    profiles = log_profiles(own, "latch", 3, "time", length=200)
    assert factors(profiles, skip=0) == pytest.approx(np.full(3, gain), rel=1e-6)


def test_the_spectral_radius_of_an_orthogonal_recurrence_is_its_factor():
    own = {"name": "rnn", "of": {"width": 32, "activation": "linear", "spectral_radius": 0.95}}
    assert factors(log_profiles(own, "latch", 2, "time", length=50)) == pytest.approx(np.full(2, 0.95), rel=1e-5)


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.25])
def test_a_linear_orthogonal_network_decays_by_its_gain(gain):
    own = mlp(depth=20, width=64, activation="linear", initialisation={"name": "orthogonal", "gain": gain})
    assert factors(log_profiles(own, "digits", 3, "layer")) == pytest.approx(np.full(3, gain), rel=1e-6)


def test_relu_with_he_keeps_the_error_signal():
    own = mlp(depth=30, width=256, activation="relu", initialisation="he-normal")
    found = factors(log_profiles(own, "digits", 10, "layer"))
    assert np.exp(np.log(found).mean()) == pytest.approx(1.0, rel=0.01)


def test_sigmoid_with_glorot_decays_as_mean_field_theory_says():
    """Schoenholz et al. 2017 along the trajectory of the variance from the input, not at its fixed point."""
    own = mlp(depth=30, width=256, activation="sigmoid", initialisation="glorot-normal")
    found = factors(log_profiles(own, "digits", 10, "layer"))

    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    inputs = tasks["digits"].make().stream(0, 1197).batch()[0]
    q = 2 / (64 + 256) * 64 * float((inputs**2).mean())
    logs = []
    for _ in range(29):
        phi = 1 / (1 + np.exp(-np.sqrt(q) * nodes))
        logs.append(0.5 * np.log10(weights @ (phi * (1 - phi)) ** 2))
        q = weights @ phi**2
    # logs[l] is the step from layer l+2 down to layer l+1, which has the derivative at layer l+1.
    profile = np.concatenate([np.cumsum(logs[::-1])[::-1], [0.0]])
    expected = factors(profile[None, :])[0]
    assert expected == pytest.approx(0.2, abs=0.05)
    assert np.exp(np.log(found).mean()) == pytest.approx(expected, rel=0.01)


def test_a_deep_sigmoid_network_has_no_false_zeros():
    """50 layers down to 1e-60, against a plain float64 network."""
    own = {"depth": 50, "width": 32, "activation": "sigmoid", "initialisation": {"name": "glorot-normal", "gain": 0.25}}
    measured = 10.0 ** log_profiles(mlp(**own), "digits", 1, "layer")[0]

    from reportgen.catalogue.seeding import torch_generator

    task = tasks["digits"].make()
    parameters = (
        architectures["mlp"]
        .make(task.shape, **architectures["mlp"].complete(own))
        .initialise(torch_generator(0, "initialisation"))
    )
    inputs, targets = (torch.from_numpy(part) for part in task.stream(0, 64).batch())
    hidden, kept = inputs.double(), []
    for layer in range(1, 52):
        hidden = hidden @ parameters[f"weight_{layer}"].double() + parameters[f"bias_{layer}"].double()
        if layer == 1:
            hidden.requires_grad_()
        kept.append(hidden)
        hidden = torch.sigmoid(hidden) if layer < 51 else hidden
    signals = torch.autograd.grad(nn.functional.cross_entropy(hidden, targets), kept[:-1])
    reference = np.array([signal.square().mean().sqrt().item() for signal in signals])
    assert measured.min() < 1e-60 and (measured > 0).all()
    assert measured == pytest.approx(reference, rel=1e-5, abs=0)
