"""The careful way, for tight pools: depth first, with sums that look ahead. With time it finds the best list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minorguard.ranking.greedy import free_at, serves_all
from minorguard.ranking.task import Task, Work, bits, discounts

Sort = tuple[int, tuple[int, ...]]
"""A class and groups: items of one sort differ by their score alone, so that the best of them always comes first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    order: list[int] | None
    exhausted: bool
    """Whether nothing was left to try: then there is no better list (`order` None: no list at all)."""


def impossible(task: Task) -> bool:
    """Whether sums say already that no full list keeps everything: mostly so where there is none, in no time."""
    return task.slots > 0 and not _Search(task, Work(), 0.0, None, 1.0).viable(0)


def search(task: Task, work: Work, *, least: int, most: int, care: float = 0.0) -> Found:
    """The first full list that it meets. The higher `care`, the sooner comes what will be hard to place later.

    About `least` small sums are done, or what going straight down thrice takes if that is more, but never more than
    `most`, nor than there is work left; none where that does not even take it straight down.
    """
    found = _Search(task, work, care, None, 1.0)
    found.work = min(max(least, 3 * task.slots * found.cost), most, work.left)
    return found.run()


def best(task: Task, incumbent: list[int] | None, work: Work, *, most: int, tolerance: float) -> Found:
    """The best list, or one that the best exceeds by no more than the tolerance (0.005: half a per cent)."""
    found = _Search(task, work, 0.0, incumbent, tolerance)
    found.work = min(most, work.left)
    return found.run()


class _Search:
    def __init__(self, task: Task, work: Work, care: float, incumbent: list[int] | None, tolerance: float) -> None:
        self.task, self.all_work, self.care, self.tolerance = task, work, care, tolerance
        self.work = 0
        self.found = incumbent
        self.worth = None if incumbent is None else task.value(incumbent)
        self.weights = discounts(task.shown + task.slots + 1)[task.shown :]
        stock = _stock(task)
        self.sorts = [sort for sort, _ in stock]
        self.stock = [items for _, items in stock]
        """By sort: its items, best first."""
        self.left = [len(items) for items in self.stock]
        """By sort: how many of them do not stand yet."""
        self.rules = 1 + max(task.rules, default=-1)
        self.pairs = [(a, b, 1 << a | 1 << b) for a in range(len(task.needs)) for b in range(a)]
        self.cost = len(self.sorts) * (1 + len(task.needs)) + task.slots * len(self.pairs) + len(task.most)
        self.have = [0] * len(task.needs)
        self.recent = [list(places) for places in task.recent]
        self.wanted = [0] * len(task.most)
        """By group: how many of its items do not stand yet."""
        for (_, groups), number in zip(self.sorts, self.left, strict=True):
            for group in groups:
                self.wanted[group] += number
        self.cost += sum(self.wanted) // 5  # room is looked for item by item, in a fifth of a sum
        self.order: list[int] = []
        self.trail: list[int] = []
        self.placed = bytearray(len(task.kinds))
        self.values = [0.0]

    def run(self) -> Found:
        if not self.task.slots or not self.viable(0):
            return Found([] if not self.task.slots else self.found, exhausted=True)
        if self.work <= (self.task.slots - 1) * self.cost:
            return Found(self.found, exhausted=False)
        before = self.work
        found = self._searched()
        self.all_work.spend(before - self.work)
        return found

    def _searched(self) -> Found:
        levels = [self._choices(1)]
        while levels:
            sort = next(levels[-1], None)
            if sort is None:
                levels.pop()
                if levels:
                    self._take_back()
            elif self.work <= 0:
                return Found(self.found, exhausted=False)
            elif self._stands(sort, len(levels)):
                if self.tolerance >= 1:
                    return Found(self.found, exhausted=False)
            elif len(self.order) == len(levels):
                levels.append(self._choices(len(levels) + 1))
        return Found(self.found, exhausted=True)

    def _stands(self, sort: int, place: int) -> bool:
        """Whether the list is full with it. If not, it stays where that can still lead to a list that is better."""
        self.work -= self.cost
        self._put(sort, place)
        full = place == self.task.slots
        if full and (self.worth is None or self.values[-1] > self.worth):
            self.found, self.worth = list(self.order), self.values[-1]
        if full or not (self._promising(place) and self.viable(place)):
            self._take_back()
        return full

    def _promising(self, place: int) -> bool:
        """Whether the best that is left could make the list better than the one that is known."""
        if self.worth is None:
            return True
        total, weights, scores = self.values[-1], self.weights, self.task.scores
        item = -1
        while place < self.task.slots:
            item = self.placed.find(0, item + 1)
            if item < 0:
                return False
            total += scores[item] * weights[place]
            place += 1
        return total > self.worth + self.tolerance * abs(self.worth)

    def _choices(self, place: int) -> Iterator[int]:
        """The sorts whose best item may stand there, the first to be tried first."""
        task = self.task
        required = [1 << number for number, need in enumerate(task.needs) if need[place] > self.have[number]]
        heads = [(self._head(sort), sort) for sort, left in enumerate(self.left) if left]
        fitting = sorted(pair for pair in heads if self._fits(pair[1], place, required))
        due = [sort for item, sort in fitting if task.pins.get(item, task.slots + 1) <= place]
        if due:
            return iter(due[:1])
        fitting = [pair for pair in fitting if pair[0] not in task.pins]
        if self.care and len(fitting) > 1:
            load = self._loads(place)
            fitting.sort(key=lambda pair: pair[0] / len(task.kinds) - self.care * load[pair[1]])
        return iter([sort for _, sort in fitting])

    def _head(self, sort: int) -> int:
        return self.stock[sort][-self.left[sort]]

    def _loads(self, place: int) -> list[float]:
        """By sort: how hard its groups and demands will be to place, or to meet, later."""
        task, rest = self.task, self.task.slots - place + 1
        of_group = [min(2.0, wanted / max(1, self._room(group, place - 1))) for group, wanted in enumerate(self.wanted)]
        of_demand = []
        for number, need in enumerate(task.needs):
            supply = self._supply(1 << number)
            of_demand.append(max(0, need[-1] - self.have[number]) / max(1, min(supply, rest)))
        return [
            sum(of_group[group] for group in groups) + sum(of_demand[number] for number in bits(task.serves[kind]))
            for kind, groups in self.sorts
        ]

    def _supply(self, mask: int) -> int:
        serves = self.task.serves
        return sum(left for left, (kind, _) in zip(self.left, self.sorts, strict=True) if serves[kind] & mask == mask)

    def _fits(self, sort: int, place: int, required: Sequence[int]) -> bool:
        kind, groups = self.sorts[sort]
        fits = serves_all(self.task.serves[kind], required)
        return fits and all(self._free_at(group) <= place for group in groups)

    def _free_at(self, group: int) -> int:
        return free_at(self.task, group, self.recent[group])

    def _put(self, sort: int, place: int) -> None:
        item = self._head(sort)
        kind, groups = self.sorts[sort]
        self.left[sort] -= 1
        self.placed[item] = 1
        self.order.append(item)
        self.trail.append(sort)
        self.values.append(self.values[-1] + self.task.scores[item] * self.weights[place - 1])
        for demand in bits(self.task.serves[kind]):
            self.have[demand] += 1
        for group in groups:
            self.recent[group].append(place)
            self.wanted[group] -= 1

    def _take_back(self) -> None:
        sort = self.trail.pop()
        kind, groups = self.sorts[sort]
        self.left[sort] += 1
        self.placed[self.order.pop()] = 0
        self.values.pop()
        for demand in bits(self.task.serves[kind]):
            self.have[demand] -= 1
        for group in groups:
            self.recent[group].pop()
            self.wanted[group] += 1

    def viable(self, place: int) -> bool:
        """Whether no sum says already that the rest can't be placed. Never False where it can."""
        task = self.task
        room = [self._room(group, place) for group in range(len(task.most))]
        if self._placeable(room, 0) < task.slots - place:
            return False
        for number, need in enumerate(task.needs):
            lacks = need[-1] - self.have[number]
            if lacks > 0 and self._placeable(room, 1 << number) < lacks:
                return False
        return self._in_time(place)

    def _in_time(self, place: int) -> bool:
        """Whether demands, one by one and two by two, can be met by each place."""
        task, have = self.task, self.have
        if any(need[place + 1] > number + 1 for need, number in zip(task.needs, have, strict=True)):
            return False
        for a, b, mask in self.pairs:
            both = self._supply(mask)
            first, second = task.needs[a], task.needs[b]
            for last in range(place + 1, task.slots + 1):
                one, other = max(0, first[last] - have[a]), max(0, second[last] - have[b])
                if one + other - min(both, one, other) > last - place:
                    return False
        return True

    def _placeable(self, room: Sequence[int], mask: int) -> int:
        """At most how many of what is left, and serves the mask, can be placed: the least that any rule allows."""
        task = self.task
        by_group = [0] * len(room)
        totals = [0] * (self.rules + 1)
        for left, (kind, groups) in zip(self.left, self.sorts, strict=True):
            if left and (not mask or task.serves[kind] & mask):
                for rule in range(self.rules + 1):
                    totals[rule] += left
                for group in groups:
                    by_group[group] += left
        for group, number in enumerate(by_group):
            totals[task.rules[group]] -= max(0, number - room[group])
        return min(totals)

    def _room(self, group: int, place: int) -> int:
        """How many more of a group fit into the places after `place`."""
        task = self.task
        most, within, wanted = task.most[group], task.within[group], self.wanted[group]
        if most == 0:
            return 0
        places, number, at = self.recent[group][-most:], 0, place
        while number < wanted:
            at = max(at + 1, places[-most] + within if len(places) >= most else 0)
            if at > task.slots:
                break
            places.append(at)
            number += 1
        return number


def _stock(task: Task) -> list[tuple[Sort, list[int]]]:
    """The items by sort; each that is pinned is by itself."""
    found: dict[Sort, list[int]] = {}
    pinned: list[tuple[Sort, list[int]]] = []
    for item, kind in enumerate(task.kinds):
        sort = (kind, task.groups[item])
        if item in task.pins:
            pinned.append((sort, [item]))
        else:
            found.setdefault(sort, []).append(item)
    return [*found.items(), *pinned]
