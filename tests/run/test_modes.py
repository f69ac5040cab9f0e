"""What differs between training and evaluation: dropout, batch statistics, early stopping."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from reportgen.catalogue.base import Remedy
from reportgen.catalogue.seeding import REFERENCE, torch_generator
from reportgen.catalogue.stacking import Silent
from reportgen.registry import architectures, tasks
from reportgen.run import trainer
from reportgen.run.assembly import assemble
from reportgen.run.evaluation import HeldOut
from reportgen.run.rules import compose
from reportgen.run.trainer import Training, train_cell
from reportgen.study import spec


def cell(steps=6, seeds=3, rate=0.1, **parameters):
    own = architectures["mlp"].complete({"depth": 2, "width": 8, "activation": "relu", **parameters})
    return spec.Cell(
        tuple(
            spec.RunSpec(
                spec.Component("digits", 1, {}),
                spec.Component("mlp", 1, own),
                (),
                spec.Training("sgd", steps, 32),
                spec.Measure(("error_signal_rms", "activation_mean"), points=0, evaluations=steps or 1),
                seed,
                rate if steps else None,
            )
            for seed in range(seeds)
        )
    )


def test_dropout_acts_in_training_and_not_in_evaluation():
    with_dropout, without = (train_cell(cell(steps=1, dropout=share)).curves for share in (0.5, 0.0))

    def loss(curves, split):
        rows = curves[(curves.split == split) & (curves.metric == "loss") & (curves.step == 0)]
        return rows.value.to_numpy()

    assert np.array_equal(loss(with_dropout, "test"), loss(without, "test"))
    assert not np.isclose(loss(with_dropout, "train"), loss(without, "train")).any()


def test_masks_depend_on_the_seed_and_change_from_step_to_step():
    shown = Training(cell(dropout=0.5))._batches
    first = shown.of([0, 1, 1]).noise["dropout_1"]
    assert set(first.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(first[1], first[2]) and not torch.equal(first[0], first[1])
    shown.next()
    assert not torch.equal(shown.of([0, 1, 1]).noise["dropout_1"], first)


def test_batch_normalisation_is_evaluated_with_the_statistics_of_training_data():
    """The output for a sample does not depend on the samples beside it, but on the reference batch's moments."""
    made = Training(cell(steps=2, normalisation="batch"))
    made.run()
    task, ensemble = tasks["digits"].make(), made.ensemble
    reference = task.stream(REFERENCE, trainer.REFERENCE_SAMPLES).batch()[0]
    inputs, targets = task.held_out["test"]

    def losses(samples):
        held_out = HeldOut.join({"test": (inputs[samples], targets[samples])}, reference, "cpu")
        return ensemble.evaluate(held_out, "cross-entropy", "accuracy", 8)["test"][0]

    whole, single = losses(slice(300)), [losses(slice(i, i + 1)) for i in range(300)]
    assert torch.allclose(torch.stack(single).mean(0), whole, rtol=1e-4)
    parameters = ensemble.member(0)
    reference, value, targets = (torch.from_numpy(part) for part in (reference, inputs, targets))
    for layer in ("1", "2"):
        z, known = (h @ parameters[f"weight_{layer}"] + parameters[f"bias_{layer}"] for h in (value, reference))
        mean, deviation = known.mean(0), (known.var(0, unbiased=False) + 1e-5).sqrt()
        value, reference = (
            torch.relu((h - mean) / deviation * parameters[f"gain_{layer}"] + parameters[f"shift_{layer}"])
            for h in (z, known)
        )
    expected = torch.nn.functional.cross_entropy(value @ parameters["weight_3"] + parameters["bias_3"], targets)
    assert whole[0].item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_run_whose_validation_loss_stops_falling_goes_back_to_its_best_weights(monkeypatch):
    def assembled(run):
        made = assemble(run)
        return replace(made, rules=compose([Remedy(patience=1)]))

    monkeypatch.setattr(trainer, "assemble", assembled)
    made = Training(cell(steps=40, rate=1.5))
    frames = made.run()
    stopped = dict(zip(frames.runs.run_id, frames.runs.steps, strict=True))
    assert (frames.runs.status == "completed").all()
    early = {run for run, steps in stopped.items() if steps < 40}
    assert early
    curves = frames.curves[(frames.curves.split == "validation") & (frames.curves.metric == "loss")]
    for run in early:
        values = curves[curves.run_id == run].set_index("step").value
        before, after = values[values.index < stopped[run]], values[values.index > stopped[run]]
        assert (after == after.iloc[0]).all()
        assert after.iloc[0] == pytest.approx(before.iloc[1:].min(), rel=1e-5)


def test_an_untouched_network_is_what_its_architecture_says():
    """Evaluation at step 0 equals a plain forward pass: no dropout, no reference rows where there is no batch norm."""
    own = cell(steps=0, seeds=1, dropout=0.3, normalisation="layer")
    curves = train_cell(own).curves
    made = assemble(own.runs[0])
    parameters = made.architecture.initialise(torch_generator(0, "initialisation"))
    inputs, targets = (torch.from_numpy(part) for part in made.task.held_out["test"])
    loss = torch.nn.functional.cross_entropy(made.architecture.forward(parameters, inputs, Silent()), targets)
    found = curves[(curves.split == "test") & (curves.metric == "loss")].value.item()
    assert found == pytest.approx(loss.item(), rel=1e-5)
