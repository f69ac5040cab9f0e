"""The design of a study: what is compared and how, whatever the seeds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportgen.study.spec import Study


def design_hash(study: Study) -> str:
    """Return sixteen hexadecimal digits that change with what is compared, by what, and by how many seeds.

    They do not change with the seeds themselves, with words, or with learning rates that results add to a list.
    """
    arms = [
        [
            arm.id,
            arm.skipped,
            asdict(arm.task),
            asdict(arm.architecture),
            [asdict(remedy) for remedy in arm.remedies],
            asdict(arm.training),
            asdict(arm.measure),
            asdict(arm.target) if arm.target else None,
            len(arm.tuning_seeds),
            len(arm.seeds),
        ]
        for arm in study.arms
    ]
    claims = [{**asdict(claim), "why": "", "figure": ""} for claim in study.claims]
    text = json.dumps([study.profile, arms, claims], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
