"""A study file as plain values, with the place of each in the file.

YAML 1.2 is read with ruamel.yaml node by node: `1e-2` is a number, `no` and `on` are text, a repeated key is a
fault, and nothing but scalars, lists and mappings can be made, so reading a file cannot run code.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from reportgen.errors import Problem, StudyError, nearest
from reportgen.study import syntax

Location = tuple[str | int, ...]
"""Keys and list indices (from 0) that lead to a value."""

MAXIMAL_BYTES = 2_000_000
MAXIMAL_VALUES = 100_000
"""Most values a file may have once its aliases are followed."""

LONGEST_NUMBER = 1_000
"""Digits of a whole number; a longer one is read as text, which is then no number."""

_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass
class Document:
    """The content of a study file.

    Attributes
    ----------
    path : str
    lines : list of str
    value : object
        Dictionaries, lists, text, numbers, booleans and None.
    keys, values : dict
        Place of a key and of a value by its location.
    problems : list of Problem
        Faults that did not stop the reading, such as repeated keys.
    """

    path: str
    lines: list[str]
    value: Any = None
    keys: dict[Location, Place] = field(default_factory=dict)
    values: dict[Location, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, location: Location, key: bool = False) -> Place:
        """Return where the value (or its key) is; of something that is missing, where what holds it is."""
        if key and location in self.keys:
            return self.keys[location]
        while location and location not in self.values:
            if location in self.keys:
                return self.keys[location]
            location = location[:-1]
        return self.values.get(location, Place(1, 1))

    def problem(self, location: Location, message: str, hint: str = "", key: bool = False) -> Problem:
        """Return a problem at a location, with its line."""
        place = self.place(location, key)
        problem = self.at(place, dotted(location), message, hint)
        # What the whole file lacks is at no line in particular: the first one would only mislead.
        absent = len(location) == 1 and location not in self.keys and location not in self.values
        return replace(problem, excerpt="") if absent else problem

    def at(self, place: Place, name: str, message: str, hint: str = "") -> Problem:
        """Return a problem at a place, with its line."""
        excerpt = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return Problem(place.line, place.column, name, message, hint, excerpt)


def dotted(location: Location) -> str:
    """Name a location for people: ``report[2].kind``, with list items counted from 1."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(path: Path) -> Document:
    """Read a study file.

    Raises
    ------
    StudyError
        If it cannot be read, is not YAML, or holds no mapping.
    """
    text = _text(path)
    document = Document(str(path), text.splitlines())
    try:
        root = _compose(text)
        if root is not None:
            _Reader(document).read(root)
    except RecursionError:
        raise _whole(path, "lists or mappings are nested too deeply to be read") from None
    except ReaderError as error:
        raise StudyError(document.path, [syntax.character(document, text, error)]) from None
    except MarkedYAMLError as error:
        raise StudyError(document.path, [*document.problems, syntax.fault(document, error)]) from None
    except YAMLError as error:
        raise _whole(path, f"this is not YAML: {error}") from None
    if document.value is None:
        raise _whole(path, "the file is empty", "`reportgen new NAME` writes a study to start from")
    if not isinstance(document.value, dict):
        raise StudyError(document.path, [_not_a_mapping(document)])
    return document


def _whole(path: Path, message: str, hint: str = "") -> StudyError:
    return StudyError(str(path), [Problem(0, 0, "", message, hint)])


def _not_a_mapping(document: Document) -> Problem:
    what = "a list" if isinstance(document.value, list) else "text without a key"
    hint = "write keys and values, such as `title: …`, `question: …`, `base: …`"
    return document.at(document.place(()), "", f"a study is a mapping, and this is {what}", hint)


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _whole(path, "this is a folder, not a study file", f"name a file in it: {path}/….yaml")
        size = path.stat().st_size
        if not path.is_file():
            raise _whole(path, "this is no regular file")
        if size > MAXIMAL_BYTES:
            raise _whole(
                path, f"the file has {size / 1e6:.1f} MB; a study file has at most {MAXIMAL_BYTES / 1e6:.0f} MB"
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _whole(path, "there is no such file", _neighbours(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _whole(path, f"the file cannot be read: {reason}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the file is not UTF-8: byte 0x{raw[error.start]:02x} is no character"
        raise StudyError(str(path), [Problem(line, column, "", message, "save it with the encoding UTF-8")]) from None


def _neighbours(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    names = sorted(entry.name for entry in folder.iterdir() if entry.suffix in {".yaml", ".yml"})
    near = nearest(path.name, names) or nearest(f"{path.stem}.yaml", names)
    meant = f"did you mean {folder / near}? " if near else ""
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"{meant}there are: {shown}" if names else f"{folder} has no study files"


def _compose(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an anchor that is set twice is allowed by YAML
        node: Node | None = yaml.compose(text)
    return node


class _Reader:
    """Turns nodes into values, and notes places."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.open: list[Node] = []

    def read(self, root: Node) -> None:
        self.document.value = self._value(root, ())

    def _value(self, node: Node, location: Location) -> Any:
        self.count += 1
        if self.count > MAXIMAL_VALUES:
            raise MarkedYAMLError(problem=syntax.TOO_MANY, problem_mark=node.start_mark)
        if any(node is outer for outer in self.open):
            raise MarkedYAMLError(problem=syntax.OWN_ALIAS, problem_mark=node.start_mark)
        if isinstance(node, ScalarNode) and not node.value and not node.style:
            return None  # nothing is written: the place of such a value is that of its key
        self.document.values[location] = _place(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node, location)
        if node.tag not in {f"{_PREFIX}map", f"{_PREFIX}seq"}:
            self._tag_fault(node, location)
        self.open.append(node)
        value = self._mapping(node, location) if isinstance(node, MappingNode) else self._sequence(node, location)
        self.open.pop()
        return value

    def _sequence(self, node: Node, location: Location) -> list[Any]:
        return [self._value(item, (*location, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, location: Location, merged: bool = False) -> dict[str, Any]:
        value: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_PREFIX}merge":
                inherited = {**self._merged(value_node, location), **inherited}
                continue
            name = self._key(key_node, location)
            if name in value:
                first = self.document.keys[(*location, name)]
                self._fault(key_node, (*location, name), f"'{name}' is here twice", f"it is in line {first.line} too")
                continue
            self.document.keys[(*location, name)] = _place(key_node)
            value[name] = self._value(value_node, (*location, name))
        return {**inherited, **value} if inherited else value

    def _merged(self, node: Node, location: Location) -> dict[str, Any]:
        """Read what `<<` brings in; earlier mappings win over later ones, as YAML's merge key says."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        result: dict[str, Any] = {}
        for part in parts:
            if not isinstance(part, MappingNode):
                self._fault(part, location, "'<<' can take in a mapping only", "write `<<: *name`")
                continue
            keys, values = dict(self.document.keys), dict(self.document.values)
            read = self._value(part, location)
            # Places of keys that are already there stay; those of the merged ones are where they are written.
            self.document.keys.update(keys)
            self.document.values.update(values)
            result = {**read, **result}
        return result

    def _key(self, node: Node, location: Location) -> str:
        if not isinstance(node, ScalarNode):
            self._fault(node, location, "a key must be text, not a list or a mapping", "put it in quotes")
            return "?"
        key = self._scalar(node, location)
        return key if isinstance(key, str) else label_text(key)

    def _scalar(self, node: ScalarNode, location: Location) -> Any:
        text: str = node.value
        kind = str(node.tag).removeprefix(_PREFIX)
        if node.style in {"'", '"', "|", ">"} and kind != "str":
            kind = "explicit"
        try:
            return _SCALARS[kind](text)
        except (KeyError, ValueError):
            if kind in {"int", "float"}:
                return text
            self._tag_fault(node, location)
            return text

    def _tag_fault(self, node: Node, location: Location) -> None:
        tag = str(node.tag).replace(_PREFIX, "!!")
        self._fault(node, location, f"the tag {tag} is not allowed here", "remove it: a study is plain data")

    def _fault(self, node: Node, location: Location, message: str, hint: str) -> None:
        self.document.problems.append(self.document.at(_place(node), dotted(location), message, hint))


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _integer(text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.lstrip("+"))
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("no setting is as large as that")
    return sign * int(digits[2:] if base != 10 else digits, base)


def _float(text: str) -> float:
    named = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
    return named[text.lower()] if text.lower() in named else float(text)


_SCALARS: dict[str, Any] = {
    "str": str,
    "int": _integer,
    "float": _float,
    "bool": lambda text: text.lower() == "true",
    "null": lambda _: None,
    "timestamp": str,
    "value": str,
}


def label_text(value: Any) -> str:
    """Write a scalar as the label of a level: the shortest text of a number, ``none``, ``true``, ``false``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, (int, float)) else str(value)
