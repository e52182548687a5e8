"""Which way is taken: the fast one where its list is as good as any, else several lists at once, else depth first."""

from __future__ import annotations

from minorguard.ranking.beam import beam
from minorguard.ranking.greedy import greedy
from minorguard.ranking.improve import improve
from minorguard.ranking.search import best, search
from minorguard.ranking.task import Task, ceiling

GOOD = 0.99
"""A list that is worth so much of what none can exceed is left as it is."""
NEARLY = 0.005
"""Where the best list is looked for, one that it exceeds by no more is as good."""
_WIDTH = 16
_CARES = (0.0, 0.3, 0.6, 1.0, 1.5, 3.0)
_LISTS = 3
"""So many lists of the careful way are made better, and the best is taken."""
_FEW_ITEMS, _FEW_SLOTS = 64, 12
"""Up to so many, the best list is looked for."""
_WORK = 400_000
_STEPS = 4_000


def solve(task: Task) -> list[int] | None:
    """A full list that keeps everything, or None where none was found; the same for the same task, in bounded time."""
    order = greedy(task)
    if order is not None and is_good(task, order):
        return order
    tried = [order, None if task.pins else beam(task, width=_WIDTH)]
    lists = [one for one in tried if one is not None] or _carefully(task)
    if not lists:
        return None
    order = max((improve(task, one, steps=_STEPS) for one in lists), key=task.value)
    if is_good(task, order) or len(task.kinds) > _FEW_ITEMS or task.slots > _FEW_SLOTS:
        return order
    return best(task, order, work=_WORK, tolerance=NEARLY).order


def is_good(task: Task, order: list[int]) -> bool:
    """Whether no list could be worth much more."""
    value, most = task.value(order), task.value(range(len(order)))
    if value >= most - (1 - GOOD) * abs(most):
        return True
    return any(value >= most - (1 - GOOD) * abs(most) for most in (ceiling(task, demand) for demand in task.demands))


def _carefully(task: Task) -> list[list[int]]:
    lists: list[list[int]] = []
    for care in _CARES:
        found = search(task, work=_WORK, care=care)
        if found.order is not None:
            lists.append(found.order)
        if len(lists) == _LISTS or (found.order is None and found.exhausted):
            break
    return lists
