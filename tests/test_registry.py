"""The plug-in mechanism: names, versions, and parameters that are checked against the signature."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge
from pydantic import BeforeValidator, ValidationError

from reportgen import registry
from reportgen.errors import UnknownName
from reportgen.registry import BrokenPlugin, DuplicateName, Registry


@pytest.fixture
def held() -> Registry[Any]:
    made: Registry[Any] = Registry("net", "reportgen")
    made._discovered = True
    return made


def test_an_entry_has_what_was_said_about_it(held: Registry[Any]) -> None:
    @held.register("mlp", version=2, summary="Layers.", source="a2020", inputs="vector")
    def mlp(shape: int, *, depth: int = 3) -> int:
        return shape * depth

    entry = held["mlp"]
    assert (entry.kind, entry.name, entry.version, entry.summary, entry.source) == ("net", "mlp", 2, "Layers.", "a2020")
    assert entry.facts == {"inputs": "vector"}
    assert entry(2, depth=5) == 10
    assert "mlp" in held
    assert held.names() == ["mlp"]


def test_an_entry_is_called_by_its_title_and_by_what_a_setting_makes_of_it(held: Registry[Any]) -> None:
    held.register("norm", version=1, summary="", title="normalisation", variants={"batch": "batch normalisation"})(dict)
    held.register("plain", version=1, summary="")(list)
    called = [held.called(name) for name in ("norm", "norm: batch", "norm: odd", "plain", "unheard-of: odd")]
    assert called == ["normalisation", "batch normalisation", "normalisation: odd", "plain", "unheard-of: odd"]


def test_every_choice_of_the_catalogue_has_a_name_in_sentences() -> None:
    from reportgen.catalogue.activations import NAMES
    from reportgen.catalogue.initialisations import SCHEMES
    from reportgen.run.optimisers import OPTIMISERS

    choices: dict[str, Any] = {"activation": NAMES, "initialisation": SCHEMES, "optimiser": OPTIMISERS}
    choices |= {"normalisation": ("batch", "layer", "group"), "branch-scale": ("inverse-sqrt-depth", "zero")}
    for remedy, names in choices.items():
        assert set(registry.remedies[remedy].facts["variants"]) == set(names), remedy
    for held in (registry.architectures, registry.remedies, registry.tasks):
        titles = [entry.title for entry in held.entries()]
        assert len(set(titles)) == len(titles)
        assert not [title for title in titles if "," in title or ":" in title]  # they stand in lists


def test_an_unknown_name_names_the_nearest(held: Registry[Any]) -> None:
    held.register("mlp", version=1, summary="")(lambda: None)
    with pytest.raises(UnknownName, match="there is no net called 'mpl'\ndid you mean 'mlp'"):
        held["mpl"]


def test_two_owners_of_a_name_are_both_named(held: Registry[Any]) -> None:
    def one() -> None: ...
    def two() -> None: ...

    held.register("a", version=1, summary="")(one)
    held.register("a", version=1, summary="")(one)
    with pytest.raises(DuplicateName, match=r"called 'a': .*one and .*two"):
        held.register("a", version=1, summary="")(two)
    assert held["a"].make is one


Scheme = Annotated[dict[str, Any], BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value)]


@pytest.fixture
def entry(held: Registry[Any]) -> registry.Entry[Any]:
    @held.register("x", version=1, summary="")
    def make(
        shape: NotImported,  # type: ignore[name-defined]  # noqa: F821
        *,
        depth: Annotated[int, Ge(1)] = 2,
        rate: float = 1,
        phi: Literal["a", "b"] = "a",
        start: Scheme = "he",  # type: ignore[assignment]
        sizes: tuple[int, ...] = (),
    ) -> None: ...

    return held["x"]


def test_defaults_and_their_written_forms_are_the_same(entry: registry.Entry[Any]) -> None:
    complete = {"depth": 2, "rate": 1.0, "phi": "a", "start": {"name": "he"}, "sizes": []}
    assert entry.complete({}) == complete
    assert entry.complete({"rate": 1, "start": {"name": "he"}, "sizes": []}) == complete
    assert type(entry.complete({})["rate"]) is float
    assert entry.complete({"sizes": [1, 2]})["sizes"] == [1, 2], "a list fills a tuple"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"depth": "2"}, "int_type"),
        ({"depth": True}, "int_type"),
        ({"depth": 0}, "greater_than_equal"),
        ({"depht": 3}, "extra_forbidden"),
        ({"phi": "c"}, "literal_error"),
        ({"rate": float("nan")}, "finite_number"),
    ],
)
def test_parameters_are_checked(entry: registry.Entry[Any], given: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        entry.complete(given)
    assert [error["type"] for error in caught.value.errors()] == [kind]


def package(folder: Path, name: str, **modules: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(text)


def test_the_modules_of_the_package_are_found_at_the_first_look_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "nets_found", one="from reportgen.registry import probe_nets as r\nr.append('one')\n")
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[str] = []
    monkeypatch.setattr(registry, "probe_nets", seen, raising=False)
    made: Registry[Any] = Registry("net", "nets_found")
    assert seen == []
    assert made.names() == []
    assert seen == ["one"]


def test_a_failed_import_is_met_again_and_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "nets_broken", one="raise ImportError('no luck')\n")
    monkeypatch.syspath_prepend(tmp_path)
    made: Registry[Any] = Registry("net", "nets_broken")
    for _ in range(2):
        with pytest.raises(ImportError, match="no luck"):
            made.names()


def test_a_broken_plugin_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "nets_none")
    monkeypatch.syspath_prepend(tmp_path)
    point = importlib.metadata.EntryPoint("theirs", "no_such_module_y:f", "reportgen.net")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point] if group == "reportgen.net" else [])
    with pytest.raises(
        BrokenPlugin, match=r"the plug-in 'theirs' \(no_such_module_y:f\) cannot be imported: ModuleNot"
    ):
        Registry[Any]("net", "nets_none").names()


def test_looking_up_the_catalogue_does_not_import_torch() -> None:
    import subprocess

    code = (
        "import sys; from reportgen import registry as r;"
        "[entry.parameters for held in (r.architectures, r.remedies, r.tasks) for entry in held.entries()];"
        "sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
