"""Why each item stands where it stands, and why each other one does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, repeat, starmap

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

    def __init__(self, found: Prepared, order: Sequence[int]) -> None:
        self.found = found
        self.order = order
        self.placed = bytearray(len(found.items))
        self.whys: list[tuple[str, str | None]] = []
        self.held: dict[int, str | None] = {}
        """By item that was held back from a place: by which constraint, last."""
        self.have = [0] * len(found.task.needs)
        self.places = [list(places) for places in found.task.recent]
        """By group: where it stands."""
        self._walk()

    def _walk(self) -> None:
        task, placed, have, places = self.found.task, self.placed, self.have, self.places
        served = [tuple(bits(mask)) for mask in task.serves]
        top = 0
        for place, item in enumerate(self.order, 1):
            if item == top:
                self.whys.append(_BEST)
            else:
                self.whys.append(self._why(item, top, place))
            placed[item] = 1
            for demand in served[task.kinds[item]]:
                have[demand] += 1
            for group in task.groups[item]:
                places[group].append(place)
            top = placed.find(0, top)

    def _why(self, item: int, top: int, place: int) -> tuple[str, str | None]:
        if item in self.found.task.pins:
            return PINNED, None
        window = self._window(top, place)
        if window is not None:
            self.held[top] = window
            return NEXT_BEST, window
        due = self._due(top, item, place)
        self.held[top] = None if due is None else due.id
        return (NEXT_BEST, None) if due is None else (NEEDED if due.least else NEXT_BEST, due.id)

    def _window(self, better: int, place: int) -> str | None:
        """The window that keeps a better item from a place."""
        task = self.found.task
        for group in task.groups[better]:
            most, places = task.most[group], self.places[group]
            if most == 0 or (len(places) >= most and places[-most] + task.within[group] > place):
                return self.found.windows[task.rules[group]].id
        return None

    def _due(self, better: int, item: int | None, place: int) -> Demand | None:
        """The demand that keeps a better item from a place: of those that the item there serves the most urgent."""
        task, have = self.found.task, self.have
        lacks = ~task.serves[task.kinds[better]]
        if item is not None:
            lacks &= task.serves[task.kinds[item]]
        at = min(place, task.slots)
        latest, found = None, None
        for number, need in enumerate(task.needs):
            late = need[at] - have[number]
            if lacks >> number & 1 and (latest is None or late > latest):
                latest, found = late, self.found.demands[number]
        return found

    def _held_back(self) -> Iterator[tuple[int, str | None]]:
        """What is better than the worst that stands, and stands nowhere, was held back: by what, at last."""
        end = len(self.order)
        for item in range(max(self.order, default=0)):
            if self.placed[item]:
                continue
            if item in self.held:
                yield item, self.held[item]
            elif (window := self._window(item, end)) is not None:
                yield item, window
            else:
                due = self._due(item, None, end)
                yield item, None if due is None else due.id

    def items(self, constraints: Constraints, breaks: Sequence[BreakSlot]) -> tuple[Placed, ...]:
        """The list."""
        items, task = self.found.items, self.found.task
        autoplay: Iterable[bool] = repeat(constraints.autoplay)
        if breaks:
            stops = {one.after_rank + 1 for one in breaks}
            autoplay = [constraints.autoplay and task.shown + slot not in stops for slot in range(1, len(self.order) + 1)]
        ids, scores = [items[item].id for item in self.order], [task.scores[item] for item in self.order]
        whys, by = zip(*self.whys, strict=True) if self.whys else ((), ())
        return tuple(starmap(Placed, zip(ids, count(1), count(task.shown + 1), scores, whys, by, autoplay)))

    def dropped(self, pool: Pool) -> Dropped:
        """Why each candidate that stands nowhere does not."""
        return Dropped(lambda: self._dropped(pool))

    def _dropped(self, pool: Pool) -> dict[str, Refusal]:
        items = self.found.items
        dropped = dict.fromkeys([one.id for one in pool.candidates], OUTRANKED) | pool.refused()
        dropped |= {items[item].id: Refusal("held_back", by) for item, by in self._held_back()}
        for item in self.order:
            del dropped[items[item].id]
        return dropped
