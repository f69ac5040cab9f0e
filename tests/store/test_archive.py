"""Archives: the same bytes, and nothing harmful comes out."""

import hashlib
import json
import os
import stat
import struct
import zipfile

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.store import archive
from reportgen.store.archive import LISTING, BadArchive, pack, unpack

ABOUT = {"format": 1, "study": "tiny"}
FILES = {"a/one.txt": b"one", "a/two.parquet": b"two" * 50, "three.txt": b""}


def anything(name):
    return True


def forged(path, entries, listed=None, about=ABOUT):
    """Write an archive by hand: entries are (name or ZipInfo, content); the list is true unless it is given."""
    described = {
        getattr(name, "filename", name): {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in entries
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(LISTING, json.dumps({**about, "files": described if listed is None else listed}))
        for name, content in entries:
            made.writestr(name, content)
    return path


def below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_packed_comes_out(tmp_path):
    source = tmp_path / "file"
    source.write_bytes(b"from disk")
    pack({**FILES, "four.txt": source}, tmp_path / "x.zip", ABOUT)
    folder, about, written = unpack(tmp_path / "x.zip", tmp_path / "out", anything)
    assert (folder, about, written) == (tmp_path / "out", ABOUT, 4)
    assert below(folder) == {**FILES, "four.txt": b"from disk"}
    assert not any(path.stat().st_mode & 0o111 for path in folder.rglob("*") if path.is_file())


def test_the_same_files_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    pack(FILES, first, ABOUT)
    os.utime(first, (1, 1))
    pack(dict(reversed(FILES.items())), second, dict(reversed(ABOUT.items())))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as made:
        assert made.testzip() is None
        assert made.namelist() == [LISTING, *sorted(FILES)]
        assert {info.date_time for info in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_new_folder_is_named_by_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pack(FILES, tmp_path / "x.zip", ABOUT)
    assert str(unpack(tmp_path / "x.zip", None, anything)[0]) == "tiny"
    assert below(tmp_path / "tiny") == FILES


def refused(path, tmp_path, message, allowed=anything):
    """The archive is refused, and nothing has been written anywhere."""
    out = tmp_path / "deep" / "out"
    before = set(tmp_path.rglob("*"))
    with pytest.raises(BadArchive, match=message):
        unpack(path, out, allowed)
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        *("../evil", "a/../../evil", "/etc/passwd", "C:/evil", "C:evil", "a\\..\\evil", "a//b", "./a", "a/./b", ""),
        *("CON", "nul.txt", "a/COM1.parquet", "a.", "a ", ".hidden", ".git/hooks/pre-commit", "a\nb", "\u202ea", "ä"),
        *("x" * 121, "/".join("abcdefghi")),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    good = ("a/good.txt", b"x")
    refused(forged(tmp_path / "x.zip", [good, (zipfile.ZipInfo(name), b"x")]), tmp_path, "cannot be a file's name")


def test_a_name_with_a_nul_is_refused(tmp_path):
    path = forged(tmp_path / "x.zip", [("good.txt", b"x"), ("aXb.txt", b"x")])
    path.write_bytes(path.read_bytes().replace(b"aXb.txt", b"a\0b.txt"))
    refused(path, tmp_path, "cannot be a file's name")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    entry = zipfile.ZipInfo("a/link")
    entry.external_attr = (kind | 0o777) << 16
    refused(forged(tmp_path / "x.zip", [(entry, b"/etc/passwd")]), tmp_path, "is a link or a device")


@pytest.mark.parametrize("second", ["a/one.txt", "A/One.txt"])
def test_a_file_that_is_there_twice_is_refused(tmp_path, second):
    with pytest.warns(UserWarning, match="Duplicate") if second == "a/one.txt" else memoryview(b""):
        path = forged(tmp_path / "x.zip", [("a/one.txt", b"x"), (second, b"x")])
    refused(path, tmp_path, "twice, or with other capitals")


def test_a_file_that_is_a_folder_too_is_refused(tmp_path):
    refused(forged(tmp_path / "x.zip", [("a", b"x"), ("a/b", b"x")]), tmp_path, "a file and a folder at once")


def test_a_file_that_does_not_belong_is_refused(tmp_path):
    path = forged(tmp_path / "x.zip", [("good.txt", b"x"), ("sitecustomize.py", b"x")])
    refused(path, tmp_path, "does not belong into it: 'sitecustomize.py'", allowed=lambda name: name == "good.txt")


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({}, "is not what the archive's list says"),
        ({"a": {"bytes": 1, "sha256": "0" * 64}}, "is not what the archive's list says"),
        ({"a": {"bytes": 2, "sha256": hashlib.sha256(b"x").hexdigest()}}, "is not what the archive's list says"),
        ({"a": {"bytes": -1, "sha256": "0" * 64}}, "cannot be read"),
        ({"a": {"bytes": 1}}, "cannot be read"),
        ([], "cannot be read"),
        (
            {"a": {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}, "b": {"bytes": 0, "sha256": "0" * 64}},
            "lacks",
        ),
    ],
)
def test_what_the_list_does_not_say_is_refused(tmp_path, listed, message):
    refused(forged(tmp_path / "x.zip", [("a", b"x")], listed), tmp_path, message)


@pytest.mark.parametrize("about", [{}, {"format": 2, "study": "tiny"}])
def test_a_list_of_another_format_is_refused(tmp_path, about):
    refused(forged(tmp_path / "x.zip", [("a", b"x")], about=about), tmp_path, "cannot be read")


@pytest.mark.parametrize("study", ["../evil", "a/b", "", "\x1b[2J"])
def test_the_study_cannot_name_a_folder_elsewhere(tmp_path, study):
    path = forged(tmp_path / "x.zip", [("a", b"x")], about={"format": 1, "study": study})
    refused(path, tmp_path, "cannot be")


def test_a_zip_without_a_list_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a", b"x")
    refused(tmp_path / "x.zip", tmp_path, "has no list of its files")


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 3)
    refused(forged(tmp_path / "x.zip", [(f"f{i}", b"") for i in range(3)]), tmp_path, "has 4 files; at most 3")


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 10_000_000)
    path = forged(tmp_path / "x.zip", [("a", bytes(10_000_001))])
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(archive, "_copy", None)  # would fail if it were called
    refused(path, tmp_path, "unpacked, the archive would have more than")


def test_a_file_that_is_larger_than_it_says_is_refused(tmp_path):
    """The central directory and the list agree on 5 bytes, and more come out of the stream."""
    content = b"x" * 5_000_000
    truth = {"bytes": 5, "sha256": hashlib.sha256(content[:5]).hexdigest()}
    path = forged(tmp_path / "x.zip", [("a", content)], {"a": truth})
    raw = path.read_bytes()
    assert raw.count(struct.pack("<I", len(content))) == 2
    path.write_bytes(raw.replace(struct.pack("<I", len(content)), struct.pack("<I", 5)))
    refused(path, tmp_path, "no sound ZIP archive|is not what the archive's list says")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path, method):
    entry = zipfile.ZipInfo("a")
    entry.compress_type = method
    refused(forged(tmp_path / "x.zip", [(entry, b"x")]), tmp_path, "compressed in a way")


def test_an_encrypted_file_is_refused(tmp_path):
    path = forged(tmp_path / "x.zip", [("a", b"x")])
    raw = bytearray(path.read_bytes())
    for place in range(len(raw) - 4):
        if raw[place : place + 4] == b"PK\x01\x02" and raw[place + 46 : place + 47] == b"a" and raw[place + 28] == 1:
            raw[place + 8] |= 1
    path.write_bytes(raw)
    refused(path, tmp_path, "is encrypted")


@pytest.mark.parametrize("harm", ["cut", "flipped", "no zip", "empty"])
def test_a_damaged_archive_is_refused(tmp_path, harm):
    pack(FILES, tmp_path / "x.zip", ABOUT)
    raw = (tmp_path / "x.zip").read_bytes()
    place = raw.index(b"twotwo")
    changed = {"cut": raw[:-30], "flipped": raw[:place] + b"T" + raw[place + 1 :], "no zip": b"hello", "empty": b""}
    (tmp_path / "x.zip").write_bytes(changed[harm])
    refused(tmp_path / "x.zip", tmp_path, "no sound ZIP archive")


def test_nothing_is_replaced(tmp_path):
    pack(FILES, tmp_path / "x.zip", ABOUT)
    out = tmp_path / "out"
    (out / "a").mkdir(parents=True)
    (out / "a" / "one.txt").write_bytes(b"mine")
    with pytest.raises(BadArchive, match=r"one\.txt' is there already, with other content"):
        unpack(tmp_path / "x.zip", out, anything)
    assert below(out) == {"a/one.txt": b"mine"}
    (out / "a" / "one.txt").write_bytes(b"one")
    (out / "mine.txt").write_bytes(b"mine")
    assert unpack(tmp_path / "x.zip", out, anything)[2] == 2
    assert below(out) == {**FILES, "mine.txt": b"mine"}
    assert unpack(tmp_path / "x.zip", out, anything)[2] == 0


@pytest.mark.parametrize("link", ["a", "a/one.txt"])
def test_a_link_in_the_way_is_not_followed(tmp_path, link):
    pack(FILES, tmp_path / "x.zip", ABOUT)
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    (out / link).parent.mkdir(parents=True)
    (out / link).symlink_to(outside / "new" if link.endswith("txt") else outside)
    with pytest.raises(BadArchive, match=r"in the way|is there already"):
        unpack(tmp_path / "x.zip", out, anything)
    assert list(outside.iterdir()) == []


def test_a_name_that_some_system_lacks_is_not_packed(tmp_path):
    with pytest.raises(ReportgenError, match="cannot be a file's name"):
        pack({"../a": b""}, tmp_path / "x.zip", ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_not_there_or_cannot_be_written_says_so(tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        unpack(tmp_path / "none.zip", None, anything)
    with pytest.raises(ReportgenError, match="cannot be written"):
        pack(FILES, tmp_path, ABOUT)
