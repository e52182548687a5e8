"""How much can one rule count before any of several others is full: a small question of flow, answered exactly.

What is counted lies in stretches between the starts of the periods, and is of kinds. A kind in a stretch is charged to
every counter that counts it there. The most that can be had is bounded from above by any set of limits that touches
every kind (a cover), and from below by filling kinds in some order. Where the two meet, the answer is exact; they may
part only where scopes cross in a ring, which is told and never taken for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, permutations

from minorguard.model.ids import Instant

Kind = tuple[str, str]
"""What is counted: of time (device, activity), of other things (name, "")."""
UNLIMITED = 1 << 40
_MOST_ORDERS = 150


@dataclass(frozen=True, slots=True)
class Counter:
    """What a rule counts since an instant, and the most that it may have counted without denying."""

    since: Instant
    counts: frozenset[Kind]
    room: int


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a kind, in a stretch of time."""

    kind: Kind
    start: Instant
    end: Instant
    amount: int


@dataclass(frozen=True, slots=True)
class Allotment:
    """What can be had: the parts that were found, and a bound on what there is at all."""

    parts: tuple[Part, ...]
    most: int
    """No history holds more."""

    def reaches(self, need: int) -> bool:
        """Whether the parts hold so much together."""
        return self.most >= need and sum(part.amount for part in self.parts) >= need


@dataclass(frozen=True, slots=True)
class _Choice:
    kind: Kind
    start: Instant
    end: Instant
    limits: frozenset[int]
    """The indices of the limits that it is charged to."""


def allot(
    kinds: Sequence[Kind], since: Instant, until: Instant, counters: Sequence[Counter], need: int, *, timed: bool
) -> Allotment:
    """The most of some kinds that lies in ``[since, until)`` and leaves every counter room, up to `need`.

    Of time (`timed`) a stretch holds no more than its length.
    """
    if any(counter.room < 0 for counter in counters) or until < since:
        return Allotment((), -1)
    edges = sorted({since, until, *(one.since for one in counters if since < one.since < until)})
    stretches = list(pairwise(edges)) or [(since, until)]
    rooms = [counter.room for counter in counters]
    if timed:
        rooms += [end - start for start, end in stretches]
    choices = [
        choice
        for index, (start, end) in enumerate(stretches)
        for choice in _least_charged(_choices(kinds, start, end, counters, len(counters) + index if timed else None))
    ]
    most = min(need, _least_cover(choices, rooms, 0, need))
    best: tuple[Part, ...] = ()
    for order in islice(permutations(choices), _MOST_ORDERS):
        parts = _filled(order, rooms, need)
        if sum(part.amount for part in parts) > sum(part.amount for part in best):
            best = parts
        if sum(part.amount for part in best) >= most:
            break
    return Allotment(best, most)


def _choices(
    kinds: Sequence[Kind], start: Instant, end: Instant, counters: Sequence[Counter], stretch: int | None
) -> Iterable[_Choice]:
    own = frozenset() if stretch is None else frozenset({stretch})
    for kind in kinds:
        charged = (index for index, one in enumerate(counters) if one.since <= start and kind in one.counts)
        yield _Choice(kind, start, end, own.union(charged))


def _least_charged(choices: Iterable[_Choice]) -> list[_Choice]:
    """Those that no other one beats: what charges more limits is never better."""
    kept: list[_Choice] = []
    for choice in sorted(choices, key=lambda one: len(one.limits)):
        if not any(other.limits <= choice.limits for other in kept):
            kept.append(choice)
    return kept


def _least_cover(choices: Sequence[_Choice], rooms: Sequence[int], so_far: int, best: int) -> int:
    """The least sum of limits that touch every choice; `best` if it is no less."""
    if so_far >= best or not choices:
        return min(so_far, best)
    first = min(choices, key=lambda choice: len(choice.limits))
    for limit in first.limits:
        left = [choice for choice in choices if limit not in choice.limits]
        best = min(best, _least_cover(left, rooms, so_far + rooms[limit], best))
    return best


def _filled(order: Iterable[_Choice], rooms: Sequence[int], need: int) -> tuple[Part, ...]:
    left = list(rooms)
    parts: list[Part] = []
    for choice in order:
        amount = min((left[limit] for limit in choice.limits), default=UNLIMITED)
        amount = min(amount, need)
        if amount <= 0:
            continue
        need -= amount
        for limit in choice.limits:
            left[limit] -= amount
        parts.append(Part(choice.kind, choice.start, choice.end, amount))
    return tuple(parts)
