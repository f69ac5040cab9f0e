"""The files of a figure beside its page."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from PIL import Image

from reportgen.figures.stamp import DamagedDrawing
from reportgen.pages.downloads import downloads

ADDRESS = "https://example.org/g/deep-mlps/profile/"


def test_every_file_is_named_by_study_and_figure_and_says_where_it_is_from(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    figure = entry.figures[0]
    files = downloads(figure, entry.study, entry.files["profile"], ADDRESS)
    assert {kind: name for kind, (name, _) in files.items()} == {
        **{"csv": "deep-mlps-profile.csv", "parquet": "deep-mlps-profile.parquet", "svg": "deep-mlps-profile.svg"},
        **{"dark.svg": "deep-mlps-profile-dark.svg", "png": "deep-mlps-profile.png", "pdf": "deep-mlps-profile.pdf"},
    }
    svg, png, pdf = (files[kind][1] for kind in ("svg", "png", "pdf"))
    assert svg.count(b"<metadata>") == 1 and svg.count(b"<dc:creator>") == 2 and ADDRESS.encode() in svg
    assert ADDRESS in Image.open(io.BytesIO(png)).info["Source"]
    assert figure.data_hash in pypdf.PdfReader(io.BytesIO(pdf)).metadata["/Keywords"]
    assert files["csv"][1].decode() == figure.csv


def test_what_is_not_drawn_is_left_out(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    assert set(downloads(entry.figures[0], entry.study, {}, "")) == {"csv"}


def test_a_damaged_drawing_stops_the_build(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    entry.files["profile"]["png"].write_bytes(b"\x89PNG cut")
    with pytest.raises(DamagedDrawing, match="the png drawing of 'deep-mlps/profile' is damaged"):
        downloads(entry.figures[0], entry.study, entry.files["profile"], "")


def test_the_page_links_all_of_them_and_says_how_to_get_pgf(site):
    page = (site / "deep-mlps" / "profile" / "index.html").read_text(encoding="utf-8")
    linked = re.search(r'<ul class="downloads".*?</ul>', page, re.DOTALL)[0]
    names = re.findall(r'href="([^"]+)"', linked)
    assert [name.rpartition("/")[2].partition("profile")[2] for name in names] == [
        *(".svg", "-dark.svg", ".png", ".pdf", ".csv", ".parquet")
    ]
    assert all((site / "deep-mlps" / "profile" / name.rpartition("/")[2]).is_file() for name in names)
    assert "reportgen export figure deep-mlps/profile figures --format pgf" in page


def test_the_site_says_how_to_carry_a_study_elsewhere(site):
    page = (site / "reproduce" / "index.html").read_text(encoding="utf-8")
    assert "reportgen export study deep-mlps deep-mlps.zip" in page
    assert "reportgen import deep-mlps.zip\ncd deep-mlps\nreportgen build deep-mlps --no-run" in page
