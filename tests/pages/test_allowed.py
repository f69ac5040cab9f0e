from __future__ import annotations

from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Lt
from pydantic import BaseModel, create_model

from reportgen.pages.allowed import allowed, written


class Window(BaseModel):
    length: int
    kind: str = "hann"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Annotated[int, Ge(1)], "integer ≥\u00a01"),
        (Annotated[float, Ge(0), Lt(1)], "number ≥\u00a00 and <\u00a01"),
        (Literal["tanh", "relu", "linear"], "tanh, relu or linear"),
        (Literal["one"], "one"),
        (Annotated[float, Gt(0)] | None, "number >\u00a00, or null"),
        (int | None, "integer or null"),
        (bool, "true or false"),
        (str, "text"),
        (list[int], "list of: integer"),
        (Window, "mapping with length"),
        (dict[str, float], "mapping"),
        (object, "anything"),
    ],
)
def test_a_type_is_told_in_words(annotation, words):
    schema = create_model("given", value=(annotation, ...)).model_json_schema()
    assert allowed(schema["properties"]["value"], schema.get("$defs", {})) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1e-4, "0.0001"),
        (-1.0, "-1"),
        ({"name": "he", "gain": 2.0}, "{name: he, gain: 2}"),
        ([1, "a"], "[1, a]"),
    ],
)
def test_a_value_is_written_as_a_study_file_has_it(value, text):
    assert written(value) == text
