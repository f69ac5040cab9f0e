"""A member's numbers depend on nothing but itself, bitwise: not on its position nor on the ensemble's size."""

from dataclasses import replace

import pytest
import torch

from reportgen.registry import architectures, tasks
from reportgen.run import process, trainer
from reportgen.run.assembly import assemble
from reportgen.run.trainer import Training
from reportgen.store import tables
from reportgen.study import spec

QUANTITIES = tuple(column.name for column in tables.QUANTITIES)
CASES = {
    "even shapes": ("mlp", {"depth": 3, "width": 32, "activation": "tanh"}, "digits", {}, 64, "sgd"),
    "odd shapes": ("mlp", {"depth": 2, "width": 3, "activation": "sigmoid"}, "spirals", {}, 5, "adam"),
    "smooth": ("mlp", {"depth": 2, "width": 17, "activation": "gelu"}, "digits", {}, 33, "rmsprop"),
    "sequences": ("rnn", {"width": 7}, "latch", {"length": 5, "classes": 3}, 6, "momentum"),
}


def run(name, parameters, task, options, batch, optimiser, seed, rate):
    return spec.RunSpec(
        spec.Component(task, 1, tasks[task].complete(options)),
        spec.Component(name, 1, architectures[name].complete(parameters)),
        (),
        spec.Training(optimiser, 4, batch),
        spec.Measure(QUANTITIES, 2, 2),
        seed,
        rate,
    )


def train(runs, stacking):
    training = Training(spec.Cell(tuple(runs)))
    with process.flushed():
        frames = training.run()
    weights = {runs[member].run_id: training.ensemble.member(i) for i, member in enumerate(training.ensemble.members)}
    return weights, frames


@pytest.mark.parametrize("stacking", ["batched", "vmap"])
@pytest.mark.parametrize("case", CASES)
def test_members_are_independent(case, stacking, monkeypatch):
    def assembled(run):
        made = assemble(run)
        return replace(made, architecture=replace(made.architecture, stacking=stacking))

    monkeypatch.setattr(trainer, "assemble", assembled)
    runs = [run(*CASES[case], seed, rate) for seed in range(6) for rate in (0.01, 0.03, 0.1)][:17]
    weights, frames = train(runs, stacking)
    for others in (runs[:1], runs[5:7], runs[2:5], runs[16:], runs[::-1]):
        found, other = train(others, stacking)
        for run_id, parameters in found.items():
            for name, value in parameters.items():
                assert torch.equal(value, weights[run_id][name]), name
        for table, key in (("measurements", ["run_id", "step", "kind", "index"]), ("curves", ["run_id", "step"])):
            ours = getattr(other, table).set_index("run_id", drop=False)
            theirs = getattr(frames, table).set_index("run_id", drop=False)
            for run_id in found:
                left, right = (f.loc[run_id].drop(columns="seconds", errors="ignore") for f in (ours, theirs))
                assert left.reset_index(drop=True).equals(right.reset_index(drop=True)), (table, key)
