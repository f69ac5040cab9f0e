"""Faults of a study file, collected, placed, and said in plain sentences."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from reportgen.errors import Problem, StudyError, UnknownName, nearest
from reportgen.study.document import Document, Location

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)


class Problems:
    """Collects the problems of a document; the same fault at the same place is told once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[tuple[int, int, str], Problem] = {}
        for problem in document.problems:
            self._keep(problem)

    def add(self, location: Location, message: str, hint: str = "", key: bool = False) -> None:
        """Add a problem with the value at `location`, or with its key."""
        self._keep(self.document.problem(location, message, hint, key))

    def unknown(self, location: Location, error: UnknownName, key: bool = False) -> None:
        """Add a name that does not exist."""
        self.add(location, error.message, error.hint, key)

    def whole(self, message: str, hint: str = "") -> None:
        """Add a problem with the file as a whole."""
        self._keep(Problem(0, 0, "", message, hint))

    def _keep(self, problem: Problem) -> None:
        self._found.setdefault((problem.line, problem.column, problem.message), problem)

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> list[Problem]:
        """All problems in the order of the file."""
        return sorted(self._found.values(), key=lambda problem: (problem.line, problem.column))

    def raise_any(self) -> None:
        """Raise a StudyError if there is a problem."""
        if self._found:
            raise StudyError(self.document.path, self.sorted())

    def validated(self, model: type[M], value: Any, location: Location) -> M | None:
        """Check a value against a model; add what is wrong and return None, or return the instance."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for path, message, hint, key in faults(error, value, (), "key"):
                held = _model_at(model, path[:-1])
                if not hint and key and held:
                    absent = held.model_fields.get(str(path[-1]))
                    hint = (absent.description or "") if absent else choice(str(path[-1]), held.model_fields)
                self.add((*location, *path), message, hint, key)
            return None


def _model_at(model: type[BaseModel], path: Location) -> type[BaseModel] | None:
    """Return the model that describes what is at `path` below a model."""
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str) and current is not None:
            known = current.model_fields.get(part)
            current = _first_model(known.annotation) if known else None
    return current


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_first_model(part) for part in typing.get_args(annotation))
    return next((model for model in found if model), None)


def faults(
    error: ValidationError, given: Any, known: Sequence[str], noun: str
) -> list[tuple[Location, str, str, bool]]:
    """Turn pydantic's errors into (location below `given`, message, hint, whether the key is meant).

    Parameters
    ----------
    error : pydantic.ValidationError
    given : object
        What was checked.
    known : sequence of str
        Keys that the outermost mapping may have.
    noun : str
        What such a key is called ("key", "parameter").
    """
    grouped: dict[Location, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(_path(detail, given), []).append(detail)
    result = []
    for path, details in grouped.items():
        first = details[0]
        kind = first["type"]
        context = first.get("ctx", {})
        if kind == "extra_forbidden":
            names = known if len(path) == 1 else ()
            result.append((path, f"there is no {noun} called '{path[-1]}'", choice(str(path[-1]), names), True))
        elif kind == "missing":
            result.append((path, "is missing", "", True))
        elif kind == "sentence":
            item = context.get("item")
            place = path if item is None else (*path, item)
            result.append((place, str(context["message"]), str(context["hint"]), False))
        else:
            result.append((path, *_sentence(details, _at(given, path)), False))
    return result


def choice(name: str, names: Iterable[str]) -> str:
    """Say which name was probably meant, and which there are, in their own order."""
    allowed = list(names)
    near = nearest(name, allowed)
    meant = f"did you mean '{near}'? " if near else ""
    return f"{meant}allowed: {', '.join(allowed)}" if allowed else ""


def _path(detail: ErrorDetails, given: Any) -> Location:
    """Follow an error's location through the data; names of the branches of a union are left out."""
    path: list[str | int] = []
    value: Any = given
    for part in detail["loc"]:
        keyed = isinstance(value, dict) and part in value
        if keyed or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            path.append(part)
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _at(given: Any, path: Location) -> Any:
    for part in path:
        given = given[part]
    return given


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a finite number",
    "string": "text",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a mapping of keys to values",
    "mapping": "a mapping of keys to values",
    "model": "a mapping of keys to values",
    "model_attributes": "a mapping of keys to values",
    "dataclass": "a mapping of keys to values",
    "none_required": "null",
}

_BOUNDS = {
    "greater_than": ("greater than {gt}", "gt"),
    "greater_than_equal": ("at least {ge}", "ge"),
    "less_than": ("less than {lt}", "lt"),
    "less_than_equal": ("at most {le}", "le"),
    "multiple_of": ("a multiple of {multiple_of}", "multiple_of"),
    "too_short": ("a list of at least {min_length}", "min_length"),
    "too_long": ("a list of at most {max_length}", "max_length"),
    "string_too_short": ("text of at least {min_length} characters", "min_length"),
    "string_too_long": ("text of at most {max_length} characters", "max_length"),
}


def _sentence(details: Sequence[ErrorDetails], value: Any) -> tuple[str, str]:
    """Say what a value must be (several details are the branches of a union) and what it is."""
    own = [detail for detail in details if detail["type"] in {"value_error", "assertion_error"}]
    if own:
        raised = own[0].get("ctx", {}).get("error")
        return str(raised) if raised is not None else own[0]["msg"], ""
    literal = [str(detail.get("ctx", {})["expected"]) for detail in details if detail["type"] == "literal_error"]
    names = [name for text in literal for name in re.findall(r"'([^']*)'", text)]
    phrases = list(dict.fromkeys(_phrase(detail) for detail in details))
    shown = shown_value(value)
    if names and isinstance(value, str):
        others = [phrase for phrase in phrases if not phrase.startswith("one of ")]
        meaning = f"; or give {' or '.join(others)}" if others else ""
        return f"'{value}' is not allowed here", choice(value, names) + meaning
    return f"must be {' or '.join(phrases)}, not {shown}", _remedy(details, value)


def _phrase(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "literal_error":
        return "one of " + str(context["expected"]).replace("'", "")
    if kind in _BOUNDS:
        pattern, name = _BOUNDS[kind]
        return pattern.format(**{name: number_text(context[name])})
    stem = re.sub(r"_(type|parsing|from_float|from_integer|parsing_size|unicode)$", "", kind)
    return _EXPECTED.get(stem) or re.sub(r"^Input should be (a valid )?", "", detail["msg"])


def _remedy(details: Sequence[ErrorDetails], value: Any) -> str:
    kinds = {detail["type"] for detail in details}
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if "string_type" in kinds and (number or isinstance(value, bool)):
        return f'put it in quotes: "{value}"'
    if "int_type" in kinds and number and math.isfinite(value) and value == int(value):
        return f"write {int(value)}"
    if (
        kinds & {"int_type", "float_type"}
        and isinstance(value, str)
        and re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", value)
    ):
        return "remove the quotes"
    if value is None:
        return "give a value, or remove the key"
    return ""


def number_text(value: Any) -> str:
    """Write a number without a needless ``.0``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def shown_value(value: Any) -> str:
    """Write a value for a message: short, as YAML would have it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}…'"
    text = str(value) if not isinstance(value, int) or abs(value) < 10**20 else "a number with more than 20 digits"
    return text
