from __future__ import annotations

import json

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.pages.address import Address
from reportgen.pages.releases import Release, before, newest, order, read_releases, releases_files
from reportgen.pages.site import environment
from reportgen.pages.site_json import read_site_json

SORTED = ["0.9", "1.0-alpha", "1.0-rc.1", "1.0-rc.2", "1.0-rc.10", "1.0", "1.0.1", "1.2", "1.10", "2026.11"]


def test_versions_are_in_the_order_that_people_mean():
    assert sorted(reversed(SORTED), key=order) == SORTED


def test_the_newest_and_the_one_before():
    releases = [Release(version) for version in ("1.10", "1.9", "2.0-rc.1")]
    assert newest(releases) == Release("2.0-rc.1") and newest([]) is None
    assert before("1.10", releases) == Release("1.9") and before("1.9", releases) is None
    assert before("1.10", [*releases, Release("1.10")]) == Release("1.9")


@pytest.mark.parametrize(
    "version", ["..", "1/2", "a b", "releases.js", "INDEX.html", "feed.xml", "1.", "", "<b>", "x" * 99]
)
def test_a_version_is_a_folder_that_is_free(version):
    if version:
        with pytest.raises(UsageError, match="cannot be the version"):
            Address.of(release=version)
    with pytest.raises(ReportgenError, match="cannot be read"):
        read_releases(json.dumps([{"version": version, "more": 1}]).encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[1]", b'[{"version": ""}]', b'[{"version": "../x"}]', b'[{"version": "1", "x": "y"}]', b"\xff"],
)
def test_a_list_that_is_none_is_an_error(data):
    with pytest.raises(ReportgenError, match="cannot be read"):
        read_releases(data)


def test_a_list_is_read_as_it_was_written():
    releases = (Release("1.1", "2026-11-21", "1.0", "1 estimate changed."), Release("1.0"))
    files = releases_files(releases, ["", "a/"], Address.of("https://example.org"), environment(None))
    assert read_releases(files["releases/releases.json"]) == releases
    assert read_releases(None) == ()


def test_summaries_are_escaped_wherever_they_stand():
    release = Release("1.0", "2026-11-21", "0.9", "<script>alert(1)</script> & more")
    files = releases_files((release,), ["</script>"], Address.of("https://example.org"), environment(None))
    for name in ("releases/index.html", "releases/feed.xml", "releases/releases.js"):
        assert b"<script>alert" not in files[name] and b'</script>"' not in files[name]


def test_frozen_pages_are_where_the_release_is():
    address = Address.of("https://example.org/g", "1.0")
    frozen = Address(address.base_url, "1.0", frozen=True)
    assert address.page("a/") == "https://example.org/g/a/"
    assert address.permanent("a/") == frozen.page("a/") == frozen.permanent("a/")
    assert frozen.page("a/") == "https://example.org/g/releases/1.0/a/"
    assert Address("", "1.0", frozen=True).page("a/") == ""


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 2}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_record_of_a_site_is_told(data):
    with pytest.raises(ReportgenError, match=r"site\.json cannot be read"):
        read_site_json(data, "site.json")
