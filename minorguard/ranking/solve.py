"""Which way is taken: the fast one where its list is as good as any, else several lists at once, else depth first."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from minorguard.ranking.beam import beam
from minorguard.ranking.greedy import greedy
from minorguard.ranking.improve import improve
from minorguard.ranking.quick import quick
from minorguard.ranking.search import best, impossible, search
from minorguard.ranking.task import Task, Work, ceiling, windowed

GOOD = 0.99
"""A list that is worth so much of what none can exceed is left as it is."""
NEARLY = 0.005
"""Where the best list is looked for, one that it exceeds by no more is as good."""
_WIDTH = 16
_CARES = (0.0, 0.3, 0.6, 1.0, 1.5, 3.0)
_LISTS = 3
"""So many lists of the careful way are made better, and the best is taken."""
_FEW_ITEMS, _FEW_SLOTS = 64, 20
"""Up to so many, the best list is looked for."""
_WORK = 400_000
"""What each search and each round of exchanges may cost, in small sums."""
_MOST_WORK = 1_000_000
_LONG = 200
"""Lists of more slots are not made several at once."""
_SMALL_ITEMS, _SMALL_SLOTS = 100, 40
"""Up to so many, all ways are tried where none of the first leads to a good list."""
_WIDE, _EACH = 256, 16
"""So many lists at once then, and of those that meet the demands alike."""
_DEEP = 3
"""Of each class only so many items for each slot are looked at with care."""


def solve_quickly(part: Task) -> list[int] | None:
    """The list of the whole task, where the foremost items alone say what it is; None where they do not."""
    order = quick(part)
    return order if order is not None and is_good(part, order) else None


def solve(task: Task, work: Work) -> list[int] | None:
    """A full list that keeps everything, or None where none was found; the same for the same task and work."""
    order = greedy(task)
    if order is not None and is_good(task, order):
        return order
    if order is None and impossible(task):
        return None
    tried = [order, None if task.pins or task.slots > _LONG else beam(task, work, width=_WIDTH)]
    order = _best_of(task, [one for one in tried if one is not None], work)
    # With a list at hand, going straight down is enough.
    least, enough = (_WORK, _LISTS) if order is None else (0, len(_CARES))
    small = len(task.kinds) <= _SMALL_ITEMS and task.slots <= _SMALL_SLOTS
    if small and not task.pins and not _done(task, order):
        order = _best_of(task, _with(order, _widely(task, work)), work)
    if order is None or (small and not _done(task, order)):
        order = _best_of(task, _with(order, _carefully(task, work, least=least, enough=enough)), work)
    if order is None or is_good(task, order) or len(task.kinds) > _FEW_ITEMS or task.slots > _FEW_SLOTS:
        return order
    return best(task, order, work, most=_WORK, tolerance=NEARLY).order


def is_good(task: Task, order: list[int]) -> bool:
    """Whether no list could be worth much more."""
    value, most = task.value(order), task.value(range(len(order)))
    if value >= most - (1 - GOOD) * abs(most):
        return True
    bounds = chain(
        (ceiling(task, demand) for demand in task.demands), (windowed(task, rule) for rule in sorted(set(task.rules)))
    )
    return any(value >= most - (1 - GOOD) * abs(most) for most in bounds)


def _best_of(task: Task, lists: list[list[int]], work: Work) -> list[int] | None:
    """The best of what exchanges make of each; None where there are none."""
    better = [improve(task, list(one), work, most=_WORK) for one in dict.fromkeys(map(tuple, lists))]
    return max(better, key=task.value, default=None)


def _done(task: Task, order: list[int] | None) -> bool:
    return order is not None and is_good(task, order)


def _with(order: list[int] | None, lists: list[list[int]]) -> list[list[int]]:
    return lists if order is None else [order, *lists]


def _widely(task: Task, work: Work) -> list[list[int]]:
    """From many more lists at once, also of those that meet the demands alike."""
    tried = (beam(task, work, width=_WIDE, each=_EACH, branches=branches) for branches in (1, 2))
    return [one for one in tried if one is not None]


def _carefully(task: Task, work: Work, *, least: int, enough: int) -> list[list[int]]:
    kept = _foremost(task)
    part = task if len(kept) == len(task.kinds) else _part(task, kept)
    lists: list[list[int]] = []
    for care in _CARES:
        found = search(part, work, least=least, most=_MOST_WORK, care=care)
        if found.order is not None:
            lists.append([kept[item] for item in found.order])
        if len(lists) == enough or (found.order is None and found.exhausted):
            break
    return lists


def _foremost(task: Task) -> list[int]:
    """The items of each class that come first, and all that are pinned."""
    room = [_DEEP * task.slots] * len(task.serves)
    kept = []
    for item, kind in enumerate(task.kinds):
        room[kind] -= 1
        if room[kind] >= 0 or item in task.pins:
            kept.append(item)
    return kept


def _part(task: Task, kept: list[int]) -> Task:
    """The task with those items alone."""
    number = {item: new for new, item in enumerate(kept)}
    return replace(
        task,
        scores=[task.scores[item] for item in kept],
        kinds=[task.kinds[item] for item in kept],
        groups=[task.groups[item] for item in kept],
        pins={number[item]: place for item, place in task.pins.items()},
    )
