"""Which remedies apply to which architectures: clauses for readers."""

from __future__ import annotations

import pytest

from reportgen.errors import UnknownName
from reportgen.study.applicability import applicability, trained
from reportgen.study.spec import Component


@pytest.fixture
def reason(catalogue):
    """Complete components by name and parameters, and ask for the reason."""

    def completed(held, name: str, given: dict[str, object]) -> Component:
        return Component(name, held[name].version, held[name].complete(given))

    def ask(remedy, architecture, others=(), *, given=None, **options: object) -> str:
        besides = [completed(catalogue.remedies, name, {}) for name in others]
        return applicability(
            completed(catalogue.remedies, remedy, given or {}),
            completed(catalogue.architectures, architecture, options),
            besides,
        )

    return ask


def test_entries_stand_for_their_defaults(catalogue) -> None:
    remedies, architectures = catalogue.remedies, catalogue.architectures
    assert applicability(remedies["skip"], architectures["tower"]) == ""
    assert applicability(remedies["skip"], architectures["stack"]) == "'stack' has no option 'skip'"
    assert applicability(remedies["clip"], architectures["stack"]) == "it is for loop only"


def test_a_name_that_is_not_registered_is_an_error(catalogue) -> None:
    with pytest.raises(UnknownName, match="there is no remedy called 'skp'"):
        applicability(Component("skp"), catalogue.architectures["tower"])


def test_an_option_with_other_values_is_named(reason) -> None:
    assert reason("relu", "stack") == ""
    assert reason("relu", "loop") == "'loop' does not take phi 'relu'"


def test_several_options_are_told_one_by_one(reason) -> None:
    assert reason("group", "stack") == "'stack' has no option 'norm'; 'stack' has no option 'groups'"


def test_a_check_of_the_architecture_is_told_in_its_words(reason) -> None:
    assert reason("group", "tower") == ""
    told = "'tower' does not take groups 7: 64 units make no 7 groups"
    assert reason("group", "tower", given={"groups": 7}) == told
    assert reason("halve", "tower", norm="group", given={"to": 60}) == (
        "'tower' does not take width 60: 60 units make no 8 groups"
    )


def test_fewer_layers_need_more_to_start_from(reason) -> None:
    assert reason("shallow", "tower", given={"depth": 5}) == ""
    assert reason("shallow", "tower", given={"depth": 6}) == "'tower' has depth 6, not more than 6"
    assert reason("shallow", "tower", given={"depth": 9}) == "'tower' has depth 6, not more than 9"
    assert reason("shallow", "tower", given={"depth": 0}) == "'tower' does not take depth 0"
    assert reason("shallow", "loop") == "'loop' has no option 'depth'"


def test_what_needs_an_option_applies_where_it_is_on(reason) -> None:
    assert reason("scale", "tower") == "'tower' is used without its option 'skip'"
    assert reason("scale", "tower", skip=True) == ""
    assert reason("scale", "tower", others=["skip"]) == ""
    assert reason("skip", "tower", others=["scale"]) == ""


def test_what_changes_nothing_does_not_apply(reason) -> None:
    assert reason("phi", "stack", given={"to": "tanh"}) == "'stack' already has phi 'tanh'"
    assert reason("start", "tower", given={"to": "small"}) == "'tower' already has start 'small'"
    assert reason("start", "tower", given={"to": "large"}) == ""


def test_what_changes_the_training_needs_an_architecture_that_is_trained(reason) -> None:
    for remedy in ("adam", "cut", "trim"):
        assert reason(remedy, "tower") == ""
        assert reason(remedy, "pond") == "'pond' is solved for, not trained in steps"
    assert reason("halve", "pond") == ""


@pytest.mark.parametrize("path", ["training.learning_rate", "training.size", "seeds.judged", "task", "measure.points"])
def test_remedies_set_options_of_the_architecture_and_the_training_only(reason, path: str) -> None:
    assert reason("stray", "tower", given={"path": path}) == f"there is no option '{path}'"


def test_architectures_are_trained_unless_they_say_otherwise(catalogue) -> None:
    assert trained(Component("tower"))
    assert not trained(Component("pond"))
    assert trained(Component("unknown"))
