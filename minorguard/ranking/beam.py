"""Several lists at once: the best one for each way in which the demands stand so far, and of these the best few."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from minorguard.ranking.greedy import serves_all
from minorguard.ranking.task import Task, Work, bits, discounts, families, queues

_Key = tuple[tuple[int, ...], int]
"""How the demands stand, and what is placed (0: whatever it is)."""


@dataclass(slots=True, eq=False)
class _Partial:
    """A list up to a place, as its last item and the list before it."""

    item: int
    before: _Partial | None
    value: float
    have: tuple[int, ...]
    placed: int
    """As bits."""


def beam(task: Task, work: Work, *, width: int, each: int = 1, branches: int = 1) -> list[int] | None:
    """The best full list that is met with so many lists at once, `each` of each way. Pins must be none.

    `branches`, 1 or 2, says how many items of each class are tried at each place.
    None if all lead into dead ends, or if there is no work left for them.
    """
    return _Beam(task, width, each, branches).run(work)


class _Beam:
    def __init__(self, task: Task, width: int, each: int, branches: int) -> None:
        self.task, self.width, self.each, self.branches = task, width, each, branches
        self.queues = [queue[: 2 * task.slots] for queue in queues(task)]
        self.bit = {item: 1 << number for number, item in enumerate(item for queue in self.queues for item in queue)}
        self.served = [bits(mask) for mask in task.serves]
        singles = [(number,) for number in range(len(task.needs))]
        self.families = (*singles, *families(tuple(task.serves), len(task.needs)))
        self.weights = discounts(task.shown + task.slots + 1)[task.shown :]
        self.reach = max(task.within, default=1) - 1
        self.cost = len(self.queues) + self.reach + sum(len(family) ** 2 for family in self.families)
        """What it costs to go on from one list."""
        self.before = self._before()

    def _before(self) -> list[tuple[int, ...]]:
        """The groups at the places 0, -1, -2, …"""
        found: list[list[int]] = [[] for _ in range(self.reach)]
        for group, places in enumerate(self.task.recent):
            for place in places:
                if -place < self.reach:
                    found[-place].append(group)
        return [tuple(groups) for groups in found]

    def run(self, work: Work) -> list[int] | None:
        lists: list[_Partial] = [_Partial(-1, None, 0.0, (0,) * len(self.task.needs), 0)]
        for place in range(1, self.task.slots + 1):
            work.spend(len(lists) * self.cost)
            if not work.left:
                return None
            found: dict[_Key, _Partial] = {}
            for one in lists:
                self._extend(one, place, found)
            lists = self._kept(sorted(found.values(), key=lambda one: -one.value))
        return _order(lists[0]) if lists else None

    def _kept(self, lists: list[_Partial]) -> list[_Partial]:
        """The first of those that come best first, no more than `each` of each way."""
        if self.each == 1:
            return lists[: self.width]
        kept: list[_Partial] = []
        number: Counter[tuple[int, ...]] = Counter()
        for one in lists:
            if len(kept) == self.width:
                break
            number[one.have] += 1
            if number[one.have] <= self.each:
                kept.append(one)
        return kept

    def _extend(self, one: _Partial, place: int, found: dict[_Key, _Partial]) -> None:
        required = self._required(one.have, place)
        if required is None:
            return
        standing = self._standing(one)
        weight, scores = self.weights[place - 1], self.task.scores
        for kind, queue in enumerate(self.queues):
            if required and not serves_all(self.task.serves[kind], required):
                continue
            for item in self._first(queue, one.placed, standing):
                have = list(one.have)
                for demand in self.served[kind]:
                    have[demand] += 1
                value, way, placed = one.value + scores[item] * weight, tuple(have), one.placed | self.bit[item]
                key = (way, placed if self.each > 1 else 0)
                known = found.get(key)
                if known is None or value > known.value:
                    found[key] = _Partial(item, one, value, way, placed)

    def _required(self, have: tuple[int, ...], place: int) -> list[int] | None:
        """As for a list by itself: masks of which each must be served now; None: some demand comes too late."""
        found, needs = [], self.task.needs
        for family in self.families:
            horizon = place + (1 if len(family) == 1 else 2 * len(family))
            for last in range(place, min(horizon, self.task.slots + 1)):
                lacks = [max(0, needs[demand][last] - have[demand]) for demand in family]
                late = sum(lacks)
                if late > last - place + 1:
                    return None
                if late == last - place + 1:
                    found.append(sum(1 << demand for demand, lack in zip(family, lacks, strict=True) if lack))
                    break
        return found

    def _standing(self, one: _Partial) -> dict[int, list[int]]:
        """By group: how far back it stands, the nearest first, as far as any window sees."""
        found: dict[int, list[int]] = {}
        back = 0
        partial: _Partial | None = one
        while back < self.reach and partial is not None and partial.item >= 0:
            back += 1
            for group in self.task.groups[partial.item]:
                found.setdefault(group, []).append(back)
            partial = partial.before
        for groups in self.before[: self.reach - back]:
            back += 1
            for group in groups:
                found.setdefault(group, []).append(back)
        return found

    def _first(self, queue: list[int], placed: int, standing: dict[int, list[int]]) -> list[int]:
        """The best items that may stand there, the second of other groups than the first."""
        task, bit = self.task, self.bit
        found: list[int] = []
        for item in queue:
            if placed & bit[item]:
                continue
            for group in task.groups[item]:
                backs, most = standing.get(group, ()), task.most[group]
                if most == 0 or (len(backs) >= most and backs[most - 1] < task.within[group]):
                    break
            else:
                if not found or task.groups[item] != task.groups[found[0]]:
                    found.append(item)
                if len(found) == self.branches:
                    break
        return found


def _order(last: _Partial) -> list[int]:
    order: list[int] = []
    one: _Partial | None = last
    while one is not None and one.item >= 0:
        order.append(one.item)
        one = one.before
    return order[::-1]
