"""Theory against measurement: the predicted decay factors of all studies beside the measured ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reportgen.pages import numbers
from reportgen.pages.markdown import Place, render, render_inline
from reportgen.pages.theory_arms import (
    GAP,
    IN_BRACKETS,
    UNEXPLAINED,
    Basis,
    Compared,
    Unpredicted,
    read,
    signed,
    taken_apart,
)
from reportgen.pages.theory_chart import chart
from reportgen.pages.theory_tables import Notes, causes, groups, misses, row, summary

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView

PAGE = "theory/"


@dataclass(frozen=True)
class Grounds:
    """What some predictions rest on: conditions, and (number, arms, citation) for each set of sources."""

    conditions: Markup
    sources: tuple[tuple[int, int, Markup], ...]


@dataclass(frozen=True)
class Reason:
    """Arms for which there is no theory: (title, path, labels) by study."""

    reason: str
    arms: int
    studies: tuple[tuple[str, str, tuple[str, ...]], ...]


def gather_theory(views: Sequence[StudyView], place: Place) -> dict[str, Any]:
    """Return the context of the page: sentences, chart, tables, what they rest on, and the arms without theory.

    Parameters
    ----------
    views : sequence of StudyView
        Their analyses have the frame ``theory`` of ``reportgen.analyse.study.Analysis``; one without it adds nothing.
    place : Place
        The page; what its texts cite is collected in it.
    """
    compared, unpredicted = read(views)
    own = [one for one in compared if not one.shared]
    grounds = _grounds(compared)
    notes = Notes(compared)
    missed = misses(compared)
    return {
        "sentences": _sentences(compared, unpredicted),
        "largest": _largest(own),
        "shared": _same(sum(bool(one.shared) for one in compared) + sum(bool(one.shared) for one in unpredicted)),
        "chart": chart(own),
        "groups": tuple(groups(compared, grounds, notes)),
        "total": (len(own), *summary(own)),
        "misses": tuple(row(one, grounds, notes) for one in missed),
        "causes": tuple(causes(missed)),
        "notes": notes.all(),
        "bases": tuple(_bases(grounds, compared, place)),
        "reasons": tuple(_reasons(unpredicted)),
    }


def _sentences(compared: Sequence[Compared], unpredicted: Sequence[Unpredicted]) -> list[str]:
    """Say how well theory does; arms that share their runs are counted once."""
    own = [one for one in compared if not one.shared]
    total = len(own) + sum(not one.shared for one in unpredicted)
    if not total:
        return []
    sentences = [f"Of {_arms(total)} at initialisation, {len(own)} {_have(len(own))} a prediction."]
    measured = [one for one in own if one.is_measured]
    judged = [one for one in measured if one.inside is not None]
    if judged:
        inside = sum(bool(one.inside) for one in judged)
        share = numbers.percent(inside / len(judged))
        sentences.append(
            f"In {inside} of {len(judged)} ({share}) it lies within the 95{numbers.NBSP}% interval of the measurement."
        )
    outside = [one for one in judged if not one.inside]
    if outside:
        without = sum(one.cause == UNEXPLAINED for one in outside)
        sentences.append(
            f"Of the {len(outside)} outside it, {without or 'none'} {_have(without, 'are', 'is')} not explained."
        )
    if len(measured) > len(judged):
        sentences.append(f"{_arms(len(measured) - len(judged))} {_have(len(measured) - len(judged))} no interval.")
    if len(own) > len(measured):
        sentences.append(f"For {_arms(len(own) - len(measured))} with a prediction there is no measured factor.")
    if measured:
        middle = median(abs(one.deviation) for one in measured)
        sentences.append(f"The median absolute deviation is {numbers.number(middle, 2)}{numbers.NBSP}%.")
    return sentences


def _largest(own: Sequence[Compared]) -> dict[str, str] | None:
    """Return the arm that is farthest from its prediction."""
    measured = [one for one in own if one.is_measured]
    if not measured:
        return None
    one = max(measured, key=lambda candidate: abs(candidate.deviation))
    return {
        "deviation": f"{signed(one.deviation, 1)}{numbers.NBSP}%",
        "arm": one.arm.label,
        "study": one.view.entry.study.title,
        "path": one.view.path,
        "explanation": one.explanation,
    }


def _same(count: int) -> str:
    """Say how many arms have the networks of an earlier one."""
    if not count:
        return ""
    return (
        f"{_arms(count)} {_have(count, 'start', 'starts')} from networks that another arm has: "
        f"{_have(count, 'they count', 'it counts')} in the row of {_have(count, 'their', 'its')} study, and not in "
        "the last row, the sentences above and the chart."
    )


def _arms(count: int) -> str:
    return f"{count} arm{'s' if count != 1 else ''}"


def _have(count: int, several: str = "have", one: str = "has") -> str:
    return several if count != 1 else one


def _grounds(compared: Iterable[Compared]) -> dict[Basis, int]:
    """Number what predictions rest on, so that those with the same conditions follow each other."""
    by_conditions: dict[str, dict[Basis, None]] = {}
    for one in compared:
        by_conditions.setdefault(one.basis[0], {})[one.basis] = None
    found = [basis for bases in by_conditions.values() for basis in bases]
    return {basis: number for number, basis in enumerate(found, start=1)}


def _bases(grounds: Mapping[Basis, int], compared: Sequence[Compared], place: Place) -> Iterable[Grounds]:
    resting = [one.basis for one in compared]
    for skeleton in dict.fromkeys(skeleton for skeleton, _ in grounds):
        values = [taken_apart(one.kind)[1] for one in compared if one.basis[0] == skeleton]
        conditions = skeleton
        for column in zip(*values, strict=True):
            conditions = conditions.replace(GAP, _either(sorted(set(column), key=lambda text: (float(text), text))), 1)
        sources = [
            (number, resting.count(basis), _cited(basis[1], place))
            for basis, number in grounds.items()
            if basis[0] == skeleton
        ]
        yield Grounds(render(conditions, place), tuple(sources))


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _cited(sources: Sequence[str], place: Place) -> Markup:
    known = [key for key in sources if key in place.bibliography]
    cited = render_inline(f"[{'; '.join(f'@{key}' for key in known)}]", place) if known else Markup("")
    unknown = [key for key in sources if key not in place.bibliography]
    rest = Markup(", ").join(Markup("<code>{}</code>").format(key) for key in unknown)
    return Markup(" ").join(filter(None, (cited, rest)))


def _reasons(unpredicted: Sequence[Unpredicted]) -> Iterable[Reason]:
    """Group the arms without theory by reason, those with most arms first; bracketed numbers stand with the arm."""
    by_reason: dict[str, list[Unpredicted]] = {}
    for one in unpredicted:
        by_reason.setdefault(IN_BRACKETS.sub("", one.reason), []).append(one)
    for reason, ones in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        studies: dict[tuple[str, str], list[str]] = {}
        for one in ones:
            studies.setdefault((one.view.entry.study.title, one.view.path), []).append(_labelled(one))
        yield Reason(
            reason, len(ones), tuple((title, path, tuple(labels)) for (title, path), labels in studies.items())
        )


def _labelled(one: Unpredicted) -> str:
    own = IN_BRACKETS.findall(one.reason)
    return f"{one.arm.label} ({'; '.join(own)})" if own else one.arm.label
