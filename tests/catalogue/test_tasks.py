import numpy as np
import pytest

from reportgen.catalogue.tasks.digits import digit_pixels, digits
from reportgen.catalogue.tasks.latch import latch
from reportgen.catalogue.tasks.spirals import spirals
from reportgen.registry import tasks


def test_digits_are_split_once_for_all_seeds():
    task = digits()
    stream = task.stream(0, 1197)
    inputs, targets = stream.batch()
    assert {split: len(y) for split, (_, y) in task.held_out.items()} == {"validation": 300, "test": 300}
    assert inputs.shape == (1197, 64) and inputs.dtype == np.float32
    rows = [inputs, *(x for x, _ in task.held_out.values())]
    assert len(np.unique(np.concatenate(rows), axis=0)) == 1797
    assert inputs.mean() == pytest.approx(0, abs=1e-6) and inputs.std() == pytest.approx(1, abs=1e-6)
    for y in (targets, *(y for _, y in task.held_out.values())):
        assert np.bincount(y, minlength=10) / len(y) == pytest.approx(np.full(10, 0.1), abs=0.012)


def test_digit_pixels_are_the_same_digits_read_in_order():
    vectors, pixels = digits().held_out["test"], digit_pixels().held_out["test"]
    assert np.array_equal(pixels[0][:, :, 0], vectors[0]) and np.array_equal(pixels[1], vectors[1])
    assert digit_pixels().shape.length == 64


def test_an_epoch_shows_every_sample_once():
    stream = digits().stream(3, 100)
    inputs = np.concatenate([stream.batch()[0] for _ in range(11)])
    assert len(np.unique(inputs, axis=0)) == 1100
    again = digits().stream(3, 100).batch()[0]
    other = digits().stream(4, 100).batch()[0]
    assert np.array_equal(inputs[:100], again) and not np.array_equal(again, other)


def test_a_batch_is_no_larger_than_the_training_set():
    assert len(digits().stream(0, 5000).batch()[1]) == 1197


def test_spirals_lie_on_opposite_arms():
    inputs, targets = spirals(noise=0.0, turns=1.0).held_out["test"]
    radius = np.linalg.norm(inputs, axis=1) / 2
    angle = np.arctan2(inputs[:, 1], inputs[:, 0])
    arm = np.cos(angle - 2 * np.pi * radius)
    assert np.allclose(arm, np.where(targets == 0, 1.0, -1.0), atol=1e-4)


def test_latch_shows_its_answer_in_the_first_step_only():
    inputs, targets = latch(length=7, classes=4, noise=0.5).stream(0, 2000).batch()
    assert inputs.shape == (2000, 7, 4)
    assert np.array_equal(inputs[:, 0].argmax(1), targets)
    assert np.all((inputs[:, 0] == 0) | (inputs[:, 0] == 2.0))
    assert inputs[:, 1:].std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("name", ["spirals", "latch"])
def test_fresh_samples_depend_on_the_seed_only(name):
    task = tasks[name].make()
    first = [task.stream(1, 8).batch() for _ in range(2)]
    assert np.array_equal(first[0][0], first[1][0])
    assert not np.array_equal(first[0][0], task.stream(2, 8).batch()[0])
    held_out = tasks[name].make().held_out
    assert np.array_equal(held_out["test"][0], task.held_out["test"][0])
    assert not np.array_equal(held_out["test"][0], held_out["validation"][0])


def test_facts_agree_with_the_tasks():
    for entry in tasks.entries():
        if not entry.owner.startswith("reportgen."):
            continue
        task = entry.make(**entry.complete({}))
        assert (entry.facts["shape_kind"] == "sequence") == (task.shape.length is not None)
        assert entry.facts["metrics"] == (task.metric,)
