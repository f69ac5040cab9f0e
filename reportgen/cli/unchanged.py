"""Whether a build would give the site that is there already: then nothing is loaded, analysed or rendered.

The same inputs give the same bytes, so it is enough to compare hashes of all inputs and of the site's files with
those of the last build. The record can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import reportgen


@dataclass(frozen=True)
class Outcome:
    """What a build tells of the site: counts, and what an author should mend."""

    pages: int
    written: int
    unchanged: int
    drawn: int
    failed: int
    missing: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What is remembered of the last build into a folder.

    Attributes
    ----------
    out : Path
        The site's folder.
    cache : Path
        Where records are kept.
    """

    out: Path
    cache: Path

    @property
    def path(self) -> Path:
        """The record's file, one for each site."""
        name = hashlib.sha256(str(self.out.resolve()).encode()).hexdigest()[:16]
        return self.cache / f"{name}.json"

    def read(self, inputs: str) -> Outcome | None:
        """Return the last outcome if the inputs and the site are what they were, else None."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if kept["inputs"] != inputs or kept["site"] != self._site():
                return None
            last = Outcome(**{**kept["outcome"], "warnings": tuple(kept["outcome"]["warnings"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Outcome(last.pages, 0, last.written + last.unchanged, 0, last.failed, last.missing, last.warnings)

    def write(self, inputs: str, outcome: Outcome) -> None:
        """Remember an outcome."""
        self.cache.mkdir(parents=True, exist_ok=True)
        kept = {"inputs": inputs, "site": self._site(), "outcome": asdict(outcome)}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(kept), encoding="utf-8")
        part.replace(self.path)

    def _site(self) -> str:
        from reportgen.pages.write import MANIFEST, read_manifest

        return digest(self.out / name for name in (MANIFEST, *sorted(read_manifest(self.out))))


def digest(files: Iterable[Path], *words: str) -> str:
    """Return a hash of words, and of the paths and contents of files."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in files:
        total.update(f"\0{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Return all files in a folder, sorted, but for compiled ones."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def program() -> str:
    """Return a hash of reportgen's own code, of the Python version, and of the names of all installed versions."""
    installed = {entry.name for place in sys.path for entry in Path(place or ".").glob("*.dist-info")}
    package = Path(reportgen.__file__).parent
    return digest(files_below(package), platform.python_version(), *sorted(installed))
