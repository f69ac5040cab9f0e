"""All splits are evaluated in one forward pass, and members that are equal before the first step only once."""

from dataclasses import replace

import pytest
import torch

from reportgen.catalogue import losses as scoring
from reportgen.registry import architectures, tasks
from reportgen.run import process
from reportgen.run.evaluation import HeldOut
from reportgen.run.trainer import Training
from reportgen.store import tables
from reportgen.study import spec

QUANTITIES = tuple(column.name for column in tables.QUANTITIES)
CASES = {
    "classes": ("mlp", {"depth": 2, "width": 9}, "digits", {}),
    "batch statistics": ("mlp", {"depth": 2, "width": 9, "normalisation": "batch"}, "digits", {}),
    "sequences": ("rnn", {"width": 7}, "latch", {"length": 5, "classes": 3}),
    "values": ("gru", {"width": 5}, "adding", {"length": 6}),
    "several reads": ("rnn", {"width": 7}, "copy-memory", {}),
    "attention": ("transformer", {"depth": 1, "width": 8, "heads": 2}, "digit-rows", {}),
}


def training(name, parameters, task, options, seeds=(0, 1), rates=(0.01, 0.1), steps=3):
    runs = [
        spec.RunSpec(
            spec.Component(task, 1, tasks[task].complete(options)),
            spec.Component(name, 1, architectures[name].complete(parameters)),
            (),
            spec.Training("sgd", steps, 16),
            spec.Measure(QUANTITIES, 2, 2),
            seed,
            rate,
        )
        for seed in seeds
        for rate in rates
    ]
    return Training(spec.Cell(tuple(runs)))


@pytest.mark.parametrize("case", CASES)
def test_joint_evaluation_equals_that_of_each_split(case):
    made = training(*CASES[case])
    task, joint = made._assembled.task, made._held_out
    reference = None if not joint.reference else joint.inputs[0, : joint.reference].numpy()
    with process.flushed():
        together = made.ensemble.evaluate(joint, task.loss, task.metric, 100)
        assert set(together) == set(task.held_out)
        for split, data in task.held_out.items():
            alone = HeldOut.join({split: data}, reference, "cpu")
            found = made.ensemble.evaluate(alone, task.loss, task.metric, 100)[split]
            for ours, theirs in zip(together[split], found, strict=True):
                assert torch.equal(ours, theirs)


def test_filling_and_reference_do_not_count():
    made = training(*CASES["batch statistics"])
    task, held_out = made._assembled.task, made._held_out
    used = torch.zeros(held_out.targets.shape[1], dtype=torch.bool)
    for part in held_out.parts.values():
        assert not used[part].any()
        used[part] = True
    assert held_out.inputs.shape[1] % 32 == 0 and not used[: held_out.reference].any() and not used.all()
    wrong = replace(held_out, targets=torch.where(used, held_out.targets, 1))
    for split in held_out.parts:
        ours, theirs = (
            made.ensemble.evaluate(data, task.loss, task.metric, 100)[split][0] for data in (held_out, wrong)
        )
        assert torch.equal(ours, theirs)


def test_members_of_a_seed_are_measured_once_before_the_first_step(monkeypatch):
    made = training(*CASES["classes"], seeds=(3, 5), rates=(0.01, 0.1, 0.3))
    probed, evaluated = [], []
    probe, evaluate = made._probe, made.ensemble.evaluate
    made._probe = lambda parameters, inputs, *more: probed.append(len(inputs)) or probe(parameters, inputs, *more)
    monkeypatch.setattr(made.ensemble, "evaluate", lambda *a: evaluated.append(len(a[-1])) or evaluate(*a))
    with process.flushed():
        frames = made.run()
    assert probed == [2, 6, 6, 6][: len(probed)] and len(probed) > 1
    assert evaluated == [2, *[6] * (len(evaluated) - 1)]
    names = {run.run_id: (run.seed, run.learning_rate) for run in made._cell.runs}
    first = frames.measurements[frames.measurements.step == 0]
    assert set(first.run_id) == set(names)
    seeds = first.assign(seed=[names[run_id][0] for run_id in first.run_id])
    by_seed = seeds.groupby(["seed", "kind", "index", "name"]).error_signal_rms
    assert (by_seed.nunique(dropna=False) == 1).all()
    assert first.error_signal_rms.nunique() > len(first) // 6


@pytest.mark.parametrize("samples", [32, 33])
@pytest.mark.parametrize("reads", [(), (2,)])
def test_log_probabilities_are_those_of_a_softmax_over_the_last_axis(samples, reads):
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(3, samples, *reads, 5, generator=generator).requires_grad_()
    targets = torch.randint(5, (3, samples, *reads), generator=generator)
    ours = scoring.losses("cross-entropy", outputs, targets)
    plain = torch.log_softmax(outputs, -1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    theirs = -plain.flatten(1).mean(-1)
    torch.testing.assert_close(ours, theirs)
    found, wanted = (torch.autograd.grad(loss.sum(), outputs)[0] for loss in (ours, theirs))
    torch.testing.assert_close(found, wanted)
    assert found.is_contiguous()
