"""Sequence tasks against their definitions."""

import numpy as np
import pytest

from reportgen.catalogue.tasks.adding import adding
from reportgen.catalogue.tasks.copy_memory import copy_memory
from reportgen.catalogue.tasks.latch import latch
from reportgen.catalogue.tasks.temporal_order import temporal_order


def symbols_of(inputs, size):
    """The symbol of every step (samples, time) of steps that are one-hot with mean square 1."""
    assert inputs.shape[-1] == size
    assert np.array_equal(np.unique(inputs), [0, np.float32(size**0.5)])
    assert np.all(np.count_nonzero(inputs, axis=-1) == 1)
    return inputs.argmax(-1)


def test_latch_shows_its_answer_in_the_first_step_only():
    inputs, targets = latch(length=7, classes=4, noise=0.5).stream(0, 2000).batch()
    assert inputs.shape == (2000, 7, 4)
    assert np.array_equal(inputs[:, 0].argmax(1), targets)
    assert np.all((inputs[:, 0] == 0) | (inputs[:, 0] == 2.0))
    assert inputs[:, 1:].std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("length", [2, 7, 50])
def test_adding_asks_for_the_sum_of_the_marked_values(length):
    inputs, targets = adding(length=length).stream(0, 500).batch()
    values, markers = inputs[:, :, 0], inputs[:, :, 1]
    assert np.array_equal(targets, (values * markers).sum(axis=1))
    assert values.min() >= 0 and values.max() <= 1


@pytest.mark.parametrize("length", [2, 7, 50])
def test_adding_marks_one_step_in_each_half(length):
    inputs, _ = adding(length=length).stream(0, 2000).batch()
    markers, half = inputs[:, :, 1], length // 2
    assert set(np.unique(markers)) <= {0, 1}
    assert np.all(markers[:, :half].sum(axis=1) == 1) and np.all(markers[:, half:].sum(axis=1) == 1)
    assert np.all(markers.sum(axis=0) > 0)


def test_answering_the_mean_of_adding_has_a_squared_error_of_a_sixth():
    _, targets = adding().stream(0, 50_000).batch()
    assert np.mean(targets, dtype=float) == pytest.approx(1, abs=0.01)
    assert np.mean((targets - 1.0) ** 2, dtype=float) == pytest.approx(1 / 6, rel=0.02)


@pytest.mark.parametrize(("lag", "symbols", "classes"), [(1, 2, 2), (30, 10, 8), (5, 3, 4)])
def test_copy_memory_asks_for_the_first_symbols(lag, symbols, classes):
    task = copy_memory(lag=lag, symbols=symbols, classes=classes)
    inputs, targets = task.stream(0, 300).batch()
    shown = symbols_of(inputs, classes + 2)
    assert (task.shape.reads, task.shape.outputs) == (symbols, classes)
    assert shown.shape == (300, task.shape.length) and task.shape.length == lag + 2 * symbols
    assert np.array_equal(shown[:, :symbols], targets)
    go = symbols + lag - 1
    assert np.all(shown[:, go] == classes + 1)
    assert np.all(np.delete(shown[:, symbols:], lag - 1, axis=1) == classes)


def test_copy_memory_has_every_symbol_at_every_place():
    _, targets = copy_memory(classes=4, symbols=3).stream(0, 8000).batch()
    for place in range(3):
        assert np.bincount(targets[:, place], minlength=4) / 8000 == pytest.approx(np.full(4, 0.25), abs=0.025)
    assert len(np.unique(targets, axis=0)) == 4**3


@pytest.mark.parametrize("length", [10, 17, 50])
def test_temporal_order_is_the_order_of_its_two_symbols(length):
    inputs, targets = temporal_order(length=length).stream(0, 3000).batch()
    shown = symbols_of(inputs, 6)
    relevant = shown < 2
    assert np.all(relevant.sum(axis=1) == 2)
    pairs = shown[relevant].reshape(-1, 2)
    classes = {(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): 3}
    assert targets.tolist() == [classes[tuple(pair)] for pair in pairs.tolist()]
    assert np.bincount(targets) / 3000 == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_temporal_order_has_its_symbols_in_the_second_and_the_sixth_tenth():
    inputs, _ = temporal_order(length=50).stream(0, 3000).batch()
    steps = np.flatnonzero((inputs.argmax(-1) < 2).any(axis=0))
    assert steps.tolist() == [5, 6, 7, 8, 9, 25, 26, 27, 28, 29]
    assert set(np.unique(inputs.argmax(-1)[:, 30:])) == {2, 3, 4, 5}
