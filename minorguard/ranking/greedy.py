"""The fast way: place after place the best item that no rule holds back and that leaves the demands time to be met."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from minorguard.ranking.task import FREE, Task, ahead, bits, families, queues

Requirement = Sequence[int]
"""Masks of demands: the next item must serve at least one demand of each."""


def greedy(task: Task) -> list[int] | None:
    """A list that keeps every demand and every window, or None where this way leads into a dead end."""
    run = Run(task)
    for place in range(1, task.slots + 1):
        required = run.required(place)
        if required is None:
            return None
        item = run.pinned(place, required) if task.pins else None
        if item is None:
            item = run.best(place, required)
        if item is None:
            return None
        run.put(item, place)
    return run.order


class Run:
    """A list under way."""

    __slots__ = (
        "_due",
        "_families",
        "_left",
        "_queues",
        "_recent",
        "_served",
        "free_at",
        "have",
        "order",
        "task",
        "waiting",
    )

    def __init__(self, task: Task) -> None:
        self.task = task
        self.order: list[int] = []
        self.have = [0] * len(task.needs)
        self.free_at = [FREE] * len(task.most)
        """By group: the first place at which it may stand again."""
        self.waiting = sorted(task.pins, key=lambda item: (task.pins[item], item))
        self._left = list(range(len(task.kinds)))
        for item in task.pins:
            self._left.remove(item)
        self._queues = queues(task) if task.needs else []
        self._recent = [list(places) for places in task.recent]
        self._families = families(tuple(task.serves), len(task.needs))
        self._served = [bits(mask) for mask in task.serves]
        self._due = [_due(need, 0) for need in task.needs]
        """By demand: the first place by which one more must have come."""
        for group, places in enumerate(self._recent):
            if places or not task.most[group]:
                self.free_at[group] = free_at(task, group, places)

    def required(self, place: int) -> Requirement | None:
        """What the next item must serve so that no demand comes too late; None: one does already."""
        due = self._due
        if not due or min(due) > place + ahead(self._families):
            return ()
        return demanded(self.task, self._families, due, self.have, place)

    def best(self, place: int, required: Requirement, free: frozenset[int] = frozenset()) -> int | None:
        """The best item that may stand there; windows of the rules in `free` are not looked at."""
        if not required:
            return self._first(self._left, place, len(self.task.kinds), free)
        found = len(self.task.kinds)
        for kind, queue in enumerate(self._queues):
            if queue and queue[0] < found and serves_all(self.task.serves[kind], required):
                item = self._first(queue, place, found, free)
                found = found if item is None else item
        return found if found < len(self.task.kinds) else None

    def _first(self, queue: list[int], place: int, below: int, free: frozenset[int]) -> int | None:
        """The first item of a queue whose groups may stand there, if it is better than `below`."""
        groups, free_at, rules = self.task.groups, self.free_at, self.task.rules
        for item in queue:
            if item >= below:
                return None
            for group in groups[item]:
                if free_at[group] > place and rules[group] not in free:
                    break
            else:
                return item
        return None

    def pinned(self, place: int, required: Requirement, free: frozenset[int] = frozenset()) -> int | None:
        """The first pinned item that is due and may stand there."""
        task = self.task
        due = [item for item in self.waiting if task.pins[item] <= place]
        fitting = [item for item in due if serves_all(task.serves[task.kinds[item]], required)]
        return self._first(fitting, place, len(task.kinds), free)

    def put(self, item: int, place: int) -> None:
        """Set an item at a place."""
        task = self.task
        kind = task.kinds[item]
        if item in task.pins:
            self.waiting.remove(item)
        else:
            _remove(self._left, item)
            if self._queues:
                _remove(self._queues[kind], item)
        self.order.append(item)
        for demand in self._served[kind]:
            self.have[demand] += 1
            if self._due[demand] <= task.slots:
                self._due[demand] = _due(task.needs[demand], self.have[demand])
        for group in task.groups[item]:
            places, most = self._recent[group], task.most[group]
            places.append(place)
            if len(places) >= most > 0:
                self.free_at[group] = places[-most] + task.within[group]


def _remove(queue: list[int], item: int) -> None:
    del queue[bisect_left(queue, item)]


def demanded(
    task: Task, families: Sequence[tuple[int, ...]], due: Sequence[int], have: Sequence[int], place: int
) -> Requirement | None:
    """What an item at a place must serve; `due` says by demand by which place one more must have come."""
    found = []
    for demand, by in enumerate(due):
        if by <= place:
            if task.needs[demand][place] > have[demand] + 1:
                return None
            found.append(1 << demand)
    for family in families:
        mask = _together(task, family, have, place)
        if mask is None:
            return None
        if mask:
            found.append(mask)
    return found


def _together(task: Task, family: tuple[int, ...], have: Sequence[int], place: int) -> int | None:
    """The demands of which one must be served now as several come due soon; None: too many do."""
    needs = task.needs
    for left, last in enumerate(range(place, min(place + 2 * len(family), task.slots + 1)), 1):
        late = mask = 0
        for demand in family:
            lacks = needs[demand][last] - have[demand]
            if lacks > 0:
                late += lacks
                mask |= 1 << demand
        if late > left:
            return None
        if late == left:
            return mask
    return 0


def free_at(task: Task, group: int, places: Sequence[int]) -> int:
    """The first place at which a group that stood at these may stand again."""
    most = task.most[group]
    if most == 0:
        return task.slots + 1
    return places[-most] + task.within[group] if len(places) >= most else FREE


def _due(need: Sequence[int], have: int) -> int:
    """The first place by which more than `have` are needed; beyond the end if there is none."""
    return bisect_right(need, have)


def serves_all(serves: int, required: Requirement) -> bool:
    """Whether a class serves something of each mask."""
    return all(serves & mask for mask in required)
