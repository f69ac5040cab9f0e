"""Whether what a paper cites still holds: each citation against the store, or against a site."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reportgen.errors import UsageError, nearest
from reportgen.pages.cite.cited import FIGURE, STUDY, VALUE, Cited, Place
from reportgen.pages.cite.record import SHOWN_HASH, edition_of
from reportgen.pages.cite.values import Value
from reportgen.pages.site_json import NAME

CURRENT, CHANGED, UNKNOWN, UNPINNED = "current", "changed", "unknown", "unpinned"
MOST_HINTS = 20
"""Unknown things for which the nearest name is looked up; it takes long among thousands."""


@dataclass(frozen=True)
class Held:
    """What there is to cite now.

    Attributes
    ----------
    studies : mapping
        Id to version, with profile and shifted seeds.
    figures : mapping
        ``study/figure`` to its data hash.
    values : mapping
        ``study/name/arm`` to the value.
    """

    studies: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What became of one cited thing.

    Attributes
    ----------
    status : str
        "current"; "changed"; "unknown", which is not there; "unpinned", which is there, but the paper does not say
        which data it means.
    kind, id : str
    cited, now : str
        What the paper says and what is held, in words; "" if unknown.
    nearest : str
        The id that was probably meant, or "".
    places : tuple of Place
    """

    status: str
    kind: str
    id: str
    cited: str
    now: str
    nearest: str
    places: tuple[Place, ...]

    @property
    def is_fault(self) -> bool:
        """Whether an author must do something."""
        return self.status in (CHANGED, UNKNOWN)


def compare(cited: Sequence[Cited], held: Held) -> list[Finding]:
    """Compare what a paper cites with what is held, in the order of the paper; places of the same are put together.

    What is cited with its hash in one place and without in another counts with its hash.
    """
    pinned = {(one.kind, one.id) for one in cited if one.told}
    places: dict[tuple[str, str, tuple[str, ...]], list[Place]] = {}
    for one in cited:
        told = one.told[0][:SHOWN_HASH] if one.kind == FIGURE and one.told else one.told
        told = (told,) if isinstance(told, str) else told
        if told or (one.kind, one.id) not in pinned:
            places.setdefault((one.kind, one.id, told), []).append(one.place)
    findings = [
        _finding(kind, name, told, held, tuple(dict.fromkeys(found))) for (kind, name, told), found in places.items()
    ]
    unknown = [finding for finding in findings if finding.status == UNKNOWN][:MOST_HINTS]
    return [replace(one, nearest=_nearest(one, held)) if one in unknown else one for one in findings]


def _finding(kind: str, name: str, told: tuple[str, ...], held: Held, places: tuple[Place, ...]) -> Finding:
    known = _known(kind, held)
    cited = _shown(kind, told)
    if name not in known:
        return Finding(UNKNOWN, kind, name, cited, "", "", places)
    if kind == VALUE:
        value: Value = held.values[name]
        same, now = value.raw == told, value.interval
        now = now if same or now != cited else ", ".join(filter(None, value.raw))
        cited = cited if same or now == value.interval else ", ".join(filter(None, told))
        status = UNKNOWN if not told else CURRENT if same else CHANGED
        return Finding(status, kind, name, cited, now, "", places)
    now = str(known[name])
    if not told:
        return Finding(UNPINNED, kind, name, "", _shown(kind, (now,)), "", places)
    same = now.startswith(told[0]) if kind == FIGURE else now == told[0]
    return Finding(CURRENT if same else CHANGED, kind, name, cited, _shown(kind, (now,)), "", places)


def _known(kind: str, held: Held) -> Mapping[str, Any]:
    return {FIGURE: held.figures, STUDY: held.studies, VALUE: held.values}[kind]


def _nearest(finding: Finding, held: Held) -> str:
    """Return the id that was probably meant: of the same study if that is known."""
    known = _known(finding.kind, held)
    study = finding.id.partition("/")[0]
    return nearest(finding.id, [name for name in known if name.partition("/")[0] == study] or known) or ""


def _shown(kind: str, told: tuple[str, ...]) -> str:
    """Say in words what was cited."""
    if not told:
        return ""
    if kind == VALUE:
        estimate, low, high = (float(number) if number else math.nan for number in told)
        return Value("", estimate, low, high, "", 0).interval
    return f"data {told[0][:SHOWN_HASH]}" if kind == FIGURE else f"version {told[0]}"


def read_site(path: Path) -> Held:
    """Read what a built site holds.

    Parameters
    ----------
    path : Path
        The site's folder, or its ``site.json``.

    Raises
    ------
    UsageError
        If there is none, or it is damaged.
    """
    file = path / NAME if path.is_dir() else path
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        return _held(document)
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {error.strerror}", "give a built site, or its site.json") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"'{file}' does not describe a site", "give what reportgen build wrote") from error


def _held(document: Mapping[str, Any]) -> Held:
    if document["format"] != 1:
        raise ValueError(document["format"])
    studies = {str(name): _edition(said) for name, said in document["studies"].items()}
    figures = {str(name): str(said["data_hash"]) for name, said in document["figures"].items()}
    found = [_value(str(study), row) for study, rows in document["estimates"].items() for row in rows]
    return Held(studies, figures, {value.id: value for value in found if math.isfinite(value.estimate)})


def _edition(said: Mapping[str, Any]) -> str:
    return edition_of(str(said["version"]), str(said.get("profile", "default")), int(said.get("seed_offset", 0)))


def _value(study: str, row: Mapping[str, Any]) -> Value:
    estimate, low, high = (_number(row[name]) for name in ("estimate", "low", "high"))
    return Value(f"{study}/{row['name']}/{row['arm']}", estimate, low, high, str(row["unit"]), int(row["n"]))


def _number(value: Any) -> float:
    """Read a number that may be given as text; nothing is NaN."""
    return math.nan if value in (None, "") else float(value)
