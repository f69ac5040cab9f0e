"""What a study file may hold: pydantic models of its sections.

The models check forms and ranges. What needs the catalogue or the rest of the file (names of components, paths,
levels) is checked in `configuration`, `factors` and `rules`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from reportgen.errors import nearest
from reportgen.store.tables import QUANTITIES
from reportgen.study.names import is_device
from reportgen.study.outcomes import DIRECTIONS, OUTCOMES

OPTIMISERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "linear", "cosine")
QUANTITY_NAMES = tuple(column.name for column in QUANTITIES)
PROSE = ("answer", "abstract", "background", "design", "results", "limits")
FIRST_TUNING_SEED = 1000
"""Judged seeds count from 0, tuning seeds from here, so that the two never meet."""

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


def fault(message: str, hint: str = "", item: int | None = None) -> PydanticCustomError:
    """Return an error whose message and hint reach the reader as they are; `item` is the faulty one of a list."""
    return PydanticCustomError("sentence", "{message}", {"message": message, "hint": hint, "item": item})


def one_of(kind: str, names: tuple[str, ...]) -> AfterValidator:
    """Return the check of a text that must be one of `names`."""

    def known(value: str) -> str:
        if value in names:
            return value
        near = nearest(value, names)
        hint = (f"did you mean '{near}'? " if near else "") + f"allowed: {', '.join(names)}"
        raise fault(f"there is no {kind} called '{value}'", hint)

    return AfterValidator(known)


def _listing(names: tuple[str, ...]) -> Any:
    """Tell the JSON Schema which names there are."""
    return Field(json_schema_extra={"enum": list(names)})


def _written(text: str) -> str:
    if not text.strip():
        raise fault("must not be empty")
    return text.strip()


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > 80:
        raise fault(
            f"'{text}' cannot be part of a web address",
            "use small letters a to z, digits and single hyphens, at most 80 characters, such as 'decay-by-depth'",
        )
    if is_device(text):
        raise fault(f"'{text}' cannot be the name of a folder on Windows", "add a word to it")
    return text


def _orcid(text: str) -> str:
    bare = re.sub(r"^https?://orcid\.org/", "", text.strip())
    if not bare:
        return ""
    if not re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", bare):
        raise fault(f"'{text}' is no ORCID", "it has the form 0000-0002-1825-0097")
    total = 0
    for digit in bare.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    if "0123456789X"[(12 - total % 11) % 11] != bare[-1]:
        raise fault(f"the last digit of the ORCID '{bare}' does not fit the others", "look for a typing error")
    return bare


def _doi(text: str) -> str:
    bare = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", text.strip())
    if bare and not re.fullmatch(r"10\.\d{4,9}/[^\s\"'<>\\^`{|}]+", bare):
        raise fault(f"'{text}' is no DOI", "it has the form 10.5281/zenodo.1234567; leave it empty if there is none")
    return bare


def _date(text: str) -> str:
    bare = text.strip()
    with suppress(ValueError):
        if not bare or date.fromisoformat(bare).isoformat() == bare:
            return bare
    raise fault(f"'{text}' is no date", "it has the form 2026-11-21: year, month and day")


def _distinct(values: list[Any]) -> list[Any]:
    for index, value in enumerate(values):
        if value in values[:index]:
            shown = f"'{value}'" if isinstance(value, str) else f"{value:g}"
            raise fault(f"{shown} is in the list twice", "remove one of them", index)
    return values


def _filled(values: list[Any]) -> list[Any]:
    if not values:
        raise fault("the list is empty", "give at least one")
    return values


def _rising_pair(values: list[float]) -> list[float]:
    if len(values) != 2 or values[0] >= values[1]:
        shown = ", ".join(f"{value:g}" for value in values)
        raise fault(f"must be the lowest and the highest rate, not [{shown}]", "write for instance `[0.0001, 10]`")
    return values


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _counted_seeds(value: Any) -> Any:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return {"tuning": 0, "judged": value} if is_count else value


Written = Annotated[str, AfterValidator(_written), Field(max_length=2_000)]
Prose = Annotated[str, Field(max_length=50_000)]
"""Markdown; long enough for a book's chapter, and short enough that no text of any shape takes long to read."""
Slug = Annotated[str, AfterValidator(_slug)]
Optimiser = Annotated[str, one_of("optimiser", OPTIMISERS), _listing(OPTIMISERS)]
Schedule = Annotated[str, one_of("schedule", SCHEDULES), _listing(SCHEDULES)]
Quantity = Annotated[str, one_of("quantity", QUANTITY_NAMES), _listing(QUANTITY_NAMES)]
OutcomeName = Annotated[str, one_of("outcome", tuple(OUTCOMES)), _listing(tuple(OUTCOMES))]
Direction = Annotated[str, one_of("direction", DIRECTIONS), _listing(DIRECTIONS)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Rates = Annotated[
    list[Rate], Field(max_length=100), BeforeValidator(_listed), AfterValidator(_filled), AfterValidator(_distinct)
]
Bounds = Annotated[list[Rate], AfterValidator(_rising_pair), Field(json_schema_extra={"minItems": 2, "maxItems": 2})]
Quantities = Annotated[list[Quantity], AfterValidator(_filled), AfterValidator(_distinct)]
Settings = dict[str, Any]
"""Dotted path to value; the paths are checked later."""


class Section(BaseModel):
    """A mapping of a study file; unknown keys are faults."""

    model_config = _STRICT


class Author(Section):
    """An author of the study."""

    name: Written = Field(description="Full name.")
    orcid: Annotated[str, AfterValidator(_orcid)] = Field(default="", description="ORCID, such as 0000-0002-1825-0097.")
    affiliation: Annotated[str, Field(max_length=2_000)] = Field(default="", description="Institution.")


class Training(Section):
    """How every run trains; all arms get the same unless a factor sets it."""

    optimiser: Optimiser = Field(default="sgd", description="How the weights are changed.")
    learning_rate: Rates = Field(
        default_factory=list,
        description="A step size, or a list of them; of a list each arm uses what does best on its tuning seeds.",
    )
    extend_to: Bounds | None = Field(
        default=None,
        description="Lowest and highest rate that a list may be extended to while an arm's best rate is at its end.",
    )
    steps: int = Field(
        default=600, ge=0, le=10_000_000, description="Optimiser steps; 0 measures at initialisation only."
    )
    batch_size: int = Field(default=64, ge=1, le=100_000, description="Samples in a batch.")
    schedule: Schedule = Field(default="constant", description="How the learning rate changes: not, or down to 0.")


class Measure(Section):
    """What is measured, and when."""

    quantities: Quantities = Field(default=list(QUANTITY_NAMES), description="What to record; all if left out.")
    points: int = Field(default=12, ge=0, le=10_000, description="Log-spaced steps that are probed, besides both ends.")
    evaluations: int = Field(default=40, ge=1, le=10_000, description="Evenly spaced steps that are evaluated.")


class Seeds(Section):
    """How many seeds choose the learning rate, and how many others are judged."""

    tuning: int = Field(
        default=0, ge=0, le=1000, description="Seeds that choose the learning rate, on validation data."
    )
    judged: int = Field(
        default=5, ge=1, le=FIRST_TUNING_SEED, description="Other seeds, which are judged on test data."
    )


class Target(Section):
    """What counts as having learnt."""

    metric: Written = Field(description="A metric of the task, such as accuracy.")
    value: float = Field(allow_inf_nan=False, description="The value on test data that a run must reach.")


class Exclude(Section):
    """Combinations of levels that are not run."""

    when: dict[str, Any] = Field(description="Factor to the label of a level, or a list of labels; all must hold.")
    reason: Written = Field(description="Why, in a few words that readers see.")


class Profile(Section):
    """A variant of the study, for instance a quick one."""

    set: Settings = Field(default_factory=dict, description="Dotted path to value; applied after the factors.")
    factors: dict[str, Any] = Field(
        default_factory=dict, description="Factor to the labels that are kept, or to new levels."
    )


class Report(BaseModel):
    """A figure that the study shows; further keys are the parameters of its kind."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    id: Slug = Field(description="Part of the figure's web address; unique in the study.")
    kind: Written = Field(description="The figure kind.")
    title: Written = Field(description="A few words.")
    caption: Prose = Field(default="", description="What the figure shows and how to read it.")
    where: dict[str, Any] = Field(
        default_factory=dict, description="Factor to the label, or list of labels, of the levels that are shown."
    )


class Evidence(Section):
    """A comparison that decides a claim of the register, laid down before it is run."""

    id: Slug = Field(description="The claim's id in the register, claims.yaml.")
    estimate: OutcomeName = Field(description="The outcome that decides; one value a seed.")
    compare: dict[str, Any] = Field(description="Factor to the label, or list of labels, of the arms that are to win.")
    against: dict[str, Any] | Annotated[float, Field(allow_inf_nan=False)] = Field(
        description="Factor to the labels of the arms they are compared with, equal in all other factors; or a number."
    )
    where: dict[str, Any] = Field(
        default_factory=dict, description="Factor to the label, or list of labels, that both are restricted to."
    )
    direction: Direction = Field(description="What the claim says of the outcome of the arms that are to win.")
    margin: float = Field(
        allow_inf_nan=False,
        description="The smallest difference that matters: a ratio above 1 for factors, else in the outcome's unit.",
    )
    why: Written = Field(description="Why a smaller difference does not matter, in a few words that readers see.")
    strata: list[Written] | None = Field(
        default=None,
        description="Factors whose levels are decided apart; all that vary if left out.",
    )
    figure: str = Field(default="", description="The id of the study's figure that shows it.")


class Base(Section):
    """The configuration that all arms share."""

    task: Any = Field(description="The learning problem: a name, or a mapping with name and parameters.")
    architecture: Any = Field(description="The network: a name, or a mapping with name and parameters.")
    remedies: list[Any] = Field(default_factory=list, description="Changes meant to help: names or mappings.")


class StudyFile(Section):
    """A study: what is compared, how, and what the site shows of it."""

    title: Written = Field(description="The study's title.")
    authors: list[Author] = Field(default_factory=list, description="Who wrote the study, in order.")
    keywords: list[Written] = Field(default_factory=list, description="For search engines and catalogues.")
    question: Written = Field(description="The question that the study answers, in one or two sentences.")
    answer: Prose = Field(default="", description="What came out, in a sentence or two that stand on the home page.")
    abstract: Prose = Field(
        default="", description="Markdown with $mathematics$, [@key] citations and {{ }} expressions."
    )
    background: Prose = Field(default="", description="What is known, in Markdown.")
    design: Prose = Field(default="", description="What is compared and why so, in Markdown.")
    results: Prose = Field(default="", description="What came out, in Markdown.")
    limits: Prose = Field(default="", description="What the study does not show, in Markdown.")
    base: Base = Field(description="The configuration that all arms share.")
    training: Training = Field(default=Training(), description="How every run trains.")
    measure: Measure = Field(default=Measure(), description="What is measured, and when.")
    seeds: Annotated[Seeds, BeforeValidator(_counted_seeds)] = Field(
        default=Seeds(), description="A number of judged seeds, or {tuning: …, judged: …}."
    )
    target: Target | None = Field(default=None, description="What counts as having learnt, or null.")
    factors: dict[str, Any] = Field(default_factory=dict, description="What arms differ in; all levels are crossed.")
    labels: dict[str, Written] = Field(default_factory=dict, description="Factor to its name for readers.")
    exclude: list[Exclude] = Field(default_factory=list, description="Combinations that are not run, with reasons.")
    baseline: dict[str, Any] = Field(default_factory=dict, description="Factor to the label that others compare with.")
    report: list[Report] = Field(default_factory=list, description="The figures, in order.")
    claims: list[Evidence] = Field(default_factory=list, description="The claims that the study decides, and by what.")
    profiles: dict[str, Profile] = Field(default_factory=dict, description="Variants, chosen with --profile.")
    plugins: list[Written] = Field(default_factory=list, description="Python modules; they need --allow-plugins.")
    licence: Written = Field(default="CC-BY-4.0", description="SPDX name of the licence of text and figures.")
    version: Written = Field(default="1.0", description="The study's version, in quotes.")
    date: Annotated[str, AfterValidator(_date)] = Field(default="", description="The day of publication: 2026-11-21.")
    doi: Annotated[str, AfterValidator(_doi)] = Field(default="", description="The study's DOI, if it has one.")
