"""Why each item stands where it stands, and why each other one does not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, repeat
from operator import attrgetter

from minorguard.ranking.constraints import Constraints, Refusal
from minorguard.ranking.dropped import Dropped
from minorguard.ranking.prepare import Demand, Pool, Prepared
from minorguard.ranking.results import BreakSlot, Placed
from minorguard.ranking.task import bits

OUTRANKED = Refusal("outranked")
BEST, NEXT_BEST, NEEDED, PINNED = "best", "next_best", "needed", "pinned"
_BEST = BEST, None


class Explained:
    """A list walked through once more, from its first place to its last."""

    def __init__(self, found: Prepared, order: Sequence[int], counts: Sequence[Sequence[int]]) -> None:
        self.found = found
        self.order = order
        self.placed = bytearray(len(found.items) + 1)
        self.whys: list[tuple[str, str | None]] = []
        self.held: dict[int, str | None] = {}
        """By item that was held back from a place: by which constraint, last."""
        self.counts = counts
        """By demand: how many of the first 0, 1, 2, … items serve it."""
        self.places = [list(places) for places in found.task.recent]
        """By group: where it stands."""
        for place, item in enumerate(order, 1):
            for group in found.task.groups[item]:
                self.places[group].append(place)
        self._walk()

    def _walk(self) -> None:
        placed, whys = self.placed, self.whys
        top = 0
        for place, item in enumerate(self.order, 1):
            whys.append(_BEST if item == top else self._why(item, top, place))
            placed[item] = 1
            while placed[top]:
                top += 1

    def _why(self, item: int, top: int, place: int) -> tuple[str, str | None]:
        if item in self.found.task.pins:
            return PINNED, None
        window = self._window(top, place, place - 1)
        if window is not None:
            self.held[top] = window
            return NEXT_BEST, window
        task = self.found.task
        due = self._due(top, place, place - 1, task.serves[task.kinds[item]])
        self.held[top] = None if due is None else due.id
        return (NEXT_BEST, None) if due is None else (NEEDED if due.least else NEXT_BEST, due.id)

    def _window(self, better: int, place: int, standing: int) -> str | None:
        """The window that keeps a better item from a place when so many stand."""
        task = self.found.task
        for group in task.groups[better]:
            most, places = task.most[group], self.places[group]
            before = bisect_right(places, standing)
            if most == 0 or (before >= most and places[before - most] + task.within[group] > place):
                return self.found.windows[task.rules[group]].id
        return None

    def _due(self, better: int, place: int, standing: int, served: int) -> Demand | None:
        """The demand that keeps a better item from a place: of those that are served instead the most urgent."""
        task = self.found.task
        instead = served & ~task.serves[task.kinds[better]]
        latest, found = None, None
        for number in bits(instead):
            late = task.needs[number][place] - self.counts[number][standing]
            if latest is None or late > latest:
                latest, found = late, self.found.demands[number]
        return found

    def _held_back(self) -> Iterator[tuple[int, str | None]]:
        """What is better than the worst that stands, and stands nowhere, was held back: by what, at last."""
        end, every = len(self.order), (1 << len(self.counts)) - 1
        for item in range(max(self.order, default=0)):
            if self.placed[item]:
                continue
            if item in self.held:
                yield item, self.held[item]
            elif (window := self._window(item, end, end)) is not None:
                yield item, window
            else:
                due = self._due(item, end, end, every)
                yield item, None if due is None else due.id

    def items(self, constraints: Constraints, breaks: Sequence[BreakSlot]) -> tuple[Placed, ...]:
        """The list."""
        items, task = self.found.items, self.found.task
        autoplay: Iterable[bool] = repeat(constraints.autoplay)
        if breaks:
            stops = {one.after_rank + 1 for one in breaks}
            autoplay = [
                constraints.autoplay and task.shown + slot not in stops for slot in range(1, len(self.order) + 1)
            ]
        ids, scores = [items[item].id for item in self.order], [task.scores[item] for item in self.order]
        whys, by = zip(*self.whys, strict=True) if self.whys else ((), ())
        rows = zip(ids, count(1), count(task.shown + 1), scores, whys, by, autoplay)
        return tuple(map(tuple.__new__, repeat(Placed), rows))  # what `Placed(*row)` does, in half the time

    def dropped(self, pool: Pool) -> Dropped:
        """Why each candidate that stands nowhere does not."""
        return Dropped(lambda: self._dropped(pool))

    def _dropped(self, pool: Pool) -> dict[str, Refusal]:
        items = self.found.items
        dropped = dict.fromkeys(map(attrgetter("id"), pool.candidates), OUTRANKED)
        dropped.update(pool.refused())
        dropped |= {items[item].id: Refusal("held_back", by) for item, by in self._held_back()}
        for item in self.order:
            del dropped[items[item].id]
        return dropped
