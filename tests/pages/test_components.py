from __future__ import annotations

from types import SimpleNamespace

import pytest

from reportgen import registry
from reportgen.catalogue.base import Remedy
from reportgen.pages import components
from reportgen.registry import Registry


@pytest.fixture
def catalogue(monkeypatch):
    """Two architectures and some remedies, in place of the built-in ones."""
    held = {"architectures/": Registry("architecture", "x"), "remedies/": Registry("remedy", "x")}
    for made in held.values():
        made._discovered = True

    @held["architectures/"].register("deep", version=1, summary="Deep.", inputs="vector")
    def deep(shape, *, depth: int = 5, activation: str = "tanh") -> None: ...

    @held["architectures/"].register("Deep!", version=1, summary="Main.", inputs="sequence")
    def other(shape, *, activation: str = "relu") -> None: ...

    @held["remedies/"].register("relu", version=1, summary="ReLU.")
    def relu(*, to: str = "relu") -> Remedy:
        return Remedy(settings={"architecture.activation": to})

    @held["remedies/"].register("shallow", version=1, summary="Shallow.", sets=("architecture.depth",))
    def shallow(*, to: int) -> Remedy:
        return Remedy(settings={"architecture.depth": to})

    monkeypatch.setattr(registry, "architectures", held["architectures/"])
    monkeypatch.setattr(registry, "remedies", held["remedies/"])
    monkeypatch.setattr(components, "REGISTRIES", held)
    return SimpleNamespace(**{e.name: e for made in held.values() for e in made.entries()})


def test_anchors_are_unique_and_leave_the_ids_of_the_page(catalogue, monkeypatch):
    monkeypatch.setattr(components, "PAGE_IDS", frozenset({"deep"}))
    assert components.anchors("architectures/") == {"Deep!": "deep-2", "deep": "deep-3"}
    assert components.address("architectures/", "deep") == "architectures/#deep-3"
    assert components.address("architectures/", "nothing") == ""


def test_a_remedy_applies_where_its_option_is_and_changes_something(catalogue):
    other = vars(catalogue)["Deep!"]
    assert components.refusal(catalogue.relu, catalogue.deep) == ""
    assert components.refusal(catalogue.relu, other) == "it already has activation 'relu'"
    assert components.takes(catalogue.relu, other)


def test_a_remedy_that_needs_a_parameter_is_judged_by_the_options_it_names(catalogue):
    other = vars(catalogue)["Deep!"]
    assert components.settings(catalogue.shallow) == ("architecture.depth",)
    assert components.settings(catalogue.relu) == ("architecture.activation",)
    assert components.refusal(catalogue.shallow, catalogue.deep) == ""
    assert components.refusal(catalogue.shallow, other) == "it has no option 'depth'"
    assert not components.takes(catalogue.shallow, other)


def test_what_is_built_in_is_no_plugin(catalogue):
    assert components.plugin(registry.tasks["digits"]) == ""
    assert components.plugin(catalogue.deep) == catalogue.deep.make.__module__


def test_a_task_fits_what_reads_its_shape():
    def entry(**facts):
        return SimpleNamespace(facts=facts)

    assert components.fits(entry(shape_kind="image"), entry(inputs="image"))
    assert not components.fits(entry(shape_kind="image"), entry(inputs="vector"))
    assert components.fits(entry(), entry(inputs="vector"))
