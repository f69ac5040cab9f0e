"""What a parameter may be, in words, from the JSON Schema of its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reportgen.pages import numbers

_BOUNDS = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
_WORDS = {"string": "text", "boolean": "true or false", "null": "null", "object": "mapping"}


def allowed(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Say what a schema allows: "integer ≥ 1", "tanh, relu or linear", "number > 0, or null"."""
    if "$ref" in schema:
        return allowed(definitions.get(schema["$ref"].rpartition("/")[2], {}), definitions)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            parts = list(dict.fromkeys(allowed(part, definitions) for part in schema[key]))
            return _joined(parts, ", or " if any(" " in part for part in parts) else " or ")
    if "const" in schema:
        return written(schema["const"])
    if "enum" in schema:
        names = [written(value) for value in schema["enum"]]
        return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    kind = schema.get("type", "")
    if kind in ("integer", "number"):
        return _number(kind, schema)
    if kind == "array":
        items = schema.get("items")
        return f"list of: {allowed(items, definitions)}" if items else "list"
    if kind == "object" and schema.get("required"):
        return f"mapping with {' and '.join(schema['required'])}"
    return _WORDS.get(kind, "anything")


def written(value: Any) -> str:
    """Write a value as a study file has it, on one line."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value)


def _number(kind: str, schema: Mapping[str, Any]) -> str:
    bounds = [f"{sign}{numbers.NBSP}{numbers.setting(schema[key])}" for key, sign in _BOUNDS if key in schema]
    return f"{kind} {' and '.join(bounds)}".rstrip()


def _joined(parts: list[str], last: str) -> str:
    return f"{', '.join(parts[:-1])}{last}{parts[-1]}" if len(parts) > 1 else "".join(parts)
