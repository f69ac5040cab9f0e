"""Where results come from: the code and the environments that the runs behind a study were made with."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from reportgen.pages.entries import records

if TYPE_CHECKING:
    from reportgen.pages.entries import StudyEntry

SHORT = 12
"""Digits of a commit that are shown."""

RUN_TABLES = ("runs", "measurements", "curves", "environments")
"""The store's tables that hold what a run left."""

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")


@dataclass(frozen=True)
class Environment:
    """One environment that runs were made in, as the store's table ``environments`` has it; all text but `dirty`."""

    environment_id: str = ""
    reportgen: str = ""
    python: str = ""
    torch: str = ""
    numpy: str = ""
    blas: str = ""
    os: str = ""
    cpu: str = ""
    threads: str = ""
    device: str = ""
    commit: str = ""
    dirty: bool = False

    @property
    def libraries(self) -> tuple[str, ...]:
        """What the runs were computed with: ("Python 3.13.1", "PyTorch 2.13.0", "NumPy 2.4.6")."""
        named = (("Python", self.python), ("PyTorch", self.torch), ("NumPy", self.numpy))
        return tuple(f"{name} {version}" for name, version in named if version)

    @property
    def code(self) -> str:
        """The version of reportgen with its commit: "reportgen 0.1.0, commit 15cc4e7a0b1c"."""
        version = f"reportgen {self.reportgen}".rstrip()
        if not self.commit:
            return version
        shown = self.commit[:SHORT] if _COMMIT.match(self.commit) else self.commit
        return f"{version}, commit {shown}{' with uncommitted changes' if self.dirty else ''}"

    @property
    def processor(self) -> str:
        """The accelerator if there is one, the processor, and the threads of a process."""
        device = "" if self.device in ("", "cpu") else self.device
        threads = f"{self.threads} thread{'' if self.threads == '1' else 's'} a process" if self.threads else ""
        return ", ".join(part for part in (device, self.cpu, threads) if part)

    @property
    def machine(self) -> str:
        """The processor and the operating system."""
        return ", ".join(part for part in (self.processor, self.os) if part)


def environments(entry: StudyEntry) -> tuple[Environment, ...]:
    """Return the environments that a study's runs were made in, by their ids; none where the store says nothing."""
    frame = entry.environments
    if frame is None or frame.empty:
        return ()
    found = {_environment(row) for row in records(frame)}
    return tuple(sorted(found, key=lambda one: (one.environment_id, one.commit)))


def provenance(entry: StudyEntry) -> list[tuple[str, list[str]]]:
    """Return what is to say of the code and machines behind a study in words, as (term, values)."""
    found = environments(entry)
    facts = [
        ("Code", [one.code for one in found]),
        ("Libraries", [", ".join(one.libraries) for one in found]),
        ("Machine", [one.machine for one in found]),
    ]
    return [(term, kept) for term, values in facts if (kept := list(dict.fromkeys(filter(None, values))))]


def _environment(row: Any) -> Environment:
    named = [field.name for field in fields(Environment) if field.name != "dirty"]
    known = {name: _plain(getattr(row, name, "")) for name in named}
    return Environment(**known, dirty=getattr(row, "dirty", False) in (True, "True", "true"))


def _plain(value: Any) -> str:
    return "" if value is None or value != value else str(value)
