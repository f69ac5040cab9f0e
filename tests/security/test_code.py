"""What the package's code must not do, read from its syntax: run text as code, load pickles, trust markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reportgen.pages.sandbox import ProseEnvironment

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "reportgen").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

SCRIPTS = sorted((ROOT / "templates").rglob("*.js"))

FORBIDDEN = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__"), "runs text as code"),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput"), "runs a shell"),
    **dict.fromkeys(("yaml.load", "yaml.unsafe_load", "yaml.full_load"), "makes objects from YAML"),
    **dict.fromkeys(("pandas.read_pickle", "pd.read_pickle", "pd.eval", "DataFrame.query"), "runs what it reads"),
    **dict.fromkeys(("tempfile.mktemp", "os.tempnam"), "names a file that others can make first"),
}
PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "jsonpickle"}
"""Modules that run code when they read a file."""
IMPORTERS = {"registry.py", "study/plugins.py", "catalogue/lazy.py"}
"""Where a module may be imported by its name: each place says which names."""
MARKUP = {
    "pages/site.py", "pages/studies.py", "pages/mathematics.py", "pages/markdown.py", "pages/methods.py",
    "pages/claim_pages.py", "pages/signs.py", "pages/theory.py", "pages/theory_tables.py", "pages/catalogue.py",
}  # fmt: skip
"""Where text may be declared to be markup; each of these escapes what it puts in."""


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found |= {name.partition(".")[0] for name in names}
    return found


def keyword(call: ast.Call, name: str) -> object:
    found = next((entry.value for entry in call.keywords if entry.arg == name), None)
    return found.value if isinstance(found, ast.Constant) else found


def test_the_package_is_found():
    assert len(MODULES) > 100 and len(TEMPLATES) > 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_runs_what_it_reads(path):
    """Also: no pickle, which is code, and no YAML but ruamel's plain values."""
    assert not imported(path) & PICKLES and "yaml" not in imported(path)
    for name, call in calls(path):
        assert name not in FORBIDDEN, f"line {call.lineno}: {name} {FORBIDDEN[name]}"
        assert not (name.startswith("subprocess.") and keyword(call, "shell") not in (None, False)), call.lineno
        assert not (name.endswith(".load") and keyword(call, "allow_pickle") is True), call.lineno
        if name == "torch.load":
            assert keyword(call, "weights_only") is True, call.lineno
        if name == "YAML":
            assert keyword(call, "typ") in ("safe", "rt"), f"line {call.lineno}: only plain values from YAML"


def places(pattern: set[str]) -> set[str]:
    return {
        path.relative_to(ROOT / "reportgen").as_posix()
        for path in MODULES
        for name, call in calls(path)
        if name in pattern and not (call.args and isinstance(call.args[0], ast.Constant) and not call.args[0].value)
    }


def test_modules_are_imported_by_name_in_few_places():
    assert places({"importlib.import_module", "import_module"}) <= IMPORTERS


def test_text_is_declared_to_be_markup_in_few_places():
    assert places({"Markup", "markupsafe.Markup"}) <= MARKUP


def test_every_environment_of_templates_escapes_or_is_a_sandbox():
    found = 0
    for path in MODULES:
        for name, call in calls(path):
            imports = "jinja2" in path.read_text(encoding="utf-8")
            if imports and name in {"jinja2.Environment", "Environment", "jinja2.Template", "Template"}:
                assert keyword(call, "autoescape") is True, (path, call.lineno)
                found += 1
            if name == "ProseEnvironment":  # its results are Markdown, which is escaped where it is rendered
                assert issubclass(ProseEnvironment, ImmutableSandboxedEnvironment)
                found += 1
    assert found >= 2


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text)
    # An attribute without quotes ends at a space, and JSON in a script must pass `tojson`.
    assert not re.search(r"=\{\{", re.sub(r"\{%.*?%\}", "", text))
    for body in re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.DOTALL):
        assert all("tojson" in inside for inside in re.findall(r"\{\{(.*?)\}\}", body)), path
        assert not body.strip() or body.strip().startswith("{{"), path
    assert not re.search(r"\son[a-z]+=|javascript:|\sstyle=", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_the_site_makes_markup_or_code_from_text(path):
    text = path.read_text(encoding="utf-8")
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*[\"']|\bfetch\("
    )
    assert not re.findall(sinks, text)
    assert all("tojson" in inside for inside in re.findall(r"\{\{(.*?)\}\}", text))


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.xml")), ids=lambda path: path.name)
def test_no_feed_switches_escaping_off(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|CDATA|<!DOCTYPE|<!ENTITY", text)
