"""What theory knows of the tasks' inputs against the tasks."""

import numpy as np
import pytest

from reportgen.analyse.theory.known import INPUTS, inputs_of
from reportgen.registry import tasks
from reportgen.study.spec import Component

OTHERWISE = [
    ("spirals", {"noise": 0.2}),
    ("rings", {"inner": 0.2, "noise": 0.3}),
    ("latch", {"classes": 4, "length": 6, "noise": 0.5}),
    ("adding", {"length": 5}),
    ("copy-memory", {"lag": 3, "symbols": 4, "classes": 5}),
    ("temporal-order", {"length": 17}),
]
"""Tasks with other parameters than by default."""

DOWNLOADED = {"mnist", "mnist-images", "fashion-mnist", "cifar-10", "cifar-10-images"}


def task_and_known(name, given):
    parameters = tasks[name].complete(given)
    return tasks[name].make(**parameters), inputs_of(Component(name, tasks[name].version, parameters))


@pytest.mark.parametrize(("name", "given"), [*((name, {}) for name in sorted(INPUTS)), *OTHERWISE])
def test_the_known_inputs_have_the_shape_of_the_tasks(name, given):
    task, known = task_and_known(name, given)
    assert (known.features, known.length) == (task.shape.inputs, task.shape.length)


@pytest.mark.parametrize(("name", "given"), [*((name, {}) for name in sorted(INPUTS.keys() - DOWNLOADED)), *OTHERWISE])
def test_the_known_inputs_are_those_of_the_tasks(name, given):
    task, known = task_and_known(name, given)
    inputs = np.asarray(task.stream(0, 2000).batch()[0], float)
    later = inputs[:, 1:] if known.first is not None else inputs
    assert np.mean(later**2) == pytest.approx(known.mean_square, rel=0.05)
    if known.first is not None:
        assert np.mean(inputs[:, 0] ** 2) == pytest.approx(known.first, rel=0.05)
