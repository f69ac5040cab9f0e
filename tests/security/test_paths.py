"""No name, link or template leads out of the folder that a site is written to."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.pages.build import build_site
from reportgen.pages.write import write_tree

NAMES = [
    "../x",
    "a/b",
    "/etc/x",
    "..",
    ".",
    "",
    "a\\b",
    "a\0b",
    "con",
    "NUL",
    "com1",
    "a\n",
    ".hidden",
    "a" * 200,
    "ä",
    "-x",
]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_the_id_of_a_study_or_figure_is_a_plain_name(fakes, tmp_path, name):
    """Ids are checked again where files are named, for whoever makes a study without a file."""
    entry = fakes.entry(tmp_path)
    with pytest.raises(UsageError):
        build_site([replace(entry, study=replace(entry.study, id=name))], tmp_path / "site", bibliography=None)
    figure = replace(entry.figures[0], id=name)
    with pytest.raises(UsageError):
        build_site([replace(entry, figures=(figure,))], tmp_path / "site", bibliography=None)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\x", "a\0", ".manifest.json", ""], ids=repr)
def test_no_file_is_written_outside(tmp_path, name):
    with pytest.raises(ReportgenError, match="is not a file inside the site"):
        write_tree({"index.html": b"x", name: b"x"}, tmp_path / "site")
    assert not (tmp_path / "x").exists() and not (tmp_path / "site" / "index.html").exists()


def test_a_link_to_a_folder_is_not_followed(tmp_path):
    outside, site = tmp_path / "outside", tmp_path / "site"
    outside.mkdir()
    site.mkdir()
    (site / "study").symlink_to(outside)
    with pytest.raises(ReportgenError, match="leads out of the site through a link"):
        write_tree({"study/figure/index.html": b"x"}, site)
    assert list(outside.iterdir()) == []


def test_a_link_to_a_file_is_replaced_and_not_written_through(tmp_path):
    site, secret = tmp_path / "site", tmp_path / "secret"
    write_tree({"index.html": b"old"}, site)
    secret.write_bytes(b"kept")
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(secret)
    write_tree({"index.html": b"new"}, site)
    assert secret.read_bytes() == b"kept"
    assert (site / "index.html").read_bytes() == b"new" and not (site / "index.html").is_symlink()


def test_a_manifest_of_others_removes_nothing_outside(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (site / "link").symlink_to(outside)
    (site / ".manifest.json").write_text('{"format": 1, "files": ["../outside/kept", "link/kept", "/etc/hostname", 7]}')
    write_tree({"index.html": b"x"}, site)
    assert (outside / "kept").exists()


def test_a_link_among_a_templates_folder_is_not_published(fakes, tmp_path):
    """Templates that someone sent must not carry files of this machine onto the site."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "own" / "assets").mkdir(parents=True)
    (tmp_path / "own" / "assets" / "data.js").symlink_to(tmp_path / "secret")
    with pytest.raises(ReportgenError, match="leads out of the folder of templates"):
        build_site([], tmp_path / "site", bibliography=None, templates=tmp_path / "own")
    assert not (tmp_path / "site").exists()


def test_a_link_to_a_template_outside_is_not_read(tmp_path):
    (tmp_path / "secret").write_text("{% extends 'base.html' %}{% block main %}<h1>secret</h1>{% endblock %}")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "studies.html").symlink_to(tmp_path / "secret")
    with pytest.raises(ReportgenError, match="leads out of the folder of templates"):
        build_site([], tmp_path / "site", bibliography=None, templates=tmp_path / "own")


def test_templates_cannot_include_what_is_outside(tmp_path):
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "studies.html").write_text("{% include '../secret.html' %}")
    with pytest.raises(ReportgenError, match="template"):
        build_site([], tmp_path / "site", bibliography=None, templates=tmp_path / "own")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_the_folder_itself_may_be_a_link(tmp_path):
    """Whoever calls chooses where the site is; only what is in it must stay inside."""
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "real")
    write_tree({"a/index.html": b"x"}, tmp_path / "site")
    assert (tmp_path / "real" / "a" / "index.html").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "a\nb", "..", "con", "A"])
def test_new_writes_in_the_folder_of_studies_only(cli, here, name):
    assert cli("new", name).code == 2
    assert not (here.parent / "evil.yaml").exists() and not list(here.rglob("*.yaml"))
