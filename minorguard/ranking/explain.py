"""Why each item stands where it stands, and why each other one does not."""

from __future__ import annotations

from collections.abc import Sequence

from minorguard.ranking.constraints import Constraints, Refusal
from minorguard.ranking.prepare import Prepared
from minorguard.ranking.results import BreakSlot, Placed
from minorguard.ranking.task import bits

OUTRANKED = Refusal("outranked")
BEST, NEXT_BEST, NEEDED, PINNED = "best", "next_best", "needed", "pinned"


class Explained:
    """A list walked through once more, from its first place to its last."""

    def __init__(self, found: Prepared, order: Sequence[int]) -> None:
        self.found = found
        self.order = order
        self.placed = bytearray(len(found.items))
        self.whys: list[tuple[str, str | None]] = []
        self.held: dict[int, str | None] = {}
        """By item that was held back: by which constraint, last."""
        self.have = [0] * len(found.task.needs)
        self.places = [list(places) for places in found.task.recent]
        """By group: where it stands."""
        self._walk()

    def _walk(self) -> None:
        task, placed, have, places = self.found.task, self.placed, self.have, self.places
        served = [tuple(bits(mask)) for mask in task.serves]
        top = 0
        for place, item in enumerate(self.order, 1):
            while placed[top]:
                top += 1
            self.whys.append((BEST, None) if item == top else self._why(item, top, place))
            placed[item] = 1
            for demand in served[task.kinds[item]]:
                have[demand] += 1
            for group in task.groups[item]:
                places[group].append(place)
        self._hold_back()

    def _why(self, item: int, top: int, place: int) -> tuple[str, str | None]:
        if item in self.found.task.pins:
            return PINNED, None
        constraint = self._holds_back(top, item, place)
        self.held[top] = constraint
        due = next((one for one in self.found.demands if one.id == constraint), None)
        return (NEEDED if due is not None and due.least else NEXT_BEST), constraint

    def _holds_back(self, better: int, item: int | None, place: int) -> str | None:
        """The constraint that keeps a better item from a place: a window, or a demand that the item there serves."""
        task = self.found.task
        for group in task.groups[better]:
            most, places = task.most[group], self.places[group]
            if most == 0 or (len(places) >= most and places[-most] + task.within[group] > place):
                return self.found.windows[task.rules[group]].id
        lacks = ~task.serves[task.kinds[better]]
        if item is not None:
            lacks &= task.serves[task.kinds[item]]
        at = min(place, task.slots)
        late = [
            (need[at] - self.have[number], -number) for number, need in enumerate(task.needs) if lacks >> number & 1
        ]
        return self.found.demands[-max(late)[1]].id if late else None

    def _hold_back(self) -> None:
        """What is better than the worst that stands, and stands nowhere, was held back."""
        worst = max(self.order, default=0)
        for item in range(worst):
            if not self.placed[item] and item not in self.held:
                self.held[item] = self._holds_back(item, None, len(self.order))

    def items(self, constraints: Constraints, breaks: Sequence[BreakSlot]) -> tuple[Placed, ...]:
        """The list."""
        found, shown, scores = self.found, self.found.task.shown, self.found.task.scores
        stops = {one.after_rank + 1 for one in breaks}
        return tuple(
            [
                Placed(
                    found.items[item].id,
                    slot,
                    shown + slot,
                    scores[item],
                    why,
                    constraint,
                    constraints.autoplay and shown + slot not in stops,
                )
                for slot, (item, (why, constraint)) in enumerate(zip(self.order, self.whys, strict=True), 1)
            ]
        )

    def dropped(self) -> dict[str, Refusal]:
        """Why each candidate that stands nowhere does not."""
        items, placed = self.found.items, self.placed
        dropped = dict.fromkeys([one.id for one, stands in zip(items, placed, strict=True) if not stands], OUTRANKED)
        for item, constraint in self.held.items():
            if not placed[item]:
                dropped[items[item].id] = Refusal("held_back", constraint)
        return dropped | self.found.dropped
