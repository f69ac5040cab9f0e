import math

import pytest
import torch

from reportgen.probe.taps import Probing, statistics


def test_statistics_of_a_batch():
    value = torch.tensor([[0.0, 1.0], [0.0, 3.0]])
    mean, deviation, saturated, dead = statistics(value, "relu").tolist()
    assert (mean, dead) == (1.0, 0.5)
    assert deviation == pytest.approx(math.sqrt(1.5))
    assert math.isnan(saturated)


def test_saturation_is_within_five_percent_of_the_range_from_an_end():
    sigmoid = torch.tensor([[0.04, 0.06, 0.94, 0.96]])
    assert statistics(sigmoid, "sigmoid")[2].item() == 0.5
    tanh = torch.tensor([[-0.91, -0.89, 0.89, 0.91]])
    assert statistics(tanh, "tanh")[2].item() == 0.5
    assert torch.isnan(statistics(tanh, "tanh")[3])
    assert torch.isnan(statistics(tanh, "elu")[2:]).all()


def test_a_unit_is_dead_only_if_it_is_so_on_every_sample():
    value = torch.tensor([[0.0, 0.0, -1.0], [0.0, 2.0, 1.0]])
    assert statistics(value, "relu")[3].item() == pytest.approx(1 / 3)


def test_nothing_is_counted_where_a_value_is_not_finite():
    value = torch.stack([torch.zeros(2, 3), torch.full((2, 3), torch.nan), torch.full((2, 3), torch.inf)])
    found = statistics(value, "relu")
    assert found[0, 3].item() == 1.0
    assert torch.isnan(found[1:]).all()


def test_perturbations_are_added_in_the_order_of_the_forward_pass():
    taps = Probing([torch.tensor(1.0), torch.tensor(10.0)])
    assert taps.signal("layer", 1, 1, "hidden", torch.tensor(0.5)).item() == 1.5
    assert taps.signal("layer", 2, 0, "readout", torch.tensor(0.5)).item() == 10.5
