"""Evidence: what one study has to say of a claim, as the pages show it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.analyse.estimates import KINDS
from reportgen.pages import numbers
from reportgen.pages.arms import Cell
from reportgen.pages.entries import records
from reportgen.study.outcomes import OUTCOMES, SHARE_SCALES, Outcome

if TYPE_CHECKING:
    from reportgen.analyse.claims import ClaimResult
    from reportgen.pages.gather import FigureView, StudyView
    from reportgen.study.spec import ClaimRequest, Study

LEFT_OUT = "left out"
"""Where a comparison does not count."""

DIRECTIONS = {"higher": "higher", "lower": "lower", "nearer-one": "nearer to 1"}

GLYPH_WIDTH, GLYPH_MARGIN = 84.0, 4.0


@dataclass(frozen=True)
class Spread:
    """A small drawing of an effect with its interval, beside no effect and the smallest that matters."""

    low: float
    middle: float
    high: float
    nothing: float
    margin: float


@dataclass(frozen=True)
class StratumRow:
    """One comparison as it is written."""

    name: str
    effect: Cell
    spread: Spread | None
    n: int
    p_supported: str
    p_refuted: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Evidence:
    """What one study has to say of a claim."""

    view: StudyView
    result: ClaimResult
    facts: tuple[tuple[str, str], ...]
    rows: tuple[StratumRow, ...]
    figure: FigureView | None

    @property
    def title(self) -> str:
        """The study, and what it measures."""
        return f"{self.view.entry.study.title}: {OUTCOMES[self.result.request.estimate].title.lower()}"

    @property
    def verdict(self) -> str:
        """The verdict of this piece."""
        return self.result.verdict

    @property
    def is_ratio(self) -> bool:
        """Whether its effects are ratios, so that 1 is none."""
        return OUTCOMES[self.result.request.estimate].is_ratio


def gather_evidence(view: StudyView, result: ClaimResult) -> Evidence:
    """Return a piece of evidence as the pages show it."""
    request, study = result.request, view.entry.study
    outcome = OUTCOMES[request.estimate]
    lines = records(result.strata)
    drawing = _Drawing(lines, outcome, request.margin)
    rows = tuple(_row(line, outcome, drawing) for line in lines)
    figure = next((shown for shown in view.figures if shown.figure.id == request.figure), None)
    return Evidence(view, result, tuple(_facts(study, request, rows, _family(view, request))), rows, figure)


def _family(view: StudyView, request: ClaimRequest) -> int:
    """Return the number of tests that the p-values of a claim in a study are adjusted for."""
    same = [result.strata for result in view.entry.evidence if result.request.id == request.id]
    return sum(int(strata[["p_supported", "p_refuted"]].notna().to_numpy().sum()) for strata in same)


def _facts(study: Study, request: ClaimRequest, rows: Sequence[StratumRow], family: int) -> Iterable[tuple[str, str]]:
    """Yield how a claim was tested, as (term, words)."""
    outcome = OUTCOMES[request.estimate]
    yield "Compared", levels(study, request.compare)
    against = request.against
    yield "With", levels(study, against) if isinstance(against, Mapping) else f"the number {numbers.setting(against)}"
    if request.where:
        yield "Only", levels(study, request.where)
    meaning = KINDS[request.estimate].meaning if request.estimate in KINDS else ""
    yield "By", f"{outcome.title}. {meaning}" if meaning else outcome.title
    yield "Claimed", f"{DIRECTIONS[request.direction]} with the first"
    yield "Smallest difference that matters", f"{margin_text(request.margin, outcome)}: {request.why}"
    if family:
        yield "Family", f"{family} tests of this claim in this study, in both directions; p-values adjusted (Holm)"
    runs = sorted({row.n for row in rows if row.n})
    if runs:
        most = "" if runs[0] == runs[-1] else f" to {runs[-1]}"
        yield "Seeds in each comparison", f"{runs[0]}{most}"


def levels(study: Study, selection: Mapping[str, Sequence[str]]) -> str:
    """Write a selection of arms: "Activation ReLU; Depth 5 or 20"."""
    labels = {factor.name: factor.label or factor.name for factor in study.factors}
    return "; ".join(f"{labels.get(name, name)}: {_or(given)}" for name, given in selection.items())


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def margin_text(margin: float, outcome: Outcome) -> str:
    """Write the smallest difference that matters."""
    if outcome.is_ratio:
        return f"{numbers.setting(margin)} times"
    if outcome.scale in SHARE_SCALES:
        return f"{numbers.setting(100 * margin)} percentage points"
    return f"{numbers.setting(margin)} {outcome.unit}".rstrip()


ROUNDED = 1e-6
"""Differences below this are rounding errors, and written as 0."""


def effect_texts(estimate: float, low: float, high: float, outcome: Outcome) -> tuple[str, str, str]:
    """Write an effect and the ends of its interval; positive, or above 1 for ratios, is as claimed."""
    if outcome.is_ratio:
        text, lower, upper = numbers.interval(estimate, low, high)
        return f"{text}{numbers.NBSP}×", lower, upper
    scale = 100.0 if outcome.scale in SHARE_SCALES else 1.0
    given = tuple(0.0 if abs(value) < ROUNDED else scale * value for value in (estimate, low, high))
    written = numbers.interval(given[0], given[1], given[2])
    texts = [f"+{text}" if value > 0 and text else text for text, value in zip(written, given, strict=True)]
    unit = "points" if scale > 1 else outcome.unit
    return f"{texts[0]}{numbers.NBSP}{unit}" if unit else texts[0], texts[1], texts[2]


def _row(line: Any, outcome: Outcome, drawing: _Drawing) -> StratumRow:
    effect, spread = Cell(numbers.NONE), None
    if math.isfinite(line.effect):
        texts = effect_texts(line.effect, line.low, line.high, outcome)
        effect, spread = Cell(*texts, sort=f"{line.effect:.12g}"), drawing.spread(line)
    p_values = _p(line.p_supported), _p(line.p_refuted)
    name, verdict = line.stratum or "all arms", line.verdict or LEFT_OUT
    return StratumRow(name, effect, spread, int(line.n), *p_values, verdict, line.reason)


class _Drawing:
    """Places effects of one piece of evidence on a common scale, logarithmic for ratios."""

    def __init__(self, lines: Sequence[Any], outcome: Outcome, margin: float) -> None:
        self._is_ratio = outcome.is_ratio
        self._nothing, self._margin = (1.0 if outcome.is_ratio else 0.0), margin
        ends = [end for line in lines for end in (line.effect, line.low, line.high) if self._drawable(end)]
        placed = [self._along(end) for end in (*ends, self._nothing, margin)]
        self._least, self._span = min(placed), (max(placed) - min(placed)) or 1.0

    def spread(self, line: Any) -> Spread | None:
        """Return the drawing of a comparison; ends that cannot be drawn fall on the effect."""
        if not self._drawable(line.effect):
            return None
        low, high = (end if self._drawable(end) else line.effect for end in (line.low, line.high))
        return Spread(*(self._place(value) for value in (low, line.effect, high, self._nothing, self._margin)))

    def _drawable(self, value: float) -> bool:
        return math.isfinite(value) and (value > 0 or not self._is_ratio)

    def _along(self, value: float) -> float:
        return math.log(value) if self._is_ratio else value

    def _place(self, value: float) -> float:
        share = (self._along(value) - self._least) / self._span
        return round(GLYPH_MARGIN + (GLYPH_WIDTH - 2 * GLYPH_MARGIN) * share, 1)


def _p(value: float) -> str:
    if not math.isfinite(value):
        return numbers.NONE
    return "<\u202f0.001" if value < 0.001 else numbers.fixed(value, 3)
