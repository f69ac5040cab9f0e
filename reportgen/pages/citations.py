"""What is cited: a study, or one of its figures. The formats are in `reportgen.pages.cite`."""

from __future__ import annotations

from dataclasses import dataclass, field

from reportgen.pages.address import Address
from reportgen.pages.cite import formats, styles
from reportgen.pages.cite.record import cite_key, record
from reportgen.study.spec import Study


@dataclass(frozen=True)
class Citable:
    """What a citation says of a study, or of one of its figures.

    Attributes
    ----------
    path : str
        Its address on the site, without the site's own: ``deep-mlps/profile/``.
    title : str
    study : Study
    address : Address
        Of the site.
    data_hash : str
        Of a figure; "" for a study.
    """

    path: str
    title: str
    study: Study
    address: Address = field(default_factory=Address)
    data_hash: str = ""

    @property
    def key(self) -> str:
        """The BibTeX key."""
        return cite_key(self.path)

    @property
    def url(self) -> str:
        """The DOI's address for a study that has one, else the page's, or "" where neither is known."""
        if self.study.doi and not self.data_hash:
            return f"https://doi.org/{self.study.doi}"
        return self.address.permanent(self.path)


def bibtex(work: Citable) -> str:
    """Write a BibTeX entry."""
    return formats.bibtex(record(work))


def text(work: Citable) -> str:
    """Write a citation as one line of text."""
    return styles.text(record(work))
