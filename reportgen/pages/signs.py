"""The page of the signs: which to watch early in a run, with which threshold, and what each misses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reportgen.analyse.sign_catalogue import (
    DEAD_CLAIM,
    EARLY,
    FEWEST_ARMS,
    FEWEST_RUNS,
    FRACTIONS,
    KINDS,
    LATEST,
    RELIABLE,
    SIGNS,
    WORTHLESS,
    Sign,
)
from reportgen.analyse.sign_verdicts import sign_verdicts
from reportgen.pages import numbers
from reportgen.pages.entries import records
from reportgen.pages.markdown import Place, render_inline
from reportgen.pages.sign_tables import (
    BECAUSE,
    COVERAGE,
    KIND_TITLES,
    course_lines,
    group_tables,
    limit,
    missed_most,
    named,
    sign_rows,
)
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs

PAGE = "signs/"


@dataclass(frozen=True)
class Definition:
    """What a sign is."""

    id: str
    title: str
    reads: Markup
    formula: Markup
    feared: str
    cost: str
    sources: Markup
    is_other_reading: bool


def gather_signs(found: Signs | None, place: Place) -> dict[str, Any]:
    """Return the context of the page.

    Parameters
    ----------
    found : Signs or None
        None for a site without the analysis.
    place : Place
        The page; what its texts cite is collected in it.
    """
    known = found is not None and len(found.runs) > 0
    definitions = tuple(_definition(sign, place) for sign in SIGNS)
    limits = {
        "reliable": RELIABLE,
        "worthless": WORTHLESS,
        "early": numbers.percent(EARLY),
        "latest": numbers.percent(LATEST),
        "runs": FEWEST_RUNS,
        "arms": FEWEST_ARMS,
    }
    empty: dict[str, Any] = {
        "advice": (),
        "first": "",
        "counts": {},
        "rows": (),
        "times": (),
        "course": (),
        "groups": (),
        "kinds": (),
        "dead": None,
    }
    if found is None or not known:
        return {**empty, "definitions": definitions, "limits": limits}
    return {
        "advice": tuple(_advice(found)),
        "counts": _counts(found),
        "rows": tuple(sign_rows(found)),
        "times": tuple(numbers.percent(fraction) for fraction in FRACTIONS),
        "course": tuple(course_lines(found)),
        "first": _first(found),
        "groups": tuple(group_tables(found)),
        "kinds": tuple(_kinds(found)),
        "dead": _dead(found),
        "definitions": definitions,
        "limits": limits,
    }


def sign_files(found: Signs | None) -> dict[str, bytes]:
    """Return the page's data: site path to CSV."""
    if found is None or not len(found.runs):
        return {}
    frames = {"signs": found.overall, "groups": found.groups, "course": found.course, "found": found.found}
    return {f"{PAGE}{name}.csv": csv_text(frame).encode() for name, frame in frames.items()}


def _counts(found: Signs) -> dict[str, Any]:
    runs = found.runs
    failed = int(runs["failed"].sum())
    return {
        "runs": len(runs),
        "failed": failed,
        "share": numbers.percent(failed / len(runs)),
        "arms": int(runs["cluster"].nunique()),
        "studies": int(runs["study"].nunique()),
        "architectures": int(runs["architecture"].nunique()),
    }


def _advice(found: Signs) -> Iterable[str]:
    """Say in three sentences what to watch, with which threshold, and what that misses."""
    able = [row for row in records(found.overall) if math.isfinite(row.low) and row.coverage >= COVERAGE]
    if not able:
        counts = _counts(found)
        yield (
            f"There are too few runs to say which sign to watch: {counts['runs']} runs of {counts['arms']} arms, "
            f"{counts['failed']} of them failed. An interval takes at least {FEWEST_RUNS} failing and {FEWEST_RUNS} "
            f"healthy runs, of {FEWEST_ARMS} arms each."
        )
        return
    best: Any = max(able, key=lambda row: row.low)
    sign = named(best.sign)
    area = numbers.with_interval(best.auc, best.low, best.high)
    opening = (
        f"Watch “{sign.title}” first" if best.low > RELIABLE else f"No sign is reliable; the best is “{sign.title}”"
    )
    yield (
        f"{opening}: {sign.reads}, read at {numbers.percent(best.fraction)} of the budget, tells the runs that will "
        f"fail from those that will not with a ROC AUC of {area}, over {numbers.fixed(best.n, 0)} runs of "
        f"{best.arms} arms."
    )
    judged = "on arms that had no say in the threshold, this" if best.is_validated else "this"
    yield (
        f"Raise the alarm where it is {limit(sign, best.threshold)}: {judged} finds "
        f"{numbers.percent(best.sensitivity)} of the runs that will fail, with false alarms on "
        f"{numbers.percent(best.false_alarms)} of the healthy ones."
    )
    yield from _blind_spot(found, sign)


def _first(found: Signs) -> str:
    """Say which sign is reliable earliest, and which of those that are so at the same time tells most."""
    rows = [row for row in records(found.overall) if math.isfinite(row.earliest) and row.coverage >= COVERAGE]
    if not rows:
        return ""
    moment = min(row.earliest for row in rows)
    then = {row.sign: row for row in records(found.course[found.course["fraction"] == moment])}
    best: Any = max((then[row.sign] for row in rows if row.earliest == moment), key=lambda row: row.low)
    when = "before the first step" if moment == 0 else f"from {numbers.percent(moment)} of the budget on"
    area = numbers.with_interval(best.auc, best.low, best.high)
    return f"The earliest is “{named(best.sign).title}”, which is reliable {when}, at a ROC AUC of {area}."


def _blind_spot(found: Signs, sign: Sign) -> Iterable[str]:
    missed = missed_most(found, sign)
    if missed is None:
        return
    start = (
        f"It misses most where a run failed because it {BECAUSE[missed.kind]}: there it finds "
        f"{numbers.percent(missed.found)} of {numbers.fixed(missed.n, 0)}"
    )
    frame = found.groups
    others = [
        row
        for row in records(frame[(frame["by"] == "failure") & (frame["group"] == missed.kind)])
        if math.isfinite(row.low)
    ]
    if not others:
        yield f"{start}."
        return
    best: Any = max(others, key=lambda row: row.low)
    if best.sign == sign.id:
        yield f"{start}, and no other sign tells these better."
    else:
        area = numbers.with_interval(best.auc, best.low, best.high)
        yield f"{start}; “{named(best.sign).title}” tells these best, with a ROC AUC of {area}."


def _kinds(found: Signs) -> Iterable[dict[str, str]]:
    counts = found.runs["kind"].value_counts()
    total = int((found.runs["kind"] != "").sum())
    for kind, meaning in KINDS.items():
        if counts.get(kind, 0):
            share = numbers.percent(counts[kind] / total)
            count = numbers.fixed(int(counts[kind]), 0)
            yield {"name": kind, "title": KIND_TITLES[kind], "meaning": meaning, "count": count, "share": share}


def _dead(found: Signs) -> dict[str, Any] | None:
    """Say what the layers tell of the claim that units die because their weights become small."""
    (all_runs,) = [row for row in records(found.dead) if row.group == ""]
    if not all_runs.n:
        return None
    verdict: Any = next(row for row in records(sign_verdicts(found)) if row.id == DEAD_CLAIM)
    return {
        "estimate": numbers.with_interval(all_runs.estimate, all_runs.low, all_runs.high),
        "runs": numbers.fixed(all_runs.n, 0),
        "arms": numbers.fixed(all_runs.arms, 0),
        "norm": numbers.number(all_runs.norm, 3) if math.isfinite(all_runs.norm) else "",
        "verdict": verdict.verdict,
        "condition": verdict.condition or verdict.reason,
    }


def _definition(sign: Sign, place: Place) -> Definition:
    keys = [key for key in sign.sources if key in place.bibliography]
    cited = render_inline(f"[{'; '.join(f'@{key}' for key in keys)}]", place) if keys else Markup("")
    passes = f", or {sign.passes} further forward and backward pass" if sign.passes else ""
    return Definition(
        id=sign.id,
        title=sign.title,
        reads=Markup.escape(f"{sign.reads[0].upper()}{sign.reads[1:]}"),
        formula=render_inline(f"${sign.formula}$", place),
        feared=f"{'small' if sign.alarm == 'low' else 'large'} values are feared",
        cost=sign.cost if "pass" in sign.cost else f"{sign.cost}{passes}",
        sources=cited,
        is_other_reading=not sign.primary,
    )
