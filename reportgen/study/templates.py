"""The study that ``reportgen new`` writes."""

from __future__ import annotations

from reportgen.errors import UsageError
from reportgen.study.factors import slug

_TEXT = """\
# yaml-language-server: $schema=study.schema.json
# A study: what is compared, how, and what the site shows. `reportgen check FILE` checks it, `reportgen plan FILE`
# tells what would be run, `reportgen build FILE` does all that is needed to make the site.

title: {title}
authors:
  - name: Your Name
    # orcid: 0000-0002-1825-0097
    # affiliation: Your Institution
keywords: [vanishing gradient]
question: How does depth change the gradient that reaches the first layer?

# Prose is Markdown with $mathematics$ and [@key] citations (keys are those of references.bib).
abstract: |
  One paragraph that says what was done and what came out.
limits: |
  What this study does not show.

# What all arms share. `reportgen list architectures`, `... tasks` and `... remedies` tell what there is.
base:
  task: digits
  architecture: {{name: mlp, width: 64, activation: tanh, initialisation: glorot-normal}}
  remedies: []

training:
  optimiser: sgd
  # Of a list of rates each arm uses the one that does best on its tuning seeds; it is judged on other seeds.
  learning_rate: [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
  extend_to: [0.0003, 10]   # while an arm's best rate is the first or last of the list, it gets more, within these
  steps: 300        # 0 measures at initialisation only
  batch_size: 64
seeds: {{tuning: 2, judged: 3}}
target: {{metric: accuracy, value: 0.9}}

# What arms differ in: a dotted path with its levels, or a named factor with what each level sets. All are crossed.
factors:
  architecture.depth: [2, 5, 10]
  # initialisation:
  #   Glorot: {{architecture.initialisation: glorot-normal}}
  #   He: {{architecture.initialisation: he-normal}}
labels: {{architecture.depth: Hidden layers}}

# Combinations that are not run, with the reason that readers see.
# exclude:
#   - when: {{architecture.depth: 10, initialisation: He}}
#     reason: why not

# The arm that the others are compared with.
baseline: {{architecture.depth: 2}}

# Figures, in order. `reportgen list figures` tells the kinds.
report:
  - id: gradient-profile
    kind: gradient-profile
    title: The error signal by layer
    caption: What the figure shows, and how to read it.
    colour: architecture.depth

# Variants, chosen with --profile. `set` comes after the factors; `factors` keeps some of the levels.
profiles:
  quick:
    set:
      training.steps: 100
      training.learning_rate: [0.03, 0.1, 0.3]
      training.extend_to: null
      seeds: {{tuning: 1, judged: 2}}
    factors: {{architecture.depth: [2, 5]}}

licence: CC-BY-4.0
version: "1.0"
# date: 2026-01-31   # the day of publication; citations take their year from it
"""


def template(name: str) -> str:
    """Return a commented minimal study called `name`; see `reportgen.study.template`."""
    if not name or slug(name) != name or "." in name or len(name) > 80:
        better = slug(name).replace(".", "-") or "my-study"
        raise UsageError(
            f"'{name}' cannot be the name of a study: it is part of web addresses",
            f"use small letters a to z, digits and single hyphens, for instance '{better}'",
        )
    title = name.replace("-", " ")
    return _TEXT.format(title=f'"{title[:1].upper()}{title[1:]}"')
