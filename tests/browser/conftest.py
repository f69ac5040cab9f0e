"""Makes the fakes of the pages importable by path, since tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent.parent / "pages"


def _load(name):
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _FOLDER / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def fakes():
    """The module of fakes, loaded once."""
    return _load("site_fakes")


@pytest.fixture(scope="session")
def site(fakes, tmp_path_factory):
    """A built site of both studies."""
    from reportgen.pages.build import build_site

    folder = tmp_path_factory.mktemp("fakes")
    out = folder / "site"
    build_site(fakes.entries(folder), out, bibliography=fakes.bibliography(folder), base_url="https://example.org/g")
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


FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS.split())
        yield started
        started.close()
