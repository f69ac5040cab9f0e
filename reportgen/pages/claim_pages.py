"""The pages of claims: the list of all, and one for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from reportgen.analyse.strata import AGAINST
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.claims import EVIDENCE, MEANINGS, PAGE, ClaimView, counts
from reportgen.pages.evidence import LEFT_OUT, Evidence
from reportgen.pages.markdown import Place, render, render_inline
from reportgen.pages.repetition import RepetitionView
from reportgen.pages.site import Page, relative
from reportgen.pages.studies import StudyPages
from reportgen.pages.text import shorten
from reportgen.study.claims import UNTESTED

TITLE = "Claims"
SIGNS = "signs"
"""The group of claims that are tested as detectors."""

LISTED = 12
"""Most settings that are listed under one answer; the table below has them all."""

ANSWERS = ("supported", "refuted", "undecided", LEFT_OUT)
"""The answers of a comparison, in the order in which they are listed."""


def claim_pages(
    claims: Sequence[ClaimView],
    studies: StudyPages,
    sources: Bibliography,
    repetition: RepetitionView | None = None,
    *,
    has_signs: bool = False,
) -> list[Page]:
    """Return the list of claims and the page of each.

    Parameters
    ----------
    claims : sequence of ClaimView
    studies : StudyPages
        Is told what the pages cite.
    sources : Bibliography
        Has what the claims cite.
    repetition : RepetitionView, optional
        What other seeds said.
    has_signs : bool
        Whether the site has the page of the signs.
    """
    pages = [_claim(view, claims, studies, sources, repetition, has_signs) for view in claims]
    return [_list(claims, sources), *pages]


def tally_sentence(claims: Sequence[ClaimView]) -> str:
    """Say how many claims there are, and how many have an answer."""
    if not claims:
        return "There is no register of claims."
    found = counts(claims)
    tested = len(claims) - found[UNTESTED]
    answered = tested - found["undecided"]
    if not tested:
        return f"None of the {len(claims)} claims is tested by a study of this site yet."
    all_of_them = f"Of {len(claims)} claims, the studies of this site test {tested}"
    return f"{all_of_them}; their runs answer {answered or 'none'} of these."


def _list(claims: Sequence[ClaimView], sources: Bibliography) -> Page:
    groups: dict[str, list[ClaimView]] = {}
    for view in claims:
        groups.setdefault(view.claim.group, []).append(view)
    labels = {view.claim.id: [_label(key, sources) for key in view.claim.sources] for view in claims}
    context = {
        "claims": claims,
        "groups": tuple(groups.items()),
        "counts": counts(claims),
        "meanings": MEANINGS,
        "sources": _by_source(claims, sources),
        "labels": labels,
        "sentence": tally_sentence(claims),
        "download": EVIDENCE,
    }
    about = "What explainers say about vanishing and exploding gradients, and the verdict of data on each sentence."
    return Page(PAGE, "claims.html", TITLE, about, context)


def _by_source(claims: Sequence[ClaimView], sources: Bibliography) -> list[tuple[str, str, list[ClaimView]]]:
    """Return (key, label, claims) of each source, those with most claims first."""
    found: dict[str, list[ClaimView]] = {}
    for view in claims:
        for key in view.claim.sources:
            found.setdefault(key, []).append(view)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(key, _label(key, sources), views) for key, views in ordered]


def _label(key: str, sources: Bibliography) -> str:
    return sources[key].label if key in sources else key


def _claim(
    view: ClaimView,
    claims: Sequence[ClaimView],
    studies: StudyPages,
    sources: Bibliography,
    repetition: RepetitionView | None,
    has_signs: bool,
) -> Page:
    claim = view.claim
    title = claim.text.rstrip(".")
    where = Place(url=relative(view.path), bibliography=sources, terms=studies.glossary.linkable(), prefix="said")
    context = {
        "view": view,
        "repeated": repetition.sentence(view) if repetition else "",
        "says": render(claim.says, where),
        "said_by": _said_by(claim.sources, where),
        "where": tuple(_answers(piece) for piece in view.evidence),
        "related": [other for other in claims if other.claim.group == claim.group and other is not view],
        "sign": claim.group == SIGNS and view.verdict != UNTESTED,
        "has_signs": has_signs,
    }
    studies.record(where, view.path, title)
    about = shorten(f"{view.verdict.capitalize()}. {view.sentence} The claim: {claim.text}", 200)
    return Page(view.path, "claim.html", title, about, context, crumbs=((TITLE, PAGE),), subject=view)


def _said_by(keys: Sequence[str], where: Place) -> Markup:
    known = [key for key in keys if key in where.bibliography]
    return render_inline(f"Said by [{'; '.join(f'@{key}' for key in known)}].", where) if known else Markup("")


def _answers(piece: Evidence) -> list[tuple[str, str]]:
    """Return each answer that a piece of evidence gives, with the settings in which it does."""
    told = []
    for verdict in ANSWERS:
        rows = zip(piece.rows, piece.result.levels, strict=True)
        found = list(dict.fromkeys(_setting(levels, row.name) for row, levels in rows if row.verdict == verdict))
        if found:
            more = [f"and {len(found) - LISTED} more"] if len(found) > LISTED else []
            told.append((verdict, " · ".join(found[:LISTED] + more)))
    return told


def _setting(levels: Mapping[str, str], name: str) -> str:
    """Write the levels of a stratum: ``He, 20 layers, against tanh``."""
    said = [f"against {level}" if factor.startswith(AGAINST) else level for factor, level in levels.items()]
    return ", ".join(said) or name
