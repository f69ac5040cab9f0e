"""From a study file to a checked study: all stages of reading in order, and all problems at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reportgen.errors import UnknownName
from reportgen.study import evidence, expand, plugins, rules, schema, spec
from reportgen.study.components import Verdicts, check_base
from reportgen.study.configuration import Configuration, Paths, own_settings
from reportgen.study.document import read
from reportgen.study.factors import Axis, Setting, parse_axis
from reportgen.study.names import is_device
from reportgen.study.problems import Problems

DEFAULT = "default"

_PAGES = """
    architectures arms assets changes cite claims compare data figures glossary learn limits methods references
    releases remedies reproduce search signs static studies tasks theory
"""
RESERVED = frozenset(_PAGES.split())
"""Names of the site's own pages, which a study cannot have."""


@dataclass
class Draft:
    """A study file in the middle of being checked."""

    raw: Mapping[str, Any]
    problems: Problems
    axes: list[Axis] = field(default_factory=list)
    exclusions: list[rules.Rule] = field(default_factory=list)
    baseline: rules.Selection = field(default_factory=dict)
    report: list[rules.Figure] = field(default_factory=list)
    claims: list[evidence.Evidence] = field(default_factory=list)
    base: Configuration = field(default_factory=Configuration)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a section if it is a mapping, else an empty one."""
        value = self.raw.get(key)
        return value if isinstance(value, dict) else {}


def load_study(path: Path, profile: str, allow_plugins: plugins.Leave) -> spec.Study:
    """Read, check and expand a study; see `reportgen.study.load`."""
    document = read(path)
    problems = Problems(document)
    _check_name(path, problems)
    plugins.bring(path, document.value.get("plugins"), allow_plugins, problems)
    draft = Draft(document.value, problems)
    _check_form(draft)
    _read_sections(draft, path)
    expanded = _expand_all(draft)
    problems.raise_any()
    if profile not in expanded:
        raise UnknownName("profile", profile, expanded)
    return _study(draft, path, profile, expanded[profile])


def _check_name(path: Path, problems: Problems) -> None:
    name = path.stem
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 80:
        better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-")
        hint = f"rename it, for instance to {better or 'my-study'}.yaml: small letters a to z, digits, single hyphens"
        problems.whole(f"the file's name is the study's address, and '{name}' cannot be one", hint)
    elif is_device(name):
        problems.whole(f"a study cannot be called '{name}': no file can have that name on Windows", "rename the file")
    elif name in RESERVED:
        problems.whole(f"a study cannot be called '{name}': the site has a page of that name", "rename the file")


def _check_form(draft: Draft) -> None:
    """Check the keys and the plain fields; sections whose items need each its own message are checked later."""
    apart = {"exclude", "report", "claims", "profiles", "factors", "target"}
    plain = {key: value for key, value in draft.raw.items() if key not in apart}
    draft.problems.validated(schema.StudyFile, plain, ())
    target = draft.raw.get("target")
    if target is not None:
        draft.problems.validated(schema.Target, target, ("target",))
    for key in ("exclude", "report", "claims"):
        if not isinstance(draft.raw.get(key, []), list):
            draft.problems.add((key,), f"'{key}' must be a list", "begin each item with a hyphen")
    for key in ("profiles", "factors"):
        if not isinstance(draft.raw.get(key, {}), dict):
            draft.problems.add((key,), f"'{key}' must be a mapping of keys to values", f"write `{key}: {{name: …}}`")


def _read_sections(draft: Draft, path: Path) -> None:
    problems = draft.problems
    labels = draft.mapping("labels")
    factors = draft.mapping("factors")
    for name, value in factors.items():
        label = labels.get(name)
        name_of_axis = label if isinstance(label, str) else _readable(name)
        # A factor that cannot be read stays as one without levels, so that its name is not called unknown.
        axis = parse_axis(name, value, ("factors", name), name_of_axis, problems)
        draft.axes.append(axis or Axis(name, name_of_axis, ()))
    for name in labels:
        if name not in factors:
            problems.unknown(("labels", name), UnknownName("factor", name, factors), key=True)
    draft.exclusions = rules.read_rules(draft.raw.get("exclude"), draft.axes, problems)
    draft.baseline = rules.read_baseline(draft.raw.get("baseline"), draft.axes, problems)
    draft.report = rules.read_report(draft.raw.get("report"), draft.axes, problems)
    draft.claims = evidence.read_claims(
        draft.raw.get("claims"), draft.axes, _figure_ids(draft), evidence.register_beside(path), problems
    )
    draft.base = _base(draft)


def _figure_ids(draft: Draft) -> list[str]:
    """Return the ids in the report, also those of figures that are at fault."""
    report = draft.raw.get("report")
    items = [item for item in report if isinstance(item, dict)] if isinstance(report, list) else []
    return [item["id"] for item in items if isinstance(item.get("id"), str)]


def _readable(name: str) -> str:
    """Name a factor for readers: the last part of its path, with a capital."""
    text = name.rpartition(".")[2].replace("_", " ")
    return text[:1].upper() + text[1:]


def _base(draft: Draft) -> Configuration:
    configuration = Configuration()
    base = draft.mapping("base")
    for key in ("task", "architecture", "remedies"):
        if key in base:
            configuration = configuration.assign(
                Setting(key, base[key], ("base", key), ("base", key), own=True), draft.problems
            )
    for key in ("seeds", "target"):
        value = draft.raw.get(key)
        usable = isinstance(value, dict) or (key == "seeds" and isinstance(value, int))
        if usable:
            configuration = configuration.assign(Setting(key, value, (key,), (key,), own=True), draft.problems)
    sections = {key: own_settings(key, draft.mapping(key), (key,)) for key in ("training", "measure")}
    return Configuration(
        configuration.task,
        configuration.architecture,
        configuration.remedies,
        {**configuration.sections, **sections},
    )


@dataclass(frozen=True)
class Variant:
    """A profile that has been read."""

    name: str
    settings: tuple[Setting, ...]
    axes: list[Axis]


def _variants(draft: Draft) -> list[Variant]:
    """Return the study as it stands and under each profile."""
    problems = draft.problems
    variants = [Variant(DEFAULT, (), draft.axes)]
    for name, given in draft.mapping("profiles").items():
        location = ("profiles", name)
        if name == DEFAULT:
            problems.add(location, "'default' is the study without a profile", "choose another name", key=True)
        profile = problems.validated(schema.Profile, given, location)
        if profile is None:
            continue
        settings = tuple(
            Setting(path, value, (*location, "set", path), (*location, "set", path))
            for path, value in profile.set.items()
        )
        variants.append(
            Variant(name, settings, rules.profile_axes(profile.factors, draft.axes, (*location, "factors"), problems))
        )
    return variants


def _named(root: str, draft: Draft, settings: Sequence[Setting]) -> list[str]:
    """Return the names of the components of a kind that a study mentions anywhere."""
    values = [draft.mapping("base").get(root), *(setting.value for setting in settings if setting.path == root)]
    named = [value.get("name") if isinstance(value, dict) else value for value in values]
    return [str(name) for name in named if name is not None]


@dataclass(frozen=True)
class Expanded:
    """The study under one profile."""

    axes: list[Axis]
    arms: list[spec.Arm]
    report: list[rules.Figure]
    claims: list[evidence.Evidence]


def _expand_all(draft: Draft) -> dict[str, Expanded]:
    """Expand the study under every profile, so that a fault in any of them is found."""
    variants = _variants(draft)
    axes = [axis for variant in variants for axis in variant.axes]
    levels = [setting for axis in axes for level in axis.levels for setting in level.settings]
    settings = levels + [setting for variant in variants for setting in variant.settings]
    paths = Paths(_named("task", draft, settings), _named("architecture", draft, settings))
    kept = {id(setting) for setting in settings if paths.check(setting, draft.problems)}
    check_base(draft.base, draft.problems)
    verdicts = Verdicts()
    result = {}
    for variant in variants:
        count = expand.too_many(variant.axes)
        if count:
            hint = "cross fewer factors, or split the study"
            most = expand.MAXIMAL_ARMS
            draft.problems.add(
                ("factors",), f"the factors make {count} arms; a study has at most {most}", hint, key=True
            )
        else:
            result[variant.name] = _expand(draft, _sound(variant, kept), verdicts)
    verdicts.conclude(draft.problems)
    if not draft.problems:
        for variant in variants:
            _check_left(variant, result[variant.name].arms, draft)
            _check_size(variant, result[variant.name].arms, draft)
    return result


def _sound(variant: Variant, kept: Collection[int]) -> Variant:
    """Leave out the settings whose path leads nowhere, so that the others can still be checked."""
    axes = [
        replace(
            axis,
            levels=tuple(
                replace(level, settings=tuple(setting for setting in level.settings if id(setting) in kept))
                for level in axis.levels
            ),
        )
        for axis in variant.axes
    ]
    return Variant(variant.name, tuple(setting for setting in variant.settings if id(setting) in kept), axes)


def _expand(draft: Draft, variant: Variant, verdicts: Verdicts) -> Expanded:
    problems = draft.problems
    default = variant.name == DEFAULT
    combinations = rules.exclusion(
        draft.exclusions, expand.cross(variant.axes), draft.baseline, problems if default else None
    )
    report = draft.report if default else rules.restrict(draft.report, variant.axes, combinations)
    claims = draft.claims
    if default:
        rules.check_shown(report, combinations, problems)
        evidence.check_compared(claims, combinations, problems)
    else:
        claims = evidence.restrict(claims, variant.axes, combinations, [figure.request.id for figure in report])
    expansion = expand.Expansion(draft.base, variant.axes, variant.settings, draft.baseline, verdicts, problems)
    arms = [expansion.arm(combination) for combination in combinations]
    return Expanded(variant.axes, arms, report, claims)


def _check_left(variant: Variant, arms: Sequence[spec.Arm], draft: Draft) -> None:
    """Tell a study of which nothing is left to run, or whose baseline is not run."""
    default = variant.name == DEFAULT
    at = ("factors",) if default else ("profiles", variant.name)
    running = [arm for arm in arms if not arm.skipped]
    if not running:
        draft.problems.add(at, "no arm is left to run", _reasons(arms), key=True)
    elif draft.baseline and not any(arm.is_baseline for arm in running):
        message = "the baseline's arm is not run" if default else "the profile leaves no arm of the baseline"
        hint = _reasons([arm for arm in arms if arm.is_baseline]) or "keep the baseline's levels: " + ", ".join(
            f"'{label}' of '{name}'" for name, labels in draft.baseline.items() for label in labels
        )
        draft.problems.add(("baseline",) if default else at, message, hint, key=True)


def _check_size(variant: Variant, arms: Sequence[spec.Arm], draft: Draft) -> None:
    count = expand.planned(arms)
    if count > expand.MAXIMAL_RUNS:
        at = "seeds" if variant.name == DEFAULT else f"profiles.{variant.name}"
        message = f"the study makes {count:,} runs; it can have at most {expand.MAXIMAL_RUNS:,}"
        draft.problems.add(tuple(at.split(".", 1)), message, "take fewer seeds, learning rates or levels", key=True)


def _reasons(arms: Sequence[spec.Arm]) -> str:
    return "; ".join(dict.fromkeys(reason for arm in arms for reason in arm.skipped.split("; ") if reason))


def _study(draft: Draft, path: Path, profile: str, expanded: Expanded) -> spec.Study:
    form = schema.StudyFile.model_validate(dict(draft.raw))
    prose = {key: draft.raw[key] for key in draft.raw if key in schema.PROSE and draft.raw[key]}
    return spec.Study(
        id=path.stem,
        path=str(path),
        profile=profile,
        title=form.title,
        authors=tuple(spec.Author(author.name, author.orcid, author.affiliation) for author in form.authors),
        question=form.question,
        prose={key: prose[key] for key in schema.PROSE if key in prose},
        factors=tuple(
            spec.Factor(axis.name, axis.label, tuple(level.label for level in axis.levels), axis.numeric)
            for axis in expanded.axes
        ),
        arms=tuple(expanded.arms),
        report=tuple(figure.request for figure in expanded.report),
        claims=tuple(claim.request for claim in expanded.claims),
        keywords=tuple(form.keywords),
        licence=form.licence,
        version=form.version,
        date=form.date,
        doi=form.doi,
    )
