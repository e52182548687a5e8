"""When each time rule denies, as stretches of time. Everything else about time follows from these stretches.

`denials` gives them in order, for a set of use that may run into the future: use that never ends gives the instant
of the next stop, the use on record gives the instant of the next start. So boundaries are computed, never searched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import assert_never

from minorguard.engine.binding import Bound
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER, measure, reached_at, union
from minorguard.engine.sittings import sitting_breaks
from minorguard.model.calendar import DAY, Calendar, DayScheme, wall_instants
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import CurfewRule, QuotaRule, SittingRule, Span, TimeRule, WindowRule
from minorguard.model.state import Interval, Intervals

LOOK_AHEAD: Seconds = 400 * DAY
"""How far the next stop or start is looked for."""
_BLOCK = 4
"""Dates that are looked at together."""
_END = itemgetter(1)
_BY_CLOCK = (CurfewRule, WindowRule)
OnDay = Callable[[str, Calendar, tuple[Span, ...], date], tuple[Interval, ...]]
"""`closed` or `opened`."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule as it is asked about: may use go on (`spare` 0), or would it leave a new sitting enough?"""

    bound: Bound[TimeRule]
    spare: Seconds = 0
    """It denies as soon as it leaves no more than this."""
    asking: Bound[TimeRule] | None = None
    """The sitting rule that asks for so much, as long as that holds."""

    def first_denied(self, look: Look, used: Intervals, at: Instant, until: Instant) -> Instant | None:
        """The first instant in ``[at, until)`` at which it denies; None if it does not."""
        stretch = next(self.denials(look, used, at, until), None)
        return None if stretch is None or stretch[0] >= until else max(stretch[0], at)

    def first_allowed(self, look: Look, used: Intervals, at: Instant, until: Instant) -> Instant:
        """The first instant from `at` on at which it does not deny; `until` or later if there is none before."""
        while at < until:
            ends = [end for start, end in self.denials(look, used, at, at + 1) if start <= at]
            if not ends:
                break
            at = max(ends)
        return at

    def denials(self, look: Look, used: Intervals, at: Instant, until: Instant) -> Iterator[Interval]:
        """The stretches that end after `at` and begin before `until`, by their starts; they may overlap."""
        bound, asking = self.bound, self.asking or self.bound
        begin, end = max(at, bound.start), min(until + self.spare, bound.end)
        if begin >= end:
            return
        for start, stop in _stretches(look, bound.rule, used, begin, end, self.spare):
            start, stop = max(start, bound.start), min(stop, bound.end)
            if self.spare and start < stop and isinstance(bound.rule, _BY_CLOCK):
                start -= self.spare
            if self.asking is not None:
                start, stop = max(start, asking.start), min(stop, asking.end)
            if stop > max(at, start):
                yield start, stop


def _stretches(
    look: Look, rule: TimeRule, used: Intervals, at: Instant, until: Instant, spare: Seconds
) -> Iterator[Interval]:
    match rule:
        case QuotaRule():
            return _quota(look, rule, used, at, until, spare)
        case CurfewRule() | WindowRule():
            return by_clock(look.policy.days, look.policy.calendar, rule, at, until)
        case SittingRule():
            return iter(sitting_breaks(rule, used, at, spare))
        case _:
            assert_never(rule)


def _quota(
    look: Look, rule: QuotaRule, used: Intervals, at: Instant, until: Instant, spare: Seconds
) -> Iterator[Interval]:
    for period in look.quotas(rule, at, until, spare):
        if period.limit is not None:
            full = reached_at(used, period.start, period.end, period.limit - period.folded - spare)
            if full is not None and full < period.end:
                yield full, period.end


def quota_used(look: Look, rule: QuotaRule, at: Instant) -> Seconds:
    """What the quota counts up to `at`, in the period that holds it."""
    period = look.quota(rule, at)
    return period.folded + measure(look.counted(rule), period.start, at)


def by_clock(
    days: DayScheme, calendar: Calendar, rule: CurfewRule | WindowRule, at: Instant, until: Instant
) -> Iterator[Interval]:
    """The stretches that a curfew or windows deny, those that end after `at` and begin before `until`, by their starts.

    Where no window opens within the look-ahead, the last one is for ever.
    """
    if isinstance(rule, CurfewRule):
        return in_spans(days, calendar, rule.spans, at, until)
    return _outside(_spans(_Walls(days, calendar, rule.spans, opened), at, at + LOOK_AHEAD), until)


def in_spans(
    days: DayScheme, calendar: Calendar, spans: tuple[Span, ...], at: Instant, until: Instant
) -> Iterator[Interval]:
    """The stretches in which spans are closed that end after `at` and begin before `until`, by their starts."""
    return _spans(_Walls(days, calendar, spans, closed), at, until)


@quickly
@dataclass(frozen=True, slots=True, eq=False)
class _Walls:
    """Spans in a zone and a calendar, compared by identity: hashing them all costs more than what is looked up."""

    days: DayScheme
    calendar: Calendar
    spans: tuple[Span, ...]
    on: OnDay

    def __hash__(self) -> int:
        return hash((id(self.spans), id(self.calendar), self.on))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Walls)
            and (other.spans is self.spans and other.calendar is self.calendar)
            and (other.on is self.on and other.days == self.days)
        )


def _spans(walls: _Walls, at: Instant, until: Instant) -> Iterator[Interval]:
    block = (walls.days.local_date(at).toordinal() - 1) // _BLOCK
    last: int | None = None
    while last is None or block <= last:
        found = _block(walls, block)
        for stretch in found[bisect_right(found, at, key=_END) :]:
            if stretch[0] >= until:
                return
            yield stretch
        last = walls.days.local_date(until).toordinal() // _BLOCK if last is None else last
        block += 1


@lru_cache(maxsize=16_384)
def _block(walls: _Walls, block: int) -> Intervals:
    """The set of time in the spans that open on the dates of a block."""
    dates = (date.fromordinal(block * _BLOCK + place) for place in range(_BLOCK))
    return union([(one,) for day in dates for one in walls.on(walls.days.zone, walls.calendar, walls.spans, day)])


def _outside(windows: Iterator[Interval], until: Instant) -> Iterator[Interval]:
    edge = -FOREVER
    for start, end in windows:
        if start > edge:
            yield edge, start
        edge = max(edge, end)
        if edge >= until:
            return
    yield edge, FOREVER


@lru_cache(maxsize=65_536)
def closed(zone: str, calendar: Calendar, spans: tuple[Span, ...], day: date) -> tuple[Interval, ...]:
    """The curfews that open on a date: from the first time the wall shows `opens` to the last it shows `closes`.

    Those that meet are one, on the wall already: both times rise with what the wall shows, so that is the same set.
    """
    kinds = calendar.kinds(day)
    edges = [span_edges(span) for span in spans if any(span.opens_on(day, kind) for kind in kinds)]
    return _on(zone, union([(edge,) for edge in edges]), day, edges=(0, 1))


def opened(zone: str, calendar: Calendar, spans: tuple[Span, ...], day: date) -> tuple[Interval, ...]:
    """The windows that open on a date, the stricter way round: the last `opens` to the first `closes`."""
    kinds = calendar.kinds(day)
    spans = tuple(span for span in spans if all(span.opens_on(day, kind) for kind in kinds))
    return _on(zone, (span_edges(span) for span in spans), day, edges=(1, 0))


def span_edges(span: Span) -> tuple[Seconds, Seconds]:
    """A span in wall seconds since midnight of the date on which it opens."""
    return span.opens, span.closes + (DAY if span.closes <= span.opens else 0)


def _on(
    zone: str, walls: Iterable[tuple[Seconds, Seconds]], day: date, *, edges: tuple[int, int]
) -> tuple[Interval, ...]:
    found = []
    for opens, closes in walls:
        start = wall_instants(zone, day, opens)[edges[0]]
        late = closes > DAY
        end = wall_instants(zone, day + timedelta(days=1) if late else day, closes - DAY if late else closes)[edges[1]]
        if start < end:
            found.append((start, end))
    return tuple(sorted(found))
