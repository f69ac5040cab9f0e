"""Which remedies apply to which architectures, which go together, and why not.

What a remedy's entry says in its facts:

``applies_to``
    Names of the architectures that it is made for; all whose options it sets, if left out.
``group``
    Remedies of one group exclude each other.
``lowers``
    Options that it makes smaller: they must be larger without it.
``needs``
    Options that must be on for it to have an effect, in architectures that have them.

An architecture whose entry has ``learning_rate=False`` is solved for and not trained in steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from reportgen import registry
from reportgen.errors import ReportgenError
from reportgen.registry import Entry
from reportgen.study import spec
from reportgen.study.effective import effective
from reportgen.study.problems import number_text, shown_value
from reportgen.study.spec import Component

OF_TRAINING = tuple(field.name for field in fields(spec.Training))
"""Keys of the training that remedies can set."""


def applicability(
    remedy: Component | Entry[Any], architecture: Component | Entry[Any], others: Sequence[Component] = ()
) -> str:
    """Say why a remedy does not apply to an architecture.

    Parameters
    ----------
    remedy, architecture : Component or Entry
        Complete components, or entries of the catalogue, which stand for themselves with their default parameters.
    others : sequence of Component
        Remedies that are used besides.

    Returns
    -------
    str
        A clause such as "'rnn' has no option 'skip'", several of them joined by "; ", or "" if it applies.

    Raises
    ------
    UnknownName
        If a component's name is not registered.
    pydantic.ValidationError
        For an entry with a parameter that has no default.
    """
    remedy, architecture = _component(remedy), _component(architecture)
    entry: Entry[Any] = registry.remedies[remedy.name]
    made_for = entry.facts.get("applies_to")
    if made_for is not None and architecture.name not in made_for:
        return f"it is for {', '.join(made_for)} only"
    beside = architecture
    for other in others:
        beside = _with(beside, other) or beside
    made = entry(**remedy.parameters)
    of_training = _acts_on_training(made)
    own, reasons = _split(made.settings, architecture)
    if of_training and not trained(architecture):
        reasons.append(f"'{architecture.name}' is solved for, not trained in steps")
    reasons += _without_effect(entry.facts, own, beside) or (_refused(own, beside) and _refused(own, architecture))
    if not reasons and own and not of_training and _with(beside, remedy) == beside:
        reasons = [f"'{architecture.name}' already has {_listed(own)}"]
    return "; ".join(reasons)


def together(architecture: Component, remedies: Sequence[Component]) -> str:
    """Say why an architecture does not take remedies together that apply one by one; "" if it does."""
    try:
        effective(architecture, remedies, spec.Training())
    except ValidationError as error:
        because = _own_messages(error) or ["they set options that exclude each other"]
        names = " and ".join(f"'{remedy.name}'" for remedy in remedies)
        return f"'{architecture.name}' does not take {names} together: {'; '.join(because)}"
    return ""


def trained(architecture: Component) -> bool:
    """Whether an architecture is trained in steps of a learning rate; one whose readout is solved for is not."""
    held = registry.architectures
    return architecture.name not in held or bool(held[architecture.name].facts.get("learning_rate", True))


def _component(given: Component | Entry[Any]) -> Component:
    return given if isinstance(given, Component) else Component(given.name, given.version, given.complete({}))


def _with(architecture: Component, remedy: Component) -> Component | None:
    """Return an architecture with a remedy's options, or None if it does not take them."""
    try:
        own, _ = _split(registry.remedies[remedy.name](**remedy.parameters).settings, architecture)
        parameters = registry.architectures[architecture.name].complete({**architecture.parameters, **own})
    except (ReportgenError, ValueError, TypeError):
        return None
    return Component(architecture.name, architecture.version, parameters)


def _split(settings: Mapping[str, Any], architecture: Component) -> tuple[dict[str, Any], list[str]]:
    """Return the options of the architecture that settings change, and what is wrong with their paths."""
    known = registry.architectures[architecture.name].parameters.model_fields
    own, reasons = {}, []
    for path, value in settings.items():
        root, _, option = path.partition(".")
        if root == "architecture" and option in known:
            own[option] = value
        elif root == "architecture":
            reasons.append(f"'{architecture.name}' has no option '{option}'")
        elif root != "training" or option not in OF_TRAINING:
            reasons.append(f"there is no option '{path}'")
    return own, reasons


def _acts_on_training(made: Any) -> bool:
    changed = (getattr(made, f.name) != f.default for f in fields(made) if f.name != "settings")
    return any(changed) or any(path.startswith("training.") for path in made.settings)


def _without_effect(facts: Mapping[str, Any], own: Mapping[str, Any], architecture: Component) -> list[str]:
    reasons = []
    for path in facts.get("needs", ()):
        option = path.partition(".")[2]
        if own and not architecture.parameters.get(option, True):
            reasons.append(f"'{architecture.name}' is used without its option '{option}'")
    for path in facts.get("lowers", ()):
        option = path.partition(".")[2]
        present = architecture.parameters.get(option)
        if option in own and present is not None and present <= own[option]:
            reasons.append(f"'{architecture.name}' has {_listed({option: present})}, not more than {own[option]}")
    return reasons


def _refused(own: Mapping[str, Any], architecture: Component) -> list[str]:
    entry: Entry[Any] = registry.architectures[architecture.name]
    try:
        entry.complete({**architecture.parameters, **own})
    except ValidationError as error:
        named = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
        culprits = {option: value for option, value in own.items() if option in named} or own
        because = "".join(f": {message}" for message in _own_messages(error))
        return [f"'{architecture.name}' does not take {_listed(culprits)}{because}"]
    return []


def _own_messages(error: ValidationError) -> list[str]:
    """Return what the architecture's own checks say; that a value is not among those allowed needs no explanation."""
    found = (detail["ctx"]["error"] for detail in error.errors() if detail["type"] == "value_error")
    return list(dict.fromkeys(str(raised) for raised in found))


def _listed(options: Mapping[str, Any]) -> str:
    return " and ".join(f"{option} {_shown(value)}" for option, value in options.items())


def _shown(value: Any) -> str:
    """Write a value for a reason; a component of its own, such as an initialisation, by its name."""
    named = value.get("name") if isinstance(value, Mapping) else None
    return number_text(value) if isinstance(value, float) else shown_value(named or value)
