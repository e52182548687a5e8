"""The careful way: depth first with look-ahead, for tight pools; where it has time it also looks for better lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minorguard.ranking.greedy import Requirement, bits, serves_all
from minorguard.ranking.task import FREE, Task, discounts

Sort = tuple[int, tuple[int, ...]]
"""A class and groups: items of one sort differ by their score alone, so the best of them always comes first."""


@dataclass(slots=True)
class Found:
    """What a search came to."""

    order: list[int] | None
    exhausted: bool
    """Whether there is no better list (`order` None: none at all), beyond the tolerance; False: the steps were used up."""


def search(
    task: Task, *, steps: int, incumbent: list[int] | None = None, tolerance: float = 0.0, care: float = 0.0
) -> Found:
    """The best list, or one worth at least ``1 - tolerance`` of it; within so many steps the best that was met.

    Without an `incumbent` it ends at the first list where `tolerance` is 1.
    """
    return _Search(task, steps, incumbent, tolerance, care).run()


class _Search:
    def __init__(self, task: Task, steps: int, incumbent: list[int] | None, tolerance: float, care: float) -> None:
        self.care = care
        self.task = task
        self.steps = steps
        self.tolerance = tolerance
        self.found = incumbent
        self.worth = task.value(incumbent) if incumbent is not None else None
        self.weights = discounts(task.shown + task.slots + 1)[task.shown :]
        self.sorts: list[Sort] = []
        self.stock: list[list[int]] = []
        """By sort: its items, best first."""
        self.used: list[int] = []
        """By sort: how many of them stand."""
        self._stock_up()
        self.have = [0] * len(task.needs)
        self.recent = [list(places) for places in task.recent]
        self.left = [0] * len(task.most)
        for sort, items in zip(self.sorts, self.stock, strict=True):
            for group in sort[1]:
                self.left[group] += len(items)
        self.order: list[int] = []
        self.trail: list[int] = []
        self.placed = [False] * len(task.kinds)
        self.values = [0.0]
        self.rules = 1 + max(task.rules, default=-1)
        self.pairs = [(a, b, 1 << a | 1 << b) for a in task.demands for b in range(a)]

    def _stock_up(self) -> None:
        place: dict[Sort, int] = {}
        for item, kind in enumerate(self.task.kinds):
            key = (kind, self.task.groups[item])
            if item in self.task.pins:
                place[(-1, (item,))] = len(self.sorts)
                self.sorts.append(key)
                self.stock.append([item])
                self.used.append(0)
                continue
            if key not in place:
                place[key] = len(self.sorts)
                self.sorts.append(key)
                self.stock.append([])
                self.used.append(0)
            self.stock[place[key]].append(item)

    def run(self) -> Found:
        task = self.task
        if not task.slots:
            return Found([], exhausted=True)
        if not self._viable(0):
            return Found(self.found, exhausted=True)
        levels: list[Iterator[int]] = [self._choices(1)]
        while levels:
            sort = next(levels[-1], None)
            if sort is None:
                levels.pop()
                if levels:
                    self._take_back()
                continue
            if self.steps <= 0:
                return Found(self.found, exhausted=False)
            self.steps -= 1
            place = len(levels)
            self._put(sort, place)
            if place == task.slots:
                self._keep()
                self._take_back()
                if self.tolerance >= 1:
                    return Found(self.found, exhausted=False)
            elif self._promising(place) and self._viable(place):
                levels.append(self._choices(place + 1))
            else:
                self._take_back()
        return Found(self.found, exhausted=True)

    def _keep(self) -> None:
        if self.worth is None or self.values[-1] > self.worth:
            self.found, self.worth = list(self.order), self.values[-1]

    def _promising(self, place: int) -> bool:
        """Whether what may still come could make the list better than the one that is known."""
        if self.worth is None:
            return True
        total, weights = self.values[-1], self.weights
        scores, placed = self.task.scores, self.placed
        for item, gone in enumerate(placed):
            if not gone:
                total += scores[item] * weights[place]
                place += 1
                if place == self.task.slots:
                    break
        return total > self.worth * (1 + self.tolerance) if self.worth > 0 else total > self.worth

    def _choices(self, place: int) -> Iterator[int]:
        """The sorts whose best item may stand there, by that item's rank."""
        task = self.task
        required = self._required(place)
        heads = sorted(
            (self.stock[sort][used], sort) for sort, used in enumerate(self.used) if used < len(self.stock[sort])
        )
        due = [(item, sort) for item, sort in heads if task.pins.get(item, task.slots + 1) <= place]
        fitting = [sort for _, sort in (due or ()) if self._fits(sort, place, required)][:1]
        return iter(
            fitting or self._by_care([one for one in heads if one[0] not in task.pins and self._fits(one[1], place, required)], place)
        )

    def _by_care(self, heads, place):
        if not self.care or len(heads)<2: return [sort for _, sort in heads]
        task=self.task; K=task.slots; rest=K-place+1
        load=[min(2,self.left[g]/max(1,self._room(g,place-1))) for g in range(len(task.most))]
        left=[len(i)-u for i,u in zip(self.stock,self.used)]
        lack=[(need[K]-h) for need,h in zip(task.needs,self.have)]
        sup=[sum(l for l,(k,_) in zip(left,self.sorts) if task.serves[k]>>d&1) for d in task.demands]
        press=[max(0,l)/max(1,min(s,rest)) for l,s in zip(lack,sup)]
        def key(one):
            item,sort=one; kind,groups=self.sorts[sort]
            return item/len(task.kinds) - self.care*(sum(load[g] for g in groups)+sum(press[d] for d in bits(task.serves[kind])))
        return [sort for _,sort in sorted(heads,key=key)]

    def _required(self, place: int) -> Requirement:
        return tuple(1 << d for d, need in enumerate(self.task.needs) if need[place] > self.have[d])

    def _fits(self, sort: int, place: int, required: Requirement) -> bool:
        kind, groups = self.sorts[sort]
        if not serves_all(self.task.serves[kind], required):
            return False
        return all(self._free_at(group) <= place for group in groups)

    def _free_at(self, group: int) -> int:
        most, places = self.task.most[group], self.recent[group]
        if most == 0:
            return self.task.slots + 1
        return places[-most] + self.task.within[group] if len(places) >= most else FREE

    def _put(self, sort: int, place: int) -> None:
        item = self.stock[sort][self.used[sort]]
        kind, groups = self.sorts[sort]
        self.used[sort] += 1
        self.placed[item] = True
        self.order.append(item)
        self.values.append(self.values[-1] + self.task.scores[item] * self.weights[place - 1])
        for demand in bits(self.task.serves[kind]):
            self.have[demand] += 1
        for group in groups:
            self.recent[group].append(place)
            self.left[group] -= 1
        self.trail.append(sort)

    def _take_back(self) -> None:
        sort = self.trail.pop()
        kind, groups = self.sorts[sort]
        self.used[sort] -= 1
        self.placed[self.order.pop()] = False
        self.values.pop()
        for demand in bits(self.task.serves[kind]):
            self.have[demand] -= 1
        for group in groups:
            self.recent[group].pop()
            self.left[group] += 1

    def _viable(self, place: int) -> bool:
        """Whether no sum says already that the rest can't be placed. Never False where it can."""
        task, rest = self.task, self.task.slots - place
        left = [len(items) - used for items, used in zip(self.stock, self.used, strict=True)]
        room = [self._room(group, place) for group in range(len(task.most))]
        if self._placeable(left, room, 0) < rest:
            return False
        last = task.slots
        lacks = [need[last] - have for need, have in zip(task.needs, self.have, strict=True)]
        if any(lack > 0 and self._placeable(left, room, 1 << d) < lack for d, lack in enumerate(lacks)):
            return False
        return self._in_time(place, left)

    def _in_time(self, place: int, left: list[int]) -> bool:
        """Whether demands, one by one and two by two, can be met by each place."""
        task, have = self.task, self.have
        for a, b, mask in self.pairs:
            both = sum(n for n, (kind, _) in zip(left, self.sorts, strict=True) if task.serves[kind] & mask == mask)
            first, second = task.needs[a], task.needs[b]
            for last in range(place + 1, task.slots + 1):
                one, other = max(0, first[last] - have[a]), max(0, second[last] - have[b])
                if one + other - min(both, one, other) > last - place:
                    return False
        return all(need[place + 1] - h <= 1 for need, h in zip(task.needs, have, strict=True))

    def _placeable(self, left: list[int], room: list[int], mask: int) -> int:
        """At most how many of what is left, and serves the mask, can be placed: the least that any rule allows."""
        rules = self.rules
        totals = [0] * len(room)
        plain = [0] * rules
        total = 0
        for number, (kind, groups) in zip(left, self.sorts, strict=True):
            if number and (not mask or self.task.serves[kind] & mask):
                total += number
                free = set(range(rules))
                for group in groups:
                    totals[group] += number
                    free.discard(self.task.rules[group])
                for rule in free:
                    plain[rule] += number
        for group, number in enumerate(totals):
            plain[self.task.rules[group]] += min(number, room[group])
        return min([total, *plain])

    def _room(self, group: int, place: int) -> int:
        """How many of a group fit into the places after `place`."""
        task = self.task
        most, within, wanted = task.most[group], task.within[group], self.left[group]
        if most == 0:
            return 0
        places, number, at = list(self.recent[group][-most:]), 0, place
        while number < wanted:
            at = max(at + 1, places[-most] + within if len(places) >= most else 0)
            if at > task.slots:
                break
            places.append(at)
            number += 1
        return number
