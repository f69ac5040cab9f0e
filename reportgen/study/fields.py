"""Annotations that a figure kind or another entry uses to say what one of its parameters names."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

if TYPE_CHECKING:
    from pydantic import BaseModel


class NamesFactor:
    """Marks a parameter whose value names a factor of the study."""


FactorName = Annotated[str, NamesFactor(), Field(json_schema_extra={"factor": True})]
"""The name of a factor of the study: ``def make(study, analysis, *, colour: FactorName | None = None)``."""


def factor_parameters(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the parameters that are annotated with `FactorName`, in the model's order."""
    return tuple(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(mark, NamesFactor) for mark in (*field.metadata, *_marks(field.annotation)))
    )


def _marks(annotation: Any) -> Iterator[Any]:
    """Yield the metadata of `annotation` and of all that it is composed of."""
    yield from getattr(annotation, "__metadata__", ())
    for part in typing.get_args(annotation):
        yield from _marks(part)
