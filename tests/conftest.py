"""What all tests share: one thread, a browser if there is one, a tiny study that has been trained, and sites."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; the tests themselves are what runs in parallel

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

TINY = """\
title: A tiny study
authors: [{name: A. Tester}]
question: Does the whole line work?
abstract: It trains next to nothing.
base:
  task: spirals
  architecture: {name: mlp, depth: 3, width: 8}
training: {optimiser: sgd, learning_rate: [0.03, 0.1], steps: 8, batch_size: 16}
measure: {points: 2, evaluations: 3}
seeds: {tuning: 1, judged: 3}
target: {metric: accuracy, value: 0.6}
factors:
  architecture.activation: [tanh, relu]
baseline: {architecture.activation: relu}
report:
  - {id: profile, kind: gradient-profile, title: A profile, caption: What is seen., colour: architecture.activation}
profiles:
  quick: {set: {training.steps: 4}}
"""
TINY_RUNS = 16

_FAKES = Path(__file__).parent / "pages"


@pytest.fixture(scope="session")
def chromium() -> str:
    """A browser's path; without one, tests that need it are skipped here and fail in continuous integration."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = f"no browser is installed: {', '.join(BROWSERS)}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS.split())
        yield started
        started.close()


@dataclass(frozen=True)
class Typeset:
    """What LaTeX made of a document.

    Attributes
    ----------
    errors : list of str
        The lines of the log that begin with "!".
    text : str
        What is printed, page by page, with single blanks between words; "" if nothing was.
    log : str
    """

    errors: list[str]
    text: str
    log: str


@pytest.fixture(scope="session")
def latex() -> Callable[..., Typeset]:
    """Typeset a document with pdflatex in a folder; without it, tests are skipped here and fail in CI."""
    program = shutil.which("pdflatex")
    if program is None:
        message = "no LaTeX is installed: pdflatex, with pgf and booktabs"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    def typeset(source: str, folder: Path, *options: str) -> Typeset:
        from pypdf import PdfReader

        (folder / "paper.tex").write_text(source, encoding="utf-8")
        command = [program, "-interaction=nonstopmode", *(options or ["-no-shell-escape"]), "paper.tex"]
        environment = {**os.environ, "max_print_line": "1000"}
        for _ in range(2):  # the second time, references are known
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=120)
        log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace")
        made = folder / "paper.pdf"
        pages = PdfReader(made).pages if made.is_file() else []
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        return Typeset([line for line in log.splitlines() if line.startswith("!")], text, log)

    return typeset


@pytest.fixture(scope="session")
def trained_tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``studies/tiny.yaml`` and its trained ``results/``; tests copy it and leave it as it is."""
    from reportgen import study
    from reportgen.run.engine import run_cells
    from reportgen.store import Store

    folder = tmp_path_factory.mktemp("tiny")
    path = folder / "studies" / "tiny.yaml"
    path.parent.mkdir()
    path.write_text(TINY, encoding="utf-8")
    summary = run_cells(study.load(path).missing_cells(()), Store(folder / "results"), jobs=1)
    assert summary.completed == TINY_RUNS
    return folder


def _load(name):
    """Import one of the fakes by its path, since tests are no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _FAKES / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def fakes():
    """The module of fakes, loaded once."""
    return _load("site_fakes")


@pytest.fixture(scope="session")
def remedy_fakes():
    """The module of a fake study of remedies."""
    return _load("remedy_fakes")


@pytest.fixture(scope="session")
def site(fakes, tmp_path_factory):
    """A built site of both studies."""
    from reportgen.pages.address import Address
    from reportgen.pages.build import build_site

    folder = tmp_path_factory.mktemp("fakes")
    out = folder / "site"
    build_site(
        fakes.entries(folder), out, bibliography=fakes.bibliography(folder), address=Address.of("https://example.org/g")
    )
    return out


@pytest.fixture(scope="session")
def hostile(fakes, tmp_path_factory):
    """A site in which every text is hostile, and that text."""
    from reportgen.pages.build import build_site

    module = _load("hostile")
    folder = tmp_path_factory.mktemp("hostile")
    out = folder / "site"
    build_site([module.hostile_entry(fakes, folder)], out, bibliography=fakes.bibliography(folder))
    return out
