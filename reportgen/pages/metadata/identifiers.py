"""Names and addresses that identify people, works and licences: only what is well formed gets an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]\Z")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[!-~]+\Z")
_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-(\d\.\d)\Z")
_PUBLIC_DOMAIN = "https://creativecommons.org/publicdomain/zero/1.0/"
_COMMONS_WORDS = {"BY": "Attribution", "NC": "NonCommercial", "ND": "NoDerivatives", "SA": "ShareAlike"}
_CODE = {
    "0BSD": "BSD Zero Clause License",
    "AGPL-3.0-only": "GNU Affero General Public License v3.0 only",
    "AGPL-3.0-or-later": "GNU Affero General Public License v3.0 or later",
    "Apache-2.0": "Apache License 2.0",
    "BSD-2-Clause": "BSD 2-Clause License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "GPL-2.0-or-later": "GNU General Public License v2.0 or later",
    "GPL-3.0-only": "GNU General Public License v3.0 only",
    "GPL-3.0-or-later": "GNU General Public License v3.0 or later",
    "ISC": "ISC License",
    "LGPL-3.0-or-later": "GNU Lesser General Public License v3.0 or later",
    "MIT": "MIT License",
    "MPL-2.0": "Mozilla Public License 2.0",
    "ODC-By-1.0": "Open Data Commons Attribution License v1.0",
    "ODbL-1.0": "Open Data Commons Open Database License v1.0",
    "PDDL-1.0": "Open Data Commons Public Domain Dedication and License 1.0",
    "Unlicense": "The Unlicense",
}


@dataclass(frozen=True)
class Licence:
    """A licence: `spdx` and `url` are "" where the study names one that is not known here."""

    name: str
    spdx: str = ""
    url: str = ""


def licence(named: str) -> Licence:
    """Return the licence that a study names by its SPDX identifier (https://spdx.org/licenses/)."""
    match = _COMMONS.match(named)
    if match:
        words = "-".join(_COMMONS_WORDS[part] for part in match[1].split("-"))
        url = f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
        return Licence(f"Creative Commons {words} {match[2]}", named, url)
    if named == "CC0-1.0":
        return Licence("Creative Commons Zero 1.0", named, _PUBLIC_DOMAIN)
    if named in _CODE:
        return Licence(_CODE[named], named, f"https://spdx.org/licenses/{named}")
    return Licence(named)


def orcid_url(orcid: str) -> str:
    """Return the address of an ORCID whose check digit is right (ISO 7064 MOD 11-2), else ""."""
    if not _ORCID.match(orcid):
        return ""
    total = 0
    digits = orcid.replace("-", "")
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return f"https://orcid.org/{orcid}" if digits[-1] == ("X" if check == 10 else str(check)) else ""


def bare_doi(doi: str) -> str:
    """Return a DOI without what is put before it, or "" if it is none."""
    bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", doi.strip(), flags=re.IGNORECASE)
    return bare if _DOI.match(bare) else ""


def doi_url(doi: str) -> str:
    """Return the address of a DOI, or "" if it is none."""
    bare = bare_doi(doi)
    return f"https://doi.org/{quote(bare, safe='/:;()._-')}" if bare else ""
