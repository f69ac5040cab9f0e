"""The files beside the pages: what others open with their own programs."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ACTIVE = re.compile(r"\\(?:write|input|immediate|openout|include(?!graphics)|def|end\{document|catcode|csname|read)")
"""Commands of TeX that do more than typeset."""
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|[-+]?(inf|nan)$", re.IGNORECASE)


def files(folder: Path, *endings: str) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(endings))
    assert found, endings
    return found


def test_every_name_is_plain(attacked_site):
    """No space, no dot at an end, nothing that a shell, a server or Windows reads in its own way."""
    devices = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
    for path in attacked_site.rglob("*"):
        name = path.relative_to(attacked_site).as_posix()
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", name), name
        assert not any(devices.match(part) or part.endswith(".") for part in name.split("/")), name
        assert not path.is_symlink()


def test_nothing_is_written_beside_the_site_and_the_results(attacked):
    assert {path.name for path in attacked.iterdir()} <= {"studies", "site", "results"}
    assert not list(attacked.rglob("hacked"))


def test_text_files_hold_no_character_that_hides_or_reorders(attacked_site):
    for path in files(
        attacked_site, ".html", ".svg", ".txt", ".json", ".bib", ".ris", ".tex", ".typ", ".cff", ".js", ".xml"
    ):
        assert not UNSAFE.search(path.read_text(encoding="utf-8")), path


def test_drawings_are_xml_without_anything_active(attacked_site):
    for path in files(attacked_site, ".svg"):
        root = ElementTree.parse(path).getroot()
        for element in root.iter():
            name = element.tag.rpartition("}")[2].lower()
            assert name not in {"script", "foreignobject", "a", "image", "iframe", "animate", "set", "style"}, path
            for attribute, value in element.attrib.items():
                short = attribute.rpartition("}")[2].lower()
                assert not short.startswith("on") and short != "style", (path, attribute)
                if short == "href":
                    assert value.startswith("#"), (path, value)
                assert "url(" not in value or value.startswith("url(#"), (path, value)


def test_drawings_declare_no_entities(attacked_site):
    for path in files(attacked_site, ".svg"):
        assert "<!DOCTYPE" not in path.read_text(encoding="utf-8").upper().replace("<!doctype", "<!DOCTYPE")


def cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row]


def test_no_cell_of_a_table_is_a_formula(attacked_site):
    """A spreadsheet takes a cell that begins so for a formula; numbers may have a sign."""
    seen = 0
    for path in files(attacked_site, ".csv"):
        for cell in cells(path):
            seen += cell.startswith("'")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or NUMBER.match(cell), (path, cell[:40])
    assert seen, "the hostile label is in no table, so nothing was tested"


def test_the_tables_of_the_store_are_no_formulas_either(attacked, tmp_path, monkeypatch):
    import pandas as pd

    from reportgen.store import Store
    from reportgen.store.exchange import export

    store = Store(attacked / "results")
    frame = store.runs()
    frame.loc[0, ["architecture", "reason"]] = ['=HYPERLINK("https://evil.test")', "@SUM(1+1)*cmd|' /C calc'!A0"]
    monkeypatch.setattr(Store, "runs", lambda self, run_ids=None: frame)
    for path in export(store, tmp_path, "csv"):
        for cell in cells(path):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or NUMBER.match(cell), (path, cell[:40])
    back = pd.read_csv(tmp_path / "runs.csv")
    assert back.loc[0, "architecture"] == '\'=HYPERLINK("https://evil.test")'
    assert back["learning_rate"].tolist() == frame["learning_rate"].tolist()


def test_a_citation_is_one_entry_of_bibtex_and_runs_nothing(attacked_site):
    from pybtex.database import parse_file

    for path in files(attacked_site, ".bib"):
        entries = parse_file(str(path), "bibtex").entries
        assert "injected" not in entries, path
        assert not ACTIVE.search(path.read_text(encoding="utf-8")), path
        for key, entry in entries.items():
            assert re.fullmatch(r"[A-Za-z0-9:_./+-]+", key), key
            assert entry.fields.get("note") != "injected", path
        if path.name == "citation.bib":
            assert len(entries) == 1


def test_a_record_of_ris_is_not_left(attacked_site):
    for path in files(attacked_site, ".ris"):
        lines = [line for line in re.split(r"[\r\n]+", path.read_text(encoding="utf-8")) if line]
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines), path
        assert "EVIL" not in [line[6:] for line in lines if line.startswith("TY")]
        starts = sum(line.startswith("TY  - ") for line in lines)
        assert starts == sum(line.startswith("ER  - ") for line in lines) >= 1
        if path.name == "citation.ris":
            assert starts == 1


def test_json_files_are_json_and_safe_in_a_page(attacked_site):
    for path in files(attacked_site, ".json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_scripts_with_data_cannot_be_left(attacked_site):
    for path in files(attacked_site, ".js"):
        assert "</script" not in path.read_text(encoding="utf-8").lower(), path


def test_latex_that_is_shown_or_downloaded_has_no_active_command(attacked_site):
    import html

    seen = 0
    for path in files(attacked_site / "attack", "index.html"):
        blocks = re.findall(r"<code>(.*?)</code>", path.read_text(encoding="utf-8"), re.DOTALL)
        for block in map(html.unescape, blocks):
            if block.startswith("@") or "\\begin{figure}" in block:
                assert not ACTIVE.search(block), (path, block)
                assert "^^" not in block
            if "\\begin{figure}" in block:
                seen += 1
                assert re.findall(r"\\(begin|end)\{(\w+)\}", block) == [("begin", "figure"), ("end", "figure")]
    assert seen >= 2


def test_values_for_papers_are_numbers_under_plain_names(attacked_site):
    """Below the definitions, which are ours, each line is one value, and nothing in it ends its braces."""
    plain = r"[A-Za-z0-9./ ~\\%+-]*|\\ensuremath\{-\}[0-9.]*"
    line = re.compile(rf"\\rg@def\{{[a-z0-9./-]+\}}(\{{({plain})\}}){{8}}%")
    for path in attacked_site.rglob("*.tex"):
        lines = path.read_text(encoding="utf-8").splitlines()
        values = [found for found in lines if found.startswith("\\rg@def{")]
        assert len(values) > 10
        for value in values:
            assert line.fullmatch(value) and not ACTIVE.search(value), value
        assert not ACTIVE.search("\n".join(found for found in lines if "window" in found and found not in values))


@pytest.mark.parametrize("name", ["CITATION.cff"])
def test_yaml_files_hold_what_was_meant(attacked_site, name):
    from ruamel.yaml import YAML

    for path in attacked_site.rglob(name):
        value = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        assert isinstance(value, dict) and "injected" not in value


def test_pictures_and_documents_carry_no_program(attacked_site):
    for path in files(attacked_site, ".pdf"):
        raw = path.read_bytes()
        for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/URI"):
            assert not re.search(re.escape(word) + rb"\b", raw), (path, word)


def test_the_address_of_each_reference_is_one_of_the_web(attacked_site):
    raw = (attacked_site / "references" / "index.html").read_text(encoding="utf-8")
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', raw))
    assert "1337" not in raw and "<script>window" not in raw
