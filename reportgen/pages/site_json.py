"""What a site says, for programs: ``site.json`` at its root, and at the root of each release.

Checkers of citations read it, and a publication compares that of the last release with the new one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reportgen import __version__
from reportgen.errors import ReportgenError
from reportgen.pages.entries import records
from reportgen.pages.text import cleaned

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.claims import ClaimView
    from reportgen.pages.entries import StudyEntry
    from reportgen.pages.gather import StudyView

NAME = "site.json"
FORMAT = 1
PARTS = ("studies", "figures", "estimates", "verdicts")


def site_json(views: Sequence[StudyView], claims: Sequence[ClaimView], address: Address) -> bytes:
    """Return the record of a site.

    Parameters
    ----------
    views : sequence of StudyView
    claims : sequence of ClaimView
    address : Address

    Returns
    -------
    bytes
        A JSON object with ``format``, ``version`` (of reportgen), ``release`` and ``base_url`` (both "" where there is
        none), and these, sorted by id: ``studies`` (title, version, profile, seed_offset, date), ``figures`` by
        ``study/figure`` (title, data_hash), ``estimates`` by study (rows of ``estimates.csv``; a number that is missing
        or not finite is null), ``verdicts`` by claim (text, verdict, condition).
    """
    entries = [view.entry for view in views]
    document = {
        "format": FORMAT,
        "version": __version__,
        "release": address.release,
        "base_url": address.base_url,
        "studies": {entry.study.id: _study(entry) for entry in entries},
        "figures": {
            f"{entry.study.id}/{figure.id}": {"title": figure.title, "data_hash": figure.data_hash}
            for entry in entries
            for figure in entry.figures
        },
        "estimates": {entry.study.id: _estimates(entry) for entry in entries},
        "verdicts": {
            view.claim.id: {"text": view.claim.text, "verdict": view.verdict, "condition": view.sentence}
            for view in claims
        },
    }
    text = json.dumps(cleaned(document), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()


def read_site_json(data: bytes, where: str) -> dict[str, Any]:
    """Read the record of a site; `where` names it in errors.

    Raises
    ------
    ReportgenError
        If it is not one, or of a later format.
    """
    try:
        found = json.loads(data)
        known = found["format"] == FORMAT and isinstance(found["release"], str)
        sound = known and all(isinstance(found[part], dict) for part in PARTS)
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        hint = f"it is no record of a site of format {FORMAT}; build the site again with this version of reportgen"
        raise ReportgenError(f"{where} cannot be read", hint)
    return dict(found)


def _study(entry: StudyEntry) -> Mapping[str, Any]:
    study = entry.study
    dated = getattr(study, "date", None)
    return {
        "title": study.title,
        "version": study.version,
        "profile": study.profile,
        "seed_offset": study.seed_offset,
        "date": str(dated) if dated else "",
    }


def _estimates(entry: StudyEntry) -> list[dict[str, Any]]:
    rows = [
        {
            "name": row.name,
            "arm": row.arm,
            "estimate": _number(row.estimate),
            "low": _number(row.low),
            "high": _number(row.high),
            "unit": row.unit,
            "n": int(row.n),
            "n_censored": int(row.n_censored),
        }
        for row in records(entry.analysis.estimates)
    ]
    return sorted(rows, key=lambda row: (str(row["name"]), str(row["arm"])))


def _number(value: float) -> float | None:
    """Return a number with the digits that estimates.csv has."""
    return float(f"{value:.12g}") if math.isfinite(value) else None
