"""What changed between two sites: their records are compared, and the differences are put in an order for readers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.analyse.estimates import KINDS
from reportgen.pages import numbers
from reportgen.store.spreadsheet import csv_text

Value = tuple[float, float, float]
"""An estimate and the ends of its interval; NaN where there is none."""

SETTINGS = ("version", "profile", "seed_offset", "title")
_WORDS = {
    "seed_offset": "the shift of its seeds",
    "profile": "its profile",
    "version": "its version",
    "title": "its title",
}


@dataclass(frozen=True)
class EstimateChange:
    """An estimate that both sites have, and that differs."""

    study: str
    name: str
    arm: str
    unit: str
    old: Value
    new: Value

    @property
    def difference(self) -> float:
        """New less old; NaN where one of them has no value."""
        return self.new[0] - self.old[0]

    @property
    def size(self) -> float:
        """The difference in half-widths of the wider interval.

        Infinite where a value appeared or vanished, or the interval has no width; NaN where there is no interval.
        """
        if math.isnan(self.difference):
            return math.inf
        halves = [(high - low) / 2 for _, low, high in (self.old, self.new) if math.isfinite(high - low)]
        if not halves:
            return math.nan
        return abs(self.difference) / max(halves) if max(halves) > 0 else math.inf

    @property
    def overlap(self) -> bool | None:
        """Whether the intervals overlap; None where one of them is missing."""
        (_, low, high), (_, other_low, other_high) = self.old, self.new
        if any(map(math.isnan, (low, high, other_low, other_high))):
            return None
        return low <= other_high and other_low <= high

    @property
    def title(self) -> str:
        """What the estimate is called."""
        return KINDS[self.name].title if self.name in KINDS else self.name

    @property
    def texts(self) -> tuple[tuple[str, str, str], tuple[str, str, str], str]:
        """Old and new, each with the ends of its interval, and the difference, as readers see them."""
        old, new = (numbers.interval(*value, self.unit) for value in (self.old, self.new))
        if math.isnan(self.difference):
            return old, new, numbers.NONE
        share = self.unit.startswith("share")
        text = f"{numbers.number(100 * self.difference, 2)} points" if share else numbers.number(self.difference, 2)
        return old, new, f"+{text}" if self.difference > 0 else text


@dataclass(frozen=True)
class VerdictChange:
    """A claim whose verdict differs, or that only one site has ("" for the other's verdict)."""

    claim: str
    text: str
    old: str
    new: str
    condition: str


@dataclass(frozen=True)
class Changes:
    """All differences between two sites.

    Attributes
    ----------
    estimates : tuple of EstimateChange
        The largest in relation to its interval first; those without an interval last.
    estimates_added, estimates_removed : mapping
        Study to the number of its estimates that only one site has.
    verdicts : tuple of VerdictChange
    figures_changed, figures_added, figures_removed : tuple of (id, title)
        A figure is changed if the hash of its data is.
    studies_added, studies_removed : tuple of (id, title)
    studies_changed : tuple of (id, title, sentence)
        Studies of which more than the results changed.
    """

    estimates: tuple[EstimateChange, ...] = ()
    estimates_added: Mapping[str, int] | None = None
    estimates_removed: Mapping[str, int] | None = None
    verdicts: tuple[VerdictChange, ...] = ()
    figures_changed: tuple[tuple[str, str], ...] = ()
    figures_added: tuple[tuple[str, str], ...] = ()
    figures_removed: tuple[tuple[str, str], ...] = ()
    studies_added: tuple[tuple[str, str], ...] = ()
    studies_removed: tuple[tuple[str, str], ...] = ()
    studies_changed: tuple[tuple[str, str, str], ...] = ()

    @property
    def apart(self) -> int:
        """How many estimates changed so far that their intervals no longer overlap."""
        return sum(change.overlap is False for change in self.estimates)

    @property
    def nothing(self) -> bool:
        """Whether the two sites say the same."""
        return self == Changes()

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        parts = [
            _several(len(self.verdicts), "verdict changed", "verdicts changed"),
            self._estimates(),
            _several(len(self.figures_changed), "figure has other data", "figures have other data"),
            _several(len(self.figures_added), "figure is new", "figures are new"),
            _several(len(self.figures_removed), "figure is gone", "figures are gone"),
            _several(len(self.studies_added), "study is new", "studies are new"),
            _several(len(self.studies_removed), "study is gone", "studies are gone"),
        ]
        said = [part for part in parts if part]
        if not said:
            return "No number, verdict or figure changed." if not self.nothing else "Nothing changed."
        text = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
        return f"{text[0].upper()}{text[1:]}."

    def _estimates(self) -> str:
        added = sum((self.estimates_added or {}).values())
        removed = sum((self.estimates_removed or {}).values())
        apart = f" ({self.apart:,} so far that the intervals no longer overlap)" if self.apart else ""
        parts = [
            f"{said}{apart}"
            if (said := _several(len(self.estimates), "estimate changed", "estimates changed"))
            else "",
            _several(added, "estimate was added", "estimates were added"),
            _several(removed, "estimate was removed", "estimates were removed"),
        ]
        return ", ".join(part for part in parts if part)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare the records of two sites, as ``reportgen.pages.site_json.read_site_json`` returns them."""
    before, after = _values(old), _values(new)
    changed = [
        EstimateChange(*key, unit=after[key][0], old=before[key][1], new=after[key][1])
        for key in before.keys() & after.keys()
        if not _same(before[key], after[key])
    ]
    figures = old["figures"], new["figures"]
    return Changes(
        estimates=tuple(sorted(changed, key=_order)),
        estimates_added=_counted(after.keys() - before.keys()),
        estimates_removed=_counted(before.keys() - after.keys()),
        verdicts=_verdicts(old["verdicts"], new["verdicts"]),
        figures_changed=tuple(
            (name, figures[1][name]["title"])
            for name in sorted(figures[0].keys() & figures[1].keys())
            if figures[0][name]["data_hash"] != figures[1][name]["data_hash"]
        ),
        figures_added=_only(figures[1], figures[0]),
        figures_removed=_only(figures[0], figures[1]),
        studies_added=_only(new["studies"], old["studies"]),
        studies_removed=_only(old["studies"], new["studies"]),
        studies_changed=_settings(old["studies"], new["studies"]),
    )


def changes_csv(changes: Changes) -> bytes:
    """Return all estimates that changed as CSV, in the order of the page."""
    import pandas as pd

    ends = [f"{side}_{end}" for side in ("old", "new") for end in ("estimate", "low", "high")]
    columns = ["study", "name", "arm", "unit", *ends, "difference", "half_widths", "intervals_overlap"]
    words = {True: "yes", False: "no", None: ""}
    rows = [
        (c.study, c.name, c.arm, c.unit, *c.old, *c.new, c.difference, c.size, words[c.overlap])
        for c in changes.estimates
    ]
    return csv_text(pd.DataFrame(rows, columns=columns)).encode()


def _values(site: Mapping[str, Any]) -> dict[tuple[str, str, str], tuple[str, Value]]:
    return {
        (study, row["name"], row["arm"]): (row["unit"], _value(row))
        for study, rows in site["estimates"].items()
        for row in rows
    }


def _value(row: Mapping[str, Any]) -> Value:
    estimate, low, high = (math.nan if row[name] is None else float(row[name]) for name in ("estimate", "low", "high"))
    return estimate, low, high


def _same(one: tuple[str, Value], other: tuple[str, Value]) -> bool:
    pairs = zip(one[1], other[1], strict=True)
    return one[0] == other[0] and all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def _order(change: EstimateChange) -> tuple[bool, float, str, str, str]:
    """Sort by size; without an interval by the size of the difference, and after all others."""
    size = change.size
    alone = math.isnan(size)
    return alone, -abs(change.difference) if alone else -size, change.study, change.name, change.arm


def _verdicts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[VerdictChange, ...]:
    found = []
    for claim in sorted(old.keys() | new.keys()):
        before, after = old.get(claim, {}), new.get(claim, {})
        if before.get("verdict") != after.get("verdict"):
            shown = after or before
            old_word, new_word = str(before.get("verdict", "")), str(after.get("verdict", ""))
            condition = str(after.get("condition", ""))
            found.append(VerdictChange(claim, str(shown["text"]), old_word, new_word, condition))
    return tuple(found)


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    found = []
    for study in sorted(old.keys() & new.keys()):
        pairs = [(key, old[study].get(key, ""), new[study].get(key, "")) for key in SETTINGS]
        said = [f"{_WORDS[key]} was “{a}” and is “{b}”" for key, a, b in pairs if a != b]
        if said:
            found.append((study, str(new[study]["title"]), "; ".join(said)))
    return tuple(found)


def _only(here: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(here[name]["title"])) for name in sorted(here.keys() - there.keys()))


def _counted(keys: Iterable[tuple[str, str, str]]) -> Mapping[str, int] | None:
    found: dict[str, int] = {}
    for study, *_ in sorted(keys):
        found[study] = found.get(study, 0) + 1
    return found or None


def _several(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""
