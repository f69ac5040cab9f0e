"""What a run really uses: the options that its remedies set, over what the study gives."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from reportgen.errors import UnknownName
from reportgen.study.effective import effective
from reportgen.study.spec import Component, Training


@pytest.fixture
def tower(catalogue) -> Component:
    return Component("tower", 1, catalogue.architectures["tower"].complete({"depth": 9}))


def test_without_remedies_all_is_as_given(tower) -> None:
    assert effective(tower, (), Training(steps=5)) == (tower, Training(steps=5))


def test_remedies_set_options_of_the_architecture_and_the_training(catalogue, tower) -> None:
    used = (Component("shallow", 1, {"depth": 3}), Component("skip"), Component("adam"), Component("cut"))
    architecture, training = effective(tower, used, Training("sgd", 5, 16))
    assert architecture.parameters == {**tower.parameters, "depth": 3, "skip": True}
    assert (architecture.name, architecture.version) == ("tower", 1)
    assert training == Training("adam", 5, 16)


def test_options_come_back_as_the_architecture_writes_them(tower) -> None:
    architecture, _ = effective(tower, [Component("start", 1, {"to": "large"})], Training())
    assert architecture.parameters["start"] == {"name": "large", "gain": 1.0}


def test_options_that_the_architecture_refuses_are_an_error(tower) -> None:
    with pytest.raises(ValidationError, match="60 units make no 8 groups"):
        effective(tower, [Component("group", 1, {"groups": 8}), Component("halve", 1, {"to": 60})], Training())


def test_an_unknown_remedy_is_an_error(tower) -> None:
    with pytest.raises(UnknownName, match="there is no remedy called 'skp'"):
        effective(tower, [Component("skp")], Training())
