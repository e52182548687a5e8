"""Whole policy days on which rules deny all the time: a policy that never opens is not walked through to the horizon.

What rules say by the clock alone is the same for every subject, so it is found once for a block of days and kept as one
integer, a bit for each day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from minorguard.engine.day_limits import limit_on
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER, clip, union
from minorguard.engine.time_rules import Check, by_clock
from minorguard.model.calendar import Calendar, DayScheme
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CurfewRule, Period, QuotaRule, TimeRule, WindowRule
from minorguard.model.state import Interval

_BLOCK = 16
"""Days that are looked at together."""
_ALL = (1 << _BLOCK) - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """Rules that hold together, each with what it has to spare; compared by identity, as hashing them all is slow."""

    days: DayScheme
    calendar: Calendar
    rules: tuple[tuple[TimeRule, Seconds], ...]
    ids: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        each = (part for rule, spare in self.rules for part in (id(rule), spare))
        object.__setattr__(self, "ids", (id(self.days), id(self.calendar), *each))

    def __hash__(self) -> int:
        return hash(self.ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rules) and other.ids == self.ids


def past_shut_days(look: Look, checks: Sequence[Check], at: Instant, until: Instant) -> Instant:
    """`at`, or where the whole days end on which the checks deny all the time; at most `until`.

    INVARIANT: some check denies at every instant that is passed over.
    """
    held = [check for check in checks if _begins(check) <= at < _ends(check) and _tells(look, check)]
    if not held:
        return at
    until = min(until, *map(_ends, held))
    rules = _Rules(look.policy.days, look.policy.calendar, tuple((c.bound.rule, c.spare) for c in held))
    today, last = look.day_of(at).toordinal(), look.policy.days.day_of(until).toordinal()
    opens = _not_shut(rules, today, last)
    if opens == today:
        return at
    return until if opens > last else min(until, look.policy.days.day_start(date.fromordinal(opens)))


def _begins(check: Check) -> Instant:
    return check.bound.start if check.asking is None else max(check.bound.start, check.asking.start)


def _ends(check: Check) -> Instant:
    """Before then, what it says in a day is what its rule says."""
    return min(check.bound.end - check.spare, FOREVER if check.asking is None else check.asking.end)


def _tells(look: Look, check: Check) -> bool:
    """Whether a check may shut days whatever is used: by the clock, or as a day's quota that no grant may raise."""
    rule = check.bound.rule
    if isinstance(rule, QuotaRule):
        return rule.period is Period.DAY and not (rule.raise_at_most and look.state.grants)
    return isinstance(rule, CurfewRule | WindowRule)


def _not_shut(rules: _Rules, day: int, last: int) -> int:
    while day <= last:
        block, place = divmod(day, _BLOCK)
        open_days = (_shut(rules, block) ^ _ALL) >> place
        if open_days:
            return day + (open_days & -open_days).bit_length() - 1
        day += _BLOCK - place
    return day


@lru_cache(maxsize=16_384)
def _shut(rules: _Rules, block: int) -> int:
    """The days of a block on which the rules deny all the time, the first as the lowest bit."""
    dates = [date.fromordinal(block * _BLOCK + place) for place in range(_BLOCK + 1)]
    starts = [rules.days.day_start(day) for day in dates]
    bits = 0
    within = [clip((stretch,), starts[0], starts[-1]) for stretch in _denials(rules, dates, starts)]
    for start, end in union(within):
        first, after = bisect_left(starts, start), bisect_right(starts, end) - 1
        if first < after:
            bits |= (1 << after) - (1 << first)
    return bits


def _denials(rules: _Rules, dates: Sequence[date], starts: Sequence[Instant]) -> Iterator[Interval]:
    for rule, spare in rules.rules:
        if isinstance(rule, CurfewRule | WindowRule):
            for start, end in by_clock(rules.days, rules.calendar, rule, starts[0], starts[-1] + spare):
                yield start - spare, end
        elif isinstance(rule, QuotaRule):
            for place, day in enumerate(dates[:-1]):
                limit = limit_on(rule.limits, day, rules.calendar.kinds(day))
                if limit is not None and limit <= spare:
                    yield starts[place], starts[place + 1]
