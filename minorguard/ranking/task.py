"""The combinatorial task behind a list, without names: classes of items, demands on prefixes, groups in windows.

A ceiling of 40 % on a topic is a demand for 60 % of anything else, so all shares are demands. A demand asks that of
the first `m` places at least ``need[m]`` are of the classes that serve it. A group may stand at most `most` times in
any `within` neighbouring places; an author is a group, and so is a topic with such a cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappop, heappush
from itertools import accumulate
from math import inf, log2
from operator import mul

FREE = -(1 << 60)
"""A place from which on a group was always free."""
_MANY = 5
MOST_WORK = 2_000_000
"""What one list may cost in all where the fast way does not do, in small sums: two seconds or less."""


@dataclass(slots=True)
class Task:
    """Items are numbers from 0, best first. Places are 1 to `slots`; what was shown before lies at 0 and below."""

    slots: int
    shown: int
    """How many items the list had before: place `n` is the list's rank ``shown + n``."""
    scores: list[float]
    kinds: list[int]
    """By item: its class."""
    groups: list[tuple[int, ...]]
    """By item: the groups it belongs to."""
    serves: list[int]
    """By class: the demands that it serves, as bits."""
    needs: list[Sequence[int]]
    """By demand: how many must have come by each place, those of earlier pages set off; index 0 is place 0."""
    most: list[int]
    """By group."""
    within: list[int]
    rules: list[int]
    """By group: the window rule that it is of; an item is in one group of a rule at most."""
    recent: list[list[int]]
    """By group: at which places (0 and below) it stood lately."""
    pins: dict[int, int] = field(default_factory=dict)
    """By item: the place from which on it is set, whatever its score."""
    part: bool = False
    """Whether items that are no better than these were left out."""

    @property
    def demands(self) -> range:
        """The numbers of the demands."""
        return range(len(self.needs))

    def value(self, order: Sequence[int]) -> float:
        """What a list is worth: each score over log2 of its rank plus 1."""
        weights = discounts(self.shown + len(order) + 1)[self.shown :]
        scores = [self.scores[item] for item in order]
        return sum(map(mul, scores, weights), 0.0)


@dataclass(slots=True)
class Work:
    """What one call may still cost, in small sums of about a microsecond: counted, so that it is always the same."""

    left: int = MOST_WORK

    def spend(self, number: int) -> None:
        """So many sums were done."""
        self.left = max(0, self.left - number)


@lru_cache(maxsize=64)
def _discounts(count: int) -> tuple[float, ...]:
    return tuple(1 / log2(rank + 1) for rank in range(1, count + 1))


def discounts(count: int) -> tuple[float, ...]:
    """What a place is worth, by rank from 1; at least `count` of them."""
    return _discounts(-(-count // 256) * 256)


def queues(task: Task) -> list[list[int]]:
    """The items of each class, best first; those that are pinned wait elsewhere."""
    found: list[list[int]] = [[] for _ in task.serves]
    for item, kind in enumerate(task.kinds):
        found[kind].append(item)
    for item in task.pins:
        found[task.kinds[item]].remove(item)
    return found


@lru_cache(maxsize=256)
def families(serves: tuple[int, ...], demands: int) -> tuple[tuple[int, ...], ...]:
    """Sets of two or more demands of which no class serves two: their needs add up.

    Where demands are many, only sets that lie in no larger one, which says nearly as much.
    """
    clash = [[any(kind >> a & 1 and kind >> b & 1 for kind in serves) for b in range(demands)] for a in range(demands)]
    found: list[tuple[int, ...]] = [()]
    for demand in range(demands):
        found += [(*some, demand) for some in found if not any(clash[demand][other] for other in some)]
    if demands > _MANY:
        found = [
            some
            for some in found
            if all(demand in some or any(clash[demand][other] for other in some) for demand in range(demands))
        ]
    return tuple(some for some in found if len(some) > 1)


def ahead(families: Sequence[Sequence[int]]) -> int:
    """How many places before a demand is due families are looked at; 0: there are none."""
    return max(1 + len(families), *map(len, families)) if families else 0


@lru_cache(maxsize=65_536)
def bits(mask: int) -> tuple[int, ...]:
    """The numbers of the bits that are set."""
    return tuple([number for number in range(mask.bit_length()) if mask >> number & 1])


def tallies(task: Task, order: Sequence[int]) -> list[list[int]]:
    """By demand: how many of the first 0, 1, 2, … items of a list serve it."""
    kinds = [task.kinds[item] for item in order]
    return [
        list(accumulate([serves[kind] for kind in kinds], initial=0))
        for serves in ([mask >> demand & 1 for mask in task.serves] for demand in task.demands)
    ]


def ceiling(task: Task, demand: int) -> float:
    """What the best list is worth that keeps one demand and nothing else: no list that keeps more is worth more.

    Items come best first, those that serve it no later than they must: to set one sooner, or a worse one, wins nothing.
    Of a part of a task infinite where that would take an item that was left out.
    """
    mask, need = 1 << demand, task.needs[demand]
    serves = [kind & mask for kind in task.serves]
    serving = [item for item, kind in enumerate(task.kinds) if serves[kind]]
    others = [item for item, kind in enumerate(task.kinds) if not serves[kind]]
    last = len(task.kinds)
    order: list[int] = []
    have = rest = 0
    for place in range(1, min(task.slots, last) + 1):
        one = serving[have] if have < len(serving) else last
        other = others[rest] if rest < len(others) else last
        if task.part and (one == other or (one == last and need[place] > have)):
            return inf
        if one < other or (need[place] > have and one < last):
            order.append(one)
            have += 1
        else:
            order.append(other)
            rest += 1
    return task.value(order)


def windowed(task: Task, rule: int) -> float:
    """What the best list is worth that keeps one window rule, and of it no more than how soon each of a group may come.

    The better ones of a group come sooner, so each item has a first place. At each place the best that may stand there:
    to set another one there and it later, or never, wins nothing. Of a part of a task infinite as that of `ceiling`.
    """
    first = _first_places(task, rule)
    coming = sorted(range(len(first)), key=first.__getitem__, reverse=True)
    free: list[int] = []
    order: list[int] = []
    for place in range(1, task.slots + 1):
        while coming and first[coming[-1]] <= place:
            heappush(free, coming.pop())
        if not free:
            return inf
        order.append(heappop(free))
    return task.value(order)


def _first_places(task: Task, rule: int) -> list[int]:
    """By item: the first place at which it may stand if those of its group that are better come before it."""
    places = [list(known) for known in task.recent]
    first = []
    for groups in task.groups:
        at = 1
        for group in groups:
            if task.rules[group] == rule:
                most, known = task.most[group], places[group]
                at = max(at, known[-most] + task.within[group] if len(known) >= most > 0 else FREE)
                at = task.slots + 1 if most == 0 else at
                known.append(at)
        first.append(at)
    return first
