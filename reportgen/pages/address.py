"""Addresses: where a page of the site will be found, now and for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reportgen.errors import UsageError
from reportgen.study.names import is_device

RELEASES = "releases/"
"""The folder of the site that holds the releases."""

_VERSION = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.+_-]{0,48}[0-9A-Za-z])?\Z")
_TAKEN = frozenset({"index.html", "releases.js", "releases.json", "feed.xml"})
"""Files of the folder of releases."""


@dataclass(frozen=True)
class Address:
    """The site's address, and the release that a build freezes.

    Attributes
    ----------
    base_url : str
        The site's address with a final "/", or "" if it is not published.
    release : str
        The version that is frozen under ``releases/<version>/``, or "" for none.
    frozen : bool
        Whether the pages are those of the frozen copy, and not those of the site as it is now.
    """

    base_url: str = ""
    release: str = ""
    frozen: bool = False

    @classmethod
    def of(cls, base_url: str = "", release: str = "") -> Address:
        """Check and normalise what a user wrote.

        Raises
        ------
        UsageError
            If `base_url` is no web address, or `release` cannot be the name of a folder.
        """
        if base_url and not re.match(r"https?://[^\s\"'<>]+\Z", base_url):
            raise UsageError(f"'{base_url}' is not the address of a site", "it begins with https://")
        taken = release.casefold() in _TAKEN or is_device(release)
        if release and (not _VERSION.match(release) or ".." in release or taken):
            raise UsageError(
                f"'{release}' cannot be the version of a release",
                "a version begins with a letter or digit and has letters, digits and . + _ - only: 1.2.0",
            )
        return cls(f"{base_url.rstrip('/')}/" if base_url else "", release)

    def page(self, path: str) -> str:
        """Return the address of a page or file where it is: that of the frozen copy in there; "" if there is none."""
        return self.permanent(path) if self.frozen else self._at(path)

    def permanent(self, path: str) -> str:
        """Return the address that stays: within the release if there is one."""
        return self._at(f"{RELEASES}{self.release}/{path}" if self.release else path)

    def _at(self, path: str) -> str:
        return f"{self.base_url}{path}" if self.base_url else ""
