"""What the commands write of the hostile study for papers, archives and publications."""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ACTIVE = re.compile(r"\\(?:write|input|immediate|openout|include(?!graphics)|def|end\{document|catcode|csname|read)")
FORMATS = ("text", "bibtex", "ris", "csl-json", "apa", "chicago", "latex", "markdown", "html", "typst")


@pytest.fixture
def project(here: Path, attacked: Path) -> Path:
    """A working directory with the hostile study, its results and its site."""
    shutil.copytree(attacked, here, dirs_exist_ok=True)
    return here


@pytest.mark.parametrize("form", FORMATS)
def test_a_citation_in_any_format_is_harmless(cli, project, form):
    done = cli("cite", "attack/profile", "--format", form, "--base-url", "https://example.org/g")
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.out)
    if form in ("latex", "bibtex"):
        assert not ACTIVE.search(done.out) and "^^" not in done.out
    if form == "html":
        assert not re.search(r"<(?!/?(figure|a|img|figcaption|em|i|p|blockquote|cite)\b|!-- reportgen)", done.out)
        assert "onload" not in re.sub(r'"[^"]*"', "", re.sub(r">[^<]*<", "><", done.out))
    if form == "csl-json":
        assert json.loads(done.out)
    if form == "ris":
        assert all(re.match(r"[A-Z][A-Z0-9]  - |$", line) for line in done.out.splitlines())
        assert done.out.count("TY  - ") == done.out.count("ER  - ") == 1
    assert not list(project.rglob("hacked"))


def test_markdown_that_is_cited_is_harmless_where_it_is_rendered(cli, project):
    """Also by a renderer that lets HTML through, which most do."""
    from markdown_it import MarkdownIt

    source = cli("cite", "attack/profile", "--format", "markdown").out
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).render(source)
    assert not re.search(r"<(script|svg|style|iframe|math|meta)\b", html)
    assert set(re.findall(r"<img src=\"([^\"]*)\"", html)) == {"attack-profile.svg"}
    assert all(not link.lower().startswith(("javascript:", "data:")) for link in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("form", ["latex", "typst", "json"])
def test_values_for_a_paper_are_numbers_under_plain_names(cli, project, form):
    done = cli("cite", "--values", "attack", "--format", form, "--out", f"values.{form}")
    assert done.code == 0, done.err
    text = (project / f"values.{form}").read_text(encoding="utf-8")
    assert not UNSAFE.search(text) and "<script" not in text
    if form == "latex":
        values = [line for line in text.splitlines() if line.startswith("\\rg@def{")]
        assert values and not any(ACTIVE.search(line) for line in values)


@pytest.mark.parametrize("form", ["latex", "csv"])
def test_tables_run_nothing(cli, project, form):
    done = cli("export", "tables", "attack", "tables", "--format", form)
    assert done.code == 0, done.err
    written = [path for path in (project / "tables").rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert re.fullmatch(r"[a-z0-9.-]+", path.name)
        text = path.read_text(encoding="utf-8")
        assert not UNSAFE.search(text), path
        if form == "latex":
            text = re.sub(r"(?m)^%.*\n", "", text)  # of a comment TeX reads nothing, up to the end of its line
            assert not ACTIVE.search(text) and "^^" not in text, path
            assert text.count("\\begin{") == text.count("\\end{")
        else:
            assert not re.search(r'(^|[,\n])"?[=@+](?!\d)', text), path


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "csv", "parquet"])
def test_a_figure_is_written_where_it_should_be(cli, project, form):
    assert cli("export", "figure", "attack/profile", "out", "--format", form).code == 0
    assert all(re.fullmatch(r"attack-profile[a-z.-]*", path.name) for path in (project / "out").iterdir())


@pytest.fixture(scope="module")
def archived(attacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the hostile study."""
    from reportgen.cli import main

    path = tmp_path_factory.mktemp("archived") / "attack.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(attacked)
        assert main(["export", "study", "attack", str(path), "--quiet"]) == 0
    return path


@pytest.fixture
def altered(here: Path, archived: Path) -> Callable[[str, bytes], str]:
    """Make an archive with one more file."""

    def alter(name: str, data: bytes) -> str:
        with zipfile.ZipFile(archived) as source, zipfile.ZipFile(here / "evil.zip", "w") as archive:
            for entry in source.infolist():
                archive.writestr(entry, source.read(entry))
            archive.writestr(name, data)
        return "evil.zip"

    return alter


def test_an_archive_comes_back_as_it_was_and_builds(cli, here, archived, monkeypatch):
    with zipfile.ZipFile(archived) as archive:
        for name in archive.namelist():
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", name) and ".." not in name.split("/"), name
            assert Path(name).suffix not in {".py", ".pyc", ".so", ".pth", ".sh", ".exe"}
    done = cli("import", str(archived), "back")
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.out + done.err)
    monkeypatch.chdir(here / "back")
    assert cli("build", "--no-run").code == 0
    assert not list(here.rglob("hacked"))


NAMES = ["../evil", "/tmp/h5-evil", "a/../../evil", "C:\\evil", "studies/con.yaml", "conftest.py", "studies/evil.py"]


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_with_what_does_not_belong_is_not_unpacked(cli, here, altered, name):
    """Nothing is written, not even what is harmless in it."""
    done = cli("import", altered(name, b"raise SystemExit"), "back")
    assert done.code == 2 and not (here / "back").exists()
    assert not list(here.parent.rglob("evil")) and not list(here.parent.rglob("*.py"))
    assert not UNSAFE.search(done.err)


def test_a_paper_that_includes_itself_is_checked_once(cli, project):
    (project / "paper.tex").write_text("\\input{paper}\\include{paper.tex}\\input{other}\\cite{attack:profile}")
    (project / "other.tex").write_text("\\input{paper}\\input{../../../../../../etc/hostname}")
    done = cli("cite", "--check", "paper.tex")
    assert done.code in (0, 1) and "Traceback" not in done.err
    assert not UNSAFE.search(done.out + done.err)


@pytest.mark.parametrize(
    "text",
    [
        "\\cite{" * 20_000,
        "\\input{" * 20_000,
        "@" * 50_000,
        "[@a" * 20_000,
        "{" * 50_000,
        "% reportgen: attack/profile sha256:" + "0" * 50_000,
        "\\input{x\x00y}\\cite{\x1b[2J}",
        "\\rgvalue{attack/\x1b[2J\u202e}",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_paper_stops_the_checker(cli, project, text):
    (project / "paper.tex").write_text(text)
    done = cli("cite", "--check", "paper.tex")
    assert done.code in (0, 1, 2) and "stumbled" not in done.err
    assert not UNSAFE.search(done.out + done.err)


def test_a_hostile_site_can_be_published_twice_and_its_changes_read(cli, project, browser):
    """Words come back from the destination too; there they are as little trusted."""
    address = ("--base-url", "https://example.org/g")
    assert cli("build", "--no-run", *address, "--release", "1.0.0").code == 0
    done = cli("publish", "published", "--release", "1.0.0")
    assert done.code == 0, done.err
    study = project / "studies" / "attack.yaml"
    document = json.loads(study.read_text(encoding="utf-8"))
    document["report"] = document["report"][:1]
    document["title"] = f"Other {document['title']}"
    study.write_text(json.dumps(document), encoding="utf-8")
    assert cli("build", "--no-run", *address, "--release", "1.1.0").code == 0
    done = cli("publish", "published", "--release", "1.1.0")
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.out + done.err)
    context = browser.new_context()
    asked = []
    context.route(re.compile("^(https?|wss?):"), lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    found = sorted((project / "published" / "releases").rglob("index.html"))
    shown = [path for path in found if path.parent.name in ("changes", "attack", "releases")]
    assert len(shown) >= 5
    for path in shown:
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked === undefined"), path
        inline = "[...document.scripts].filter(s => !s.src && s.type !== 'application/ld+json').length"
        assert page.evaluate(inline) == 0, path
    context.close()
    assert asked == []
    for path in (file for file in (project / "published" / "releases").iterdir() if file.is_file()):
        assert not UNSAFE.search(path.read_text(encoding="utf-8")), path


VERSIONS = ["../x", "1.0/../..", "a b", "<script>", "con", "..", ".git", "1.0\n", "x" * 300]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_has_a_plain_name(cli, project, version):
    assert cli("build", "--no-run", f"--release={version}", "--base-url=https://example.org").code == 2
    assert not (project / "x").exists() and not (project.parent / "x").exists()


ADDRESSES = ["javascript:alert(1)", "//evil.test", 'https://x/"><script>', "https://x y", "https://", "ftp://x"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_address_of_a_site_is_one_of_the_web(cli, project, address):
    assert cli("build", "--no-run", f"--base-url={address}").code == 2


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_in_the_site_is_not_published(cli, project):
    (project.parent / "secret").write_text("secret")
    (project / "site" / "link.txt").symlink_to(project.parent / "secret")
    cli("publish", "published")
    published = project / "published" / "link.txt"
    assert not published.exists() or published.read_text() != "secret"


DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{graphicx,booktabs}
\input{values}
\begin{document}
\includegraphics[width=1cm]{attack-profile.pdf}
%s
\end{document}
"""


def test_latex_prints_the_hostile_words_and_runs_none(cli, project, attacked_site, latex):
    """Typeset with TeX allowed to start programs, as some have it."""
    paper = project / "paper"
    paper.mkdir()
    for name in ("attack/values.tex", "attack/profile/attack-profile.pdf"):
        shutil.copy(attacked_site / name, paper)
    snippet = cli("cite", "attack/profile", "--format", "latex").out
    assert cli("export", "tables", "attack", "paper", "--format", "latex").code == 0
    tables = "\n".join(f"\\input{{{path.stem}}}" for path in sorted(paper.glob("attack-*.tex")))
    first = re.findall(r"(?m)^\\rg@def\{([^}]*)\}", (paper / "values.tex").read_text(encoding="utf-8"))[0]
    body = "\n".join((snippet, tables, f"\\rginterval{{{first}}}"))
    made = latex(DOCUMENT % body, paper, "-shell-escape")
    assert "window.hacked" in made.text and "write18" in made.text
    assert all("Unicode character" in fault for fault in made.errors), made.errors
    assert not list(project.rglob("hacked*"))
    assert "/etc/passwd" not in re.findall(r"\(([^()\s]+)", made.log) and "runsystem(touch" not in made.log
