"""The fast way: place after place the best item that no rule holds back and that leaves the demands time to be met."""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.ranking.task import FREE, Task, families, queues

Requirement = tuple[int, ...]
"""Masks of demands: the next item must serve at least one demand of each."""


def greedy(task: Task) -> list[int] | None:
    """A list that keeps every demand and every window, or None where this way leads into a dead end."""
    run = Run(task)
    waiting = sorted(task.pins, key=lambda item: (task.pins[item], item))
    for place in range(1, task.slots + 1):
        required = run.required(place)
        if required is None:
            return None
        item = next((pin for pin in waiting if task.pins[pin] <= place and run.fits(pin, place, required)), None)
        if item is not None:
            waiting.remove(item)
        else:
            item = run.best(place, required)
        if item is None:
            return None
        run.put(item, place)
    return run.order


class Run:
    """A list under way."""

    __slots__ = ("_families", "_queues", "_recent", "_singles", "free_at", "have", "order", "task")

    def __init__(self, task: Task) -> None:
        self.task = task
        self.order: list[int] = []
        self.have = [0] * len(task.needs)
        self.free_at = [FREE] * len(task.most)
        """By group: the first place at which it may stand again."""
        self._queues = queues(task)
        self._recent = [list(places) for places in task.recent]
        self._families = families(tuple(task.serves), len(task.needs))
        for group, places in enumerate(self._recent):
            if places or not task.most[group]:
                self._close(group, places)

    def required(self, place: int) -> Requirement | None:
        """What the next item must serve so that no demand comes too late; None: one does already."""
        task, have, found = self.task, self.have, []
        for demand, need in enumerate(task.needs):
            late = need[place] - have[demand]
            if late > 1:
                return None
            if late == 1:
                found.append(1 << demand)
        for family in self._families:
            for ahead, last in enumerate(range(place, min(place + 2 * len(family), task.slots + 1)), 1):
                late = mask = 0
                for demand in family:
                    lacks = task.needs[demand][last] - have[demand]
                    if lacks > 0:
                        late += lacks
                        mask |= 1 << demand
                if late > ahead:
                    return None
                if late == ahead:
                    found.append(mask)
        return tuple(found)

    def best(self, place: int, required: Requirement) -> int | None:
        """The best item that may stand there."""
        task, free_at = self.task, self.free_at
        groups, found = task.groups, len(task.kinds)
        for kind, queue in enumerate(self._queues):
            if required and not serves_all(task.serves[kind], required):
                continue
            for item in queue:
                if item > found:
                    break
                for group in groups[item]:
                    if free_at[group] > place:
                        break
                else:
                    found = item
                    break
        return found if found < len(task.kinds) else None

    def fits(self, item: int, place: int, required: Requirement) -> bool:
        """Whether an item may stand there."""
        task = self.task
        return serves_all(task.serves[task.kinds[item]], required) and all(
            self.free_at[group] <= place for group in task.groups[item]
        )

    def put(self, item: int, place: int) -> None:
        """Set an item at a place."""
        task = self.task
        kind = task.kinds[item]
        if item not in task.pins:
            self._queues[kind].remove(item)
        self.order.append(item)
        for demand in bits(task.serves[kind]):
            self.have[demand] += 1
        for group in task.groups[item]:
            places = self._recent[group]
            places.append(place)
            self._close(group, places)

    def _close(self, group: int, places: list[int]) -> None:
        most = self.task.most[group]
        if most == 0:
            self.free_at[group] = self.task.slots + 1
        elif len(places) >= most:
            self.free_at[group] = places[-most] + self.task.within[group]


def serves_all(serves: int, required: Requirement) -> bool:
    """Whether a class serves something of each mask."""
    return all(serves & mask for mask in required)


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
