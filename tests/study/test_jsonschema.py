"""The JSON Schema: fresh, in a fixed order, and of one mind with the checker."""

from __future__ import annotations

import json
import random
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from reportgen import registry
from reportgen.study import template
from reportgen.study.claims import REGISTER
from reportgen.study.jsonschema import study_schema, text

STUDIES = Path(__file__).parents[2] / "studies"
STUDY_FILES = sorted(path for path in STUDIES.glob("*.yaml") if path.name != REGISTER)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(study_schema())


def test_the_file_is_fresh() -> None:
    held = (STUDIES / "study.schema.json").read_text(encoding="utf-8")
    assert held == text(), "run `python -m reportgen.study.jsonschema studies/study.schema.json`"


def test_the_order_does_not_depend_on_the_order_of_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = text()
    entries = list(registry.architectures._entries.items())
    random.Random(3).shuffle(entries)
    monkeypatch.setattr(registry.architectures, "_entries", dict(reversed(entries)))
    assert text() == expected


def test_it_is_a_json_schema_and_every_key_of_it_is_described() -> None:
    schema = study_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, value in schema["properties"].items():
        named = schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
        assert value.get("description") or named.get("description"), name
    assert json.loads(text()) == schema


@pytest.mark.parametrize("path", STUDY_FILES, ids=lambda path: path.stem)
def test_our_studies_fit_it(path: Path, validator: jsonschema.Draft202012Validator) -> None:
    loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    loaded["date"] = str(loaded.get("date", ""))  # a date is text in YAML 1.2, as editors and our reader take it
    errors = validator.iter_errors(loaded)
    assert [(error.json_path, error.message) for error in errors] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("titel", "x"),
        ("base.architecture.dept", 3),
        ("base.architecture", "mlpp"),
        ("base.task", {"name": "digits", "x": 1}),
        ("training.optimiser", "adm"),
        ("training.learning_rate", [0.1, -1]),
        ("seeds", "many"),
        ("factors", {"architecture.depth": []}),
        ("factors", {"a": {"b": {"architecture.dept": 3}}}),
        ("measure", {"quantities": ["weight_nrm"]}),
        ("profiles.quick.set", {"seed.judged": 3}),
        ("claims", [{"id": "a", "estimate": "sucess"}]),
    ],
)
def test_it_refuses_what_the_checker_refuses(
    path: str, value: object, validator: jsonschema.Draft202012Validator
) -> None:
    study = YAML(typ="safe", pure=True).load(template("a"))
    assert validator.is_valid(study)
    *parents, last = path.split(".")
    holder = study
    for key in parents:
        holder = holder[key]
    holder[last] = value
    assert not validator.is_valid(study)
