"""The study that `reportgen new` writes is sound, and says what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reportgen.errors import UsageError
from reportgen.study import check, load, template
from reportgen.study.claims import REGISTER

STUDIES = Path(__file__).parents[2] / "studies"
STUDY_FILES = sorted(path for path in STUDIES.glob("*.yaml") if path.name != REGISTER)


def test_a_new_study_is_sound_with_the_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "depth-of-nets.yaml"
    path.write_text(template("depth-of-nets"), encoding="utf-8")
    assert check(path) == ()
    study = load(path, profile="quick")
    assert study.title == "Depth of nets"
    assert [arm.id for arm in study.arms] == ["2", "5"]
    assert study.baseline().id == "2"


@pytest.mark.parametrize("name", ["My study", "a/b", "", "1.5", "x" * 81])
def test_a_name_must_fit_an_address(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a study"):
        template(name)


@pytest.mark.parametrize("path", STUDY_FILES, ids=lambda path: path.stem)
def test_our_studies_are_sound(path: Path) -> None:
    assert check(path) == ()
