"""The JSON Schema of study files, which editors use to complete and check them.

It describes the built-in catalogue. ``python -m reportgen.study.jsonschema studies/study.schema.json`` writes it.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reportgen import registry
from reportgen.registry import Entry, Registry
from reportgen.study import schema
from reportgen.study.configuration import SECTIONS

Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_LABELS: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}


def study_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a study file, in a fixed order."""
    whole: Schema = _tidy(schema.StudyFile.model_json_schema(), ("$defs",))
    definitions: Schema = whole["$defs"]
    definitions["task"] = _component("task", registry.tasks, definitions)
    definitions["architecture"] = _component("architecture", registry.architectures, definitions)
    definitions["remedy"] = _component("remedy", registry.remedies, definitions)
    definitions["figure"] = _figure(definitions)
    definitions["settings"] = _settings(definitions)
    definitions["levels"] = _levels()
    base = definitions["Base"]["properties"]
    base["task"] = {"$ref": "#/$defs/task"}
    base["architecture"] = {"$ref": "#/$defs/architecture"}
    base["remedies"]["items"] = {"$ref": "#/$defs/remedy"}
    properties = whole["properties"]
    properties["report"]["items"] = {"$ref": "#/$defs/figure"}
    properties["factors"]["additionalProperties"] = {"$ref": "#/$defs/levels"}
    properties["baseline"]["additionalProperties"] = _SCALAR
    properties["seeds"] = {
        "description": properties["seeds"]["description"],
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000}, {"$ref": "#/$defs/Seeds"}],
    }
    definitions["Exclude"]["properties"]["when"]["additionalProperties"] = _LABELS
    profile = definitions["Profile"]["properties"]
    profile["set"] = {"$ref": "#/$defs/settings", "description": profile["set"]["description"]}
    profile["factors"]["additionalProperties"] = {
        "anyOf": [{"type": "array", "items": _SCALAR}, {"$ref": "#/$defs/levels"}]
    }
    rates = definitions["Training"]["properties"]["learning_rate"]
    listed = {key: value for key, value in rates.items() if key != "description"}
    one = listed["items"]
    definitions["Training"]["properties"]["learning_rate"] = {
        "description": rates["description"],
        "anyOf": [one, {**listed, "minItems": 1, "uniqueItems": True}],
    }
    definitions.pop("Report", None)
    ordered = {name: definitions[name] for name in sorted(definitions)}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A reportgen study"}
    return {**head, **{key: value for key, value in whole.items() if key not in {"title", "$defs"}}, "$defs": ordered}


def text() -> str:
    """Return the schema as the text of ``studies/study.schema.json``."""
    return json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any, path: tuple[str, ...] = ()) -> Any:
    """Drop the titles that pydantic makes from names, and the defaults of whole sections: their keys have their own."""
    if isinstance(node, dict):
        named = bool(path) and path[-1] in {"properties", "$defs"}
        return {
            key: _tidy(value, (*path, key))
            for key, value in node.items()
            if named or not (key == "title" or (key == "default" and "$ref" in node))
        }
    return [_tidy(item, path) for item in node] if isinstance(node, list) else node


def _builtin(held: Registry[Any]) -> list[Entry[Any]]:
    return [entry for entry in held.entries() if entry.make.__module__.startswith("reportgen.")]


def _parameters(entry: Entry[Any], definitions: Schema) -> tuple[Schema, list[str]]:
    """Return the schema of an entry's parameters and the names of those that must be given."""
    own = _tidy(entry.parameters.model_json_schema(), ("$defs",))
    definitions.update(copy.deepcopy(own.pop("$defs", {})))
    return own.get("properties", {}), own.get("required", [])


def _component(noun: str, held: Registry[Any], definitions: Schema) -> Schema:
    entries = _builtin(held)
    names = {
        "description": f"A {noun} with its default parameters." if noun[0] not in "aeiou" else f"An {noun}.",
        "oneOf": [{"const": entry.name, "description": entry.summary} for entry in entries],
    }
    mappings = []
    for entry in entries:
        properties, required = _parameters(entry, definitions)
        mappings.append(
            {
                "type": "object",
                "description": entry.summary,
                "properties": {"name": {"const": entry.name, "description": entry.summary}, **properties},
                "required": ["name", *required],
                "additionalProperties": False,
            }
        )
    return {"oneOf": [names, *mappings] if entries else [{"type": ["string", "object"]}]}


def _figure(definitions: Schema) -> Schema:
    common: Schema = definitions["Report"]["properties"]
    common["where"]["additionalProperties"] = _LABELS
    kinds = []
    for entry in _builtin(registry.figures):
        properties, required = _parameters(entry, definitions)
        kinds.append(
            {
                "type": "object",
                "description": entry.summary,
                "properties": {
                    **common,
                    "kind": {"const": entry.name, "description": entry.summary},
                    **properties,
                },
                "required": ["id", "kind", "title", *required],
                "additionalProperties": False,
            }
        )
    return {"oneOf": kinds} if kinds else {"type": "object", "properties": common}


def _settings(definitions: Schema) -> Schema:
    """Return the schema of a mapping from dotted paths to values."""
    properties: Schema = {
        "task": {"$ref": "#/$defs/task"},
        "architecture": {"$ref": "#/$defs/architecture"},
        "remedies": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/remedy"}}, {"$ref": "#/$defs/remedy"}]},
        "seeds": {"anyOf": [{"type": "integer", "minimum": 1}, {"$ref": "#/$defs/Seeds"}]},
        "target": {"anyOf": [{"$ref": "#/$defs/Target"}, {"type": "null"}]},
    }
    for section, model in SECTIONS.items():
        for key in model.model_fields:
            properties[f"{section}.{key}"] = {"$ref": f"#/$defs/{model.__name__}/properties/{key}"}
    roots: Iterable[tuple[str, Registry[Any]]] = (("task", registry.tasks), ("architecture", registry.architectures))
    for root, held in roots:
        offers: dict[str, list[Mapping[str, Any]]] = {}
        for entry in _builtin(held):
            for key, value in _parameters(entry, definitions)[0].items():
                offers.setdefault(key, []).append(value)
        for key in sorted(offers):
            distinct = [offer for index, offer in enumerate(offers[key]) if offer not in offers[key][:index]]
            properties[f"{root}.{key}"] = dict(distinct[0]) if len(distinct) == 1 else {"anyOf": distinct}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _levels() -> Schema:
    named: Schema = {
        "type": "object",
        "properties": {"label": _SCALAR, "value": {}},
        "required": ["label", "value"],
        "additionalProperties": False,
    }
    return {
        "anyOf": [
            {
                "type": "array",
                "minItems": 1,
                "description": "Levels of the dotted path that names the factor.",
                "items": {"anyOf": [_SCALAR, named]},
            },
            {
                "type": "object",
                "minProperties": 1,
                "description": "Label of a level to what it sets.",
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/settings"}, {"type": "null"}]},
            },
        ]
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
