"""From a study and its analysis to the figures that its report asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportgen import registry

if TYPE_CHECKING:
    from reportgen.figures.base import Figure
    from reportgen.study.spec import Study


def prepare(study: Study, analysis: Any) -> tuple[Figure, ...]:
    """Prepare all figures of a study's report, in its order; nothing is drawn.

    Parameters
    ----------
    study : Study
    analysis : reportgen.analyse.study.Analysis

    Returns
    -------
    tuple of Figure
        A figure without any data has an empty frame, and its alternative text says why.

    Raises
    ------
    UnknownName
        If the report names a figure kind, a factor or an estimate that does not exist.
    """
    return tuple(
        registry.figures[request.kind].make(study, analysis, request, **request.parameters) for request in study.report
    )
