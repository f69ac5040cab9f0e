from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reportgen.errors import ReportgenError
from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.pages.claim_pages import _answers, _setting, tally_sentence
from reportgen.pages.claims import ClaimView, counts, evidence_csv, gather_claims, supported, surprising
from reportgen.pages.evidence import effect_texts, margin_text
from reportgen.pages.gather import gather_study
from reportgen.pages.lookup import Lookup
from reportgen.study.claims import UNTESTED, Claim
from reportgen.study.outcomes import OUTCOMES


def claim(claim_id, sources=("primer",), **changes):
    return Claim(claim_id, "causes", f"The text of {claim_id}.", sources, "They say so.", **changes)


IDS = ("relu-helps", "sigmoid-tanh-vanish", "depth-shrinks-gradient", "sign-flat-loss", "never-tested")
REGISTER = {name: claim(name) for name in IDS}


@pytest.fixture
def views(fakes, tmp_path):
    return [gather_study(fakes.entry(tmp_path), Address())]


@pytest.fixture
def found(views):
    return {view.claim.id: view for view in gather_claims(REGISTER, views)}


def test_every_claim_of_the_register_has_a_verdict(found):
    verdicts = {name: view.verdict for name, view in found.items()}
    assert list(verdicts) == list(IDS)
    assert list(verdicts.values()) == ["supported", "depends", "refuted", UNTESTED, UNTESTED]
    assert counts(found.values()) == {"supported": 1, "refuted": 1, "depends": 1, "undecided": 0, UNTESTED: 2}


def test_a_verdict_says_on_what_it_turns(found):
    assert found["sigmoid-tanh-vanish"].sentence == "It depends on initialisation: for He, not for Glorot."
    assert found["relu-helps"].sentence == "Of 1 comparison in one study: 1 supported."


def test_a_verdict_that_turns_on_something_else_for_each_measure_has_parts(found):
    view = found["sigmoid-tanh-vanish"]
    assert (view.lead, view.parts) == (view.sentence, ())
    parts = ("by success, depth: for 2 layers, not for 20", "by decay factor, in none of 3 comparisons")
    for lead in ("It depends on what is measured:", "It depends on the study:"):
        branched = replace(view, sentence=f"{lead} {'; '.join(parts)}.")
        assert (branched.lead, branched.parts) == (lead, parts)


def test_the_answers_of_each_study_are_listed_by_setting(found):
    assert _answers(found["sigmoid-tanh-vanish"].evidence[0]) == [("supported", "He"), ("refuted", "Glorot")]
    assert _answers(found["relu-helps"].evidence[0])[0][0] == "supported"
    assert _setting({"depth": "2 layers", "against unit": "tanh"}, "") == "2 layers, against tanh"
    assert _setting({}, "all arms") == "all arms"


def test_a_claim_without_evidence_says_why(found, views):
    assert found["never-tested"].sentence == "No study on this site tests it."
    reason = "It is not about training."
    said = gather_claims({**REGISTER, "never-tested": claim("never-tested", untested=reason)}, views)
    assert said[-1].sentence == reason


def test_the_main_effect_has_its_interval_and_its_seeds(found):
    effect = found["relu-helps"].effect
    assert (effect.text, effect.low, effect.high, effect.n) == ("+62\u00a0points", "+17", "+86", 8)
    assert (effect.what, effect.where) == ("Success, higher", "all arms")
    assert found["depth-shrinks-gradient"].effect.text == "0.878\u00a0×"
    assert found["depth-shrinks-gradient"].effect.where == ""
    depends = found["sigmoid-tanh-vanish"].effect
    assert (depends.text, depends.where) == ("0.7389 to 1.185\u00a0×", "over 2 decided comparisons")


def test_evidence_tells_how_it_was_made(found):
    piece = found["relu-helps"].evidence[0]
    facts = dict(piece.facts)
    assert facts["Compared"] == "Activation: ReLU" and facts["With"] == "Activation: sigmoid"
    assert facts["Only"] == "Setting: trained, 20 layers"
    assert facts["Smallest difference that matters"] == "20 percentage points: one run in five counts"
    assert facts["Family"].startswith("2 tests of this claim")  # the stratum without a partner is not tested
    assert [row.verdict for row in piece.rows] == ["supported", "left out"]
    assert piece.figure.figure.id == "success"


def test_signs_bring_their_own_verdicts(views):
    row = ("sign-flat-loss", "refuted", "", 0.55, 0.51, 0.58, 90, "")
    columns = ["id", "verdict", "condition", "effect", "low", "high", "n", "reason"]
    view = {v.claim.id: v for v in gather_claims(REGISTER, views, pd.DataFrame([row], columns=columns))}[
        "sign-flat-loss"
    ]
    assert view.verdict == "refuted" and view.effect.n == 90
    assert view.sentence == "The 95\u00a0% interval of the ROC AUC lies below 0.6."
    empty = (*row[:1], "undecided", "", *[float("nan")] * 3, 0, "there are no runs")
    view = gather_claims(REGISTER, views, pd.DataFrame([empty], columns=columns))[3]
    assert view.effect is None and view.sentence == "There are no runs."


def test_a_claim_that_the_register_lacks_is_an_error(views):
    with pytest.raises(ReportgenError, match=r"no claim 'relu-helps' in the register[\s\S]*did you mean 'relu-help'"):
        gather_claims({"relu-help": claim("relu-help")}, views)


def test_the_most_surprising_claims_are_refuted_and_popular():
    def made(name, verdict, sources):
        return ClaimView(claim(name, sources), verdict, "", None, ())

    views = [
        made("held", "supported", ("a", "b", "c")),
        made("half", "depends", ("a", "b", "c")),
        made("rare", "refuted", ("a",)),
        made("popular", "refuted", ("a", "b")),
    ]
    assert [view.claim.id for view in surprising(views, 4)] == ["popular", "rare", "half"]
    assert [view.claim.id for view in surprising(views, 1)] == ["popular"]


def test_of_the_supported_claims_those_of_explainers_come_first():
    def made(name, verdict, *sources):
        return ClaimView(claim(name, sources), verdict, "", None, ())

    views = [
        made("of-papers", "supported", "x", "y"),
        made("of-an-explainer", "supported", "a"),
        made("of-both", "supported", "a", "x"),
        made("another", "refuted", "a"),
        made("third", "depends", "a"),
    ]
    assert [view.claim.id for view in supported(views, 2)] == ["of-both", "of-an-explainer"]


def test_few_verdicts_are_owned_up_to(found):
    assert tally_sentence(list(found.values())) == (
        "Of 5 claims, the studies of this site test 3; their runs answer 3 of these."
    )
    untested = [replace(view, verdict=UNTESTED) for view in found.values()]
    assert tally_sentence(untested) == "None of the 5 claims is tested by a study of this site yet."
    undecided = [replace(view, verdict="undecided") for view in found.values()]
    assert tally_sentence(undecided).endswith("test 5; their runs answer none of these.")


@pytest.mark.parametrize(
    ("name", "values", "texts"),
    [
        ("decay-factor", (1.5, 1.2, 1.9), ("1.5\u00a0×", "1.2", "1.9")),
        ("success", (-0.25, -0.5, 0.05), ("\u221225\u00a0points", "\u221250", "+5")),
        ("signal-ratio", (2.0, 1.5, 2.5), ("+2.0\u00a0decades", "+1.5", "+2.5")),
        ("final-metric", (0.1, 0.05, 0.15), ("+0.10", "+0.05", "+0.15")),
        ("signal-ratio", (2e-8, -1e-8, 1e-7), ("0.00\u00a0decades", "0.00", "0.00")),
    ],
)
def test_effects_are_written_in_their_units(name, values, texts):
    assert effect_texts(*values, OUTCOMES[name]) == texts


def test_margins_are_written_in_their_units():
    said = [margin_text(margin, OUTCOMES[name]) for name, margin in (("decay-factor", 1.1), ("success", 0.2))]
    assert said == ["1.1 times", "20 percentage points"]
    assert margin_text(0.5, OUTCOMES["signal-ratio"]) == "0.5 decades"


def test_all_comparisons_are_in_one_table(found):
    lines = evidence_csv(list(found.values())).decode().splitlines()
    assert lines[0].startswith("claim,claim_verdict,study,stratum,arm,against,effect,low,high,unit,n,")
    assert len(lines) == 6 and lines[1].startswith("relu-helps,supported,deep-mlps,")
    assert evidence_csv([]) == b"claim,claim_verdict,study\n"


def test_prose_has_the_verdict_of_its_own_study(fakes, tmp_path):
    lookup = Lookup(fakes.entry(tmp_path), {})
    assert lookup.verdict("relu-helps") == "supported" and lookup.verdict("sigmoid-tanh-vanish") == "depends"
    with pytest.raises(ReportgenError, match=r"decides no claim 'relu-help'[\s\S]*did you mean 'relu-helps'"):
        lookup.verdict("relu-help")
    assert Lookup(fakes.entry(tmp_path, profile="quick"), {}).verdict("gru-helps") == "not tested"


def test_the_pages_of_claims(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = (tmp_path / "site/claims/sigmoid-tanh-vanish/index.html").read_text()
    assert "It depends on initialisation: for He, not for Glorot." in page
    assert 'href="../../deep-mlps/index.html"' in page and "deep-mlps-profile.svg" in page
    study = (tmp_path / "site/deep-mlps/index.html").read_text()
    assert 'href="../claims/relu-helps/index.html"' in study and "Claims that this study decides" in study
    assert "Claims that this study decides" not in (tmp_path / "site/claims/index.html").read_text()
    home = (tmp_path / "site/index.html").read_text()
    assert 'href="claims/sigmoid-tanh-vanish/index.html"' in home  # data speak against it
    assert (tmp_path / "site/claims/evidence.csv").is_file()
