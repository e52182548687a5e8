"""Where no full list keeps everything: what gives way, in the declared order, and no more of it than that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from minorguard.ranking.greedy import Run
from minorguard.ranking.solve import solve
from minorguard.ranking.task import Task, Work


class Level(NamedTuple):
    """What gives way together."""

    demands: frozenset[int] = frozenset()
    rules: frozenset[int] = frozenset()


def relax(task: Task, levels: Sequence[Level], work: Work) -> list[int]:
    """A list as long as can be, in which only what may give way does, at the places where nothing else could stand.

    The first level gives nothing away, the last all that may give way at all.
    """
    within_reach = _within_reach(task, levels[-1].demands)
    order = None if within_reach.needs == task.needs else solve(within_reach, work)
    return _longest(within_reach, _filled(within_reach, levels), levels, work) if order is None else order


def _within_reach(task: Task, demands: frozenset[int]) -> Task:
    """The task with demands lowered to what the pool has, and one item at a time."""
    needs = [_lowered(task, number) if number in demands else need for number, need in enumerate(task.needs)]
    return replace(task, needs=needs)


def _lowered(task: Task, number: int) -> tuple[int, ...]:
    supply = sum(1 for kind in task.kinds if task.serves[kind] >> number & 1)
    lowered = [0]
    for need in task.needs[number][1:]:
        lowered.append(min(need, lowered[-1] + 1, supply))
    return tuple(lowered)


def _longest(task: Task, order: list[int], levels: Sequence[Level], work: Work) -> list[int]:
    """One that is longer, or keeps more, where going for the best at each place ended too soon; else the given one.

    Half of the work that is left may go into it: what conflicts is to be found with the rest.
    """
    if len(order) == task.slots:
        return order
    own = Work(work.left // 2)
    work.spend(own.left)
    found = order
    for level in dict.fromkeys(levels):
        found = _lengthened(task, found, level, own)
    if len(found) == len(order):
        found = solve(_beginning(task, len(order), Level()), own) or order
    work.left += own.left
    return found


def _lengthened(task: Task, order: list[int], level: Level, work: Work) -> list[int]:
    """The longest list that is found with what gives way: by longer and longer steps, then halfway between."""
    fails, step = task.slots + 1, 1
    while fails - len(order) > 1:
        slots = min(len(order) + step, (len(order) + fails) // 2)
        found = solve(_beginning(task, slots, level), work)
        if found is None:
            fails = slots
        else:
            order, step = found, 2 * step
    return order


def _beginning(task: Task, slots: int, level: Level) -> Task:
    """The task of the first places, without what gives way."""
    needs = [(0,) * len(need) if number in level.demands else need for number, need in enumerate(task.needs)]
    groups = zip(task.rules, task.most, task.within, strict=True)
    most = [within if rule in level.rules else most for rule, most, within in groups]
    return replace(task, slots=slots, needs=[need[: slots + 1] for need in needs], most=most)


def _filled(task: Task, levels: Sequence[Level]) -> list[int]:
    run = Run(task)
    for place in range(1, task.slots + 1):
        item = next((item for level in levels if (item := _item(run, place, level)) is not None), None)
        if item is None:
            break
        run.put(item, place)
    return run.order


def _item(run: Run, place: int, level: Level) -> int | None:
    required = [
        1 << number
        for number, need in enumerate(run.task.needs)
        if number not in level.demands and need[place] > run.have[number]
    ]
    pinned = run.pinned(place, required, level.rules)
    return run.best(place, required, level.rules) if pinned is None else pinned
