"""How a study or a figure is cited: BibTeX and text, snippets for papers and pages, and metadata in the page."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen import __version__
from reportgen.pages.text import clean, shorten
from reportgen.study.spec import Study

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "&": r"\&", "%": r"\%",
    "$": r"\$", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
"""Braces have names, for BibTeX counts them even behind a backslash."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|!$])")


@dataclass(frozen=True)
class Citable:
    """What a citation says of a study, or of one of its figures.

    Attributes
    ----------
    path : str
        Its address on the site, without the site's own: ``deep-mlps/profile/``.
    title : str
    study : Study
    base_url : str
        The site's address with a final "/", or "" if it is not published.
    data_hash : str
        Of a figure; "" for a study.
    """

    path: str
    title: str
    study: Study
    base_url: str = ""
    data_hash: str = ""

    @property
    def key(self) -> str:
        """The BibTeX key."""
        return self.path.strip("/").replace("/", ":")

    @property
    def url(self) -> str:
        """The DOI's address for a study that has one, else the page's, or "" where neither is known."""
        if self.study.doi and not self.data_hash:
            return f"https://doi.org/{self.study.doi}"
        return f"{self.base_url}{self.path}" if self.base_url else ""


def latex(text: str) -> str:
    """Escape text for LaTeX and BibTeX, on one line."""
    return "".join(_LATEX.get(character, character) for character in " ".join(clean(text).split()))


def bibtex(work: Citable) -> str:
    """Write a BibTeX entry."""
    study = work.study
    note = f"Figure in the study ``{latex(study.title)}'', version {latex(study.version)}" if work.data_hash else ""
    note = note or f"Version {latex(study.version)}"
    fields = {
        "author": " and ".join(_bibtex_name(a.name) for a in study.authors),
        "title": f"{{{latex(work.title)}}}",
        "howpublished": f"Computational study, reportgen {__version__}",
        "note": f"{note}; data SHA-256 {work.data_hash[:16]}" if work.data_hash else note,
        "doi": re.sub(r"[{}\\\s]", "", study.doi),
        "url": work.url,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{work.key},\n" + ",\n".join(lines) + "\n}"


def text(work: Citable) -> str:
    """Write a citation as one line of text."""
    study = work.study
    parts = [f"{_people(study)}. {work.title.rstrip('.')}."]
    if work.data_hash:
        parts.append(f"Figure in “{study.title.rstrip('.')}”.")
    parts.append(f"Version {study.version}, reportgen {__version__}.")
    if work.data_hash:
        parts.append(f"Data {work.data_hash[:16]}.")
    return " ".join([clean(part) for part in parts] + ([work.url] if work.url else []))


def snippets(work: Citable, caption: str, alt: str, name: str) -> dict[str, str]:
    """Write what shows a figure in a paper or page, by format; `name` is the stem of its files."""
    address = work.url or work.path
    short = shorten(alt, 300)
    return {
        "LaTeX": "\n".join(
            (
                r"\begin{figure}", r"  \centering", rf"  \includegraphics[width=\linewidth]{{{name}.pdf}}",
                rf"  \caption{{{latex(caption or work.title)} \cite{{{work.key}}}}}", rf"  \label{{fig:{name}}}",
                r"\end{figure}",
            )
        ),
        "Markdown": f"[![{_markdown(short)}]({name}.svg)]({address})\n\n*{_markdown(caption or work.title)}*",
        "HTML": "\n".join(
            (
                "<figure>", f'  <a href="{_html(address)}"><img src="{name}.svg" alt="{_html(short)}"></a>',
                f"  <figcaption>{_html(caption or work.title)}</figcaption>", "</figure>",
            )
        ),
    }  # fmt: skip


def highwire(work: Citable) -> list[tuple[str, str]]:
    """Return the Highwire tags of a study's page as names and contents."""
    study = work.study
    tags = [("citation_title", study.title)]
    tags += [("citation_author", author.name) for author in study.authors]
    tags += [("citation_keywords", keyword) for keyword in study.keywords]
    tags += [("citation_doi", study.doi)] if study.doi else []
    tags += [("citation_abstract_html_url", f"{work.base_url}{work.path}")] if work.base_url else []
    return [*tags, ("citation_language", "en")]


def json_ld(work: Citable, description: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Return schema.org metadata: a ScholarlyArticle for a study, an ImageObject for a figure."""
    study = work.study
    people = [
        {"@type": "Person", "name": clean(a.name)} | ({"@id": f"https://orcid.org/{a.orcid}"} if a.orcid else {})
        for a in study.authors
    ]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ImageObject" if work.data_hash else "ScholarlyArticle",
        "name": clean(work.title),
        "description": clean(description),
        "author": people,
        "version": clean(study.version),
        "license": licence_url(study.licence) or clean(study.licence),
        "inLanguage": "en-GB",
    }
    if study.keywords:
        found["keywords"] = [clean(keyword) for keyword in study.keywords]
    if work.url:
        found["url"] = work.url
    if files and work.base_url:
        found["encoding"] = [
            {"@type": "MediaObject", "encodingFormat": kind, "contentUrl": f"{work.base_url}{work.path}{name}"}
            for name, kind in files.items()
        ]
    return found


def licence_url(licence: str) -> str:
    """Return the address of a Creative Commons licence by its SPDX name, or ""."""
    match = re.fullmatch(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-(\d\.\d)", licence)
    if match:
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return "https://creativecommons.org/publicdomain/zero/1.0/" if licence == "CC0-1.0" else ""


def _bibtex_name(name: str) -> str:
    """Brace what is no person's name, or would be split into two."""
    whole = name.startswith("The ") or "," in name or re.search(r"\band\b", name)
    return f"{{{latex(name)}}}" if whole else latex(name)


def _people(study: Study) -> str:
    names = [author.name for author in study.authors]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "Anonymous"


def _markdown(value: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(clean(value).split()))


def _html(value: str) -> str:
    return html.escape(" ".join(clean(value).split()))
