"""Hostile texts, and a study file in which every text is one of them."""

from __future__ import annotations

import json

HTML = (
    "</title></script><script>window.hacked=1</script><img src=https://evil.test/x onerror=window.hacked=1>"
    "<svg onload=window.hacked=1>\"'`--><style>*{display:none}</style>]]>"
)
"""Closes what may be open, and starts scripts and requests."""
LATEX = (
    r"\write18{touch hacked}\input{/etc/passwd}\immediate\openout3=hacked $\frac{$ %#&_~^ ^^5cinput{x} \end{document}"
)
"""What a TeX that trusts its input would run."""
BIBTEX = '}, note = {injected}} @misc{injected, title = {injected}} {{ " #'
"""Closes a field and an entry of BibTeX."""
LINES = "first\nER  - \r\nTY  - EVIL\nAU  - injected\u2028TI  - injected\u0085DO  - injected"
"""Ends a record of RIS, and begins another."""
YAML = "\n- injected: true\n  &a [*a, !!python/object/apply:os.system [id]]\n---\ninjected: true # "
"""Leaves its scalar, where YAML is written without quotes."""
CONTROL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x00\x08\x7f\u202eevil\u2066\u200b\ufeff\ufffe"
"""Moves a terminal's cursor, sets its title, reorders the line, and hides."""
FORMULA = "=cmd|' /C calc'!A1"
"""A cell that a spreadsheet runs."""
TEMPLATE = "{{ 7*191 }}{% raw %}"
"""1337 where a text is taken for a template."""
SCRIPT = "javascript:window.hacked=1"

LABELS = {
    **{"one": HTML, "two": LATEX, "three": BIBTEX, "four": LINES, "five": YAML, "six": CONTROL, "seven": TEMPLATE},
    **{"eight": SCRIPT, "nine": "a/../../b\\..\\c", "ten": "$(touch hacked) `touch hacked` ; touch hacked"},
}
"""Levels of a factor; each is an arm of its own."""

ALL = " ".join((HTML, LATEX, BIBTEX, LINES, YAML, CONTROL, TEMPLATE, SCRIPT))

PROSE = f"""\
{HTML} <a href="{SCRIPT}">x</a>

<script>window.hacked=1</script>

[a safe link](https://example.org/"onmouseover="window.hacked=1) and <https://example.org/<script>>

`{HTML}`

| a | b |
| --- | ---: |
| {HTML.replace("|", "")} | {FORMULA.replace("|", "")} |

## A heading <script>window.hacked=1</script>

$\\text{{<script>window.hacked=1</script>}}$ [@evil; @primer, <script>window.hacked=1</script>]

![{HTML.replace("[", "").replace("]", "")}](figure:profile)

{{{{ arms()|length }}}} {{{{ figure("profile") }}}}
{CONTROL.replace(chr(0x1B) + "[2J", "")}
"""

WITHOUT_FIGURE = PROSE.replace("![", "[").replace("(figure:profile)", "(https://example.org/)")
"""For sections that stand on pages of several studies."""

_STUDY = {
    "title": f"Attack {ALL}",
    "authors": [
        {"name": f"A. {ALL}", "affiliation": ALL},
        {"name": f"{FORMULA} and Family, Given, Jr and others", "orcid": "0000-0002-1825-0097"},
    ],
    "keywords": [ALL, FORMULA],
    "question": f"Question {ALL}",
    "answer": WITHOUT_FIGURE,
    "abstract": PROSE,
    "background": WITHOUT_FIGURE,
    "limits": WITHOUT_FIGURE,
    "base": {"task": "spirals", "architecture": {"name": "mlp", "depth": 3, "width": 8}},
    "training": {"optimiser": "sgd", "learning_rate": [0.03, 0.1], "steps": 4, "batch_size": 16},
    "measure": {"points": 2, "evaluations": 3},
    "seeds": {"tuning": 1, "judged": 3},
    "target": {"metric": "accuracy", "value": 0.6},
    "factors": {
        "architecture.activation": [
            {"label": FORMULA, "value": "relu"},
            *({"label": f"{name} {text}", "value": "tanh"} for name, text in LABELS.items()),
            {"label": "sigmoid %_#{}", "value": "sigmoid"},
        ]
    },
    "labels": {"architecture.activation": f"Activation {ALL}"},
    "exclude": [{"when": {"architecture.activation": "sigmoid %_#{}"}, "reason": f"Reason {ALL}"}],
    "baseline": {"architecture.activation": FORMULA},
    "report": [
        {
            "id": "profile",
            "kind": "gradient-profile",
            "title": f"Figure {ALL}",
            "caption": f"Caption {ALL}",
            "colour": "architecture.activation",
        },
        {"id": "second", "kind": "gradient-profile", "title": FORMULA},
    ],
    "licence": f"Licence {ALL}",
    "version": f"1 {ALL}",
    "doi": "10.1234/x%#&_~;()=1",
}
STUDY = json.dumps(_STUDY, indent=1)
"""JSON is YAML, so every character of the texts arrives."""

BIBLIOGRAPHY = r"""
@article{evil, author = {<script>window.hacked=1</script> and \input{/etc/passwd} and Evil, "onload=x"},
  title = {</title><script>window.hacked=1</script> \write18{id} {{ 7*191 }}},
  journal = {<img src=x onerror=window.hacked=1>},
  year = {2020"><script>}, url = {javascript:window.hacked=1}}
@misc{primer, author = {Nick}, title = {Primer}, doi = {10.1/"><script>window.hacked=1</script>}, year = 1999}
@misc{third, title = {=cmd|' /C calc'!A1}, url = {https://example.org/"><script>window.hacked=1</script>}}
"""
