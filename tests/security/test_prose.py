"""What the expressions of prose cannot reach, and cannot cost."""

from __future__ import annotations

import time

import pytest

from reportgen.errors import ReportgenError, StudyError
from reportgen.pages.markdown import Place, render
from reportgen.pages.prose import fill

LONGEST = 50_000
"""Characters that a section of prose may have."""
SECONDS = 10
"""Far more than any of these needs, far less than what they ask for."""


@pytest.fixture
def filled(fakes, tmp_path):
    def fill_one(source):
        return fill(fakes.entry(tmp_path, prose={"results": source}))["results"]

    return fill_one


@pytest.fixture
def bounded():
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ value.__self__._study.path }}",
        "{{ value.__func__.__globals__ }}",
        "{{ arms()[0].__init__.__globals__ }}",
        "{{ arms|attr('__globals__') }}",
        "{{ arms()|map(attribute='__class__')|first }}",
        "{{ arms()|map('attr', '__class__')|list }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{0.__class__}'.format_map({}) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ loop.__class__ }}",
        "{% for x in [1] %}{{ loop.__class__.__init__.__globals__ }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends '/etc/passwd' %}",
        "{{ cycler.__init__ }}",
        "{{ range(10) }}",
        "{{ [].append(1) }}",
        "{{ arms()[0].levels.clear() }}",
        "{{ (1).__add__(2) }}",
        "{{ estimate.im_func }}",
        "{% set value.x = 1 %}",
    ],
)
def test_nothing_of_python_can_be_reached(filled, source):
    with pytest.raises(StudyError):
        filled(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000000 }}",
        "{{ ['x'] * 1000000000000 }}",
        "{{ 10 ** (10 ** 8) }}",
        "{{ 2 ** 64 ** 64 ** 64 }}",
        "{{ '%1000000000000d' % 3 }}",
        "{{ '{:1000000000000}'.format(1) }}",
        "{{ 'x'.center(1000000000000) }}",
        "{{ 'x'.ljust(1000000000000) }}",
        "{{ 'x'|center(1000000000000) }}",
        "{{ 'x\\n'|indent(1000000000000) }}",
        "{{ ('\\t').expandtabs(1000000000000) }}",
        "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 60,
        "{% set a = 'x' %}" + "{% set a = a + a %}" * 60,
        "{% set a = 'xx' %}" + "{% set a = a|replace('x', a) %}" * 60,
        "{% set a = 'xx' %}" + "{% set a = a.replace('x', a) %}" * 60,
        "{% set a = 'xx' %}" + "{% set a = [a, a]|join %}" * 60,
        "{% set a = 'xx' %}" + "{% set a = a.join([a, a, a]) %}" * 60,
        "{% set a = ['x'] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        "{% set a = ['x'] %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
        "{% set a = ('x',) %}" + "{% set a = (a, a) %}" * 60 + "{{ a }}",
        "{% set a = {'k': 'x'} %}" + "{% set a = {'a': a, 'b': a} %}" * 60 + "{{ a }}",
        "{% set a %}xxxxxxx{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60,
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(200) }}",
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% set l = 'abcdefghij' %}" + "{% for a in l %}" * 15 + "{% endfor %}" * 15,
        "{% for a in 'ab' recursive %}{{ loop('ab') }}{% endfor %}",
    ],
)
def test_what_would_cost_too_much_is_refused(filled, bounded, source):
    with pytest.raises((StudyError, ReportgenError)):
        filled(source)


def test_what_prose_needs_still_works(filled):
    source = (
        "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(arms()|length) }} {{ 'a b'.split(' ')[1] }} {{ 'x' ~ 1 ~ 2.5 }} "
        "{% for arm in arms() if loop %}{% endfor %}"
        "{% for k in ['b', 'a']|sort %}{{ loop.index }}{{ k }}{{ ', ' if not loop.last else '.' }}{% endfor %} "
        "{{ 2 ** 3 + 1.5 * 2 }} {{ 'a-b'|replace('-', '+') }} {{ ['p', 'q']|join('/') }} {{ ', '.join(['r', 's']) }}"
    ).replace("{% for arm in arms() if loop %}{% endfor %}", "")
    assert filled(source).endswith("b x12.5 1a, 2b. 11 a+b p/q r, s")


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](ftp://evil.test/)",
        "[x](//evil.test/x)",
        "[x](/../../etc/passwd)",
        "[x](..%2f..%2fetc)",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "![x](https://evil.test/x.png)",
        "![x](javascript:alert(1))",
        "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\class{x}{y}$ $\\style{color:red}{x}$",
        "$\\unicode{60}script$",
        "$\\text{</mtext><script>alert(1)</script>}$",
        '$\\color{red" onload="alert(1)}{x}$',
        "$x$\n\n$$\n\\require{html}\\href{javascript:alert(1)}{x}\n$$",
        "<svg/onload=alert(1)> <math href=javascript:alert(1)>x</math>",
        "`<script>`{=html}",
        "\n    <script>alert(1)</script>\n",
        "a[^1]\n\n[^1]: <script>alert(1)</script>",
        'a[^"><script>]\n\n[^"><script>]: x',
    ],
)
def test_markdown_makes_nothing_active(fakes, tmp_path, source):
    from html.parser import HTMLParser

    from reportgen.pages.bibliography import Bibliography

    try:
        made = str(render(source, Place(url=lambda target: f"../{target}", bibliography=Bibliography({}))))
    except ReportgenError:
        return
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))

    Reader().feed(made)
    for tag, attributes in found:
        assert tag not in {"script", "svg", "style", "img", "iframe", "object"}, made
        assert not [name for name in attributes if name.startswith("on") or name == "style"], made
        href = attributes.get("href") or "#"
        assert href.startswith(("#", "../", "https://", "http://", "mailto:")) and not href.startswith("../.."), made


@pytest.mark.parametrize(
    "source",
    [
        "[@" * 50_000,
        "[" * 50_000,
        "![" * 50_000,
        "*_" * 50_000,
        "`" * 50_000 + "x",
        "> " * 5_000 + "x",
        "- " * 5_000 + "x",
        "$" + "{" * 2_000 + "x" + "}" * 2_000 + "$",
        "$" + "x^{" * 500 + "y" + "}" * 500 + "$",
        "$" + "\\frac{" * 500 + "$",
        "$" + "a+" * 20_000 + "b$",
        "$" + "\\left(" * 2_000 + "x" + "\\right)" * 2_000 + "$",
        "|a|\n|-|\n" + "|x" * 50_000,
        "[a]: <" * 10_000,
        "<a" * 50_000,
        "&" * 100_000,
        "[^" * 30_000,
    ],
    ids=lambda source: source[:12],
)
def test_no_text_of_any_shape_stops_a_build(bounded, source):
    from reportgen.pages.bibliography import Bibliography

    try:
        render(source[:LONGEST], Place(url=lambda target: target, bibliography=Bibliography({})))
    except ReportgenError:
        return
