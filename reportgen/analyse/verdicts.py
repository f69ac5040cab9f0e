"""Verdicts: what all studies, and all signs, together say of the claims of a register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from reportgen.analyse.claims import (
    DEPENDS,
    ESTIMATE,
    REFUTED,
    STUDY,
    SUPPORTED,
    UNDECIDED,
    ClaimResult,
    combined,
    condition_of,
    names_of,
)
from reportgen.analyse.estimates import records
from reportgen.study.claims import UNTESTED
from reportgen.study.outcomes import OUTCOMES

if TYPE_CHECKING:
    from reportgen.study.claims import Claim


@dataclass(frozen=True)
class Verdict:
    """What all studies together say of a claim.

    Attributes
    ----------
    id : str
        Of the claim.
    verdict : str
        "supported", "refuted", "depends" or "undecided".
    condition : str
        What it depends on, as part of a sentence; "" unless it depends.
    results : tuple of ClaimResult
    reason : str
        How the verdict came about, as a sentence; of one that no study tests, why.
    """

    id: str
    verdict: str
    condition: str
    results: tuple[ClaimResult, ...]
    reason: str


def verdict(claim: Claim, results: Iterable[ClaimResult]) -> Verdict:
    """Put together what studies say of a claim.

    The rule over strata (`decide`) is applied to the strata of all studies and requests at once; the study, and what
    was measured, are factors like others, and named in the condition where no other factor tells the answers apart.
    A comparison that two studies make of the same runs counts once. Nothing is adjusted over studies or over claims.

    Parameters
    ----------
    claim : Claim
        Of the register.
    results : iterable of ClaimResult
        Of any studies; those of other claims are passed over.

    Returns
    -------
    Verdict
    """
    mine = tuple(result for result in results if result.request.id == claim.id)
    if not mine:
        return Verdict(claim.id, UNDECIDED, "", (), claim.untested or "No study tests it so far.")
    kept = _once(mine)
    every = [str(answer) for result in mine for answer in result.strata["verdict"]]
    strata = [
        {**one, **known, ESTIMATE: OUTCOMES[result.request.estimate].title.lower(), STUDY: f"“{result.study.title}”"}
        for result in mine
        for one, known in zip(result.levels, result.circumstances or ({},) * len(result.levels), strict=True)
    ]
    answers = [answer for answer, counts in zip(every, kept, strict=True) if counts]
    levels = [one for one, counts in zip(strata, kept, strict=True) if counts]
    said = combined(answers)
    labels, orders = names_of([result.study for result in mine])
    condition = condition_of(levels, answers, labels, orders) if said == DEPENDS else ""
    return Verdict(claim.id, said, condition, mine, _counted(answers, mine))


def verdicts(
    register: Mapping[str, Claim], results: Sequence[ClaimResult], signs: pd.DataFrame | None = None
) -> dict[str, Verdict]:
    """Decide every claim of a register, in its order.

    Parameters
    ----------
    register : mapping
        Claims by id.
    results : sequence of ClaimResult
        Of all studies (``claims.decide``).
    signs : pandas.DataFrame, optional
        What ``sign_verdicts.sign_verdicts`` returns; it decides claims that no study has evidence for.

    Returns
    -------
    dict
        By id; the verdict is `UNTESTED` for a claim that nothing tests.
    """
    read = {} if signs is None else {str(row["id"]): row for row in records(signs)}
    tested = {result.request.id for result in results}
    found = {}
    for claim in register.values():
        if claim.id in tested:
            found[claim.id] = verdict(claim, results)
        elif claim.id in read:
            row = read[claim.id]
            found[claim.id] = Verdict(claim.id, row["verdict"], row["condition"], (), row["reason"])
        else:
            found[claim.id] = Verdict(claim.id, UNTESTED, "", (), claim.untested)
    return found


def _once(results: Sequence[ClaimResult]) -> list[bool]:
    """Tell of each stratum of all results whether no stratum before it makes the same comparison."""
    names = [
        name or str((row, place))
        for row, result in enumerate(results)
        for place, name in enumerate(result.comparisons or ("",) * len(result.levels))
    ]
    return [name not in names[:place] for place, name in enumerate(names)]


def _counted(answers: Sequence[str], results: Sequence[ClaimResult]) -> str:
    """Say how many comparisons there are, and what came of them."""
    counts = {name: answers.count(name) for name in (SUPPORTED, REFUTED, UNDECIDED)}
    whole, studies = sum(counts.values()), len({result.study.id for result in results})
    if not whole:
        return "No comparison of it can be made."
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    inside = "one study" if studies == 1 else f"{studies} studies"
    text = f"Of {whole} comparison{'s' * (whole > 1)} in {inside}: {told}."
    if not counts[UNDECIDED]:
        return text
    rows = pd.concat([result.strata for result in results])
    reasons = rows.loc[rows["verdict"] == UNDECIDED, "reason"].str.rpartition(": ")[2]
    return f"{text} The commonest reason for the latter: {Counter(reasons).most_common(1)[0][0]}."
