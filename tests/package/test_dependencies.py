"""What the code imports is declared, and what is installed is pinned."""

import ast
import importlib.metadata as metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PARTS = {"pydantic_core": "pydantic", "annotated_types": "pydantic", "markupsafe": "jinja2", "PIL": "matplotlib"}
"""Modules that another library offers as a part of itself."""
TRAINING = ("catalogue", "probe", "run")


def names(requirements):
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def undeclared(folder, declared, own):
    distributions = metadata.packages_distributions()
    for path in sorted(folder.rglob("*.py")):
        for module in sorted(set(imported(path)) - set(sys.stdlib_module_names) - own):
            module = PARTS.get(module, module)
            owners = {canonicalize_name(owner) for owner in distributions.get(module, [module])}
            if not owners & declared:
                yield f"{path.relative_to(ROOT)}: {module}"


def test_reporting_imports_only_declared_libraries():
    declared = names(PROJECT["dependencies"])
    for stage in sorted((ROOT / "reportgen").iterdir()):
        if stage.is_dir() and stage.name not in TRAINING:
            assert list(undeclared(stage, declared, {"reportgen"})) == []


def test_training_imports_only_declared_libraries():
    declared = names(PROJECT["dependencies"] + EXTRAS["run"])
    for stage in TRAINING:
        assert list(undeclared(ROOT / "reportgen" / stage, declared, {"reportgen"})) == []


def test_tests_import_only_declared_libraries():
    declared = names([*PROJECT["dependencies"], *EXTRAS["run"], *EXTRAS["dev"]])
    own = {path.stem for path in (ROOT / "tests").rglob("*.py")} | {"reportgen"}
    assert list(undeclared(ROOT / "tests", declared, own)) == []


def test_ranges_are_open():
    requirements = [*PROJECT["dependencies"], *EXTRAS["run"], *EXTRAS["dev"]]
    assert [text for text in requirements if not re.fullmatch(r"[\w.\-]+(\[\w+\])?>=[\d.]+", text)] == []


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("extra", ["run", "dev"])
def test_all_that_is_installed_is_pinned(extra):
    pinned = {canonicalize_name(name) for name in pins()}
    todo, seen = [Requirement(text) for text in [*PROJECT["dependencies"], *EXTRAS[extra]]], set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in seen:
            continue
        seen.add(name)
        wanted = [{"extra": asked} for asked in ("", *requirement.extras)]
        needs = [Requirement(text) for text in metadata.requires(name) or []]
        todo += [need for need in needs if not need.marker or any(need.marker.evaluate(asked) for asked in wanted)]
    nvidia = {name for name in seen if name.startswith(("nvidia-", "cuda-", "triton"))}  # torch pins these itself
    assert seen - pinned - nvidia == set()


def test_pins_satisfy_the_ranges():
    pinned = {canonicalize_name(name): version for name, version in pins().items()}
    for text in [*PROJECT["dependencies"], *EXTRAS["run"], *EXTRAS["dev"]]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), text


def test_torch_is_pinned_without_a_local_version():
    assert pins()["torch"] == "2.13.0"
