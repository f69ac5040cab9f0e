"""Makes the fakes of the pages importable by path, since tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).with_name("site_fakes.py")


@pytest.fixture(scope="session")
def fakes():
    """The module of fakes, loaded once."""
    if "site_fakes" not in sys.modules:
        spec = importlib.util.spec_from_file_location("site_fakes", _PATH)
        sys.modules["site_fakes"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["site_fakes"])
    return sys.modules["site_fakes"]
