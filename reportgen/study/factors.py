"""What arms differ in: factors as axes of levels, each level as settings of the configuration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.errors import nearest
from reportgen.study.document import Location, label_text
from reportgen.study.problems import Problems, shown_value

LONGEST_LABEL = 300


@dataclass(frozen=True)
class Setting:
    """One value that goes to a dotted path of the configuration.

    Attributes
    ----------
    path : str
    value : object
        As in the file.
    location : tuple
        Where the value is in the file.
    key : tuple
        Where the path is in the file.
    own : bool
        Whether it belongs to the component that it configures, rather than to a factor or a profile.
    """

    path: str
    value: Any
    location: Location
    key: Location
    own: bool = False


@dataclass(frozen=True)
class Level:
    """One level of an axis; `number` is its value where that is a number."""

    label: str
    number: float | None
    settings: tuple[Setting, ...]
    location: Location


@dataclass(frozen=True)
class Axis:
    """A factor with its levels in the order of the study."""

    name: str
    label: str
    levels: tuple[Level, ...]

    @property
    def numeric(self) -> bool:
        """Whether every level is a number."""
        return all(level.number is not None for level in self.levels)

    def find(self, given: Any) -> Level | None:
        """Return the level that a label, or a level's number, names."""
        for level in self.levels:
            if level.label == label_text(given) or (_is_number(given) and level.number == given):
                return level
        return None


def parse_axis(name: str, value: Any, location: Location, label: str, problems: Problems) -> Axis | None:
    """Read a factor: a list of levels of a path, or a mapping from labels to settings.

    Returns None, with problems added, if it has no usable level.
    """
    if isinstance(value, list):
        levels = [_of_path(name, item, (*location, index), location, problems) for index, item in enumerate(value)]
    elif isinstance(value, dict):
        if "." in name and value and not all(_is_settings(item) for item in value.values()):
            hint = f"write `{name}: [level, level]`, or `- {{label: …, value: …}}` items to name the levels"
            problems.add(location, "a factor that is a path takes a list of levels, not a mapping", hint)
            return None
        levels = [_of_name(text, item, (*location, text), problems) for text, item in value.items()]
    else:
        hint = "give a list of levels of a path, or a mapping from level names to settings"
        problems.add(location, f"a factor must have levels, not {shown_value(value)}", hint)
        return None
    if not value:
        problems.add(location, f"the factor '{name}' has no levels", "give at least one level, or remove the factor")
    kept = _distinct(tuple(level for level in levels if level), problems)
    return Axis(name, label, kept) if kept else None


def choose(axis: Axis, given: Any, location: Location, problems: Problems) -> tuple[str, ...]:
    """Return the labels that `given` (a label, or a list of them) names; unknown ones are problems."""
    if not axis.levels:
        return ()
    wanted = given if isinstance(given, list) else [given]
    places = [(*location, index) for index in range(len(wanted))] if isinstance(given, list) else [location]
    if not wanted:
        problems.add(location, "the list is empty", f"levels of '{axis.name}': {_labels(axis)}")
    found = []
    for item, place in zip(wanted, places, strict=True):
        level = None if isinstance(item, (dict, list)) else axis.find(item)
        if level is None:
            shown = shown_value(item) if isinstance(item, (dict, list)) else f"'{label_text(item)}'"
            near = nearest(label_text(item), [level.label for level in axis.levels])
            meant = f"did you mean '{near}'? " if near else ""
            hint = f"{meant}levels of '{axis.name}': {_labels(axis)}"
            problems.add(place, f"the factor '{axis.name}' has no level {shown}", hint)
        elif level.label in found:
            problems.add(place, f"'{level.label}' is in the list twice", "remove one of them")
        else:
            found.append(level.label)
    return tuple(found)


def slug(label: str) -> str:
    """Return the label as part of an address: small letters, digits, hyphens, and points within numbers."""
    text = re.sub(r"^[-\N{MINUS SIGN}](?=\d)", "minus ", label.strip().lower())
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)
    return re.sub(r"[^a-z0-9.]+", "-", text).strip("-")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_settings(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _labels(axis: Axis) -> str:
    return ", ".join(f"'{level.label}'" for level in axis.levels)


def _of_path(path: str, item: Any, location: Location, factor: Location, problems: Problems) -> Level | None:
    value, label, place = item, None, location
    if isinstance(item, dict):
        if set(item) != {"label", "value"} or isinstance(item["label"], (dict, list)):
            hint = f"write `- {{label: …, value: …}}`; it has {', '.join(item) or 'nothing'}"
            problems.add(location, "a level that is a mapping has a label and a value, and nothing else", hint)
            return None
        value, label, place = item["value"], label_text(item["label"]), (*location, "value")
    elif isinstance(item, list):
        hint = "write `- {label: …, value: […]}`"
        problems.add(location, "a level that is a list needs a label", hint)
        return None
    number = float(value) if _is_number(value) else None
    return Level(label or label_text(value), number, (Setting(path, value, place, factor),), location)


def _of_name(label: str, item: Any, location: Location, problems: Problems) -> Level:
    if not _is_settings(item):
        hint = f"write `{label}: {{architecture.depth: 5}}`, with the dotted paths that it sets; {{}} sets nothing"
        problems.add(location, f"a level of a named factor is a mapping of settings, not {shown_value(item)}", hint)
        return Level(label, None, (), location)  # its name exists, so nobody is told that it does not
    given: Mapping[str, Any] = item or {}
    settings = tuple(Setting(path, value, (*location, path), (*location, path)) for path, value in given.items())
    only: Any = settings[0].value if len(settings) == 1 else None
    return Level(label, float(only) if _is_number(only) else None, settings, location)


def _distinct(levels: tuple[Level, ...], problems: Problems) -> tuple[Level, ...]:
    kept: dict[str, Level] = {}
    for level in levels:
        address = slug(level.label)
        if len(level.label) > LONGEST_LABEL:
            message = f"the level {shown_value(level.label)} has a label of more than {LONGEST_LABEL} characters"
            problems.add(level.location, message, "say in the caption or the prose what is too long for a label")
        elif not address:
            hint = "give it a label with a letter a to z or a digit in it"
            problems.add(level.location, f"the level '{level.label}' cannot be part of a web address", hint)
        elif address in kept:
            other = kept[address].label
            same = f"the level '{level.label}' is here twice"
            close = f"the levels '{other}' and '{level.label}' would have the same web address, '{address}'"
            problems.add(level.location, same if other == level.label else close, "give each level its own label")
        else:
            kept[address] = level
    return tuple(kept.values())
