"""The limits of days, and the days whose limit can be reached at all: the others need not be walked through.

A policy may limit holidays alone, or allow more than a day has; what would stop use is then far ahead, or nowhere.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from minorguard.model.calendar import Calendar, DayKind, DayScheme
from minorguard.model.ids import Seconds
from minorguard.model.rules import DayLimits

_BLOCK = 64
"""Days that are looked at together."""


@lru_cache(maxsize=4096)
def limit_on(limits: DayLimits, day: date, kinds: tuple[DayKind, ...]) -> Seconds | None:
    """`DayLimits.on`, remembered."""
    return limits.on(day, kinds)


def next_in_reach(
    days: DayScheme, calendar: Calendar, limits: DayLimits, spare: Seconds, day: date, last: date
) -> date:
    """The first day from `day` on whose limit, less `spare`, is shorter than it is; `last` if there is none before."""
    at, end = day.toordinal(), last.toordinal()
    while at < end:
        block, place = divmod(at, _BLOCK)
        found = _in_reach(days, calendar, limits, spare, block) >> place
        if found:
            return min(last, date.fromordinal(at + (found & -found).bit_length() - 1))
        at += _BLOCK - place
    return max(day, last)


@lru_cache(maxsize=16_384)
def _in_reach(days: DayScheme, calendar: Calendar, limits: DayLimits, spare: Seconds, block: int) -> int:
    """The days of a block whose limit is shorter than they are, the first as the lowest bit."""
    dates = [date.fromordinal(block * _BLOCK + place) for place in range(_BLOCK)]
    bits = 0
    for place, day in enumerate(dates):
        limit = limit_on(limits, day, calendar.kinds(day))
        start, end = days.bounds("day", day)
        if limit is not None and limit - spare < end - start:
            bits |= 1 << place
    return bits
