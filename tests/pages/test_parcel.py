"""What an archive of a study may hold."""

import pytest

from reportgen.pages.parcel import belongs


@pytest.mark.parametrize(
    "name",
    [
        *("README.txt", "LICENSE.txt", "citation.bib", "citation.ris", "citation.json", "studies/deep-mlps.yaml"),
        *("studies/references.bib", "studies/claims.yaml", "results/runs/0123456789abcdef.parquet"),
        *("results/environments/0123456789abcdef.parquet", "figures/deep-mlps-profile-dark.svg"),
    ],
)
def test_a_part_of_a_study_belongs(name):
    assert belongs(name)


@pytest.mark.parametrize(
    "name",
    [
        *("studies/evil.py", "studies/references.bib.py", "studies/a/b.yaml", "results/runs/x.parquet", "results/x"),
        *("results/locks/0123456789abcdef.parquet", "figures/a.html", "figures/a/b.svg", "Makefile", "site/index.html"),
        *("citation.bib\n", "sitecustomize.py", "studies/Evil.yaml", "results/runs/0123456789ABCDEF.parquet"),
    ],
)
def test_anything_else_does_not(name):
    assert not belongs(name)
