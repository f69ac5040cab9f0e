import numpy as np
import pandas as pd
import pytest
import torch

from reportgen.errors import UsageError
from reportgen.registry import architectures, remedies, tasks
from reportgen.run import process
from reportgen.run.assembly import assemble
from reportgen.run.trainer import Training, evaluation_steps, probe_steps, train_cell
from reportgen.store import tables
from reportgen.study import spec

ALL = tuple(column.name for column in tables.QUANTITIES)
SMALL = {"depth": 2, "width": 6, "activation": "relu", "initialisation": "he-normal"}


def component(registry, name, **parameters):
    return spec.Component(name, registry[name].version, registry[name].complete(parameters))


def cell(
    architecture=None,
    task=None,
    applied=(),
    seeds=(0, 1),
    rates=(0.1, 0.3),
    steps=12,
    optimiser="sgd",
    batch=32,
    measure=None,
):
    return spec.Cell(
        tuple(
            spec.RunSpec(
                task or component(tasks, "digits"),
                architecture or component(architectures, "mlp", **SMALL),
                tuple(applied),
                spec.Training(optimiser, steps, batch),
                measure or spec.Measure(ALL, points=3, evaluations=4),
                seed,
                rate,
            )
            for seed in seeds
            for rate in (rates if steps else (None,))
        )
    )


def test_frames_have_the_columns_of_the_store():
    trained = cell()
    frames = train_cell(trained)
    assert list(frames.runs) == tables.names(tables.RUNS)
    assert list(frames.measurements) == tables.names(tables.MEASUREMENTS)
    assert list(frames.curves) == tables.names(tables.CURVES)
    assert frames.runs.run_id.tolist() == [run.run_id for run in trained.runs]
    assert set(frames.runs.status) == {"completed"} and set(frames.runs.steps) == {12}
    assert set(frames.runs.parameters) == {64 * 6 + 6 + 6 * 6 + 6 + 6 * 10 + 10}
    assert [spec.RunSpec.from_canonical(text) for text in frames.runs.spec] == list(trained.runs)


def test_every_member_is_measured_at_every_probed_step_and_position():
    frames = train_cell(cell())
    counts = frames.measurements.groupby(["run_id", "step"]).size()
    assert set(counts) == {4}  # the network, two hidden layers, the readout
    assert sorted(set(frames.measurements.step)) == [0, 1, 2, 5, 12]
    assert sorted(set(frames.curves.step)) == [0, 3, 6, 9, 12]
    assert len(frames.curves) == 4 * 5 * 3 * 2  # runs, steps, splits, metrics
    hidden = frames.measurements.query("name == 'hidden'")
    assert (
        hidden.drop(columns=["saturated_fraction", "gradient_norm", "gradient_norm_clipped", "clipped_fraction"])[
            hidden.step < 12
        ]
        .notna()
        .all(axis=None)
    )


def test_steps_that_are_probed_and_evaluated():
    assert probe_steps(spec.Measure(ALL, points=3), 1000) == {0, 1, 10, 100, 1000}
    assert probe_steps(spec.Measure(ALL, points=0), 10) == {0, 10}
    assert probe_steps(spec.Measure(ALL, points=50), 3) == {0, 1, 2, 3}
    assert evaluation_steps(spec.Measure(ALL, evaluations=4), 100) == {0, 25, 50, 75, 100}
    assert evaluation_steps(spec.Measure(ALL, evaluations=40), 3) == {0, 1, 2, 3}
    assert evaluation_steps(spec.Measure(ALL), 0) == probe_steps(spec.Measure(ALL), 0) == {0}


def test_a_network_at_initialisation_is_measured_once():
    frames = train_cell(cell(steps=0, seeds=(0, 1, 2)))
    assert len(frames.runs) == 3 and frames.runs.learning_rate.isna().all()
    assert set(frames.measurements.step) == {0} and set(frames.curves.step) == {0}
    assert frames.measurements.update_ratio.isna().all()


def test_measuring_does_not_alter_training():
    def final(measure):
        training = Training(cell(measure=measure, optimiser="adam"))
        with process.flushed():
            training.run()
        return training.ensemble.parameters

    with_probes = final(spec.Measure(ALL, points=12, evaluations=12))
    without = final(spec.Measure((), points=0, evaluations=1))
    for name, value in without.items():
        assert torch.equal(value, with_probes[name])


def test_nothing_is_measured_where_nothing_is_asked_for():
    frames = train_cell(cell(measure=spec.Measure((), points=5, evaluations=1)))
    assert frames.measurements.empty and list(frames.measurements) == tables.names(tables.MEASUREMENTS)


def test_the_update_ratio_is_that_of_the_step():
    """With SGD the change of a matrix is the learning rate times its gradient."""
    frames = train_cell(cell())
    rows = frames.measurements.merge(frames.runs[["run_id", "learning_rate"]], on="run_id")
    rows = rows[(rows.kind == "layer") & (rows.step < 12)]
    expected = rows.learning_rate * rows.weight_gradient_norm / rows.weight_norm
    assert rows.update_ratio.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-4)


def test_clipping_is_measured_before_and_after():
    applied = [component(remedies, "clip-norm", max_norm=0.05)]
    frames = train_cell(cell(applied=applied))
    network = frames.measurements.query("kind == 'network'")
    assert (network.gradient_norm > 0.05).all()
    assert network.gradient_norm_clipped.to_numpy() == pytest.approx(np.full(len(network), 0.05), rel=1e-3)
    assert network[network.step == 0].clipped_fraction.isna().all()
    assert (network[network.step > 0].clipped_fraction == 1.0).all()
    assert set(frames.runs.remedies) == {"clip-norm"}
    unclipped = train_cell(cell()).measurements.query("kind == 'network' and step > 0")
    assert (unclipped.clipped_fraction == 0.0).all()
    assert (unclipped.gradient_norm == unclipped.gradient_norm_clipped).all()


def test_a_remedy_sets_the_architecture_s_options():
    applied = [component(remedies, "activation", to="tanh"), component(remedies, "initialisation", to="orthogonal")]
    with_remedies = Training(cell(applied=applied)).ensemble.parameters
    own = component(architectures, "mlp", **{**SMALL, "activation": "tanh", "initialisation": "orthogonal"})
    for name, value in Training(cell(own)).ensemble.parameters.items():
        assert torch.equal(value, with_remedies[name])


def explosive(rates, **options):
    # Squared growth of a linear network: at a rate of 1e6 the loss leaves float32 within a few steps.
    own = component(architectures, "mlp", depth=4, width=6, activation="linear")
    return cell(own, rates=rates, **options)


def test_divergence_freezes_one_member_and_no_other():
    both, alone = train_cell(explosive((0.01, 1e6))), train_cell(explosive((0.01,)))
    runs = both.runs.set_index("learning_rate")
    assert set(runs.loc[0.01].status) == {"completed"} and set(runs.loc[1e6].status) == {"diverged"}
    for _, run in runs.loc[1e6].iterrows():
        assert run.reason == f"the loss was not finite at step {run.steps}" and 0 < run.steps < 12
        assert both.curves.query("run_id == @run.run_id").step.max() < run.steps
        assert both.measurements.query("run_id == @run.run_id").step.max() <= run.steps
    for table in ("measurements", "curves"):
        kept = getattr(both, table)[lambda f: f.run_id.isin(alone.runs.run_id)].reset_index(drop=True)
        expected = getattr(alone, table)
        drop = ["seconds"] if table == "curves" else []
        pd.testing.assert_frame_equal(kept.drop(columns=drop), expected.drop(columns=drop), check_exact=True)


def test_a_frozen_member_keeps_its_last_parameters():
    training = Training(explosive((0.01, 1e6)))
    with process.flushed():
        training.run()
    shorter = Training(explosive((0.01, 1e6), steps=training.diverged_at[1] - 1, measure=spec.Measure((), 0, 1)))
    assert sorted(training.last) == [1, 3]
    shorter.run()
    assert 1 in shorter.ensemble.members


def test_a_cell_whose_members_all_diverge_ends():
    seen = []
    frames = train_cell(explosive((1e6,), steps=500), on_step=lambda done, total: seen.append((done, total)))
    assert set(frames.runs.status) == {"diverged"}
    assert len(seen) < 20


def test_progress_is_told_after_every_step():
    seen = []
    train_cell(cell(steps=3), on_step=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_sequences_are_measured_by_time_step():
    own = component(architectures, "rnn", width=5)
    frames = train_cell(cell(own, component(tasks, "latch", length=4, classes=3), optimiser="adam"))
    rows = frames.measurements.query("step == 0 and run_id == @frames.runs.run_id[0]")
    assert rows[["kind", "index", "distance", "name"]].values.tolist() == [
        ["network", 0, 0, "network"],
        ["layer", 1, 2, "input"],
        ["layer", 2, 1, "recurrent"],
        ["layer", 3, 0, "readout"],
        *[["time", t, 4 - t, "hidden"] for t in (1, 2, 3, 4)],
    ]
    assert rows.error_signal_rms.notna().tolist() == [False] * 4 + [True] * 4
    assert rows.weight_gradient_norm.notna().tolist() == [False] + [True] * 3 + [False] * 4
    assert set(frames.runs.sequence_length) == {4}


def test_training_learns_the_digits():
    own = component(architectures, "mlp", depth=2, width=32, activation="relu", initialisation="he-normal")
    frames = train_cell(cell(own, steps=150, rates=(0.1,), batch=64, measure=spec.Measure((), 0, 3)))
    last = frames.curves.query("step == 150 and metric == 'accuracy'").groupby("split").value.mean()
    assert (last > 0.9).all()


def test_a_component_of_another_version_is_refused():
    old = spec.Component("mlp", 0, dict(component(architectures, "mlp").parameters))
    with pytest.raises(UsageError, match="architecture 'mlp' has version 1 here, and version 0 in the run"):
        assemble(cell(old).runs[0])
