"""A stretch of time cut into equal ticks, and what is fixed on it before anybody uses anything.

All durations, wall times and events of a case are multiples of its tick, and so are all offset changes of its zone;
every edge therefore falls between two ticks, and whatever holds at the first second of a tick holds through it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from minorguard.model.calendar import Calendar
from minorguard.model.rules import CurfewRule, Period, QuotaRule, Span, WindowRule
from tests.oracle import wall

NEVER = 10**9
"""More ticks than any world has."""
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class World:
    """Ticks ``0 … ticks − 1`` of `tick` seconds from the instant `origin`, seen from a zone."""

    zone: str
    origin: int
    tick: int
    ticks: int

    def index(self, instant: int) -> int:
        """The tick that begins at an instant, held to ``[0, ticks]``."""
        whole, rest = divmod(instant - self.origin, self.tick)
        inside = 0 <= whole <= self.ticks
        assert not (inside and rest), f"{instant} is not on the lattice"
        return min(max(whole, 0), self.ticks)

    def instant(self, index: int) -> int:
        """The instant at which a tick begins."""
        return self.origin + index * self.tick

    def dates(self) -> range:
        """Every wall date (by ordinal) that may matter, with two to spare on both sides."""
        low = wall.local_second(self.zone, self.origin) // wall.DAY
        high = wall.local_second(self.zone, self.instant(self.ticks)) // wall.DAY
        return range(low - 2, high + 3)


@lru_cache(maxsize=4_096)
def policy_days(world: World, starts_at: int) -> tuple[tuple[int, int, int], ...]:
    """``(first tick, tick after, date)`` of each policy day that overlaps the world."""
    starts = [(world.index(wall.first(world.zone, day, starts_at)), day) for day in world.dates()]
    return tuple((low, high, day) for (low, day), (high, _) in itertools.pairwise(starts) if low < high)


def kinds(calendar: Calendar, day: int) -> list[str]:
    """The day kinds of a date (by ordinal)."""
    on = date.fromordinal(day)
    weekend = on.weekday() >= 5
    announced = calendar.years.get(on.year, calendar.otherwise).value == "announced"
    if on in calendar.makeup_workdays:
        return ["makeup_workday"]
    if on in calendar.holidays:
        return ["holiday"] if announced else ["holiday", "makeup_workday" if weekend else "school_day"]
    if weekend:
        return ["weekend"] if announced else ["weekend", "makeup_workday"]
    return ["school_day"]


def limit_on(rule: QuotaRule, calendar: Calendar, day: int) -> int | None:
    """A quota's limit in seconds on a policy day, without grants; None: no limit."""
    table = {str(key): seconds for key, seconds in rule.limits.seconds}
    if rule.period is not Period.DAY:
        return table.get("otherwise")
    weekday = NAMES[date.fromordinal(day).weekday()]
    limits = []
    for kind in kinds(calendar, day):
        special = kind in {"holiday", "makeup_workday"}
        order = [kind, weekday, "otherwise"] if special else [weekday, kind, "otherwise"]
        limits += [table[key] for key in order if key in table][:1]
    return min(limits, default=None)


def period_of(period: Period, week_starts_on: int, day: int) -> object:
    """Something equal for the policy days of one day, week or month, and for no others."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        first = day
        while date.fromordinal(first).weekday() != week_starts_on:
            first -= 1
        return first
    return date.fromordinal(day).year, date.fromordinal(day).month


def opens_on(span: Span, calendar: Calendar, day: int, how: object) -> bool:
    """Whether a span opens on a date, if `how` (`any` or `all`) of its possible kinds must match."""
    if span.days is None:
        return True
    names = {str(name) for name in span.days}
    weekday = NAMES[date.fromordinal(day).weekday()]
    return how(kind in names or weekday in names for kind in kinds(calendar, day))  # type: ignore[operator]


def span_instants(zone: str, rule: CurfewRule | WindowRule, span: Span, day: int) -> tuple[int, int]:
    """From when to when a span that opens on a date runs: a curfew at its longest, a window at its shortest."""
    closing = day + 1 if span.closes <= span.opens else day
    if isinstance(rule, CurfewRule):
        return wall.first(zone, day, span.opens), wall.last(zone, closing, span.closes)
    return wall.last(zone, day, span.opens), wall.first(zone, closing, span.closes)


def closed(world: World, rule: CurfewRule | WindowRule, calendar: Calendar) -> bytearray:
    """One byte a tick: 1 where a curfew or a window rule denies."""
    curfew = isinstance(rule, CurfewRule)
    inside = bytearray(world.ticks)
    for span in rule.spans:
        for day in world.dates():
            if opens_on(span, calendar, day, any if curfew else all):
                low, high = (world.index(edge) for edge in span_instants(world.zone, rule, span, day))
                paint(inside, low, high)
    return inside if curfew else bytearray(1 - tick for tick in inside)


def paint(ticks: bytearray, low: int, high: int) -> None:
    """Set the ticks of ``[low, high)``; nothing if that is empty."""
    low, high = max(low, 0), min(high, len(ticks))
    if low < high:
        ticks[low:high] = b"\1" * (high - low)


def union(sets: Iterable[bytes | bytearray], size: int) -> bytes:
    """The union of sets of ticks."""
    whole = 0
    for ticks in sets:
        whole |= int.from_bytes(ticks, "little")
    return whole.to_bytes(size, "little")
