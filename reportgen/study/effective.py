"""What a run really uses: its architecture and its training with the settings of its remedies applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from reportgen import registry
from reportgen.study.spec import Component, Training


def effective(architecture: Component, remedies: Sequence[Component], training: Training) -> tuple[Component, Training]:
    """Apply the settings of remedies.

    Parameters
    ----------
    architecture : Component
        As the study gives it, defaults included.
    remedies : sequence of Component
        In the study's order.
    training : Training

    Returns
    -------
    (Component, Training)
        The same with the options that remedies set; raises UnknownName for a remedy that is not registered.
    """
    sections: dict[str, dict[str, Any]] = {"architecture": dict(architecture.parameters), "training": asdict(training)}
    for remedy in remedies:
        for path, value in registry.remedies[remedy.name](**remedy.parameters).settings.items():
            section, _, option = path.partition(".")
            sections[section][option] = value
    entry = registry.architectures[architecture.name]
    parameters = entry.complete(sections["architecture"])
    return Component(architecture.name, architecture.version, parameters), Training(**sections["training"])
