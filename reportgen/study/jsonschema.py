"""The JSON Schema of study files, which editors use to complete and check them.

``python -m reportgen.study.jsonschema studies/study.schema.json`` writes that of the built-in catalogue;
``reportgen schema`` that of a catalogue with plug-ins.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportgen import registry
from reportgen.registry import Entry, Registry
from reportgen.study import schema
from reportgen.study.configuration import SECTIONS

Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_LABELS: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}


def study_schema(plugins: bool = False) -> Schema:
    """Return the JSON Schema (draft 2020-12) of a study file, in a fixed order.

    Parameters
    ----------
    plugins : bool
        Whether entries from outside this package are described too: those that are installed, and those of modules
        that have been imported.
    """
    whole: Schema = _tidy(schema.StudyFile.model_json_schema(), ("$defs",))
    definitions: Schema = whole["$defs"]
    definitions["task"] = _component("task", _entries(registry.tasks, plugins), definitions)
    definitions["architecture"] = _component("architecture", _entries(registry.architectures, plugins), definitions)
    definitions["remedy"] = _component("remedy", _entries(registry.remedies, plugins), definitions)
    definitions["figure"] = _figure(_entries(registry.figures, plugins), definitions)
    definitions["settings"] = _settings(plugins, definitions)
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
    evidence = definitions["Evidence"]["properties"]
    for selection in (evidence["compare"], evidence["where"], evidence["against"]["anyOf"][0]):
        selection["additionalProperties"] = _LABELS
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


def text(plugins: bool = False) -> str:
    """Return the schema as the text of a file; that without plug-ins is ``studies/study.schema.json``."""
    return json.dumps(study_schema(plugins), indent=2, ensure_ascii=False) + "\n"


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


def _entries(held: Registry[Any], plugins: bool) -> list[Entry[Any]]:
    return [entry for entry in held.entries() if plugins or entry.make.__module__.startswith("reportgen.")]


def _parameters(entry: Entry[Any], definitions: Schema) -> tuple[Schema, list[str]]:
    """Return the schema of an entry's parameters and the names of those that must be given."""
    own = _tidy(entry.parameters.model_json_schema(), ("$defs",))
    # A plug-in's types may have the names of other types: those that differ get names of their own.
    taken = {name for name, value in own.get("$defs", {}).items() if definitions.get(name, value) != value}
    own = _renamed(own, {f"#/$defs/{name}": f"#/$defs/{entry.kind}-{entry.name}-{name}" for name in taken})
    for name, value in own.pop("$defs", {}).items():
        definitions[f"{entry.kind}-{entry.name}-{name}" if name in taken else name] = copy.deepcopy(value)
    return own.get("properties", {}), own.get("required", [])


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """Let references lead to other names."""
    if isinstance(node, dict):
        return {
            k: names.get(v, v) if k == "$ref" and isinstance(v, str) else _renamed(v, names) for k, v in node.items()
        }
    return [_renamed(item, names) for item in node] if isinstance(node, list) else node


def _component(noun: str, entries: Sequence[Entry[Any]], definitions: Schema) -> Schema:
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


def _figure(entries: Sequence[Entry[Any]], definitions: Schema) -> Schema:
    common: Schema = definitions["Report"]["properties"]
    common["where"]["additionalProperties"] = _LABELS
    kinds = []
    for entry in entries:
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


def _settings(plugins: bool, definitions: Schema) -> Schema:
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
        for entry in _entries(held, plugins):
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
