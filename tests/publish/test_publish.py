"""A whole site, built and published: releases that stay, what changed between them, and what is refused."""

from __future__ import annotations

import hashlib
import json
from xml.etree import ElementTree

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish import open_destination, publish

BASE = "https://example.org/g"
VERSIONS = (("1.0", 1.0), ("1.1", 1.3), ("2.0", 1.4))


def _contents(where):
    destination = open_destination(where)
    names = destination.state(recover=False).sizes
    return {name: destination.read(name) for name in names if name != ".reportgen.json"}


def test_three_releases_in_a_row_leave_all_old_addresses_as_they_were(made, where):
    seen = {}
    for number, (version, factor) in enumerate(VERSIONS):
        report = publish(made(version, factor), open_destination(where), release=version, date=f"2026-0{number + 1}-01")
        there = _contents(where)
        for name, content in seen.items():
            assert there[name] == content, name
        seen.update({name: data for name, data in there.items() if name.startswith(f"releases/{version}/")})
        assert report.warnings == () and report.links > 60
    listed = json.loads(_contents(where)["releases/releases.json"])
    assert [(one["version"], one["previous"], one["date"]) for one in listed] == [
        ("2.0", "1.1", "2026-03-01"),
        ("1.1", "1.0", "2026-02-01"),
        ("1.0", "", "2026-01-01"),
    ]
    publish(made("", 1.0), open_destination(where))
    there = _contents(where)
    assert all(there[name] == content for name, content in seen.items())
    assert (
        b"Decay factor" in there["changes/index.html"] and b"changes since release 2.0" in there["releases/index.html"]
    )


def test_a_release_has_the_hashes_of_all_its_files(made, tmp_path):
    publish(made("1.0"), open_destination(str(tmp_path / "public")), release="1.0")
    folder = tmp_path / "public" / "releases" / "1.0"
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(listed) == files
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in listed.items())


def test_what_changed_is_counted_and_told(made, tmp_path):
    where = str(tmp_path / "public")
    publish(made("1.0"), open_destination(where), release="1.0")
    report = publish(made("1.1", 1.3), open_destination(where), release="1.1")
    assert report.previous == "1.0"
    (change,) = report.changes.estimates
    assert (change.study, change.name, change.arm) == ("deep", "decay-factor", "x")
    assert change.difference == pytest.approx(0.15) and change.size == pytest.approx(1.5) and change.overlap is True
    assert report.changes.figures_changed == (("deep/profile", "A profile"),)
    assert [(v.claim, v.old, v.new) for v in report.changes.verdicts] == [("relu", "supported", "refuted")]
    page = (tmp_path / "public/releases/1.1/changes/index.html").read_text()
    assert "Compared with" in page and "../../1.0/index.html" in page and ">deep</a> <code>x</code>" in page
    table = (tmp_path / "public/releases/1.1/changes/changes.csv").read_text().splitlines()
    assert table[1:] == ["deep,decay-factor,x,per layer,0.5,0.4,0.6,0.65,0.55,0.75,0.15,1.5,yes"]
    current = (tmp_path / "public/changes/index.html").read_text()
    assert "What changed since release 1.1" in current and "Nothing: every estimate" in current
    listed = (tmp_path / "public/releases/index.html").read_text()
    assert report.changes.sentence in listed


def test_a_study_that_is_gone_is_told_and_its_old_pages_stay_in_the_release(made, tmp_path):
    where = str(tmp_path / "public")
    publish(made("1.0"), open_destination(where), release="1.0")
    report = publish(made("1.1", gone=True), open_destination(where), release="1.1")
    assert report.changes.studies_removed == (("wide", "Wide"),)
    assert not (tmp_path / "public/wide").exists()
    assert (tmp_path / "public/releases/1.0/wide/index.html").is_file()


def test_the_first_publication_without_a_release_has_no_broken_link(made, where):
    report = publish(made(), open_destination(where))
    assert report.changes is None and report.links > 40
    there = _contents(where)
    assert b"There is no release yet" in there["releases/index.html"] and ".nojekyll" in there


def test_the_same_again_changes_nothing(made, where):
    publish(made("1.0"), open_destination(where), release="1.0", date="2026-01-01")
    publish(made("1.1", 1.3), open_destination(where), release="1.1", date="2026-02-01")
    before = _contents(where)
    report = publish(made("1.1", 1.3), open_destination(where), release="1.1")
    assert report.plan.nothing and _contents(where) == before


def test_a_release_that_differs_is_refused_and_nothing_else_is_published(made, where):
    publish(made("1.0"), open_destination(where), release="1.0")
    before = _contents(where)
    with pytest.raises(ReportgenError, match=r"release 1\.0 has been published already, and differs"):
        publish(made("1.0", 1.3), open_destination(where), release="1.0")
    assert _contents(where) == before


def test_a_dry_run_writes_nothing_and_tells_the_same(made, where):
    publish(made("1.0"), open_destination(where), release="1.0")
    before = _contents(where)
    dry = publish(made("1.1", 1.3), open_destination(where), release="1.1", dry_run=True)
    assert _contents(where) == before
    real = publish(made("1.1", 1.3), open_destination(where), release="1.1")
    assert dry.plan.send.keys() == real.plan.send.keys() and dry.plan.changed == real.plan.changed
    assert dry.plan.size == real.plan.size > 0 and dry.changes == real.changes


def test_a_patch_of_an_older_line_is_compared_with_its_own_line(made, tmp_path):
    where = str(tmp_path / "public")
    publish(made("1.0"), open_destination(where), release="1.0")
    publish(made("2.0", 1.4), open_destination(where), release="2.0")
    report = publish(made("1.1", 1.3), open_destination(where), release="1.1")
    assert report.previous == "1.0"
    assert '"newest": "2.0"' in (tmp_path / "public/releases/releases.js").read_text()


def test_a_release_is_named_when_it_is_published(made, tmp_path):
    destination = open_destination(str(tmp_path / "public"))
    with pytest.raises(UsageError, match=r"was built as release 1\.0") as caught:
        publish(made("1.0"), destination)
    assert "--release 1.0" in caught.value.hint
    with pytest.raises(UsageError, match=r"was not built as release 1\.0"):
        publish(made(), destination, release="1.0")
    with pytest.raises(UsageError, match="without the address of the site"):
        publish(made("1.0", base_url=""), destination, release="1.0")
    assert not (tmp_path / "public").exists()


@pytest.mark.parametrize("date", ["2026-13-01", "21.11.2026", "<b>"])
def test_a_date_is_a_date(made, tmp_path, date):
    with pytest.raises(UsageError, match="is not a date"):
        publish(made("1.0"), open_destination(str(tmp_path / "public")), release="1.0", date=date)


def test_the_feed_is_atom_with_an_entry_a_dated_release(made, tmp_path):
    where = str(tmp_path / "public")
    publish(made("1.0"), open_destination(where), release="1.0", date="2026-01-01")
    publish(made("1.1", 1.3), open_destination(where), release="1.1", date="2026-02-01")
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(tmp_path / "public/releases/feed.xml").getroot()
    assert feed.findtext(f"{atom}updated") == "2026-02-01T00:00:00Z"
    assert [entry.findtext(f"{atom}id") for entry in feed.findall(f"{atom}entry")] == [
        f"{BASE}/releases/1.1/",
        f"{BASE}/releases/1.0/",
    ]


def test_two_publications_write_the_same_bytes(made, tmp_path):
    trees = []
    for name in ("one", "two"):
        where = str(tmp_path / name)
        publish(made("1.0"), open_destination(where), release="1.0", date="2026-01-01")
        publish(made("1.1", 1.3), open_destination(where), release="1.1")
        trees.append(_contents(where))
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</main>", "", r"</body> stands inside <main>"),
        ("</h1>", "</h2>", r"</h2> stands inside <h1>"),
        ("index.html#main", "nowhere.html", r"'nowhere\.html' leads nowhere"),
        ("index.html#main", "../outside.html", r"leads nowhere"),
        ("index.html#main", "/index.html", r"root of the server"),
        ("index.html#main", "javascript:alert(1)", r"of no kind that a page may have"),
        ("index.html#main", "#elsewhere", r"leads to no place on that page"),
        ("<h1>", '<h1 id="main">', r"two elements have the id 'main'"),
        ("<h1>", '<h1 class="a" class="b">', r"has an attribute twice"),
        ("<p>", "<p>\udcff", r"it is not UTF-8"),
    ],
)
def test_a_site_that_is_not_sound_is_refused(made, tmp_path, old, new, message):
    site = made()
    home = site / "index.html"
    assert old in home.read_text()
    home.write_text(home.read_text().replace(old, new), errors="surrogateescape")
    with pytest.raises(ReportgenError, match=message):
        publish(site, open_destination(str(tmp_path / "public")))
    assert not (tmp_path / "public").exists()


@pytest.mark.parametrize("name", ["site.json", "assets/site.css", "index.html"])
def test_a_site_that_lacks_a_file_is_refused(made, tmp_path, name):
    site = made()
    (site / name).unlink()
    with pytest.raises(ReportgenError, match=f"lacks {name}"):
        publish(site, open_destination(str(tmp_path / "public")))


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(UsageError, match="there is no site in"):
        publish(tmp_path, open_destination(str(tmp_path / "public")))


def test_other_files_beside_the_site_are_not_published(made, tmp_path):
    site = made()
    (site / "README.md").write_text("notes")
    publish(site, open_destination(str(tmp_path / "public")))
    assert not (tmp_path / "public" / "README.md").exists()


@pytest.mark.parametrize("where", [".", "built", "built/../built"])
def test_a_site_is_not_published_into_itself(made, tmp_path, monkeypatch, where):
    site = made()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="holds the site itself"):
        publish(site, open_destination(where))
    assert not (site / ".reportgen.json").exists()


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{}",
        '{"format": 1, "release": "1.0", "studies": {}, "figures": {}, "estimates": {"a": [1]}, "verdicts": {}}',
    ],
)
def test_a_release_whose_record_is_broken_is_told(made, tmp_path, record):
    where = str(tmp_path / "public")
    publish(made("1.0"), open_destination(where), release="1.0")
    (tmp_path / "public/releases/1.0/site.json").write_text(record)
    with pytest.raises(ReportgenError, match=r"releases/1\.0/site\.json at .* cannot be"):
        publish(made("1.1", 1.3), open_destination(where), release="1.1")
