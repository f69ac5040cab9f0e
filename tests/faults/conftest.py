"""Faults are made by trainers in a module that workers and other processes can import."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def fake_trainers_importable():
    """Put this folder on the path of this process and of those that it starts."""
    folder = str(Path(__file__).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", f"{folder}:{Path(__file__).parents[2]}")
        yield


@pytest.fixture
def log(tmp_path):
    """Return the folder where trainings leave a file each."""
    folder = tmp_path / "log"
    folder.mkdir()
    return folder
