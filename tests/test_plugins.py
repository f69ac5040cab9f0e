"""An architecture, a remedy and a task from outside the package, each one short file, through the whole line."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reportgen import registry
from reportgen.cli import main

FILES = Path(__file__).parent / "plugins"
MODULES = {"sine_network": "sine-network", "lower_frequency": "lower-frequency", "parity": "parity"}
LINES = 60
REGISTRIES = {
    "architectures": registry.architectures,
    "remedies": registry.remedies,
    "tasks": registry.tasks,
}

STUDY = """\
title: Sine units
authors: [{name: A. Tester}]
question: Do plug-ins take part?
plugins: [sine_network, lower_frequency, parity]
base:
  task: {name: parity, bits: 3}
  architecture: {name: sine-network, depth: 3, width: 4}
training: {optimiser: sgd, learning_rate: 0.1, steps: 4, batch_size: 8}
measure: {points: 1, evaluations: 2}
seeds: 3
factors:
  remedy: {none: {}, lower: {remedies: [lower-frequency]}}
report:
  - {id: profile, kind: gradient-profile, title: A profile}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the study, its store and its site; what the plug-ins registered is taken back in the end."""
    made = tmp_path_factory.mktemp("plugged")
    (made / "sine-units.yaml").write_text(STUDY, encoding="utf-8")
    held = {name: (found.names(), dict(found._entries)) for name, found in REGISTRIES.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FILES))
        assert main(["build", *places(made), "--jobs", "1", "--strict", "--allow-plugins"]) == 0
        yield made
    for name, (_, entries) in held.items():
        REGISTRIES[name]._entries = entries
    for module in MODULES:
        sys.modules.pop(module, None)


def places(folder: Path) -> list[str]:
    return [str(folder / "sine-units.yaml"), "--store", str(folder / "results"), "--out", str(folder / "site")]


def text(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup)).split())


def shown(folder: Path, path: str) -> str:
    return text((folder / "site" / path / "index.html").read_text(encoding="utf-8"))


def entry(folder: Path, page: str, name: str) -> str:
    """Return the text of one entry of the catalogue."""
    page_html = (folder / "site" / page / "index.html").read_text(encoding="utf-8")
    (found,) = re.findall(rf'<section class="entry" aria-labelledby="{name}">.*?</section>', page_html, re.DOTALL)
    return text(found)


@pytest.mark.parametrize("module", MODULES)
def test_a_plugin_is_one_short_file(module: str) -> None:
    assert len((FILES / f"{module}.py").read_text(encoding="utf-8").splitlines()) <= LINES


def test_a_study_that_names_plugins_needs_leave(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder / "sine-units.yaml")]) == 2
    assert "the study names plug-ins, which are not allowed" in capsys.readouterr().err


@pytest.mark.parametrize(("what", "module"), list(zip(REGISTRIES, MODULES, strict=True)))
def test_the_list_has_the_plugin_with_its_module(
    what: str, module: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["list", what, str(folder / "sine-units.yaml"), "--allow-plugins", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows[MODULES[module]]["plugin"] == module
    assert {row["plugin"] for name, row in rows.items() if name != MODULES[module]} == {""}
    if what == "remedies":
        assert rows["lower-frequency"]["applies_to"] == "sine-network"


def test_the_schema_accepts_the_study_and_its_parameters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from jsonschema import Draft202012Validator
    from ruamel.yaml import YAML

    out = folder / "own.schema.json"
    assert main(["schema", str(folder / "sine-units.yaml"), "--allow-plugins", "-o", str(out)]) == 0
    validator = Draft202012Validator(json.loads(out.read_text(encoding="utf-8")))
    study = YAML(typ="safe", pure=True).load(STUDY)
    assert validator.is_valid(study)
    study["base"]["architecture"]["frequency"] = 0
    assert not validator.is_valid(study)


def test_the_catalogue_describes_the_plugins(folder: Path) -> None:
    network = entry(folder, "architectures", "sine-network")
    assert "plug-in" in network and "brought by the plug-in sine_network" in network
    assert "frequency 30 number > 0 ω, the same in all layers." in network
    assert "Reads vectors" in network and "lower-frequency" in network and "Sine units (2 arms)" in network
    remedy = entry(folder, "remedies", "lower-frequency")
    assert "Applies to sine-network" in remedy and "it has no option 'frequency'" in remedy
    assert "Sine units (1 arm)" in remedy
    assert "Sine units (2 arms)" in entry(folder, "tasks", "parity")


def test_the_page_of_the_study_leads_to_the_plugins(folder: Path) -> None:
    shown_html = (folder / "site" / "sine-units" / "index.html").read_text(encoding="utf-8")
    for page, name in (("architectures", "sine-network"), ("remedies", "lower-frequency"), ("tasks", "parity")):
        assert f'href="../{page}/index.html#{name}"' in shown_html


def test_the_arms_trained(folder: Path) -> None:
    from reportgen.store import Store

    runs = Store(folder / "results").runs()
    assert sorted(runs["remedies"]) == [""] * 3 + ["lower-frequency"] * 3
    assert set(runs["architecture"]) == {"sine-network"} and set(runs["task"]) == {"parity"}
    assert set(runs["status"]) == {"completed"} and set(runs["steps"]) == {4}


def test_the_theory_page_says_why_nothing_is_predicted(folder: Path) -> None:
    assert "sine-network" in shown(folder, "theory")
