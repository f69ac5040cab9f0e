from __future__ import annotations

import pytest

from reportgen.errors import StudyError
from reportgen.pages import prose
from reportgen.pages.address import Address
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.gather import gather_study, place

SIGMOID = "sigmoid/glorot/untrained-30-layers"


def filled(fakes, tmp_path, text):
    return prose.fill(fakes.entry(tmp_path, prose={"results": text}))["results"]


def test_numbers_come_from_the_estimates(fakes, tmp_path):
    assert filled(fakes, tmp_path, f'{{{{ value("decay-factor", "{SIGMOID}") }}}}') == "0.251"


def test_directions_are_decided_by_the_data(fakes, tmp_path):
    text = f'{{% if high("decay-factor", "{SIGMOID}") < 1 %}}vanishes{{% else %}}does not{{% endif %}}'
    assert filled(fakes, tmp_path, text) == "vanishes"


def test_arithmetic_is_written_with_three_digits(fakes, tmp_path):
    assert filled(fakes, tmp_path, f'{{{{ value("decay-factor", "{SIGMOID}") ** 10 }}}}') == "1.00\u00a0×\u00a010⁻⁶"


def test_lines_of_tags_leave_no_empty_line(fakes, tmp_path):
    assert (
        filled(fakes, tmp_path, "a\n  {% set x = 1 %} {% set y = 2 %}\n{{ x }}\n{% if y %}\nb\n{% endif %}\nc")
        == "a\n1\nb\nc"
    )


def test_an_inline_tag_keeps_its_line_end(fakes, tmp_path):
    assert filled(fakes, tmp_path, "a {% if true %}b{% endif %}\nc") == "a b\nc"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('fine\n{{ value("decay-facto", "x") }}', r"no estimate called 'decay-facto' \(line 2 of the section\)"),
        (f'a\n{{% set b = 1 %}}\n\n{{{{ value("success", "{SIGMOID}") }}}}', r"has no estimate 'success' \(line 4"),
        ("a\n\n{{ unknown }}", r"'unknown' is undefined \(line 3"),
        ("a\n{% if %}", r"\(line 2"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ ''.__class__.__mro__ }}", "unsafe|undefined"),
        ("{{ low.__globals__ }}", "unsafe|undefined"),
        ("{% for i in range(10**9) %}{% endfor %}", "undefined"),
        ("{% include 'x' %}", "no loader"),
    ],
)
def test_errors_name_study_section_and_line(fakes, tmp_path, text, match):
    with pytest.raises(StudyError, match=rf"studies/deep-mlps.yaml:\d+:\d+ results: [\s\S]*(?:{match})"):
        filled(fakes, tmp_path, text)


def test_errors_point_into_the_file(fakes, tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("title: x\nresults: |\n  fine\n\n  so {{ value('no', 'x') }}\n")
    entry = fakes.entry(tmp_path, path=str(file), prose={"results": "fine\n\nso {{ value('no', 'x') }}\n"})
    with pytest.raises(StudyError, match=r"study.yaml:5:6 results: there is no estimate called 'no'") as caught:
        prose.fill(entry)
    assert caught.value.problems[0].excerpt == "  so {{ value('no', 'x') }}"


def test_all_sections_are_checked_at_once(fakes, tmp_path):
    entry = fakes.entry(tmp_path, prose={"abstract": "{{ a }}", "limits": "{{ b }}"})
    with pytest.raises(StudyError) as caught:
        prose.fill(entry)
    assert [problem.field for problem in caught.value.problems] == ["abstract", "limits"]


def test_faults_of_markdown_name_their_line(fakes, tmp_path):
    view = gather_study(fakes.entry(tmp_path, prose={"results": "a\n\nb [@nobody2000]\n"}), Address())
    where = {"results": place(view, view.path, Bibliography({}))}
    with pytest.raises(StudyError, match=r"no reference called 'nobody2000' \(line 3 of the section\)"):
        prose.to_html(view.entry, view.markdown, where)


def test_figures_are_numbered_as_the_page_shows_them(fakes, tmp_path):
    entry = fakes.entry(tmp_path, prose={"results": "![](figure:success)\n\n![](figure:profile)"})
    assert prose.figure_numbers(entry) == {"success": 1, "profile": 2, "factors": 3}
