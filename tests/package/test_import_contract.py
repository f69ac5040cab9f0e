"""The import contract holds, and breaks where it should."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = str(Path(sys.executable).with_name("lint-imports"))


def lint(folder):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [LINT, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "reportgen", tmp_path / "reportgen", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contract_holds(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("analyse/estimates.py", "import torch", "Code that reports never reaches code that trains"),
        ("pages/text.py", "from reportgen.catalogue import base", "Code that reports never reaches code that trains"),
        ("probe/__init__.py", "import reportgen.pages", "Code that trains never reaches code that reports"),
        ("store/tables.py", "import reportgen.analyse", "A stage imports only the stages before it"),
        ("figures/base.py", "import duckdb", "DuckDB only in store"),
        ("store/tables.py", "import scipy.stats", "scipy only in analyse"),
        ("pages/text.py", "import seaborn", "matplotlib and seaborn only in figures"),
        ("cli/console.py", "import jinja2", "Jinja, Markdown and citations only in pages"),
        ("run/__init__.py", "import rich", "typer and rich only in cli"),
        ("cli/train.py", "import distributed", "Dask only in run"),
        ("pages/text.py", "import reportgen.publish", "A stage imports only the stages before it"),
        ("publish/plan.py", "import jinja2", "Jinja, Markdown and citations only in pages"),
        ("pages/write.py", "import fsspec", "Network file systems only in store and publish"),
    ],
)
def test_a_forbidden_import_breaks_it(copy, module, line, contract):
    path = copy / "reportgen" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\ndef _late():\n    {line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout
