"""The works that all tests of citing share."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def _load(name):
    """Import a module of this folder by its path, since tests are no package."""
    spec = importlib.util.spec_from_file_location(f"cite_{name}", Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def works():
    """The module of works to cite."""
    return _load("works")


@pytest.fixture(scope="session")
def csl_schema():
    """The rules of the official CSL-JSON schema."""
    return _load("csl_schema").SCHEMA
