"""An entry in which every text that others write is hostile."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reportgen.study.spec import Author, ClaimRequest, Factor

TEXT = (
    "</title></script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
    "\"'`\u202eevil\u2066\x00\x1b]0;{{ 7*7 }}"
)
"""Closes what may be open, starts scripts, reorders the line, and holds control characters."""


def hostile_entry(fakes, folder):
    """Put the hostile text into every field that is shown."""
    entry = fakes.entry(folder)
    study = entry.study
    arms = tuple(
        replace(arm, label=TEXT, levels=dict.fromkeys(arm.levels, TEXT), skipped=arm.skipped and TEXT)
        for arm in study.arms
    )
    factors = tuple(Factor(factor.name, TEXT, (TEXT,), False) for factor in study.factors)
    prose = {
        name: f"{TEXT.replace('{{ 7*7 }}', '')} $\\text{{{'<script>window.hacked=1</script>'}}}$"
        for name in study.prose
    }
    claim = ClaimRequest(
        id="relu-helps", estimate="decay-factor", compare={factors[0].name: (TEXT,)}, against=0.5, where={},
        direction="higher", margin=1.1, why=TEXT,
    )  # fmt: skip
    study = replace(
        study, title=TEXT, question=TEXT, keywords=(TEXT,), authors=(Author(TEXT, '"><script>', TEXT),), arms=arms,
        factors=factors, prose=prose, licence=TEXT, version=TEXT, doi=TEXT, profile=TEXT, claims=(claim,),
    )  # fmt: skip
    figures = tuple(
        replace(
            figure, title=TEXT, caption=TEXT, alt=TEXT, description=TEXT, columns={TEXT: TEXT, "arm": TEXT},
            data=pd.DataFrame({TEXT: [TEXT, "=cmd()"], "n": [1.0, 2.0]}), run_ids=(TEXT,), method=(TEXT,),
        )
        for figure in entry.figures
    )  # fmt: skip
    environments = entry.environments.assign(cpu=TEXT, os=TEXT)
    return replace(entry, study=study, figures=figures, environments=environments)
