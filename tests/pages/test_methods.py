from __future__ import annotations

from reportgen.pages.bibliography import Bibliography
from reportgen.pages.markdown import Place
from reportgen.pages.methods import anchor, block, gather_methods, inline
from reportgen.pages.site import relative

PLACE = Place(url=relative("methods/"), bibliography=Bibliography({}), prefix="methods", top=5)


def test_dois_and_addresses_become_links():
    html = inline("see doi:10.1000/a(1)b, DOI 10.2/x. https://doi.org/10.1000/c. and https://example.org/d.", PLACE)
    assert 'href="https://doi.org/10.1000/a(1)b"' in html
    assert 'href="https://doi.org/10.1000/c"' in html and 'href="https://example.org/d"' in html


def test_directives_and_roles_become_mathematics():
    html = block("It is\n\n.. math:: \\chi = 1\n\nand :math:`x^2`.", PLACE)
    assert html.count("<math") == 2 and "math::" not in html


def test_a_docstring_that_cannot_be_rendered_is_shown_as_it_is():
    assert block("see <b> $\\nosuchthing$", PLACE) == "<pre>see &lt;b&gt; $\\nosuchthing$</pre>"


def test_methods_name_the_figures_that_use_them():
    used = [("reportgen.study.spec.RunSpec", "A figure", "s/f/")]
    sections = dict(gather_methods(PLACE, used))
    modules = {module.name: module for module in sections["Other"]}
    entries = {entry.name: entry for entry in modules["reportgen.study.spec"].entries}
    assert entries["reportgen.study.spec.RunSpec"].used_by == (("A figure", "s/f/"),)
    assert (
        entries["reportgen.study.spec.RunSpec"].anchor == anchor("reportgen.study.spec.RunSpec") == "study-spec-RunSpec"
    )
    assert {"Analyses", "Probes"} <= set(sections)
