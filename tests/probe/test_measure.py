import numpy as np
import pytest
import torch

from reportgen.catalogue.architectures.mlp import mlp
from reportgen.catalogue.architectures.rnn import rnn
from reportgen.catalogue.base import Shape
from reportgen.catalogue.remedies.clip_norm import clip_norm
from reportgen.probe import measure
from reportgen.probe.measure import Probe
from reportgen.probe.taps import NETWORK
from reportgen.store.tables import QUANTITIES

ALL = tuple(column.name for column in QUANTITIES)


def stacked(architecture, members):
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(members)]
    return {name: torch.stack([own[name] for own in drawn]) for name in drawn[0]}


def batch(members, *layout, classes=3):
    generator = torch.Generator().manual_seed(8)
    targets = torch.randint(0, classes, (members, layout[0]), generator=generator)
    return torch.randn(members, *layout, generator=generator), targets


NET = mlp(Shape(4, 3), depth=2, width=5, activation="relu", initialisation="he-normal")


def test_only_what_is_asked_for_is_measured():
    parameters, (inputs, targets) = stacked(NET, 2), batch(2, 6, 4)
    for quantity in set(ALL) - {"update_ratio", "clipped_fraction", "error_signal_histogram"}:
        found = Probe(NET, "cross-entropy", (quantity,))(parameters, inputs, targets)
        assert set(found.values) == {quantity} and not found.histograms
    found = Probe(NET, "cross-entropy", ("error_signal_histogram",))(parameters, inputs, targets)
    assert not found.values and len(found.histograms) == 3


def test_positions_start_with_the_network_and_follow_the_forward_pass():
    found = Probe(NET, "cross-entropy", ALL)(stacked(NET, 2), *batch(2, 6, 4))
    assert [tuple(p) for p in found.positions()] == [
        ("network", 0, 0, "network"),
        ("layer", 1, 2, "hidden"),
        ("layer", 2, 1, "hidden"),
        ("layer", 3, 0, "readout"),
    ]


def test_histograms_count_every_element():
    found = Probe(NET, "cross-entropy", ("error_signal_histogram",))(stacked(NET, 2), *batch(2, 6, 4))
    totals = [[sum(counts) for counts in rows] for rows in found.histograms.values()]
    assert totals == [[30, 30], [30, 30], [18, 18]]


def test_the_gradient_norm_is_that_of_all_parameters_and_clipping_shortens_it():
    parameters, (inputs, targets) = stacked(NET, 2), batch(2, 6, 4)
    probe = Probe(NET, "cross-entropy", ("gradient_norm", "gradient_norm_clipped"), clip_norm(max_norm=0.1).clip)
    values = probe(parameters, inputs, targets).values
    for member in range(2):
        own = {k: v[member].double().requires_grad_() for k, v in parameters.items()}
        hidden = inputs[member].double()
        for layer in (1, 2, 3):
            hidden = hidden @ own[f"weight_{layer}"] + own[f"bias_{layer}"]
            hidden = torch.relu(hidden) if layer < 3 else hidden
        torch.nn.functional.cross_entropy(hidden, targets[member]).backward()
        total = torch.stack([v.grad.norm() for v in own.values()]).norm().item()
        assert values["gradient_norm"][NETWORK][member] == pytest.approx(total, rel=1e-12)
        assert values["gradient_norm_clipped"][NETWORK][member] == pytest.approx(0.1, rel=1e-4)


def test_groups_of_members_are_measured_as_all_together(monkeypatch):
    parameters, (inputs, targets) = stacked(NET, 5), batch(5, 6, 4)
    together = Probe(NET, "cross-entropy", ALL)(parameters, inputs, targets)
    monkeypatch.setattr(measure, "MEMORY", 1)
    apart = Probe(NET, "cross-entropy", ALL)(parameters, inputs, targets)
    assert together.histograms == apart.histograms
    for quantity, by_position in together.values.items():
        for position, values in by_position.items():
            assert np.array_equal(values, apart.values[quantity][position], equal_nan=True)


@pytest.mark.parametrize("gain", [1e-3, 1e3])
def test_signals_far_outside_float32_are_exact(gain):
    """A linear recurrence multiplies by its gain at each step: 1e±180 over 60 steps, in one measurement."""
    net = rnn(Shape(1, 2, length=61), width=3, activation="linear", recurrence="identity", gain=gain)
    parameters = stacked(net, 2)
    parameters["recurrent"] = torch.eye(3).repeat(2, 1, 1) * gain
    inputs, targets = torch.zeros(2, 4, 61, 1), torch.tensor([[0, 1, 0, 0], [1, 1, 0, 1]])
    found = Probe(net, "cross-entropy", ("error_signal_rms", "error_signal_histogram"))(parameters, inputs, targets)
    sizes = np.stack([v for p, v in sorted(found.values["error_signal_rms"].items())], axis=1)
    gain32 = float(torch.tensor(gain))  # as float32 stores it
    assert np.log10(sizes[:, :-1] / sizes[:, 1:]) == pytest.approx(np.full((2, 60), np.log10(gain32)), abs=1e-9)
    assert all(counts is not None for rows in found.histograms.values() for counts in rows)


def test_a_member_that_is_not_finite_reads_as_unknown_and_disturbs_no_other():
    parameters, (inputs, targets) = stacked(NET, 3), batch(3, 6, 4)
    alone = Probe(NET, "cross-entropy", ALL)(parameters, inputs, targets)
    parameters["weight_1"][1] = torch.nan
    found = Probe(NET, "cross-entropy", ALL)(parameters, inputs, targets)
    for quantity, by_position in found.values.items():
        for position, values in by_position.items():
            assert np.array_equal(values[[0, 2]], alone.values[quantity][position][[0, 2]], equal_nan=True)
    assert all(np.isnan(v[1]) for v in found.values["error_signal_rms"].values())
    assert all(rows[1] is None and rows[0] is not None for rows in found.histograms.values())
    assert all(np.isnan(v[1]) for v in found.values["dead_fraction"].values())
