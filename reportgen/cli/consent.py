"""Leave to import the plug-ins that a study names: given by a flag for once, or in a terminal and then remembered.

What is remembered lies in the user's own configuration folder, never beside a study: it names the project's folder,
the modules, and the hash of their files, so that another project, another module or a changed file is asked about
again.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import typer

from reportgen.cli.console import printable

REMEMBERED = "plugins.json"
_CODE = (".py", ".pyc", *importlib.machinery.EXTENSION_SUFFIXES)
"""Endings of what Python runs; a compiled file may hold something else than the source beside it."""


@dataclass(frozen=True)
class Module:
    """A module that a study names, before it is imported.

    Attributes
    ----------
    name : str
    file : str
        The file that will run, or what is known instead.
    digest : str
        SHA-256 of all code of the module, or of the package that holds it; "" if there is no such file.
    """

    name: str
    file: str
    digest: str


@dataclass
class Leave:
    """Answers whether the plug-ins of a study may be imported; `reportgen.study.load` asks it.

    Attributes
    ----------
    flag : bool
        Whether ``--allow-plugins`` was given: then nothing is asked, and nothing remembered.
    used : bool
        Whether any study has named plug-ins so far.
    """

    flag: bool = False
    used: bool = False
    _answers: dict[tuple[Path, tuple[str, ...]], bool] = field(default_factory=dict)

    def __call__(self, path: Path, names: Sequence[str]) -> bool:
        """Tell whether the study at `path` may import these modules; the person is asked at most once a run."""
        self.used = True
        if self.flag:
            return True
        key = project(path), tuple(names)
        if key not in self._answers:
            self._answers[key] = self._decide(path, [find(name) for name in names])
        return self._answers[key]

    def _decide(self, path: Path, modules: Sequence[Module]) -> bool:
        wanted = {module.name: module.digest for module in modules}
        if all(wanted.values()) and wanted.items() <= _remembered(project(path)).items():
            return True
        if not at_terminal():
            return False
        for line in _question(path, modules):
            typer.echo(printable(line), err=True)
        allowed = typer.confirm("Import them, now and in later runs?", default=False, err=True)
        if allowed and all(wanted.values()):
            _remember(project(path), wanted)
        return allowed


def at_terminal() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def project(path: Path) -> Path:
    """Return the folder of the project that a study file belongs to: the one that holds ``studies/``, or the file."""
    folder = path.resolve().parent
    return folder.parent if folder.name == "studies" else folder


def find(name: str) -> Module:
    """Return where a module would be imported from; nothing is imported for it."""
    first, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        spec = None
    code = _code(spec)
    for number in range(len(rest)):
        place = spec.submodule_search_locations if spec else None
        spec = PathFinder.find_spec(".".join([first, *rest[: number + 1]]), list(place)) if place else None
    return Module(name, _origin(spec), _digest(code) if spec and code else "")


def memory() -> Path:
    """Return the file in which permissions are remembered; it can be deleted at any time."""
    return Path(typer.get_app_dir("reportgen")) / REMEMBERED


def _origin(spec: ModuleSpec | None) -> str:
    if spec is None:
        return "there is no such module"
    if spec.has_location and spec.origin:
        return spec.origin
    return ", ".join(spec.submodule_search_locations or ["built in"])


def _code(spec: ModuleSpec | None) -> list[Path]:
    """Return the file of a module, or all code of a package."""
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        files = [spec.origin, spec.cached] if spec.has_location else []
        return [Path(file) for file in files if file and Path(file).is_file()]
    places = [Path(place) for place in spec.submodule_search_locations]
    return sorted(path for place in places for path in place.rglob("*") if path.name.endswith(_CODE) and path.is_file())


def _digest(files: Sequence[Path]) -> str:
    import hashlib

    total = hashlib.sha256()
    for path in files:
        total.update(f"{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _question(path: Path, modules: Sequence[Module]) -> list[str]:
    width = max(len(module.name) for module in modules)
    return [
        f"The study {path} names plug-ins: Python code that would run with all your rights.",
        *(f"  {module.name.ljust(width)}  {module.file}" for module in modules),
        f"The answer holds for the project {project(path)}, until these files change.",
    ]


def _remembered(folder: Path) -> Mapping[str, str]:
    found = _read().get(str(folder))
    return found if isinstance(found, dict) else {}


def _read() -> dict[str, object]:
    import json

    try:
        projects = json.loads(memory().read_text(encoding="utf-8"))["projects"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return projects if isinstance(projects, dict) else {}


def _remember(folder: Path, modules: Mapping[str, str]) -> None:
    """Keep an answer; where that cannot be written it is asked for again."""
    import json

    place = memory()
    projects = {**_read(), str(folder): {**_remembered(folder), **modules}}
    text = json.dumps({"format": 1, "projects": projects}, indent=1, sort_keys=True) + "\n"
    part = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_text(text, encoding="utf-8")
        part.chmod(0o600)
        part.replace(place)
    except OSError as error:
        typer.echo(f"The answer cannot be remembered: {error}", err=True)
