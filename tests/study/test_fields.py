"""Parameters that name a factor are found wherever the annotation stands."""

from __future__ import annotations

from pydantic import create_model

from reportgen.study.fields import FactorName, factor_parameters


def test_parameters_that_name_a_factor() -> None:
    model = create_model(
        "m", plain=(FactorName, ...), optional=(FactorName | None, None), several=(list[FactorName], []), text=(str, "")
    )
    assert factor_parameters(model) == ("plain", "optional", "several")
    assert model.model_json_schema()["properties"]["plain"]["factor"] is True
