from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen.pages.address import Address
from reportgen.pages.metadata.figures import figure_nodes
from reportgen.pages.metadata.nodes import graph
from reportgen.pages.metadata.studies import study_nodes

ADDRESS = Address.of("https://example.org/g", "1.2.0")


def by_type(document, kind):
    return [node for node in document["@graph"] if node["@type"] == kind]


def walk(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from walk(part)


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_every_page_keeps_to_the_vocabulary(which, request, linked_data, vocabulary):
    documents = linked_data(request.getfixturevalue(which))
    faults = [
        fault
        for page, found in documents.items()
        for node in found["@graph"]
        for fault in vocabulary.faults(node, page)
    ]
    assert faults == []
    assert len(documents) > 50


def test_the_vocabulary_finds_faults(vocabulary):
    bad = {"@type": "ImageObject", "bestRating": "5", "isPartOf": {"@type": "Person"}, "contentUrl": "a b", "name": ""}
    found = " ".join(vocabulary.faults(bad))
    assert "bestRating: no property" in found and "isPartOf: ['Person'] is none" in found
    assert "contentUrl: 'a b'" in found and "name: empty" in found


def test_with_an_address_every_address_is_absolute(site, linked_data):
    for page, document in linked_data(site).items():
        for node in walk(document):
            for name in ("@id", "url", "contentUrl", "acquireLicensePage"):
                assert node.get(name, "https://").startswith("https://"), (page, name, node[name])


def test_without_an_address_no_node_claims_one(hostile, linked_data):
    for page, document in linked_data(hostile).items():
        assert not by_type(document, "BreadcrumbList"), page
        for node in walk(document):
            assert not {"contentUrl", "acquireLicensePage"} & set(node), page
            assert node.get("@id", "#").startswith(("#", "https://schema.org/", "https://orcid.org/")), (page, node)


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_what_is_referred_to_is_described_somewhere(which, request, linked_data):
    documents = linked_data(request.getfixturevalue(which))
    described = {
        node["@id"] for document in documents.values() for node in walk(document) if len(node) > 1 and "@id" in node
    }
    for page, document in documents.items():
        referred = {node["@id"] for node in walk(document) if set(node) == {"@id"}}
        assert referred - described <= {"https://schema.org/CompletedActionStatus"}, page


def test_breadcrumbs_are_those_of_the_page(site, linked_data):
    (crumbs,) = by_type(linked_data(site)["deep-mlps/profile/"], "BreadcrumbList")
    items = crumbs["itemListElement"]
    assert [item["position"] for item in items] == [1, 2, 3, 4]
    assert [item["item"]["@id"] for item in items] == [
        f"https://example.org/g/{path}" for path in ("", "studies/", "deep-mlps/", "deep-mlps/profile/")
    ]
    assert items[1]["name"] == "Studies"


def test_a_figure_leads_to_its_data_runs_code_and_study(views):
    view = views(ADDRESS)[0]
    shown = view.figures[0]
    document = graph(figure_nodes(shown, view, ADDRESS))
    known = {node["@id"]: node for node in document["@graph"] if "@id" in node}
    (image,) = by_type(document, "ImageObject")
    assert image["@id"] == "https://example.org/g/releases/1.2.0/deep-mlps/profile/#figure"
    assert image["url"] == "https://example.org/g/deep-mlps/profile/"
    assert image["contentUrl"].endswith("/deep-mlps/profile/deep-mlps-profile.png")
    data = known[image["isBasedOn"]["@id"]]
    assert data["identifier"]["value"] == shown.figure.data_hash == image["identifier"][0]["value"]
    assert [variable["name"] for variable in data["variableMeasured"]] == list(shown.figure.data.columns)
    runs = known[data["isBasedOn"]["@id"]]
    assert "70 training runs" in runs["description"] and runs["distribution"][0]["name"] == "runs.txt"
    training, drawing = by_type(document, "CreateAction")
    assert training["result"] == drawing["object"] == {"@id": runs["@id"]}
    assert {node["@id"] for node in drawing["result"]} == {image["@id"], data["@id"]}
    assert training["instrument"]["identifier"] == {
        "@type": "PropertyValue",
        "propertyID": "git commit",
        "value": "fake",
    }
    assert "PyTorch 2.13.0+cpu" in training["instrument"]["softwareRequirements"]
    assert image["isPartOf"]["@id"] == "https://example.org/g/releases/1.2.0/deep-mlps/#study"


def test_few_runs_are_named_one_by_one(views):
    view = views(ADDRESS)[0]
    shown = replace(view.figures[0], run_ids=("a" * 16, "b" * 16))
    (_, _, runs, *_) = graph(figure_nodes(shown, view, ADDRESS))["@graph"]
    assert [one["value"] for one in runs["identifier"]] == ["a" * 16, "b" * 16]
    assert "distribution" not in runs


def test_a_study_has_its_date_doi_and_people(views):
    view = views(ADDRESS, date="2026-11-21", doi="10.5281/zenodo.1")[0]
    article, estimates, *_ = graph(study_nodes(view, ADDRESS))["@graph"]
    assert article["datePublished"] == estimates["datePublished"] == "2026-11-21"
    assert article["sameAs"] == "https://doi.org/10.5281/zenodo.1"
    assert article["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert [person.get("familyName") for person in article["author"]] == ["Lovelace", "Müller"]
    assert {part["name"] for part in article["hasPart"]} == {figure.figure.title for figure in view.figures}


def test_a_study_without_a_date_has_none(views):
    assert "datePublished" not in str(graph(study_nodes(views(ADDRESS)[0], ADDRESS)))


def test_verdicts_are_reviews_and_untested_claims_are_not(site, linked_data):
    found = linked_data(site)
    (review,) = by_type(found["claims/relu-helps/"], "ClaimReview")
    (claim,) = by_type(found["claims/relu-helps/"], "Claim")
    assert review["itemReviewed"] == {"@id": claim["@id"]} and review["claimReviewed"] == claim["text"]
    assert review["reviewRating"]["alternateName"] == "supported" and "ratingValue" not in review["reviewRating"]
    assert review["url"] == "https://example.org/g/claims/relu-helps/" and review["author"]
    assert not by_type(found["claims/gru-helps/"], "ClaimReview") and by_type(found["claims/gru-helps/"], "Claim")


def test_the_glossary_is_a_set_of_terms(site, linked_data):
    (whole,) = by_type(linked_data(site)["glossary/"], "DefinedTermSet")
    page = (site / "glossary" / "index.html").read_text(encoding="utf-8")
    assert len(whole["hasDefinedTerm"]) > 20
    for term in whole["hasDefinedTerm"]:
        assert term["inDefinedTermSet"] == {"@id": whole["@id"]}
        assert f'<dt id="{term["url"].partition("#")[2]}">' in page


def test_the_home_page_describes_the_site_and_its_data(site, linked_data):
    document = linked_data(site)[""]
    assert by_type(document, "WebSite")[0]["url"] == "https://example.org/g/"
    (data,) = by_type(document, "Dataset")
    assert [part["distribution"]["contentUrl"] for part in data["hasPart"]] == [
        "https://example.org/g/deep-mlps/estimates.csv", "https://example.org/g/recurrent-scale/estimates.csv",
    ]  # fmt: skip
    assert 50 <= len(data["description"]) <= 5000  # what dataset search engines take


def test_hostile_text_stays_text(hostile, linked_data):
    raw = (hostile / "deep-mlps/profile/index.html").read_text(encoding="utf-8")
    assert "<script>window.hacked" not in raw
    (image,) = by_type(linked_data(hostile)["deep-mlps/profile/"], "ImageObject")
    assert image["name"].startswith("</title></script><script>") and "\x00" not in image["name"]
    (person,) = image["creator"]
    assert "@id" not in person, "what is no ORCID is no address"
