from __future__ import annotations

import json

from reportgen.pages.address import Address
from reportgen.pages.metadata.linkset import linkset_files

PAGE = "https://example.org/g/deep-mlps/profile/"


def contexts(data):
    found = {context["anchor"]: context for context in json.loads(data)["linkset"]}
    assert len(found) == len(json.loads(data)["linkset"]), "an anchor stands twice"
    return found


def test_pages_and_their_files_lead_to_each_other(site):
    found = contexts((site / "deep-mlps/linkset.json").read_bytes())
    figure = found[PAGE]
    assert figure["cite-as"] == [{"href": PAGE}]
    assert {"href": f"{PAGE}deep-mlps-profile.csv", "type": "text/csv"} in figure["item"]
    for target in figure["item"]:
        assert found[target["href"]]["collection"] == [{"href": PAGE, "type": "text/html"}]
    for target in figure["describedby"]:
        assert {"href": PAGE, "type": "text/html"} in found[target["href"]]["describes"]


def test_a_figure_belongs_to_its_study_and_that_to_the_site(site):
    found = contexts((site / "deep-mlps/linkset.json").read_bytes())
    study = "https://example.org/g/deep-mlps/"
    assert found[PAGE]["collection"] == [{"href": study, "type": "text/html"}]
    assert found[study]["collection"] == [{"href": "https://example.org/g/", "type": "text/html"}]
    assert PAGE in {target["href"] for target in found[study]["item"]}


def test_targets_are_files_of_the_site_or_names(site):
    for context in contexts((site / "deep-mlps/linkset.json").read_bytes()).values():
        for targets in (value for key, value in context.items() if key != "anchor"):
            for target in targets:
                if target["href"].startswith("https://example.org/g/"):
                    path = site / target["href"].removeprefix("https://example.org/g/")
                    assert (path / "index.html" if path.is_dir() else path).is_file(), target


def test_without_an_address_there_is_none(views, hostile):
    assert linkset_files(views(), Address()) == {}
    assert not list(hostile.rglob("linkset.json"))
