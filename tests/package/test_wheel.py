"""The wheel, installed without what training needs, builds a site from results that are there."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the sources, so that building leaves nothing in the working tree."""
    source, out = tmp_path_factory.mktemp("source") / "reportgen", tmp_path_factory.mktemp("wheel")
    wanted = ("reportgen", "templates", "studies", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
    source.mkdir()
    for name in wanted:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_has_templates_studies_and_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("templates", "studies"):
        shipped = {
            name.removeprefix(f"reportgen/{folder}/") for name in names if name.startswith(f"reportgen/{folder}/")
        }
        there = [path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.startswith(".")]
        assert shipped == {path.relative_to(ROOT / folder).as_posix() for path in there}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any("__pycache__" in name or name.startswith(("tests/", "results/", "site/")) for name in names)


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory):
    """A fresh environment with the wheel and the pinned versions of what reporting needs; its folder of programs."""
    place = tmp_path_factory.mktemp("clean") / "environment"
    venv.create(place, with_pip=False)
    programs = place / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-compile", "--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return programs


def call(clean, folder, *command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    program = [str(clean / command[0]), *command[1:]]
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path, trained_tiny):
    """A working directory with a tiny study and its results."""
    shutil.copytree(trained_tiny, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_site_builds_without_torch(clean, folder):
    assert (
        call(
            clean, folder, "python", "-c", "import reportgen, sys; sys.exit('site-packages' not in reportgen.__file__)"
        ).returncode
        == 0
    )
    assert "No module named 'torch'" in call(clean, folder, "python", "-c", "import torch").stderr
    done = call(clean, folder, "reportgen", "build", "--no-run", "--strict")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    for page in ("index.html", "tiny/index.html", "tiny/profile/index.html"):
        assert "A tiny study" in (folder / "site" / page).read_text(encoding="utf-8")
    assert list((folder / "site" / "tiny" / "profile").glob("*.svg"))


def test_the_studies_in_the_wheel_are_found_and_checked(clean, tmp_path):
    done = call(clean, tmp_path, "reportgen", "check")
    assert done.returncode == 0, done.stderr
    assert "deep-mlps.yaml: no fault" in done.stderr


def test_training_without_torch_says_what_to_install(clean, folder):
    shutil.rmtree(folder / "results")
    done = call(clean, folder, "reportgen", "run", "tiny")
    assert done.returncode != 0
    assert "pip install 'reportgen[run]'" in done.stderr
    assert "Traceback" not in done.stderr
