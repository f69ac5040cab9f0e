"""Whatever is done to a study file, the checker answers with problems and never with a traceback."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from reportgen.study import check

TEXT = """\
target: {metric: accuracy, value: 0.5}
factors:
  architecture: [stack, {label: L, value: {name: loop, gain: 0.5}}]
  stage: {raw: {training.steps: 0, seeds: 2}, trained: {}}
  remedies: [{label: none, value: []}, deeper]
labels: {stage: Stage}
exclude: [{when: {stage: raw, remedies: [deeper]}, reason: r}]
baseline: {architecture: stack}
report: [{id: a, kind: profile, title: t, where: {stage: raw}, colour: stage}]
claims:
- {id: a, estimate: success, compare: {stage: trained}, against: {stage: raw}, direction: lower, margin: 0.1, why: w}
- {id: b, estimate: decay-factor, compare: {stage: raw}, against: 1, direction: higher, margin: 2, why: w, strata: []}
profiles: {quick: {set: {training.steps: 5}, factors: {stage: [trained]}}}
"""
VALUES: list[Any] = [None, 5, -1, 1.5, True, "x", "", [], {}, [1], [[]], {"a": 1}, {"name": "loop"}, {"name": 3}]
VALUES += [{"a": {"b": 3}}, float("nan"), 10**30, "architecture.depth", {"label": [], "value": 2}]
KEYS = [5, None, True, "zz", "a.b.c", ".", "architecture.", ""]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def mutate(study: Any, chance: random.Random) -> None:
    path = chance.choice(list(places(study)))
    holder = study
    for key in path[:-1]:
        holder = holder[key]
    what = chance.random()
    if what < 0.6:
        holder[path[-1]] = copy.deepcopy(chance.choice(VALUES))
    elif what < 0.8 or isinstance(holder, list):
        del holder[path[-1]]
    else:
        holder[chance.choice(KEYS)] = holder.pop(path[-1])


@pytest.mark.parametrize("seed", range(8))
def test_no_mutation_makes_a_traceback(studies, seed: int) -> None:
    chance = random.Random(seed)
    path = studies.write(TEXT)
    assert check(path) == ()
    yaml = YAML(typ="safe", pure=True)
    sound = yaml.load(path.read_text(encoding="utf-8"))
    broken = 0
    for _ in range(25):
        study = copy.deepcopy(sound)
        for _ in range(chance.randint(1, 3)):
            mutate(study, chance)
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(study, file)
        problems = check(path)
        broken += bool(problems)
        assert all(problem.message and "Input should" not in problem.message for problem in problems)
    assert broken > 10
