"""Other seeds for a whole study, to see whether its answers hold with them."""

from __future__ import annotations

from dataclasses import replace

from reportgen.errors import UsageError
from reportgen.study.spec import Study

LARGEST_OFFSET = 1_000_000


def shifted(study: Study, offset: int) -> Study:
    """Return the study with all its seeds shifted; without a shift it is the same study.

    Parameters
    ----------
    study : Study
        As its file has it, with judged seeds from 0 and tuning seeds from 1000.
    offset : int
        What is added to every seed.

    Raises
    ------
    UsageError
        If it is not within 0 and `LARGEST_OFFSET`, or if a seed would be judged that chooses learning rates without
        the shift: what has chosen a rate is no fresh test of it. With the shift the two differ as they do without it.
    """
    if not 0 <= offset <= LARGEST_OFFSET:
        raise UsageError(f"seeds cannot be shifted by {offset}", f"give a number from 0 to {LARGEST_OFFSET}")
    if not offset:
        return study
    arms = tuple(
        replace(
            arm,
            tuning_seeds=tuple(seed + offset for seed in arm.tuning_seeds),
            seeds=tuple(seed + offset for seed in arm.seeds),
        )
        for arm in study.arms
    )
    chose = {seed for arm in study.arms for seed in arm.tuning_seeds}
    both = chose & {seed for arm in arms for seed in arm.seeds}
    if both:
        most = max(seed for arm in study.arms for seed in arm.seeds)
        raise UsageError(
            f"shifted by {offset}, '{study.id}' would judge the seed {min(both)}, which chooses learning rates without",
            f"shift by at most {min(chose) - most - 1}, or by at least {max(chose) + 1}",
        )
    return replace(study, arms=arms, seed_offset=offset)
