"""Put a statement into drawn files, without drawing them again: SVG, PNG and PDF.

What a file says can change without its picture (the site's address, the licence, a release), and drawings are kept;
so the statement is put in when they are copied out.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

from reportgen.errors import ReportgenError
from reportgen.figures.imprint import SOFTWARE, Imprint, dublin_core, xmp

MEDIA_TYPES: Mapping[str, str] = {
    **{"svg": "image/svg+xml", "dark.svg": "image/svg+xml", "light.svg": "image/svg+xml", "png": "image/png"},
    **{"pdf": "application/pdf", "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "pgf": "text/x-tex"},
}
"""Media type of each kind of file of a figure."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"


class DamagedDrawing(ReportgenError):
    """A drawing that is not what the drawing code writes."""

    def __init__(self, kind: str, said: Imprint) -> None:
        name = said.source.partition(" ")[0]
        super().__init__(f"the {kind} drawing of '{name}' is damaged", "delete the folder .figures in the store")


def stamped(content: bytes, kind: str, said: Imprint) -> bytes:
    """Return the bytes of a file with a statement in it; the picture stays what it was, to the byte.

    Parameters
    ----------
    content : bytes
        As `reportgen.figures.draw` makes it, or stamped before (of a PDF: not before).
    kind : str
        A key of `MEDIA_TYPES`; those that carry no statement (CSV, Parquet, PGF) are returned as they are.
    said : Imprint

    Raises
    ------
    DamagedDrawing
        If the file has not the form of its kind.
    """
    stamp = _STAMPS.get(MEDIA_TYPES.get(kind, ""))
    if stamp is None:
        return content
    try:
        return stamp(content, said)
    except (ValueError, struct.error) as error:
        raise DamagedDrawing(kind, said) from error


_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_HEAD = re.compile(r"<svg\b[^>]*>(?:\s*<title\b[^>]*>[^<]*</title>)?(?:\s*<desc\b[^>]*>[^<]*</desc>)?")


def _svg(content: bytes, said: Imprint) -> bytes:
    """Put Dublin Core behind the title and the description, in place of any other metadata."""
    text = _METADATA.sub("", content.decode(), count=1)
    head = _HEAD.search(text)
    if head is None:
        raise ValueError("no svg element")
    return f"{text[: head.end()]}\n {dublin_core(said, 'image/svg+xml')}{text[head.end() :]}".encode()


def _png(content: bytes, said: Imprint) -> bytes:
    """Put text chunks behind the header, in place of any others."""
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise ValueError("no PNG")
    fields = {
        **{"Title": said.title, "Author": "; ".join(said.creators), "Description": said.description},
        **{"Copyright": said.copyright, "Source": " ".join(filter(None, (said.source, said.address)))},
        **{"Software": SOFTWARE, "XML:com.adobe.xmp": xmp(said, "image/png")},
    }
    texts = [_text(keyword, value) for keyword, value in fields.items() if value]
    kept = [chunk for chunk in chunks[1:] if chunk[0] not in (b"tEXt", b"iTXt", b"zTXt")]
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in (chunks[0], *texts, *kept))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not content.startswith(SIGNATURE):
        raise ValueError("no PNG")
    place = len(SIGNATURE)
    while place < len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if checksum != zlib.crc32(name + data):
            raise ValueError("a chunk is damaged")
        yield name, data
        place += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _text(keyword: str, value: str) -> tuple[bytes, bytes]:
    """Return a text chunk: Latin-1 where that is enough, as every reader knows it, else UTF-8."""
    if value.isascii() and not keyword.startswith("XML"):
        return b"tEXt", keyword.encode() + b"\0" + value.encode()
    return b"iTXt", keyword.encode() + b"\0\0\0\0\0" + value.encode()


_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)
_ROOT = rb"(?<!\d)%d 0 obj\s*<<(.*?)>>\s*endobj"


def _pdf(content: bytes, said: Imprint) -> bytes:
    """Append an incremental update (ISO 32000-1, 7.5.6): document information, and XMP in the catalogue."""
    trailer = _TRAILER.search(content)
    if not content.startswith(b"%PDF-") or trailer is None:
        raise ValueError("no PDF with one cross-reference table")
    size, root = (_number(rb"/%s (\d+)" % name, trailer[1]) for name in (b"Size", b"Root"))
    catalogue = re.search(_ROOT % root, content, re.DOTALL)
    if catalogue is None or b"/Metadata" in catalogue[1]:
        raise ValueError("no catalogue, or one with metadata")
    packet = xmp(said, "application/pdf").encode()
    objects = {
        root: b"<<%s/Metadata %d 0 R >>" % (catalogue[1], size),
        size: b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(packet), packet),
        size + 1: _information(said),
    }
    return content + _update(objects, len(content), root, size + 2, int(trailer[2]))


def _update(objects: Mapping[int, bytes], start: int, root: int, size: int, previous: int) -> bytes:
    body, table = b"", b""
    for number, value in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, start + len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    end = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return body + b"xref\n" + table + end % (size, root, size - 1, previous, start + len(body))


def _information(said: Imprint) -> bytes:
    """Return the document information dictionary."""
    fields = {
        **{"Title": said.title, "Author": "; ".join(said.creators), "Subject": said.description},
        **{"Keywords": said.subject, "Creator": SOFTWARE, "Producer": SOFTWARE},
    }
    return b"<< " + b" ".join(b"/%s %s" % (k.encode(), _string(v)) for k, v in fields.items() if v) + b" >>"


def _string(text: str) -> bytes:
    """Return a PDF text string: ASCII between brackets, else UTF-16 as hexadecimal digits."""
    if not text.isascii():
        return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"
    return b"(" + re.sub(r"([\\()])", r"\\\1", text).encode() + b")"


def _number(pattern: bytes, text: bytes) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError("an entry of the trailer is missing")
    return int(found[1])


_STAMPS: Mapping[str, Callable[[bytes, Imprint], bytes]] = {
    "image/svg+xml": _svg,
    "image/png": _png,
    "application/pdf": _pdf,
}
