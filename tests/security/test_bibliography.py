"""BibTeX files that someone sent."""

from __future__ import annotations

import time

import pytest

from reportgen.errors import UsageError
from reportgen.pages.bibliography import read_bibliography

SECONDS = 20


@pytest.fixture(autouse=True)
def bounded():
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


ENTRY = "@misc{a, title = {T}, author = {A}, year = 2020}\n"
LAUGHS = '@string{a0 = "xxxxxxxxxx"}\n' + "".join(
    f"@string{{a{n + 1} = {' # '.join([f'a{n}'] * 10)}}}\n" for n in range(12)
)

WRONG = {
    "many laughs": LAUGHS + "@misc{b, title = a12}\n",
    "a file that is too large": ENTRY + "%" + "x" * 6_000_000,
    "not UTF-8": ENTRY.encode() + b"@misc{b, title = {\xff}}",
    "not closed": "@misc{a, title = {T}",
    "a field that is not closed": "@misc{a, title = {{{T}}, author = {x}}",
    "deep braces": "@misc{a, title = " + "{" * 5_000 + "T" + "}" * 5_000 + "}",
    "a key twice": ENTRY + ENTRY,
    "no such name": "@misc{a, title = nothing}",
}


@pytest.mark.parametrize("wrong", WRONG, ids=WRONG)
def test_a_file_that_is_wrong_is_a_plain_error(tmp_path, wrong):
    path = tmp_path / "references.bib"
    content = WRONG[wrong]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as caught:
        read_bibliography(path)
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize(
    "field",
    [
        "url = {javascript:alert(1)}",
        "url = {JAVASCRIPT:alert(1)}",
        "url = { javascript:alert(1)}",
        "url = {data:text/html,x}",
        "url = {//evil.test}",
        "url = {file:///etc/passwd}",
        "doi = {javascript:alert(1)}",
        'doi = {10.1/x" onmouseover="alert(1)}',
        "doi = {//evil.test/x}",
        "url = {https://example.org/\x1b[2J\u202e}",
    ],
)
def test_an_address_is_one_of_the_web_or_none(tmp_path, field):
    path = tmp_path / "references.bib"
    path.write_text(f"@misc{{a, title = {{T}}, {field}}}", encoding="utf-8")
    url = read_bibliography(path)["a"].url
    assert url == "" or url.startswith(("https://", "http://"))
    assert not url.startswith("https://doi.org//")
    assert not set(url) & set("\"'<> \x1b\u202e")


def test_words_are_words(tmp_path):
    """No command of LaTeX is carried out, whatever it is called."""
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "references.bib"
    path.write_text(
        rf"@misc{{a, title = {{\input{{{tmp_path}/secret}} \write18{{touch {tmp_path}/hacked}} <script>x</script>}}}}",
        encoding="utf-8",
    )
    title = read_bibliography(path)["a"].title
    assert "<script>x</script>" in title and title.count("secret") == 1
    assert not (tmp_path / "hacked").exists()


def test_a_usual_file_is_read(tmp_path):
    path = tmp_path / "references.bib"
    path.write_text(
        '@string{j = "Journal of " # "Things"}\n@article{a, title = {T}, journal = j, month = 1 # jan, year = 2020}'
    )
    assert read_bibliography(path)["a"].source.startswith("Journal of Things")
