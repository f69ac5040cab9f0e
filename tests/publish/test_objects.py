"""Publishing to an object store: cut off anywhere, it is finished by the next publication."""

from __future__ import annotations

import pytest

from reportgen.errors import ReportgenError
from reportgen.publish.places import open_destination
from reportgen.publish.plan import rank

WHERE = "memory://bucket/site"
FIRST = {f"p{i}/index.html": f"first {i}" for i in range(4)} | {"index.html": "first", "d.csv": "1", "gone": "x"}
SECOND = {f"p{i}/index.html": f"second {i}" for i in range(4)} | {"index.html": "second", "d.csv": "2"}
WRITES = ("put_file", "cp_file", "pipe_file", "rm_file")


class Cut(ConnectionError):
    """The connection is gone."""


@pytest.fixture
def cut(memory, monkeypatch):
    """Let a number of writes through and break the connection then; the names that were written are returned."""

    def arm(after):
        written = []

        def wrapped(name, real):
            def call(*arguments, **options):
                if len(written) >= after:
                    raise Cut(104, "Connection reset by peer")
                path = arguments[1] if name in ("put_file", "cp_file") else arguments[0]
                written.append((name, str(path).removeprefix("/").removeprefix("bucket/site/")))
                return real(*arguments, **options)

            return call

        for name in WRITES:
            monkeypatch.setattr(memory, name, wrapped(name, getattr(memory, name)))
        return written

    return arm


def names(memory):
    return {path.removeprefix("/bucket/site/"): bytes(file.getvalue()).decode() for path, file in memory.store.items()}


def test_the_order_is_data_then_pages_then_lists_then_home(memory, put, cut):
    written = cut(10_000)
    put(WHERE, {**SECOND, "releases/index.html": "list", "releases/1.0/index.html": "one"}, "releases/1.0/")
    placed = [name for call, name in written if call == "cp_file"]
    assert [rank(name) for name in placed] == sorted(rank(name) for name in placed)
    assert placed[0] == "d.csv" and placed[-2:] == ["releases/index.html", "index.html"]
    last_upload = max(index for index, (call, _) in enumerate(written) if call == "put_file")
    assert last_upload < min(index for index, (call, _) in enumerate(written) if call == "cp_file")


def test_cut_off_at_every_single_write_it_is_old_or_finished_by_the_next(memory, put, cut, monkeypatch, held):
    put(WHERE, FIRST)
    before = dict(memory.store)
    whole = cut(10_000)
    put(WHERE, SECOND)
    monkeypatch.undo()
    seen = set()
    for after in range(len(whole)):
        memory.store.clear()
        memory.store.update(before)
        cut(after)
        with pytest.raises(ReportgenError, match="was cut off: Connection reset by peer"):
            put(WHERE, SECOND)
        monkeypatch.undo()
        state = open_destination(WHERE).state(recover=False)
        started = ".reportgen-journal.json" in names(memory)
        seen.add(started)
        if not started and after <= whole.index(("pipe_file", ".reportgen-journal.json")):
            assert held(WHERE) == FIRST, "before the journal nothing has changed"
        # Another publication, even of something else, finishes this one first.
        found = open_destination(WHERE)
        found.state(recover=True)
        expected = SECOND if started or after > whole.index(("pipe_file", ".reportgen-journal.json")) else FIRST
        assert held(WHERE) == expected, after
        assert set(state.sizes) - {".reportgen.json"} == set(expected)
        put(WHERE, SECOND)
        assert held(WHERE) == SECOND
        assert not [name for name in names(memory) if name.startswith((".reportgen-staging", ".reportgen-journal"))]
    assert seen == {True, False}


def test_what_was_uploaded_before_the_cut_is_not_uploaded_again(memory, put, cut, monkeypatch):
    put(WHERE, FIRST)
    cut(3)
    with pytest.raises(ReportgenError):
        put(WHERE, SECOND)
    monkeypatch.undo()
    written = cut(10_000)
    put(WHERE, SECOND)
    assert sum(call == "put_file" for call, _ in written) == len(SECOND) - 3


def test_a_half_written_staged_file_is_sent_again(memory, put, cut, monkeypatch, held):
    put(WHERE, FIRST)
    cut(2)
    with pytest.raises(ReportgenError):
        put(WHERE, SECOND)
    monkeypatch.undo()
    staged = next(path for path in memory.store if "staging" in path)
    memory.pipe_file(staged, b"ha")
    put(WHERE, SECOND)
    assert held(WHERE) == SECOND


def test_a_file_that_lost_its_content_is_sent_again(memory, put, held):
    put(WHERE, FIRST)
    memory.pipe_file("/bucket/site/d.csv", b"")
    put(WHERE, FIRST)
    assert held(WHERE) == FIRST


def test_two_publications_at_once_are_noticed(memory, put):
    from reportgen.publish.plan import make_plan
    from reportgen.publish.tree import file_of

    put(WHERE, FIRST)
    one = open_destination(WHERE)
    plan = make_plan({"index.html": file_of(b"mine")}, one, one.state(recover=True))
    put(WHERE, SECOND)
    with pytest.raises(ReportgenError, match="came between; nothing was published"):
        one.send(plan)
    assert names(memory)["index.html"] == "second"


def test_a_staging_area_that_someone_emptied_is_told(memory, put, cut, monkeypatch):
    put(WHERE, FIRST)
    cut(len(SECOND) + 1)
    with pytest.raises(ReportgenError):
        put(WHERE, SECOND)
    monkeypatch.undo()
    for path in [path for path in memory.store if "staging" in path]:
        memory.rm_file(path)
    with pytest.raises(ReportgenError, match="cannot be finished"):
        put(WHERE, SECOND)


def test_a_dry_run_tells_what_it_would_find_after_finishing(memory, put, cut, monkeypatch):
    put(WHERE, FIRST)
    cut(len(SECOND) + 2)
    with pytest.raises(ReportgenError):
        put(WHERE, SECOND)
    monkeypatch.undo()
    before = dict(memory.store)
    destination = open_destination(WHERE)
    state = destination.state(recover=False)
    assert set(state.sizes) - {".reportgen.json"} == set(SECOND) and dict(memory.store) == before
    assert destination.read("index.html") == b"second"


@pytest.mark.parametrize(
    "journal", ["", "[]", '{"copies": [["a", "../../victim"]], "remove": [], "manifest": ""}', '{"copies": 1}']
)
def test_a_journal_that_is_none_or_leads_elsewhere_is_refused(memory, put, journal):
    put(WHERE, FIRST)
    memory.pipe_file("/bucket/site/.reportgen-journal.json", journal.encode())
    before = names(memory)
    with pytest.raises(ReportgenError, match=r"a journal .* that cannot be read"):
        put(WHERE, SECOND)
    assert names(memory) == before
