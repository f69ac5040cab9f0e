"""Results that someone sent: whatever their texts and names are, the pages show them as texts."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from reportgen.errors import ReportgenError
from reportgen.pages.drawings import checked
from reportgen.store import Store

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def sent(trained_tiny: Path, here: Path, attack) -> Path:
    """A project whose store has hostile texts wherever there is a text."""
    shutil.copytree(trained_tiny, here, dirs_exist_ok=True)
    text = attack.ALL.replace("\x00", "")
    store = Store(here / "results")
    frames = store.runs(), store.measurements(), store.curves()
    environment = store.environments().iloc[0].to_dict()
    hostile = {name: text if isinstance(value, str) else value for name, value in environment.items()}
    for cell_id, runs in frames[0].groupby("cell_id"):
        mine = [frame[frame["run_id"].isin(runs["run_id"])] for frame in frames[1:]]
        runs = runs.assign(architecture=text, remedies=text, task=text)
        runs.loc[runs.index[:1], ["status", "reason"]] = ["failed", text]
        store.write_cell(str(cell_id), runs, *mine, environment=hostile)
    return here


def test_pages_of_a_hostile_store_are_harmless(cli, sent, browser):
    done = cli("build", "--no-run")
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.err)
    pages = sorted((sent / "site").rglob("*.html"))
    context = browser.new_context()
    asked, complaints = [], []
    context.route(re.compile("^(https?|wss?):"), lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    for path in pages:
        assert not UNSAFE.search(path.read_text(encoding="utf-8")), path
    for path in [path for path in pages if "tiny" in path.parts] + [sent / "site" / "index.html"]:
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked === undefined"), path
        assert page.evaluate("[...document.scripts].filter(s => !s.src && !s.type.endsWith('json')).length") == 0, path
    context.close()
    assert asked == [] and complaints == []
    study = (sent / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;window.hacked=1" in study, "the text is on no page, so nothing was tested"


@pytest.mark.parametrize(
    "words", [("status",), ("show", "tiny"), ("plan", "tiny"), ("status", "--json"), ("show", "tiny", "--json")]
)
def test_what_is_printed_of_a_hostile_store_is_harmless(cli, sent, words):
    done = cli(*words)
    assert done.code == 0 and not UNSAFE.search(done.out) and not UNSAFE.search(done.err)


NAMES = ["$(touch hacked)", "a'; DROP TABLE runs; --", "[x]*?", "..", "a b", "x\nx", "{}", "%s", "https:evil"]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_files_of_any_name_are_read_as_files(cli, sent, name):
    runs = sorted((sent / "results" / "runs").glob("*.parquet"))
    if os.name == "nt":
        pytest.skip("such a name cannot be there")
    for table in ("runs", "measurements", "curves"):
        shutil.copy(sent / "results" / table / runs[0].name, sent / "results" / table / f"{name}.parquet")
    held = Store(sent / "results").run_ids()
    done = cli("status", "--json")
    assert done.code == 0 and done.document["studies"][0]["missing"] == 0
    assert held and not list(sent.rglob("hacked"))


def test_a_file_that_is_no_parquet_is_a_plain_error(cli, sent):
    (sent / "results" / "runs" / "evil.parquet").write_bytes(b"<script>\x1b[2J" * 100)
    done = cli("status")
    assert done.code == 1 and "Traceback" not in done.err and not UNSAFE.search(done.err)


def test_a_query_is_not_made_of_values(sent):
    """Values and names come into SQL as literals, with their quotes doubled."""
    store = Store(sent / "results")
    evil = "x' OR '1'='1"
    assert store.runs([evil]).empty
    assert store.measurements(kinds=[evil]).empty
    assert store.curves(splits=[evil], metrics=[evil]).empty


CELL_IDS = ["../../evil", "/tmp/h5-evil", "a/../../../evil", "..", "", "a\0b", "x" * 300]


@pytest.mark.parametrize("cell_id", CELL_IDS, ids=repr)
def test_the_id_of_a_cell_leads_to_no_other_folder(sent, cell_id):
    """Results that someone sent state their cells' ids, and whoever copies them writes files of these names."""
    store, copy = Store(sent / "results"), Store(sent / "copied" / "results")
    runs = store.runs()
    one = runs[runs["cell_id"] == runs["cell_id"].iloc[0]]
    ids = list(one["run_id"])
    environment = store.environments().iloc[0].to_dict()
    with pytest.raises(ReportgenError, match="cannot be the id of a cell"):
        copy.write_cell(cell_id, one.assign(cell_id=cell_id), store.measurements(ids), store.curves(ids), environment)
    assert not list(sent.parent.rglob("*evil*")) and not (sent / "copied").exists()


def test_an_archive_of_results_with_such_an_id_is_a_plain_error(cli, sent):
    import duckdb

    for path in (sent / "results" / "runs").glob("*.parquet"):
        other = path.with_suffix(".other")
        duckdb.sql(f"COPY (SELECT * REPLACE ('../../evil' AS cell_id) FROM '{path}') TO '{other}' (FORMAT parquet)")
        other.replace(path)
    done = cli("export", "study", "tiny", "tiny.zip")
    assert done.code != 0 and "cannot be the id of a cell" in done.err and "Traceback" not in done.err
    assert not (sent / "tiny.zip").exists() and not list(sent.parent.rglob("*evil*"))


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 4 4">%s</svg>'
)
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "prefixed script": '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
    "capitals": "<SCRIPT>alert(1)</SCRIPT>",
    "event": '<path d="M0>0" onload="alert(1)"/>',
    "link": '<a href="javascript:alert(1)"><text>x</text></a>',
    "file from elsewhere": '<image xlink:href="https://evil.test/x.png"/>',
    "use from elsewhere": '<use xlink:href="https://evil.test/x.svg#a"/>',
    "drawing in a drawing": '<image href="data:image/svg+xml,x"/>',
    "style": "<style>@import url(https://evil.test/x.css)</style>",
    "fill from elsewhere": '<path fill="url(https://evil.test/x#a)"/>',
    "page": '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
    "animation": '<set attributeName="href" to="javascript:alert(1)"/>',
    "no XML": "<path",
}


@pytest.mark.parametrize("what", HOSTILE, ids=HOSTILE)
def test_a_kept_drawing_that_could_run_is_not_published(what):
    with pytest.raises(ReportgenError, match="is not one of reportgen's"):
        checked((DRAWING % HOSTILE[what]).encode(), "light.svg", "tiny/profile")


@pytest.mark.parametrize(
    "before", ["<!DOCTYPE svg [<!ENTITY a 'x'>]>", '<?xml-stylesheet href="https://evil.test/x"?>']
)
def test_what_stands_before_a_drawing_counts(before):
    with pytest.raises(ReportgenError, match="is not one of reportgen's"):
        checked((before + DRAWING % "<path/>").encode(), "dark.svg", "tiny/profile")


def test_drawings_that_came_with_results_are_looked_at(cli, sent):
    """The folder of drawings travels with the results; what is kept there under the right name is not drawn again."""
    assert cli("build", "--no-run").code == 0
    kept = sorted((sent / "results" / ".figures").rglob("*.light.svg"))
    assert kept
    for path in kept:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("</svg>", "<script>window.hacked=1</script></svg>"), encoding="utf-8")
    shutil.rmtree(sent / "site")
    shutil.rmtree(sent / "results" / ".site")
    done = cli("build", "--no-run")
    assert done.code == 1 and "is not one of reportgen's" in done.err and ".figures" in done.err
    assert not (sent / "site").exists()
