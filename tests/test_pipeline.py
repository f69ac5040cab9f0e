"""The whole line on real data: the shipped studies under their quick profile, from files to pages in a browser."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from reportgen.cli import main

ROOT = Path(__file__).parents[1]
STUDIES = {path.stem: path for path in sorted((ROOT / "studies").glob("*.yaml")) if path.stem != "claims"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A store and a site that have been made by the command line alone."""
    folder = tmp_path_factory.mktemp("quick")
    assert build(folder) == 0
    return folder


def build(folder: Path) -> int:
    places = ["--store", str(folder / "results"), "--out", str(folder / "site")]
    return main(["build", *map(str, STUDIES.values()), "--profile", "quick", *places, "--jobs", "1", "--strict"])


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def estimates(built):
    """Estimates by study, name and arm, as ``show --json`` prints them."""

    def read(study: str, capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str], dict[str, object]]:
        capsys.readouterr()
        address = [str(STUDIES[study]), "--profile", "quick", "--store", str(built / "results"), "--json"]
        assert main(["show", *address]) == 0
        document = json.loads(capsys.readouterr().out)
        assert {arm["runs"]["failed"] for arm in document["arms"]} == {0}
        return {(row["name"], row["arm"]): row for row in document["estimates"]}

    return read


def test_a_scaled_orthogonal_linear_recurrence_decays_by_its_gain(estimates, capsys):
    found = estimates("recurrent-scale", capsys)
    for gain in ("0.5", "1.0", "1.1"):
        row = found["decay-factor", f"linear/gain-{gain}/untrained/200-steps"]
        assert row["estimate"] == pytest.approx(float(gain), rel=1e-5)
        assert row["n"] == 3


@pytest.mark.parametrize("arm", ["sigmoid/glorot", "sigmoid/pytorch-default", "relu/glorot", "tanh/pytorch-default"])
def test_measured_factors_are_those_of_theory(arm, estimates, capsys):
    found = estimates("deep-mlps", capsys)
    address = f"{arm}/untrained/50-layers"
    measured, predicted = found["decay-factor", address], found["theory-decay-factor", address]
    assert measured["estimate"] == pytest.approx(predicted["estimate"], rel=0.02)


def test_a_sigmoid_network_of_ten_layers_does_not_learn_and_tanh_does(estimates, capsys):
    found = estimates("deep-mlps", capsys)
    assert found["success", "sigmoid/glorot/trained/10-layers"]["estimate"] == 0
    assert found["success", "tanh/glorot/trained/10-layers"]["estimate"] == 1


def test_a_second_build_changes_no_byte(built):
    before = contents(built / "site")
    assert build(built) == 0
    assert contents(built / "site") == before


def test_every_link_of_the_site_leads_somewhere(built):
    site = built / "site"
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        for target in re.findall(r'(?:href|src|srcset)="([^"]+)"', page.read_text(encoding="utf-8")):
            parts = urlsplit(target)
            if parts.scheme or not parts.path:
                continue
            assert (page.parent / unquote(parts.path)).is_file(), f"{page.relative_to(site)}: {target}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_from_disk_without_a_complaint_and_fit_a_phone(built, browser, scheme):
    page = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    for path in ["", *STUDIES, "deep-mlps/decay-factor", "methods", "limits", "glossary"]:
        page.goto((built / "site" / path / "index.html").as_uri())
        assert page.inner_text("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)"), path
    page.context.close()
    assert complaints == []


def test_nothing_of_this_machine_is_in_the_site(built):
    named = [os.uname().nodename, str(built)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in (built / "site").rglob("*.html"))
    assert [name for name in named if len(name) > 4 and name in text] == []
