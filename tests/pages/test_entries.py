from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen.errors import UsageError
from reportgen.pages.entries import check_ids


@pytest.mark.parametrize(
    "name", ["../evil", "a/b", "", ".", "-x", "a b", "ä", "x\n", "a" * 101, "methods", "Methods", "ASSETS"]
)
def test_ids_cannot_leave_their_folder(fakes, tmp_path, name):
    with pytest.raises(UsageError, match=r"of a study (cannot be a folder|is taken)"):
        check_ids([fakes.entry(tmp_path, name)])


def test_ids_are_unique_also_where_case_does_not_count(fakes, tmp_path):
    with pytest.raises(UsageError, match="is taken by the study 'deep-mlps'"):
        check_ids([fakes.entry(tmp_path), fakes.entry(tmp_path, "Deep-MLPs")])


def test_figures_have_safe_ids_too(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    with pytest.raises(UsageError, match=r"'\.\./x' of a figure of deep-mlps"):
        check_ids([replace(entry, figures=(fakes.figure("../x"),))])
