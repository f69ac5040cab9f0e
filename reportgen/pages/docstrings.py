"""Reading numpy docstrings from source files, without importing what they describe."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import reportgen

_PACKAGE = Path(reportgen.__file__).parent
_RULE = re.compile(r"-{3,}\s*\Z")


@dataclass(frozen=True)
class Item:
    """One entry of a Parameters, Returns or Raises section: a name, its type, and what it is."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class Docstring:
    """A numpy docstring taken apart.

    Attributes
    ----------
    name : str
        Dotted name of the function, class or module.
    signature : str
        As in the source, without the body.
    summary, text : str
        The first paragraph, and the rest before the first section.
    items : dict
        Section title to its entries (Parameters, Attributes, Returns, Raises).
    prose : dict
        Section title to its text (Notes, References, Examples and others).
    """

    name: str
    signature: str
    summary: str
    text: str
    items: dict[str, tuple[Item, ...]]
    prose: dict[str, str]


def parse(name: str, signature: str, docstring: str) -> Docstring:
    """Take a numpy docstring apart."""
    lines = inspect.cleandoc(docstring).splitlines()
    heads = [i for i in range(len(lines) - 1) if lines[i].strip() and _RULE.match(lines[i + 1])]
    summary, _, text = "\n".join(lines[: heads[0] if heads else None]).strip().partition("\n\n")
    items, prose = {}, {}
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=False):
        title, body = lines[head].strip(), lines[head + 2 : end]
        if title in {"Parameters", "Attributes", "Returns", "Yields", "Raises", "Other Parameters"}:
            items[title] = tuple(_items(body))
        else:
            prose[title] = "\n".join(body).strip()
    return Docstring(name, signature, " ".join(summary.split()), text.strip(), items, prose)


def _items(lines: list[str]) -> Iterator[Item]:
    block: list[str] = []
    for line in [*lines, "end"]:
        if line.strip() and not line[0].isspace():
            if block:
                name, _, kind = block[0].partition(" : ")
                yield Item(name.strip(), kind.strip(), inspect.cleandoc("\n".join(["", *block[1:]])).strip())
            block = [line]
        else:
            block.append(line)


@cache
def module_docstrings(module: str) -> dict[str, Docstring]:
    """Return the docstrings of a module of this package and of its public functions, classes and their methods.

    A module that does not exist has none.
    """
    path = _module_path(module)
    if path is None:
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {}
    for name, signature, node in [(module, "", tree), *_public(module, tree.body)]:
        docstring = ast.get_docstring(node)
        if docstring:
            found[name] = parse(name, signature, docstring)
    return found


def find(dotted: str) -> Docstring | None:
    """Return the docstring of a dotted name of this package, or None; packages' re-exports are followed."""
    module, _, name = dotted.rpartition(".")
    while module:
        if _module_path(module):
            found = module_docstrings(module).get(dotted) or _reexported(module, name)
            return found or module_docstrings(dotted).get(dotted)
        module, _, name = module.rpartition(".")
    return None


def modules(package: str) -> list[str]:
    """Return the dotted names of a package's public modules, sorted."""
    folder = _PACKAGE.joinpath(*package.split(".")[1:])
    return sorted(f"{package}.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("_"))


def _public(prefix: str, body: list[ast.stmt]) -> Iterator[tuple[str, str, ast.FunctionDef | ast.ClassDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            name = f"{prefix}.{node.name}"
            yield name, _signature(node), node
            if isinstance(node, ast.ClassDef):
                yield from _public(name, node.body)


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        fields = [ast.unparse(field) for field in node.body if isinstance(field, ast.AnnAssign)]
        return f"{node.name}({', '.join(fields)})" if fields else node.name
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _module_path(module: str) -> Path | None:
    root, *parts = module.split(".")
    if root != "reportgen" or not all(part.isidentifier() for part in parts):
        return None
    base = _PACKAGE.joinpath(*parts)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def _reexported(module: str, name: str) -> Docstring | None:
    path = _module_path(module)
    tree = ast.parse(path.read_text(encoding="utf-8")) if path else ast.Module([], [])
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and any((a.asname or a.name) == name for a in node.names):
            return module_docstrings(node.module).get(f"{node.module}.{name}")
    return None
