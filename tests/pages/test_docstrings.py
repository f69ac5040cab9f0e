from __future__ import annotations

import subprocess
import sys

from reportgen.pages.docstrings import find, modules, parse

TEXT = """Return the factor.

    A longer text with $x^2$.

    Parameters
    ----------
    rms : array of shape (seeds, layers)
        Root mean square,
        by layer.
    first, last : int
        Both ends.

    Returns
    -------
    float
        Per layer.

    References
    ----------
    .. [1] Somebody 2020, doi:10.1000/x
    """


def test_a_numpy_docstring_is_taken_apart():
    found = parse("a.b", "b(rms)", TEXT)
    assert (found.summary, found.text) == ("Return the factor.", "A longer text with $x^2$.")
    assert [(item.name, item.type, item.text) for item in found.items["Parameters"]] == [
        ("rms", "array of shape (seeds, layers)", "Root mean square,\nby layer."),
        ("first, last", "int", "Both ends."),
    ]
    assert found.items["Returns"][0].name == "float"
    assert found.prose["References"].startswith(".. [1] Somebody")


def test_a_docstring_of_one_line_has_no_sections():
    found = parse("a.b", "", "One line.")
    assert (found.summary, found.text, found.items, found.prose) == ("One line.", "", {}, {})


def test_names_are_found_in_the_source():
    found = find("reportgen.errors.nearest")
    assert found is not None and found.signature.startswith("nearest(name: str, known: Iterable[str])")
    assert find("reportgen.study.spec.Study.arm").summary.startswith("Return the arm with the id")
    assert find("reportgen.store.Store").name == "reportgen.store.store.Store"


def test_unknown_and_foreign_names_are_not_found():
    assert find("reportgen.errors.nothing") is None
    assert find("os.path.join") is None
    assert find("reportgen.../secret.x") is None


def test_probes_are_read_without_importing_torch():
    code = (
        "import sys; from reportgen.pages.docstrings import modules, module_docstrings\n"
        "names = [n for m in modules('reportgen.probe') for n in module_docstrings(m)]\n"
        "assert 'torch' not in sys.modules; print(len(names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0 and modules("reportgen.probe")
