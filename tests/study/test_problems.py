"""pydantic's errors as plain sentences."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Len
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from reportgen.study.problems import faults, shown_value


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    scheme: Literal["he", "glorot"]


def told(annotation: Any, value: Any) -> tuple[str, str]:
    """Return message and hint for a wrong value of one parameter."""
    model = create_model("m", __config__=ConfigDict(extra="forbid", strict=True), x=(annotation, ...))
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"x": value})
    found = faults(caught.value, {"x": value}, ("x",), "parameter")
    assert len(found) == 1, found
    assert found[0][0][:1] == ("x",)
    return found[0][1], found[0][2]


@pytest.mark.parametrize(
    ("annotation", "value", "message", "hint"),
    [
        (int, "many", "must be a whole number, not 'many'", ""),
        (int, "5", "must be a whole number, not '5'", "remove the quotes"),
        (int, 1e3, "must be a whole number, not 1000.0", "write 1000"),
        (int, True, "must be a whole number, not true", ""),
        (float, None, "must be a number, not empty", "give a value, or remove the key"),
        (float, [1], "must be a number, not a list", ""),
        (str, 1.0, "must be text, not 1.0", 'put it in quotes: "1.0"'),
        (bool, "no", "must be true or false, not 'no'", ""),
        (list[int], {}, "must be a list, not a mapping", ""),
        (Annotated[int, Ge(1)], 0, "must be at least 1, not 0", ""),
        (Annotated[float, Gt(0)], -2.5, "must be greater than 0, not -2.5", ""),
        (Annotated[list[int], Len(2)], [1], "must be a list of at least 2, not a list", ""),
        (int | None, "a", "must be a whole number, not 'a'", ""),
        (int | list[int], "a", "must be a whole number or a list, not 'a'", ""),
        (Literal["tanh", "relu"], "relo", "'relo' is not allowed here", "did you mean 'relu'? allowed: tanh, relu"),
        (Literal["tanh", "relu"], 3, "must be one of tanh or relu, not 3", ""),
        (
            Literal["he", "glorot"] | Inner,
            "hee",
            "'hee' is not allowed here",
            "did you mean 'he'? allowed: he, glorot; or give a mapping of keys to values",
        ),
    ],
)
def test_a_wrong_value_is_told_plainly(annotation: Any, value: Any, message: str, hint: str) -> None:
    assert told(annotation, value) == (message, hint)


def test_the_place_of_an_error_in_a_union_leaves_out_the_branch() -> None:
    model = create_model("m", x=(list[int | str] | Inner, ...))
    given = {"x": {"scheme": "hee"}}
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    assert ("x", "scheme") in [fault[0] for fault in faults(caught.value, given, ("x",), "key")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), ".nan"), (float("-inf"), "-.inf"), ([], "an empty list"), ("x" * 99, f"'{'x' * 57}…'")],
)
def test_values_are_shown_as_yaml_has_them(value: object, text: str) -> None:
    assert shown_value(value) == text
