import pytest
import torch

from reportgen.catalogue.base import Remedy
from reportgen.errors import UnknownName
from reportgen.run.rules import compose
from reportgen.run.schedules import schedule


def halve(gradients, parameters):
    return {name: 0.5 * value for name, value in gradients.items()}, torch.tensor([True, False])


def shift(gradients, parameters):
    return {name: value + parameters[name] for name, value in gradients.items()}, torch.tensor([False, False])


def test_without_remedies_steps_are_plain():
    rules = compose([])
    assert rules.clip is None and rules.factor(3, 10) == 1.0 and rules.loss_scale == 1.0


def test_clips_run_in_the_order_of_the_remedies():
    rules = compose([Remedy(clip=halve), Remedy(clip=shift)])
    found, clipped = rules.clip({"w": torch.tensor([2.0, 4.0])}, {"w": torch.tensor([10.0, 20.0])})
    assert found["w"].tolist() == [11.0, 22.0] and clipped.tolist() == [True, False]


def test_schedules_multiply_and_decays_add():
    halved = Remedy(schedule=lambda step, steps: 0.5, weight_decay=0.1, loss_scale=4.0, patience=7)
    rules = compose([halved, Remedy(schedule=lambda step, steps: step / steps, weight_decay=0.2, patience=5)], "linear")
    assert rules.factor(5, 10) == pytest.approx(0.5 * 0.5 * (1 - 4 / 10))
    assert rules.weight_decay == pytest.approx(0.3) and rules.loss_scale == 4.0 and rules.patience == 5


@pytest.mark.parametrize(("name", "middle", "last"), [("linear", 0.5, 0.1), ("cosine", 0.5, 0.024471741852423234)])
def test_schedules_fall_from_one_towards_zero(name, middle, last):
    factor = schedule(name)
    assert factor(1, 10) == 1.0
    assert factor(6, 10) == pytest.approx(middle)
    assert factor(10, 10) == pytest.approx(last)


def test_an_unknown_schedule_is_named():
    with pytest.raises(UnknownName, match="there is no schedule called 'cosin'"):
        schedule("cosin")
