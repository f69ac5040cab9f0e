"""What a run really uses: its architecture and its training with the settings of its remedies applied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from reportgen import registry
from reportgen.study.spec import Arm, Component, Training


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


def untrained(arm: Arm) -> str:
    """Name the networks of an arm before their first step, with what they are shown.

    Arms of one name start from the same networks, seed by seed: remedies that act in training leave them as they are.
    """
    architecture, training = effective(arm.architecture, arm.remedies, arm.training)
    return json.dumps([asdict(arm.task), asdict(architecture), training.batch_size, arm.seeds], sort_keys=True)
