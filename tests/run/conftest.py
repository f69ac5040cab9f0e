"""The engine's tests use the trainers of tests/faults, which train nothing."""

from pathlib import Path

import pytest

from reportgen.run.process import prepare

# As a worker does, before anything is multiplied.
prepare()


@pytest.fixture(autouse=True, scope="session")
def fake_trainers_importable():
    """Put the folder of the fake trainers on the path of this process and of those that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "faults"))
        yield


@pytest.fixture
def log(tmp_path):
    """Return the folder where trainings leave a file each."""
    folder = tmp_path / "log"
    folder.mkdir()
    return folder
