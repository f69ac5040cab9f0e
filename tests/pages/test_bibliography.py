from __future__ import annotations

import pytest

from reportgen.errors import UsageError
from reportgen.pages.bibliography import read_bibliography


def read(tmp_path, text):
    path = tmp_path / "references.bib"
    path.write_text(text, encoding="utf-8")
    return read_bibliography(path)


def test_an_article_is_read_as_plain_text(fakes, tmp_path):
    found = read(tmp_path, fakes.BIBLIOGRAPHY)["bengio1994"]
    assert found.label == "Bengio et al. 1994"
    assert found.authors == "Y. Bengio, P. Simard and P. Frasconi"
    assert found.source == "IEEE Transactions on Neural Networks, 5(2), pages 157–166"
    assert found.url == "https://doi.org/10.1109/72.279181"


def test_latex_is_decoded_and_two_authors_are_named(fakes, tmp_path):
    found = read(tmp_path, fakes.BIBLIOGRAPHY)["hochreiter1997"]
    assert (found.label, found.authors) == ("Hochreiter & Schmidhuber 1997", "S. Hochreiter and J. Schmidhuber")


def test_undated_works_say_so(fakes, tmp_path):
    found = read(tmp_path, fakes.BIBLIOGRAPHY)["primer"]
    assert (found.label, found.title, found.year) == ("Nick undated", "Gradients in RNNs", "undated")


def test_equal_labels_are_told_apart(tmp_path):
    two = "@misc{b, author={Le, A}, year=2015, title={B}}\n@misc{a, author={Le, A}, year=2015, title={A}}"
    found = read(tmp_path, two)
    assert (found["a"].label, found["b"].label) == ("Le 2015a", "Le 2015b")


def test_addresses_that_are_no_web_pages_are_dropped(tmp_path):
    assert read(tmp_path, "@misc{a, author={X, Y}, title={T}, url={javascript:alert(1)}}")["a"].url == ""


@pytest.mark.parametrize("text", ["@misc{a, title={x}", "@misc{a, title={x}}\n@misc{a, title={y}}"])
def test_broken_files_are_errors(tmp_path, text):
    with pytest.raises(UsageError, match=r"references\.bib: "):
        read(tmp_path, text)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_bibliography(tmp_path / "none.bib")
