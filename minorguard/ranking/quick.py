"""The greedy way on the foremost items alone, for lists to which nothing is pinned: in a roomy pool nothing is lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from minorguard.ranking.greedy import demanded, free_at, serves_all
from minorguard.ranking.task import FREE, Task, bits, families


def quick(task: Task) -> list[int] | None:
    """The list that `greedy` makes; None where that would need more items than there are."""
    demands, kinds, groups, within, mosts = _Demands(task), task.kinds, task.groups, task.within, task.most
    recent = [list(places) for places in task.recent]
    free = _free(task)
    left = list(range(len(kinds)))
    order = []
    for place in range(1, task.slots + 1):
        passing = demands.passing(place)
        for at, item in enumerate(left):
            if passing[kinds[item]]:
                for group in groups[item]:
                    if free[group] > place:
                        break
                else:
                    break
        else:
            return None
        del left[at]
        order.append(item)
        demands.serve(kinds[item])
        for group in groups[item]:
            places, most = recent[group], mosts[group]
            places.append(place)
            if len(places) >= most:
                free[group] = places[-most] + within[group]
    return order


def _free(task: Task) -> list[int]:
    """By group: the first place at which it may stand."""
    return [
        free_at(task, group, places) if places or not most else FREE
        for group, (places, most) in enumerate(zip(task.recent, task.most, strict=True))
    ]


class _Demands:
    """How the demands stand."""

    __slots__ = ("_ahead", "_due", "_every", "_families", "_have", "_nearest", "_none", "_passing", "_served", "_task")

    def __init__(self, task: Task) -> None:
        self._task = task
        self._have = [0] * len(task.needs)
        self._due = [bisect_right(need, 0) for need in task.needs]
        self._nearest = min(self._due, default=task.slots + 2)
        self._families = families(tuple(task.serves), len(task.needs))
        self._ahead = 1 + len(self._families) if task.needs else 0
        self._served = [tuple(bits(mask)) for mask in task.serves]
        self._every, self._none = [True] * len(task.serves), [False] * len(task.serves)
        self._passing: dict[tuple[int, ...], Sequence[bool]] = {(): self._every}

    def passing(self, place: int) -> Sequence[bool]:
        """By class whether it may stand there; none may where some demand comes too late."""
        if self._nearest > place + self._ahead:
            return self._every
        required = demanded(self._task, self._families, self._due, self._have, place)
        if required is None:
            return self._none
        key = tuple(required)
        passing = self._passing.get(key)
        if passing is None:
            passing = self._passing[key] = [serves_all(mask, key) for mask in self._task.serves]
        return passing

    def serve(self, kind: int) -> None:
        """An item of a class stands."""
        served = self._served[kind]
        if served:
            have, needs, due = self._have, self._task.needs, self._due
            for demand in served:
                have[demand] += 1
                due[demand] = bisect_right(needs[demand], have[demand])
            self._nearest = min(due)
