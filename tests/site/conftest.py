"""Makes the fakes of the pages importable by path, since tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parent.parent / "pages" / "site_fakes.py"


@pytest.fixture(scope="session")
def fakes():
    """The module of fakes, loaded once."""
    if "site_fakes" not in sys.modules:
        spec = importlib.util.spec_from_file_location("site_fakes", _PATH)
        sys.modules["site_fakes"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["site_fakes"])
    return sys.modules["site_fakes"]


@pytest.fixture(scope="session")
def site(fakes, tmp_path_factory):
    """A built site of both studies."""
    from reportgen.pages.build import build_site

    folder = tmp_path_factory.mktemp("fakes")
    out = folder / "site"
    build_site(fakes.entries(folder), out, bibliography=fakes.bibliography(folder), base_url="https://example.org/g")
    return out
