"""Minutes of the wall clock in which rules leave a day open, for every day that a calendar can bring.

A day is its weekday and its kind; what a span that wraps midnight does to it depends on the day before. Minutes are the
bits of a number, midnight the lowest. Changes of the clock in summer and winter are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from minorguard.model.calendar import DAY, WEEKDAYS, Calendar, DayKind
from minorguard.model.ids import Seconds
from minorguard.model.rules import SPECIAL_KINDS, CurfewRule, DayLimits, Span, TimeRule, WindowRule

MINUTES = 1_440
FULL = (1 << MINUTES) - 1
"""A day that is open throughout."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that may come: its weekday (0 is Monday) and its kind, of which it has one here."""

    weekday: int
    kind: DayKind

    def matches(self, span: Span) -> bool:
        """Whether a span opens on it."""
        return span.days is None or self.kind in span.days or WEEKDAYS[self.weekday] in span.days

    def key_of(self, limits: DayLimits) -> str | None:
        """The key of a table of days that speaks of it, as `DayLimits` looks it up."""
        weekday = WEEKDAYS[self.weekday]
        order = (self.kind.value, weekday) if self.kind in SPECIAL_KINDS else (weekday, self.kind.value)
        table = dict(limits.seconds)
        return next((key for key in (*order, "otherwise") if key in table), None)

    def limit(self, limits: DayLimits) -> Seconds | None:
        """Its limit; None: none."""
        key = self.key_of(limits)
        return None if key is None else dict(limits.seconds)[key]


def days_of(calendar: Calendar) -> tuple[Day, ...]:
    """Every day that a calendar can bring, Monday first."""
    return tuple(Day(weekday, kind) for weekday in range(7) for kind in _kinds(calendar, weekday))


def every_day(calendar: Calendar) -> Iterator[Day]:
    """Every day that could come if the calendar had breaks and make-up workdays on any weekday."""
    for weekday in range(7):
        free = weekday in calendar.weekend
        kinds = (DayKind.WEEKEND, DayKind.MAKEUP_WORKDAY) if free else (DayKind.SCHOOL_DAY,)
        yield from (Day(weekday, kind) for kind in (*kinds, DayKind.HOLIDAY))


def _kinds(calendar: Calendar, weekday: int) -> Iterator[DayKind]:
    free = weekday in calendar.weekend
    yield DayKind.WEEKEND if free else DayKind.SCHOOL_DAY
    if calendar.holidays:
        yield DayKind.HOLIDAY
    if calendar.makeup_workdays and free:
        yield DayKind.MAKEUP_WORKDAY


def before(day: Day, days: Iterable[Day]) -> tuple[Day, ...]:
    """The days that may come before a day."""
    return tuple(other for other in days if other.weekday == (day.weekday - 1) % 7)


def after(day: Day, days: Iterable[Day]) -> tuple[Day, ...]:
    """The days that may come after a day."""
    return tuple(other for other in days if other.weekday == (day.weekday + 1) % 7)


def stretch(opens: Seconds, closes: Seconds) -> int:
    """The minutes of ``[opens, closes)``."""
    return (1 << closes // 60) - (1 << opens // 60)


def clock_of(minute: int) -> str:
    """A minute of the day as it is written.

    >>> clock_of(330)
    '05:30'
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def inside(spans: Iterable[Span], day: Day, eve: Day) -> int:
    """The minutes of a day that lie in a span of it, or in one of the day before that wraps midnight."""
    minutes = 0
    for span in spans:
        wraps = span.closes <= span.opens
        if day.matches(span):
            minutes |= stretch(span.opens, DAY if wraps else span.closes)
        if wraps and eve.matches(span):
            minutes |= stretch(0, span.closes)
    return minutes


def open_minutes(rules: Iterable[TimeRule], day: Day, eve: Day) -> int:
    """The minutes of a day that no curfew closes and every set of windows opens."""
    minutes = FULL
    for rule in rules:
        match rule:
            case CurfewRule():
                minutes &= ~inside(rule.spans, day, eve)
            case WindowRule():
                minutes &= inside(rule.spans, day, eve)
            case _:
                pass
    return minutes


Row = tuple[Day, Day, Day]


def rows_of(days: tuple[Day, ...]) -> tuple[Row, ...]:
    """Every three days that may follow one another."""
    return tuple((eve, day, morrow) for day in days for eve, morrow in product(before(day, days), after(day, days)))


def longest_open(rules: tuple[TimeRule, ...], days: tuple[Day, ...], *, gap: Seconds = 0) -> Seconds | None:
    """The most open time in a row, over midnights too; closed stretches shorter than `gap` do not end it.

    None: there is no end, some day can be open from end to end.
    """
    longest = [_longest(minutes, -(-gap // 60)) for minutes in _minutes(rules, days)]
    return None if None in longest else 60 * max(found for found in longest if found is not None)


def _longest(minutes: int, gap: int) -> int | None:
    """The most open minutes in a row of three days; None when the one in the middle is open throughout."""
    text = format(minutes, f"0{3 * MINUTES}b")
    if gap > 1:
        text = re.sub(rf"(?<=1)0{{1,{gap - 1}}}(?=1)", lambda hole: "-" * len(hole[0]), text)
    if "0" not in text[MINUTES:-MINUTES]:
        return None
    return max(run.count("1") for run in text.split("0"))


def crossing(rules: tuple[TimeRule, ...], days: tuple[Day, ...], starts_at: Seconds, *, gap: Seconds = 0) -> bool:
    """Whether use may go on through the start of a policy day, over a closed stretch shorter than `gap`."""
    at = MINUTES + starts_at // 60
    shortest = max(1, -(-gap // 60))
    return any(_closed_around(minutes, at) < shortest for minutes in _minutes(rules, days))


def _closed_around(minutes: int, at: int) -> int:
    ahead, behind = minutes >> at, minutes & ((1 << at) - 1)
    wait = (ahead & -ahead).bit_length() - 1 if ahead else MINUTES
    return wait + at - behind.bit_length()


@lru_cache(maxsize=64)
def _minutes(rules: tuple[TimeRule, ...], days: tuple[Day, ...]) -> frozenset[int]:
    """The open minutes of every three days in a row; of the first, what some day before it leaves open."""
    return frozenset(
        _ever_open(rules, eve, days)
        | open_minutes(rules, day, eve) << MINUTES
        | open_minutes(rules, morrow, day) << 2 * MINUTES
        for eve, day, morrow in rows_of(days)
    )


def _ever_open(rules: tuple[TimeRule, ...], day: Day, days: tuple[Day, ...]) -> int:
    minutes = 0
    for eve in before(day, days):
        minutes |= open_minutes(rules, day, eve)
    return minutes
