"""What the files of a figure say of themselves: title, creators, rights, where it is from, the hash of its data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from reportgen import __version__
from reportgen.figures.text import clean

if TYPE_CHECKING:
    from reportgen.figures.base import Figure
    from reportgen.study.spec import Study

SOFTWARE = f"reportgen {__version__}"


@dataclass(frozen=True)
class Imprint:
    """The statement that is put into the files of a figure; all of it is plain text on one line.

    Attributes
    ----------
    title, description : str
    creators : tuple of str
        The study's authors.
    date : str
        ISO date of the study, or "".
    rights : str
        The licence's SPDX name.
    licence_url : str
        Its address, or "" where none is known.
    identifiers : tuple of str
        The permanent address if there is one, the figure's name in any store ("study/figure"), the data hash.
    source : str
        Name and data hash in one: "study/figure sha256:…".
    keywords : tuple of str
    """

    title: str
    description: str
    creators: tuple[str, ...]
    date: str
    rights: str
    licence_url: str
    identifiers: tuple[str, ...]
    source: str
    keywords: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The permanent address, or ""."""
        return self.identifiers[0] if self.identifiers[0].startswith(("https://", "http://")) else ""

    @property
    def subject(self) -> str:
        """Keywords, name, data hash and address in one line, for the one field of a PDF that has room for them."""
        return ", ".join(filter(None, (*self.keywords, self.source, self.address)))

    @property
    def copyright(self) -> str:
        """The licence in one line."""
        return f"Licence: {self.rights}, {self.licence_url}" if self.licence_url else f"Licence: {self.rights}"


def imprint(figure: Figure, study: Study, address: str = "", licence_url: str = "") -> Imprint:
    """Return what the files of a figure say of themselves.

    Parameters
    ----------
    figure : Figure
    study : Study
        The one that it belongs to.
    address : str
        The permanent address of its page, "" where it is not published.
    licence_url : str
        Address of the study's licence, "" where none is known.
    """
    name, digest = f"{figure.study}/{figure.id}", f"sha256:{figure.data_hash}"
    return Imprint(
        title=clean(figure.title),
        description=clean(figure.alt or figure.caption),
        creators=tuple(clean(author.name) for author in study.authors),
        date=study.date,
        rights=clean(study.licence),
        licence_url=clean(licence_url),
        identifiers=tuple(filter(None, (clean(address), clean(name), digest))),
        source=clean(f"{name} {digest}"),
        keywords=tuple(clean(keyword) for keyword in study.keywords),
    )


def dublin_core(said: Imprint, media_type: str) -> str:
    """Return the statement as RDF for an SVG's ``metadata`` element (Dublin Core and Creative Commons' terms)."""
    single = (("title", said.title), ("description", said.description), ("date", said.date), ("format", media_type))
    fields = [(name, value) for name, value in single if value]
    fields += [("source", said.source), ("rights", said.copyright)]
    for name, values in (("creator", said.creators), ("identifier", said.identifiers), ("subject", said.keywords)):
        fields += [(name, value) for value in values if value]
    lines = [f"   <dc:{name}>{escape(value)}</dc:{name}>" for name, value in fields]
    if said.licence_url:
        lines.append(f"   <cc:license rdf:resource={quoteattr(said.licence_url)}/>")
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items() if prefix in ("rdf", "dc", "cc"))
    return "\n".join(
        (
            "<metadata>", f"  <rdf:RDF {spaces}>", '  <cc:Work rdf:about="">',
            '   <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>', *lines,
            "  </cc:Work>", "  </rdf:RDF>", " </metadata>",
        )
    )  # fmt: skip


def xmp(said: Imprint, media_type: str) -> str:
    """Return the statement as an XMP packet (ISO 16684-1), for PNG and PDF."""
    properties = [
        ("dc:format", "", (media_type,)),
        ("dc:title", "Alt", (said.title,)),
        ("dc:description", "Alt", (said.description,)),
        ("dc:creator", "Seq", said.creators),
        ("dc:date", "Seq", (said.date,)),
        ("dc:rights", "Alt", (said.copyright,)),
        ("dc:subject", "Bag", said.keywords),
        ("dc:type", "Bag", ("StillImage",)),
        ("dc:source", "", (said.source,)),
        ("dc:identifier", "", (said.identifiers[0],)),
        ("xmp:CreatorTool", "", (SOFTWARE,)),
        ("xmp:Identifier", "Bag", said.identifiers),
        ("xmpRights:Marked", "", ("True",)),
        ("xmpRights:WebStatement", "", (said.licence_url,)),
        ("pdf:Keywords", "", (said.subject if media_type == "application/pdf" else "",)),
    ]
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())
    body = "\n".join(line for name, kind, values in properties for line in _property(name, kind, values))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}><rdf:Description rdf:about="">\n{body}\n'
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )


_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "cc": "http://creativecommons.org/ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}


def _property(name: str, kind: str, values: Sequence[str]) -> Iterator[str]:
    given = [escape(value) for value in values if value]
    if not given:
        return
    if not kind:
        yield f"<{name}>{given[0]}</{name}>"
        return
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    items = "".join(f"<rdf:li{language}>{value}</rdf:li>" for value in given)
    yield f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"
