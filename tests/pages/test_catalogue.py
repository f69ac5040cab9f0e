from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen import registry
from reportgen.pages.address import Address
from reportgen.pages.bibliography import read_bibliography
from reportgen.pages.build import build_site
from reportgen.pages.catalogue import gather_catalogue
from reportgen.pages.gather import gather_study
from reportgen.pages.markdown import Place
from reportgen.pages.site import relative
from reportgen.resources import studies_folder
from reportgen.study.spec import Component

PAGES = ("architectures/", "remedies/", "tasks/")


@pytest.fixture
def place():
    bibliography = read_bibliography(studies_folder() / "references.bib")
    return Place(url=relative("tasks/"), bibliography=bibliography, terms={"seed": "seed", "decay": "decay"})


@pytest.fixture
def added():
    """Register an architecture for one test."""
    held = (registry.architectures.names(), dict(registry.architectures._entries))[1]

    def add(name="novel", source="rumelhart1986, nobody2020", **facts):
        @registry.architectures.register(name, version=3, summary="A <b>novel</b> network.", source=source, **facts)
        def novel(shape, *, depth: int = 2, rate: float, kind: dict[str, int] | None = None) -> None:
            """Build h_t = phi(h_{t-1}) with a decay; <i>nothing</i> more.

            Each seed differs, and each decay.

            Parameters
            ----------
            depth, rate : number
                How deep, and how fast W_rec changes.

            Notes
            -----
            $x^2$ is of [@elman1990].

            Raises
            ------
            ValueError
                Never shown.
            """

        return novel

    yield add
    registry.architectures._entries = held


def found(page, place, views=()):
    return {entry.name: entry for entry in gather_catalogue(page, views, place)}


@pytest.mark.parametrize("page", PAGES)
def test_every_entry_is_described_with_its_parameters(page, place):
    from reportgen.pages.components import REGISTRIES

    entries = found(page, place)
    assert list(entries) == REGISTRIES[page].names()
    for name, entry in entries.items():
        assert entry.summary and entry.description and entry.module == "", name
        assert [p.name for p in entry.parameters] == list(REGISTRIES[page][name].parameters.model_fields)
        assert [p.name for p in entry.parameters if not p.meaning or not p.values] == [], name


def test_a_new_entry_appears_with_all_that_its_registration_says(added, place):
    added(inputs="sequence")
    entry = found("architectures/", place)["novel"]
    assert (entry.anchor, entry.version, entry.module) == ("novel", 3, __name__)
    assert "&lt;b&gt;novel&lt;/b&gt;" in entry.summary
    assert entry.description.count("<msub>") == 2 and "&lt;i&gt;" in entry.description
    assert [(p.name, p.default, p.values) for p in entry.parameters] == [
        ("depth", "2", "integer"), ("rate", "", "number"), ("kind", "null", "mapping or null")
    ]  # fmt: skip
    assert "<msub>" in entry.parameters[1].meaning and entry.parameters[2].meaning == ""
    assert [title for title, _ in entry.prose] == ["Notes"] and "<math" in entry.prose[0][1]
    assert 'references/index.html#ref-rumelhart1986"' in entry.citation and "<code>nobody2020</code>" in entry.citation
    assert {"rumelhart1986", "elman1990"} <= set(place.cited)
    facts = {fact.term: fact for fact in entry.facts}
    assert facts["Reads"].words == "sequences" and "first symbol" in [link.text for link in facts["Tasks"].links]
    assert "digits" not in [link.text for link in facts["Tasks"].links]


def test_each_entry_links_its_own_first_use_of_a_term(added, place):
    added("novel"), added("other")
    entries = found("architectures/", place)
    for name in ("novel", "other"):
        assert entries[name].description.count('class="term"') == 2, name


def test_a_name_cannot_take_an_id_of_the_page(added, place):
    added("main")
    assert found("architectures/", place)["main"].anchor == "main-2"


def test_a_remedy_says_to_what_it_applies_and_why_not(place):
    facts = found("remedies/", place)["skip-connections"].facts
    applies = next(fact for fact in facts if fact.term == "Applies to")
    assert "multilayer perceptron" in [link.text for link in applies.links]
    refused = {link.text: fact.words for fact in facts if fact.term == "Does not apply to" for link in fact.links}
    assert refused["plain recurrent network"] == "it has no option 'skip'"
    assert next(fact.code for fact in facts if fact.term == "Sets") == ("architecture.skip",)


def test_an_entry_names_the_studies_whose_arms_use_it(fakes, tmp_path, place):
    entry = fakes.entry(tmp_path)
    arms = [replace(arm, remedies=(Component("clip-norm"),)) if arm.is_baseline else arm for arm in entry.study.arms]
    view = gather_study(replace(entry, study=replace(entry.study, arms=tuple(arms))), Address())
    used = found("architectures/", place, [view])["mlp"].used
    assert [(link.text, link.path, link.note) for link in used] == [(entry.study.title, "deep-mlps/", "10 arms")]
    assert found("remedies/", place, [view])["clip-norm"].used[0].note == "2 arms"
    assert found("tasks/", place, [view])["latch"].used == ()


def test_the_catalogue_cites_what_the_bibliography_of_the_studies_lacks(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = (tmp_path / "site/references/index.html").read_text()
    assert 'id="ref-rumelhart1986"' in page and 'Cited in <a href="../architectures/index.html">Architectures' in page
    assert page.count('id="ref-hochreiter1997"') == 1
