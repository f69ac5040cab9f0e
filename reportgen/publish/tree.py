"""What is published: the files that a build wrote, by their names, with sizes and hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import ReportgenError, UsageError
from reportgen.pages.site_json import NAME as SITE_JSON
from reportgen.pages.write import read_manifest

HOME = "index.html"


@dataclass(frozen=True)
class File:
    """A file to publish: its content, or where that is; and its size in bytes and SHA-256."""

    source: bytes | Path
    size: int
    sha256: str

    def read(self) -> bytes:
        """Return the content.

        Raises
        ------
        ReportgenError
            If it is no longer what it was when the publication was planned.
        """
        if isinstance(self.source, bytes):
            return self.source
        data = self.source.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise ReportgenError(f"'{self.source}' has changed meanwhile", "publish again once the build is done")
        return data


Tree = Mapping[str, File]
"""Files by site path."""


def file_of(source: bytes | Path) -> File:
    """Return a file with its size and hash."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    return File(source, len(data), hashlib.sha256(data).hexdigest())


def read_site(folder: Path) -> dict[str, File]:
    """Return all that the last build wrote into a folder; other files in it are left out.

    Raises
    ------
    UsageError
        If there is no site, or one that an earlier version of reportgen built.
    ReportgenError
        If a file of it is missing.
    """
    names = read_manifest(folder)
    if HOME not in names:
        raise UsageError(f"there is no site in '{folder}'", "reportgen build makes it")
    if SITE_JSON not in names:
        raise UsageError(f"the site in '{folder}' has no {SITE_JSON}", "build it again with this version of reportgen")
    missing = sorted(name for name in names if not (folder / name).is_file())
    if missing:
        raise ReportgenError(f"the site in '{folder}' lacks {', '.join(missing[:5])}", "build it again")
    return {name: file_of(folder / name) for name in sorted(names)}
