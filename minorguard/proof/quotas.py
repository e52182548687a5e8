"""Refuting quotas: can one of the second be full while none of the first is, at an instant at which that is open?

A history may be any at all: what was used before the first policy was in force counts, too. So the question is how much
use a period of the second holds that leaves every quota of the first room, which `allotment` answers exactly. It grows
with the instant, so that only the last open second of each day of the first is asked for; and between the steps at
which grants stop to raise some quota, what can be had less what is needed is concave in the grant, so that its greatest
value is found for sure. What sittings of the first ask for besides is met by a rest at the end; where there is no room
for one, histories are tried, and if none refutes, the rule is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from minorguard.engine.day_limits import limit_on
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, Devices, Period, QuotaRule, SittingRule
from minorguard.model.state import Intervals
from minorguard.proof.allotment import Allotment, Counter, Kind, Part, allot
from minorguard.proof.arena import DEVICE, OTHER_DEVICE, Arena
from minorguard.proof.counterexample import Asked, Counterexample, Undecided

_MOST_PIECES = 300
"""How many stretches a history is made of at most."""


def refute_quota(arena: Arena, rule: QuotaRule, activity: str) -> Counterexample | Undecided | None:
    """A case in which a quota of the second is full and the first lets go on; None: there is none."""
    open_ends = False
    for at in arena.last_open(activity):
        goal = _Goal(arena, rule, activity, at)
        granted = goal.grant()
        if granted is None:
            continue
        open_ends = True
        found = arena.first(_histories(goal, granted), rule.origin)
        if found is not None:
            return found
    return arena.undecided(rule.origin) if open_ends else None


def allowance(policy: CompiledPolicy, rule: QuotaRule, at: Instant) -> Seconds | None:
    """The limit of a quota at an instant, without grants."""
    if rule.period is not Period.DAY:
        return dict(rule.limits.seconds)["otherwise"]
    day = policy.days.day_of(at)
    return limit_on(rule.limits, day, policy.calendar.kinds(day))


@dataclass(slots=True)
class _Goal:
    """To have a quota of the second full at an instant."""

    arena: Arena
    rule: QuotaRule
    activity: str
    at: Instant
    _limits: tuple[tuple[Instant, frozenset[Kind], Seconds, Seconds], ...] = ()

    def __post_init__(self) -> None:
        self._limits = tuple(self._mine())

    @property
    def _same_day(self) -> bool:
        return self.arena.a.days.day_of(self.at) == self.arena.b.days.day_of(self.at)

    def need(self, granted: Seconds) -> Seconds | None:
        """How much use fills it; None: nothing does."""
        limit = allowance(self.arena.b, self.rule, self.at)
        if limit is None:
            return None
        return limit + (min(granted, self.rule.raise_at_most) if self._same_day else 0)

    def had(self, granted: Seconds) -> Allotment:
        """The use that can be had."""
        days = self.arena.b.days
        since, _ = days.bounds(self.rule.period.value, days.day_of(self.at))
        need = self.need(granted) or 0
        return allot(self._kinds(), since, self.at, self._counters(granted), need, timed=True)

    def _kinds(self) -> list[Kind]:
        devices = (DEVICE,) if self.rule.devices is Devices.EACH else (DEVICE, OTHER_DEVICE)
        names = dict.fromkeys((self.activity, *self.arena.activities))
        return [(device, name) for device in devices for name in names if self.rule.binds(name)]

    def _counters(self, granted: Seconds) -> list[Counter]:
        return [
            Counter(since, counted, limit + min(granted, raised) - 1) for since, counted, limit, raised in self._limits
        ]

    def _mine(self) -> Iterator[tuple[Instant, frozenset[Kind], Seconds, Seconds]]:
        policy, kinds = self.arena.a, self._kinds()
        for rule in self.arena.my_rules(self.activity):
            if not isinstance(rule, QuotaRule):
                continue
            limit = allowance(policy, rule, self.at)
            if limit is not None:
                since, _ = policy.days.bounds(rule.period.value, policy.days.day_of(self.at))
                yield since, frozenset(filter(_counting(rule), kinds)), limit, rule.raise_at_most

    def grant(self) -> Seconds | None:
        """A grant, the smallest of those that are looked at, under which the quota may be full; None: there is none."""
        if self.need(0) is None:
            return None
        raises = {raised for *_, raised in self._limits}
        steps = sorted({0, self.rule.raise_at_most, *raises})
        for step in steps:
            if self._slack(step) >= 0:
                return step
        if sum(raised > 0 for *_, raised in self._limits) < 2:
            return None  # what is had grows no faster than what is needed, so that an end of each stretch is best
        for low, high in pairwise(steps):
            if self.had(high).most >= (self.need(low) or 0):  # neither falls as grants grow
                top = _top(self._slack, low, high)
                if self._slack(top) >= 0:
                    return top
        return None

    def _slack(self, granted: Seconds) -> int:
        return self.had(granted).most - (self.need(granted) or 0)


def _counting(rule: QuotaRule) -> Callable[[Kind], bool]:
    each = rule.devices is Devices.EACH
    return lambda kind: rule.binds(kind[1]) and not (each and kind[0] != DEVICE)


def _top(value: Callable[[int], int], low: int, high: int) -> int:
    """Where a concave function of whole numbers is greatest."""
    if value(low + 1) <= value(low):
        return low
    while low < high:
        middle = (low + high) // 2
        if value(middle) < value(middle + 1):
            low = middle + 1
        else:
            high = middle
    return low


# Histories


def _histories(goal: _Goal, granted: Seconds) -> Iterator[Asked]:
    """Histories that fill the quota, the most natural first, each with the instant to ask at."""
    arena, activity = goal.arena, goal.activity
    need, had = goal.need(granted) or 0, goal.had(granted)
    if not had.reaches(need):
        return
    rest, pieces = _sittings(arena, activity)
    if len(had.parts) < 2:
        kind = had.parts[0].kind if had.parts else (DEVICE, activity)
        for spans, at in _natural(arena, activity, need, rest):
            yield arena.time(activity, at, [(*kind, spans)], granted)
    yield arena.time(activity, goal.at, _laid(had.parts), granted)
    yield arena.time(activity, goal.at, _laid(had.parts, end=True), granted)
    for gap, length in pieces if len(had.parts) == 1 else ():
        chain = chained(had.parts[0].start, need, length, gap)
        for by in (0, goal.at - chain[-1][1]) if chain else ():
            if by >= 0:
                yield arena.time(activity, goal.at, [(*had.parts[0].kind, moved(chain, by))], granted)


def _natural(arena: Arena, activity: str, total: Seconds, rest: Seconds) -> Iterator[tuple[Intervals, Instant]]:
    """Use from the first open minute on, and an instant after it at which the first is open."""
    shown = arena.open(activity)
    spans = _along(shown, total)
    if spans is None:
        return
    end = spans[-1][1] if spans else shown[0][0]
    for at in dict.fromkeys((end, end + rest)):
        if any(low <= at < high for low, high in shown):
            yield spans, at
    later = next((low for low, _ in shown if low >= end + rest), None)
    if later is not None:
        yield spans, later


def _along(shown: Intervals, total: Seconds) -> Intervals | None:
    """The first `total` seconds of the open time; None if there is less."""
    spans = []
    for start, end in shown:
        if total <= 0:
            break
        spans.append((start, min(end, start + total)))
        total -= spans[-1][1] - start
    return tuple(spans) if total <= 0 else None


def _laid(parts: tuple[Part, ...], *, end: bool = False) -> list[tuple[str, str, Intervals]]:
    """Parts one after the other from the start of their stretches, or up to the end of them."""
    laid: dict[Kind, list[tuple[Instant, Instant]]] = {}
    taken: dict[Instant, Seconds] = {}
    for part in sorted(parts, key=lambda one: one.start):
        before = taken.get(part.start, 0)
        low = part.end - before - part.amount if end else part.start + before
        laid.setdefault(part.kind, []).append((low, low + part.amount))
        taken[part.start] = before + part.amount
    return [(device, name, tuple(sorted(spans))) for (device, name), spans in laid.items()]


def _sittings(arena: Arena, activity: str) -> tuple[Seconds, list[tuple[Seconds, Seconds]]]:
    """The rest that ends every sitting of the first, and pieces (gap, length) that none of its sittings minds."""
    rules = [r for r in arena.my_rules(activity) if isinstance(r, SittingRule) and r.break_after is not None]
    rest = max((max(rule.break_for, rule.resets_after) for rule in rules), default=0)
    gap = max((rule.resets_after for rule in rules), default=0)
    length = min((rule.break_after or DAY for rule in rules), default=0) - 1
    return rest, [(gap, length), (rest, length + 1)] if length > 0 else []


def chained(start: Instant, total: Seconds, length: Seconds, gap: Seconds) -> Intervals:
    """Use in pieces of some length with gaps between; empty if there would be too many."""
    pieces = -(-total // length) if length > 0 else _MOST_PIECES + 1
    if pieces > _MOST_PIECES:
        return ()
    begins = [start + index * (length + gap) for index in range(pieces)]
    return tuple((low, low + min(length, total - index * length)) for index, low in enumerate(begins))


def moved(spans: Intervals, by: Seconds) -> Intervals:
    """The same stretches, later or earlier."""
    return tuple((start + by, end + by) for start, end in spans)
