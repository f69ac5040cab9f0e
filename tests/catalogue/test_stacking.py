from dataclasses import replace

import pytest
import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.architectures.mlp import mlp
from reportgen.catalogue.architectures.rnn import rnn
from reportgen.catalogue.base import Shape
from reportgen.probe.taps import Probing, survey

CASES = {
    "mlp": (mlp(Shape(4, 3), depth=3, width=6, activation="tanh"), (4,)),
    "rnn": (rnn(Shape(2, 3, length=5), width=6), (5, 2)),
}


def stacked(architecture, members):
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(members)]
    return {name: torch.stack([own[name] for own in drawn]) for name in drawn[0]}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("shared", [False, True])
def test_all_ways_of_stacking_agree(case, shared):
    architecture, layout = CASES[case]
    parameters = stacked(architecture, 3)
    inputs = torch.randn(1 if shared else 3, 7, *layout, generator=torch.Generator().manual_seed(9))
    found = survey(architecture, parameters, inputs)
    zeros = [torch.zeros(3, *shape) for shape in found.shapes]
    results = {
        way: stacking.apply(replace(architecture, stacking=way), parameters, inputs, zeros, Probing)
        for way in ("batched", "vmap", "loop")
    }
    for way in ("vmap", "loop"):
        assert torch.allclose(results[way][0], results["batched"][0], atol=1e-6)
        for ours, theirs in zip(results[way][1], results["batched"][1], strict=True):
            assert ours.shape == (3, 4)
            assert torch.allclose(ours, theirs, atol=1e-6, equal_nan=True)


def test_padding_fills_vector_registers_and_avoids_ensembles_of_one():
    assert stacking.padding(1, 64) == 1
    assert stacking.padding(5, 64) == 0
    assert stacking.padding(5, 40) == 1
    assert stacking.padding(5, 5) * 5 >= 31


def test_groups_cover_all_members_once():
    found = list(stacking.groups(7, 5, 3))
    assert [rows[:count] for rows, count in found] == [[0, 1], [2, 3], [4, 5, 6]]
    assert all(rows[count:] == [rows[0]] * (len(rows) - count) for rows, count in found)
