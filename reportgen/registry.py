"""The one plug-in mechanism: named, versioned, described entries of each kind.

An entry is a plain function under a decorator. Its keyword-only parameters are what a study may set; they are
checked against their annotations. Entries are found in a package of this distribution, in entry points
``reportgen.<kind>``, and in modules that a study names under ``plugins``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from reportgen.errors import ReportgenError, UnknownName

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T")


class DuplicateName(ReportgenError):
    """Two entries of one kind claim the same name."""


class BrokenPlugin(ReportgenError):
    """An installed plug-in cannot be imported."""


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered function with what there is to say about it.

    Attributes
    ----------
    kind : str
        "architecture", "remedy", "task", ...
    name : str
        The name in study files.
    version : int
        Raised when the behaviour changes; it is part of the run ids.
    summary : str
        One plain sentence for readers.
    source : str
        Where it was published, as the key of ``studies/references.bib``, or "".
    make : callable
        The function; positional parameters come from the framework, keyword-only ones from the study.
    title : str
        The name in sentences, such as "clipping by norm".
    facts : mapping
        Further facts that a kind defines (for instance ``applies_to``), and ``variants``: what a setting in words
        makes of the title, such as "batch normalisation" for "batch".
    """

    kind: str
    name: str
    version: int
    summary: str
    source: str
    make: Callable[..., T]
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The module and function that registered the entry."""
        return f"{self.make.__module__}.{self.make.__qualname__}"

    def called(self, setting: str = "") -> str:
        """Return the title, or what it is called with a setting in words."""
        if not setting:
            return self.title
        return str(self.facts.get("variants", {}).get(setting, f"{self.title}: {setting}"))

    @cached_property
    def parameters(self) -> type[BaseModel]:
        """A pydantic model of the keyword-only parameters; unknown ones are forbidden."""
        from pydantic import ConfigDict, create_model

        settable = {name: p for name, p in inspect.signature(self.make).parameters.items() if p.kind is p.KEYWORD_ONLY}
        # Only these annotations: the others may need imports that a machine without torch lacks.
        annotations = {name: p.annotation for name, p in settable.items() if p.annotation is not p.empty}
        holder: Any = types.SimpleNamespace(__annotations__=annotations)
        names = getattr(inspect.unwrap(self.make), "__globals__", {})
        hints = typing.get_type_hints(holder, globalns=names, include_extras=True)
        fields: dict[str, Any] = {
            name: (hints.get(name, Any), ... if p.default is p.empty else p.default) for name, p in settable.items()
        }
        # Defaults are validated, so that leaving a parameter out and writing its default give one run id.
        config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False)
        return create_model(f"{self.kind}-{self.name}", __config__=config, **fields)

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check `given` parameters and add the defaults; raises pydantic.ValidationError.

        They are read as JSON would be (a list can fill a tuple), and come back as JSON values, so that equal
        settings are equal however they were written.
        """
        return self.parameters.model_validate_json(json.dumps(dict(given))).model_dump(mode="json")

    def __call__(self, *framework: Any, **parameters: Any) -> T:
        """Call `make`."""
        return self.make(*framework, **parameters)


class Registry(Generic[T]):
    """All entries of one kind.

    Parameters
    ----------
    kind : str
        The kind in the singular.
    package : str
        The package whose modules register the built-in entries; imported at the first look-up.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind, self.package = kind, package
        self._entries: dict[str, Entry[T]] = {}
        self._discovered = False

    def register(
        self, name: str, *, version: int, summary: str, source: str = "", title: str = "", **facts: Any
    ) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Register the decorated function under `name`; without a `title`, that is its name in sentences too.

        Raises
        ------
        DuplicateName
            If another function has the name; the message names both owners.
        """

        def add(make: Callable[..., T]) -> Callable[..., T]:
            entry = Entry(self.kind, name, version, summary, source, make, title or name, facts)
            held = self._entries.setdefault(name, entry)
            if held.owner != entry.owner:
                raise DuplicateName(
                    f"two entries of kind {self.kind} are called '{name}': {held.owner} and {entry.owner}",
                    "rename one of them",
                )
            self._entries[name] = entry
            return make

        return add

    def __getitem__(self, name: str) -> Entry[T]:
        self._discover()
        if name not in self._entries:
            raise UnknownName(self.kind, name, self._entries)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        self._discover()
        return name in self._entries

    def called(self, named: str) -> str:
        """Return what is called so in sentences, of a name or of "name: setting"; as it is if there is none such."""
        name, _, setting = named.partition(": ")
        return self[name].called(setting) if name in self else named

    def names(self) -> list[str]:
        """All names, sorted."""
        self._discover()
        return sorted(self._entries)

    def entries(self) -> list[Entry[T]]:
        """All entries, sorted by name."""
        return [self._entries[name] for name in self.names()]

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        try:
            package = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self.package}.{module.name}")
            for point in importlib.metadata.entry_points(group=f"reportgen.{self.kind}"):
                _load(point)
        except BaseException:
            self._discovered = False
            raise


def _load(point: importlib.metadata.EntryPoint) -> None:
    """Import an entry point; what goes wrong in it is told under its name."""
    try:
        point.load()
    except ReportgenError:
        raise
    except Exception as error:
        raise BrokenPlugin(
            f"the plug-in '{point.name}' ({point.value}) cannot be imported: {type(error).__name__}: {error}",
            "repair or uninstall the package that brings it",
        ) from error


architectures: Registry[Any] = Registry("architecture", "reportgen.catalogue.architectures")
remedies: Registry[Any] = Registry("remedy", "reportgen.catalogue.remedies")
tasks: Registry[Any] = Registry("task", "reportgen.catalogue.tasks")
figures: Registry[Any] = Registry("figure", "reportgen.figures.kinds")
