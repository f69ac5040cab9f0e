from pathlib import Path

import numpy as np
import pytest

from reportgen.catalogue.tasks.breast_cancer import breast_cancer
from reportgen.catalogue.tasks.digits import digit_images, digit_pixels, digit_rows, digits
from reportgen.catalogue.tasks.rings import rings
from reportgen.catalogue.tasks.spirals import spirals
from reportgen.catalogue.tasks.splits import LateSplits, stratified
from reportgen.pages.bibliography import read_bibliography
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


def test_digit_rows_and_images_are_the_same_digits():
    vectors, rows, images = (task().held_out["test"] for task in (digits, digit_rows, digit_images))
    assert rows[0].shape == (300, 8, 8) and images[0].shape == (300, 8, 8, 1)
    assert np.array_equal(rows[0].reshape(300, 64), vectors[0]) and np.array_equal(rows[1], vectors[1])
    assert np.array_equal(images[0].reshape(300, 64), vectors[0]) and np.array_equal(images[1], vectors[1])
    assert (digit_rows().shape.length, digit_images().shape.image) == (8, (8, 8))


def test_breast_cancer_is_split_once_and_standardised_by_feature():
    task = breast_cancer()
    inputs, targets = task.stream(0, 1000).batch()
    assert {split: len(y) for split, (_, y) in task.held_out.items()} == {"validation": 100, "test": 100}
    assert inputs.shape == (369, 30) and inputs.dtype == np.float32
    assert inputs.mean(axis=0, dtype=float) == pytest.approx(np.zeros(30), abs=1e-6)
    assert inputs.std(axis=0, dtype=float) == pytest.approx(np.ones(30), abs=1e-6)
    rows = [inputs, *(x for x, _ in task.held_out.values())]
    assert len(np.unique(np.concatenate(rows), axis=0)) == 569
    for y in (targets, *(y for _, y in task.held_out.values())):
        assert y.mean() == pytest.approx(357 / 569, abs=0.012)


def test_a_part_of_any_size_has_every_class_with_its_share():
    targets = np.repeat([0, 1, 2], [600, 300, 100])
    for size in (10, 50, 200):
        chosen = stratified(targets, {"part": size})["part"]
        assert np.bincount(targets[chosen]) == pytest.approx(size * np.array([0.6, 0.3, 0.1]), abs=1.5)


def test_a_smaller_part_is_within_a_larger_one():
    targets = np.arange(500) % 7
    small, large = (stratified(targets, {"part": size})["part"] for size in (40, 150))
    assert set(small) < set(large)


def test_late_splits_are_loaded_when_one_is_read():
    loaded = []

    def load():
        loaded.append(True)
        return {"train": (0, 1), "validation": (2, 3), "test": (4, 5)}

    splits = LateSplits(load)
    assert list(splits) == ["validation", "test"] and len(splits) == 2 and "train" not in splits and not loaded
    assert splits["test"] == (4, 5) and loaded


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


@pytest.mark.parametrize("inner", [0.3, 0.8])
def test_rings_lie_at_their_radius(inner):
    inputs, targets = rings(inner=inner, noise=0.0).stream(0, 4000).batch()
    radius = np.linalg.norm(inputs.astype(float), axis=1) / (2 / np.sqrt(1 + inner**2))
    assert radius == pytest.approx(np.where(targets == 1, inner, 1.0), abs=1e-6)
    assert np.mean(inputs**2) == pytest.approx(1, rel=0.03)
    octants = np.bincount(((np.arctan2(inputs[:, 1], inputs[:, 0]) / np.pi + 1) * 4).astype(int) % 8, minlength=8)
    assert octants / 4000 == pytest.approx(np.full(8, 1 / 8), abs=0.025)


def test_rings_are_noisy_in_both_coordinates():
    inputs, targets = rings(inner=0.5, noise=0.05).stream(0, 20_000).batch()
    radius = np.linalg.norm(inputs, axis=1) / (2 / np.sqrt(1.25))
    assert radius[targets == 0].std() == pytest.approx(0.05, rel=0.05)
    assert np.array_equal(radius < 0.75, targets == 1)


@pytest.mark.parametrize("name", ["spirals", "rings", "latch", "adding", "copy-memory", "temporal-order"])
def test_fresh_samples_depend_on_the_seed_only(name):
    task = tasks[name].make()
    first = [task.stream(1, 8).batch() for _ in range(2)]
    assert np.array_equal(first[0][0], first[1][0])
    assert not np.array_equal(first[0][0], task.stream(2, 8).batch()[0])
    held_out = tasks[name].make().held_out
    assert np.array_equal(held_out["test"][0], task.held_out["test"][0])
    assert not np.array_equal(held_out["test"][0], held_out["validation"][0])


def test_facts_agree_with_the_tasks():
    kinds = {(False, False): "vector", (True, False): "sequence", (False, True): "image"}
    for entry in tasks.entries():
        if not entry.owner.startswith("reportgen."):
            continue
        task = entry.make(**entry.complete({}))
        shape = task.shape
        assert entry.facts["shape_kind"] == kinds[shape.length is not None, shape.image is not None]
        assert entry.facts["metrics"] == (task.metric,)


def test_data_have_the_shape_that_tasks_say():
    for entry in tasks.entries():
        if not entry.owner.startswith("reportgen.") or entry.owner.startswith("reportgen.catalogue.tasks.openml."):
            continue
        task = entry.make(**entry.complete({}))
        shape = task.shape
        layout = (*(shape.image or ()), *((shape.length,) if shape.length else ()), shape.inputs)
        for inputs, targets in (task.stream(0, 6).batch(), *task.held_out.values()):
            assert inputs.shape[1:] == layout and inputs.dtype == np.float32
            assert targets.shape == (len(inputs), *((shape.reads,) if shape.reads > 1 else ()))
            if task.loss == "cross-entropy":
                assert targets.dtype == np.int64 and set(np.unique(targets)) <= set(range(shape.outputs))


def test_every_source_is_in_the_bibliography():
    keys = read_bibliography(Path(__file__).parents[2] / "studies" / "references.bib")
    assert {entry.source for entry in tasks.entries() if entry.owner.startswith("reportgen.")} <= set(keys)
