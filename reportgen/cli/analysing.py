"""Analyse many studies at once, each in a process of its own where that pays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs
    from reportgen.analyse.study import Analysis
    from reportgen.store import Store
    from reportgen.study.spec import Study

FEWEST = 4
"""From so many studies on, starting other processes is worth its cost."""


def analysed(studies: Sequence[Study], store: Store, jobs: int | None) -> tuple[list[Analysis], Signs]:
    """Analyse studies, and the signs in the runs of all of them.

    Parameters
    ----------
    studies : sequence of Study
    store : Store
    jobs : int, optional
        Processes; by default one a core. Few studies, and stores that are not files of this machine, are analysed in
        this process.

    Returns
    -------
    list of Analysis
        In the order of the studies.
    Signs
    """
    workers = min(jobs or os.cpu_count() or 1, len(studies))
    if workers < 2 or len(studies) < FEWEST or "://" in store.url:
        return _here(studies, store)
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            signs = pool.submit(_signs, tuple(studies), store.url)  # first, since it takes longest
            running = [pool.submit(_analyse, study, store.url) for study in studies]
            return [one.result() for one in running], signs.result()
    except BrokenProcessPool:
        return _here(studies, store)


def _here(studies: Sequence[Study], store: Store) -> tuple[list[Analysis], Signs]:
    from reportgen.analyse.signs import signs
    from reportgen.analyse.study import analyse

    return [analyse(study, store) for study in studies], signs(studies, store)


def _analyse(study: Study, url: str) -> Analysis:
    from reportgen.analyse.study import analyse
    from reportgen.store import Store

    return analyse(study, Store(url))


def _signs(studies: Sequence[Study], url: str) -> Signs:
    from reportgen.analyse.signs import signs
    from reportgen.store import Store

    return signs(studies, Store(url))
