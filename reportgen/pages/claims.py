"""Claims: what explainers say, and the verdict of all studies of the site on each of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.analyse.conditions import BETWEEN, BY_MEASURE, BY_STUDY
from reportgen.analyse.sign_catalogue import DEAD_CLAIM, RELIABLE, WORTHLESS
from reportgen.errors import ReportgenError, nearest
from reportgen.pages import numbers
from reportgen.pages.entries import records
from reportgen.pages.evidence import DIRECTIONS, Evidence, gather_evidence
from reportgen.store.spreadsheet import csv_text
from reportgen.study.claims import UNTESTED, Claim
from reportgen.study.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.pages.gather import FigureView, StudyView

PAGE = "claims/"
EVIDENCE = f"{PAGE}evidence.csv"
NO_STUDY = "No study on this site tests it."
VERDICTS = ("supported", "refuted", "depends", "undecided", UNTESTED)
"""Verdict words in the order in which they are counted."""

BRANCHED = tuple(f"It depends on {beginning}" for beginning in (BY_MEASURE, BY_STUDY))
"""How sentences begin that have parts."""

MEANINGS = {
    "supported": "In every setting that was decided, the runs show it, by at least the margin that the study states.",
    "refuted": "In every setting that was decided, the runs rule out that it is as large as the margin.",
    "depends": "It holds in some settings and is ruled out in others.",
    "undecided": "It was tested, and the intervals are too wide, or too little of it could be decided.",
    UNTESTED: "No study on this site tests it.",
}

SIGN_EFFECTS = {DEAD_CLAIM: "share of pairs of layers that agree"}
"""What the effect of a claim about signs is, where it is no ROC AUC."""


@dataclass(frozen=True)
class Effect:
    """An effect in words, as claimed if it is positive: with its interval, where it was found, and out of how many."""

    text: str
    low: str
    high: str
    what: str
    where: str
    n: int


@dataclass(frozen=True)
class ClaimView:
    """A claim with the verdict of all studies; `sentence` says in words on what it turns, or why there is none.

    Where it turns on something else for each measure or study, `parts` are those parts of the sentence, and `lead` is
    what comes before them. `condition` is on what it depends, or "".
    """

    claim: Claim
    verdict: str
    sentence: str
    effect: Effect | None
    evidence: tuple[Evidence, ...]
    condition: str = ""

    @property
    def path(self) -> str:
        """The claim's page."""
        return f"{PAGE}{self.claim.id}/"

    @property
    def lead(self) -> str:
        """The sentence, or its beginning where it has parts."""
        begins = [start for start in BRANCHED if self.sentence.startswith(start)]
        return begins[0].rstrip() if begins else self.sentence

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the sentence after the lead."""
        rest = self.sentence[len(self.lead) :].strip(" .")
        return tuple(rest.split(BETWEEN)) if rest else ()

    @property
    def studies(self) -> tuple[StudyView, ...]:
        """The studies that test it, each once."""
        return tuple({piece.view.path: piece.view for piece in self.evidence}.values())

    @property
    def answers(self) -> dict[str, str]:
        """The verdict of each comparison that counts, by its name."""
        return {name: said for piece in self.evidence for name, said in piece.result.answers.items()}

    @property
    def figure(self) -> FigureView | None:
        """The first figure that shows it."""
        return next((piece.figure for piece in self.evidence if piece.figure), None)


def gather_claims(
    register: Mapping[str, Claim], views: Sequence[StudyView], signs: pd.DataFrame | None = None
) -> tuple[ClaimView, ...]:
    """Return all claims of the register with their verdicts, in its order.

    Parameters
    ----------
    register : mapping
        Claims by id.
    views : sequence of StudyView
        Their entries' evidence is combined.
    signs : pandas.DataFrame, optional
        What ``reportgen.analyse.sign_verdicts`` returns, for claims that something is a sign.

    Raises
    ------
    ReportgenError
        If a study names a claim that is not in the register.
    """
    pieces: dict[str, list[Evidence]] = {}
    for view in views:
        for result in view.entry.evidence:
            name = result.request.id
            if name not in register:
                near = nearest(name, list(register))
                raise ReportgenError(
                    f"{view.entry.study.id}: there is no claim '{name}' in the register",
                    f"did you mean '{near}'?" if near else "add it to the register, or remove it from the study",
                )
            pieces.setdefault(name, []).append(gather_evidence(view, result))
    read = {} if signs is None else {str(row.id): row for row in records(signs)}
    return tuple(_claim(claim, pieces.get(claim.id, []), read.get(claim.id)) for claim in register.values())


def counts(claims: Iterable[ClaimView]) -> dict[str, int]:
    """Count the claims by verdict, every verdict being there."""
    found = dict.fromkeys(VERDICTS, 0)
    for view in claims:
        found[view.verdict] += 1
    return found


def surprising(claims: Sequence[ClaimView], most: int) -> list[ClaimView]:
    """Return the claims that data speak against: refuted ones before those that depend, then as in `supported`."""
    weight = _weights(claims)
    against = [view for view in claims if view.verdict in ("refuted", "depends")]
    against.sort(key=lambda view: (view.verdict != "refuted", *weight(view)))
    return against[:most]


def supported(claims: Sequence[ClaimView], most: int) -> list[ClaimView]:
    """Return the claims that data support: what is most widely said first, then what has more evidence.

    A source that states many claims is an explainer, and counts for as many as it states.
    """
    return sorted((view for view in claims if view.verdict == "supported"), key=_weights(claims))[:most]


def _weights(claims: Sequence[ClaimView]) -> Callable[[ClaimView], tuple[int, int]]:
    stated = Counter(source for view in claims for source in view.claim.sources)
    return lambda view: (-sum(stated[source] for source in view.claim.sources), -_size(view))


def _size(view: ClaimView) -> int:
    return sum(row.verdict in ("supported", "refuted") for piece in view.evidence for row in piece.rows)


def evidence_csv(claims: Sequence[ClaimView]) -> bytes:
    """Return all comparisons behind the verdicts as CSV."""
    import pandas as pd

    parts = [
        piece.result.strata.assign(claim=view.claim.id, study=piece.view.entry.study.id, claim_verdict=view.verdict)
        for view in claims
        for piece in view.evidence
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["claim", "study", "claim_verdict"])
    first = ["claim", "claim_verdict", "study"]
    frame = frame[[*first, *(name for name in frame.columns if name not in first)]]
    return csv_text(frame).encode()


def _claim(claim: Claim, pieces: Sequence[Evidence], sign: Any | None) -> ClaimView:
    if pieces:
        from reportgen.analyse.verdicts import verdict  # scipy, only where there is something to judge

        found = verdict(claim, [piece.result for piece in pieces])
        sentence = _sentence(found.verdict, found.condition, found.reason)
        effect = main_effect(found.verdict, pieces)
        return ClaimView(claim, found.verdict, sentence, effect, tuple(pieces), found.condition)
    if sign is not None:
        said = _sentence(sign.verdict, sign.condition, sign.reason or _limit(claim, sign.verdict))
        return ClaimView(claim, sign.verdict, said, _sign_effect(claim, sign), (), sign.condition)
    return ClaimView(claim, UNTESTED, claim.untested or NO_STUDY, None, ())


def _limit(claim: Claim, verdict: str) -> str:
    """Say beyond which limit the interval of a sign lies."""
    limits = {"supported": f"above {RELIABLE}", "refuted": f"below {WORTHLESS}"}
    what = SIGN_EFFECTS.get(claim.id, "ROC AUC")
    return f"the 95{numbers.NBSP}% interval of the {what} lies {limits[verdict]}" if verdict in limits else ""


def _sign_effect(claim: Claim, sign: Any) -> Effect | None:
    if not math.isfinite(sign.effect):
        return None
    written = numbers.interval(sign.effect, sign.low, sign.high)
    return Effect(*written, SIGN_EFFECTS.get(claim.id, "ROC AUC"), "", int(sign.n))


def _sentence(verdict: str, condition: str, reason: str) -> str:
    """Make a sentence of a verdict's condition or reason."""
    said = f"it depends on {condition}" if condition else reason or MEANINGS[verdict]
    return f"{said[0].upper()}{said[1:]}" + ("" if said.endswith((".", "?", "!")) else ".")


def _unit(text: str) -> str:
    """Return the unit after a number, with the space before it; a power of ten is none."""
    _, space, unit = text.rpartition(numbers.NBSP)
    return f"{space}{unit}" if space and not unit.startswith("10") else ""


def main_effect(verdict: str, pieces: Sequence[Evidence]) -> Effect | None:
    """Return the effect that stands for a claim.

    It is the middle one of the comparisons with the claim's verdict, in the first study that has any. Where the verdict
    depends, it is the least and the largest effect of all that were decided there.
    """
    for piece in pieces:
        wanted = {"depends": {"supported", "refuted"}}.get(verdict, {verdict})
        shown = [row for row in piece.rows if row.verdict in wanted and row.effect.text != numbers.NONE]
        if not shown:
            continue
        shown.sort(key=lambda row: float(row.effect.sort))
        request = piece.result.request
        what = f"{OUTCOMES[request.estimate].title}, {DIRECTIONS[request.direction]}"
        if verdict == "depends":
            least, most = shown[0].effect.text, shown[-1].effect.text
            text = f"{least.removesuffix(_unit(most))} to {most}"
            return Effect(text, "", "", what, f"over {len(shown)} decided comparisons", 0)
        row = shown[(len(shown) - 1) // 2]
        where = row.name if len(piece.rows) > 1 else ""
        middle = f", the middle one of {len(shown)} comparisons" if len(shown) > 1 else ""
        return Effect(row.effect.text, row.effect.low, row.effect.high, what, f"{where}{middle}", row.n)
    return None
