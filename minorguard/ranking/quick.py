"""The greedy way on the foremost items alone, for lists to which nothing is pinned: in a roomy pool nothing is lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from minorguard.ranking.greedy import demanded, free_at
from minorguard.ranking.task import FREE, Task, ahead, bits, families


def quick(task: Task) -> list[int] | None:
    """The list that `greedy` makes; None where that would need more items than there are."""
    demands, kinds, groups, within, mosts = _Demands(task), task.kinds, task.groups, task.within, task.most
    served, have, due, needs, every = demands.served, demands.have, demands.due, task.needs, demands.every
    recent = [list(places) for places in task.recent]
    free = _free(task)
    left = list(range(len(kinds)))
    order = []
    for place in range(1, task.slots + 1):
        passing = every if demands.nearest > place else demands.passing(place)
        for item in left:
            if passing[kinds[item]]:
                for group in groups[item]:
                    if free[group] > place:
                        break
                else:
                    break
        else:
            return None
        left.remove(item)
        order.append(item)
        for demand in served[kinds[item]]:
            have[demand] += 1
            due[demand] = bisect_right(needs[demand], have[demand])
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

    __slots__ = ("_ahead", "_families", "_none", "_passing", "_task", "due", "every", "have", "nearest", "served")

    def __init__(self, task: Task) -> None:
        self._task = task
        self.have = [0] * len(task.needs)
        self.due = [bisect_right(need, 0) for need in task.needs]
        """By demand: the first place by which one more must have come."""
        self._families = families(tuple(task.serves), len(task.needs))
        self._ahead = ahead(self._families)
        self.nearest = 0 if task.needs else task.slots + 1
        """Before this place nothing is demanded."""
        self.served = [bits(mask) for mask in task.serves]
        self.every, self._none = [True] * len(task.serves), [False] * len(task.serves)
        self._passing: dict[tuple[int, ...], Sequence[bool]] = {(): self.every}

    def passing(self, place: int) -> Sequence[bool]:
        """By class whether it may stand there; none may where some demand comes too late."""
        self.nearest = min(self.due) - self._ahead
        if self.nearest > place:
            return self.every
        required = demanded(self._task, self._families, self.due, self.have, place)
        if required is None:
            return self._none
        key = tuple(required)
        passing = self._passing.get(key)
        if passing is None:
            passing = self._passing[key] = [all(mask & one for one in key) for mask in self._task.serves]
        return passing
