"""What files say of themselves, read back by readers that are not ours."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import pypdf
import pytest
from PIL import Image

from reportgen.figures import prepare
from reportgen.figures.draw import render
from reportgen.figures.imprint import SOFTWARE, Imprint, imprint
from reportgen.figures.stamp import DamagedDrawing, stamped
from reportgen.study.spec import Author

HARMFUL = "]]> </metadata><script>alert(1)</script> & (a) \\b \"q\" 'a' Jürgen 中 \x07"
WORDS = HARMFUL.removesuffix(" \x07")
ADDRESS = "https://example.org/releases/1.0/demo/decay-factor/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "cc": "http://creativecommons.org/ns#",
    "svg": "http://www.w3.org/2000/svg",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_drawings: dict[str, bytes] = {}


@pytest.fixture
def said(fakes: SimpleNamespace) -> Imprint:
    """What a figure's files are to say, in hostile words; its drawings are in `_drawings`."""
    study = replace(
        fakes.study(), authors=(Author("Ada Lovelace"), Author(HARMFUL)), keywords=("one",), licence="CC-BY-4.0"
    )
    (figure,) = prepare(replace(study, report=(fakes.request("decay-factor"),)), fakes.analysis(study))
    figure = replace(figure, title=HARMFUL, alt=HARMFUL)
    if not _drawings:
        _drawings.update(render(figure))
    return imprint(figure, study, ADDRESS, LICENCE)


def test_an_imprint_without_address_date_and_licence_says_none(fakes: SimpleNamespace) -> None:
    study = replace(fakes.study(), licence="my own")
    (figure,) = prepare(replace(study, report=(fakes.request("decay-factor"),)), fakes.analysis(study))
    bare = imprint(figure, study)
    assert bare.identifiers == ("demo/decay-factor", f"sha256:{figure.data_hash}")
    assert (bare.address, bare.date, bare.copyright, bare.creators) == ("", "", "Licence: my own", ())
    assert imprint(figure, replace(study, date="2026-11-21")).date == "2026-11-21"


@pytest.mark.parametrize("kind", ["light.svg", "dark.svg"])
def test_an_svg_states_dublin_core(said: Imprint, kind: str) -> None:
    plain, svg = _drawings[f".{kind}"], stamped(_drawings[f".{kind}"], kind, replace(said, date="2026-11-21"))
    root = ET.fromstring(svg)
    (work,) = root.findall("svg:metadata/rdf:RDF/cc:Work", SPACES)
    found = {name: [e.text for e in work.findall(f"dc:{name}", SPACES)] for name in ("title", "creator", "identifier")}
    assert found["title"] == [WORDS]
    assert found["creator"] == ["Ada Lovelace", WORDS]
    assert found["identifier"] == [ADDRESS, "demo/decay-factor", said.source.partition(" ")[2]]
    assert work.findtext("dc:date", None, SPACES) == "2026-11-21"
    assert work.findtext("dc:source", None, SPACES) == said.source
    assert work.findtext("dc:rights", None, SPACES) == f"Licence: CC-BY-4.0, {LICENCE}"
    assert work.findtext("dc:format", None, SPACES) == "image/svg+xml"
    assert work.find("cc:license", SPACES).attrib == {f"{{{SPACES['rdf']}}}resource": LICENCE}
    assert [root.findtext("svg:title", None, SPACES), root.findtext("svg:desc", None, SPACES)] == [WORDS, WORDS]
    assert list(root).index(root.find("svg:metadata", SPACES)) == 2  # behind title and description
    root.remove(root.find("svg:metadata", SPACES))
    before = ET.fromstring(plain)
    assert [ET.tostring(part).strip() for part in root] == [ET.tostring(part).strip() for part in before]


def test_a_png_states_it_in_text_and_xmp_and_keeps_its_pixels(said: Imprint) -> None:
    plain, png = _drawings[".png"], stamped(_drawings[".png"], "png", said)
    with Image.open(io.BytesIO(png)) as picture, Image.open(io.BytesIO(plain)) as before:
        picture.load()
        before.load()
        assert picture.tobytes() == before.tobytes() and picture.info["dpi"] == before.info["dpi"]
        packet = picture.info.pop("xmp", None) or picture.info.pop("XML:com.adobe.xmp")
        del picture.info["dpi"]
        picture.info.pop("XML:com.adobe.xmp", None)
        assert picture.info == {
            **{"Title": WORDS, "Author": f"Ada Lovelace; {WORDS}", "Description": WORDS},
            **{"Copyright": f"Licence: CC-BY-4.0, {LICENCE}", "Source": f"{said.source} {ADDRESS}"},
            "Software": SOFTWARE,
        }
    _check_packet(packet, said)


def test_a_pdf_states_it_in_its_information_and_xmp(said: Imprint) -> None:
    plain, pdf = _drawings[".pdf"], stamped(_drawings[".pdf"], "pdf", said)
    assert pdf.startswith(plain)
    read = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    assert dict(read.metadata) == {
        **{"/Title": WORDS, "/Author": f"Ada Lovelace; {WORDS}", "/Subject": WORDS},
        **{"/Keywords": f"one, {said.source}, {ADDRESS}", "/Creator": SOFTWARE, "/Producer": SOFTWARE},
    }
    assert len(read.pages) == 1 and "Decay factor" in read.pages[0].extract_text().replace("\n", " ")
    assert read.xmp_metadata.dc_title == {"x-default": WORDS}
    assert read.xmp_metadata.dc_creator == ["Ada Lovelace", WORDS]
    assert read.xmp_metadata.dc_rights == {"x-default": f"Licence: CC-BY-4.0, {LICENCE}"}
    assert read.xmp_metadata.pdf_keywords == read.metadata["/Keywords"]
    _check_packet(read.trailer["/Root"]["/Metadata"].get_data(), said)


def _check_packet(packet: bytes | str, said: Imprint) -> None:
    text = packet.decode() if isinstance(packet, bytes) else packet
    assert text.startswith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert text.rstrip().endswith('<?xpacket end="r"?>')
    root = ET.fromstring(text)
    items = {
        name: [item.text for item in root.findall(f".//{name}//rdf:li", SPACES)]
        for name in ("dc:title", "dc:creator", "xmp:Identifier", "dc:subject")
    }
    assert items["dc:title"] == [WORDS] and items["dc:creator"] == ["Ada Lovelace", WORDS]
    assert items["xmp:Identifier"] == list(said.identifiers) and items["dc:subject"] == ["one"]
    assert root.findtext(".//dc:source", None, SPACES) == said.source
    assert root.findtext(".//dc:identifier", None, SPACES) == ADDRESS


@pytest.mark.parametrize("kind", ["light.svg", "png"])
def test_a_second_stamp_replaces_the_first(said: Imprint, kind: str) -> None:
    once = stamped(_drawings[f".{kind}"], kind, said)
    other = replace(said, title="other", identifiers=said.identifiers[1:])
    assert stamped(once, kind, other) == stamped(_drawings[f".{kind}"], kind, other) != once


@pytest.mark.parametrize("kind", ["csv", "parquet", "pgf"])
def test_data_are_left_as_they_are(said: Imprint, kind: str) -> None:
    assert stamped(b"a,b\n1,2\n", kind, said) == b"a,b\n1,2\n"


@pytest.mark.parametrize("kind", ["light.svg", "png", "pdf"])
@pytest.mark.parametrize("harm", ["empty", "cut", "other"])
def test_a_damaged_drawing_is_named(said: Imprint, kind: str, harm: str) -> None:
    whole = _drawings[f".{kind}"]
    content = {"empty": b"", "cut": whole[: 40 if kind == "light.svg" else len(whole) // 2], "other": b"GIF89a"}[harm]
    with pytest.raises(DamagedDrawing, match=f"the {kind} drawing of 'demo/decay-factor' is damaged"):
        stamped(content, kind, said)
