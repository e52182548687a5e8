"""When each time rule denies, as stretches of time. Everything else about time follows from these stretches.

`denials` gives them in order, for a set of use that may run into the future: use that never ends gives the instant
of the next stop, the use on record gives the instant of the next start. So boundaries are computed, never searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import assert_never

from minorguard.engine.binding import Bound
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER, measure, reached_at, since
from minorguard.model.calendar import DAY, Calendar, wall_instants
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CurfewRule, QuotaRule, SittingRule, Span, TimeRule, WindowRule
from minorguard.model.state import Interval, Intervals

DEFAULT_GAP: Seconds = 300
"""The gap that ends a sitting where no rule says one."""
LOOK_AHEAD: Seconds = 400 * DAY
"""How far the next stop or start is looked for."""


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
        by_clock = isinstance(bound.rule, CurfewRule | WindowRule)
        begin, end = max(at, bound.start), min(until + self.spare, bound.end)
        if begin >= end:
            return
        for start, stop in _stretches(look, bound.rule, used, begin, end, self.spare):
            start, stop = max(start, bound.start), min(stop, bound.end)
            if start < stop and by_clock:
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
        case CurfewRule():
            return _curfew(look, rule, at, until)
        case WindowRule():
            return _outside(_windows(look, rule, at), until)
        case SittingRule():
            return iter(sitting_breaks(rule, used, at, spare))
        case _:
            assert_never(rule)


def _quota(
    look: Look, rule: QuotaRule, used: Intervals, at: Instant, until: Instant, spare: Seconds
) -> Iterator[Interval]:
    for period in look.quotas(rule, at):
        if period.start >= until:
            return
        if period.limit is not None:
            full = reached_at(used, period.start, period.end, period.limit - period.folded - spare)
            if full is not None and full < period.end:
                yield full, period.end


def quota_used(look: Look, rule: QuotaRule, at: Instant) -> Seconds:
    """What the quota counts up to `at`, in the period that holds it."""
    period = look.quota(rule, at)
    return period.folded + measure(look.counted(rule), period.start, at)


def _curfew(look: Look, rule: CurfewRule, at: Instant, until: Instant) -> Iterator[Interval]:
    days = look.policy.days
    day = days.local_date(at) - timedelta(days=1)
    last = days.local_date(until)
    while day <= last:
        yield from (stretch for stretch in closed(days.zone, look.policy.calendar, rule.spans, day) if stretch[1] > at)
        day += timedelta(days=1)


def _windows(look: Look, rule: WindowRule, at: Instant) -> Iterator[Interval]:
    days = look.policy.days
    day = days.local_date(at) - timedelta(days=1)
    last = days.local_date(at + LOOK_AHEAD)
    while day <= last:
        yield from (stretch for stretch in opened(days.zone, look.policy.calendar, rule.spans, day) if stretch[1] > at)
        day += timedelta(days=1)


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
    """The curfews that open on a date: from the first time the wall shows `opens` to the last it shows `closes`."""
    kinds = calendar.kinds(day)
    return _on(zone, spans, day, lambda span: any(span.opens_on(day, kind) for kind in kinds), edges=(0, 1))


@lru_cache(maxsize=65_536)
def opened(zone: str, calendar: Calendar, spans: tuple[Span, ...], day: date) -> tuple[Interval, ...]:
    """The windows that open on a date, the stricter way round: the last `opens` to the first `closes`."""
    kinds = calendar.kinds(day)
    return _on(zone, spans, day, lambda span: all(span.opens_on(day, kind) for kind in kinds), edges=(1, 0))


def _on(
    zone: str, spans: tuple[Span, ...], day: date, opens: Callable[[Span], bool], *, edges: tuple[int, int]
) -> tuple[Interval, ...]:
    found = []
    for span in spans:
        if opens(span):
            closing_day = day + timedelta(days=1) if span.closes <= span.opens else day
            start = wall_instants(zone, day, span.opens)[edges[0]]
            end = wall_instants(zone, closing_day, span.closes)[edges[1]]
            if start < end:
                found.append((start, end))
    return tuple(sorted(found))


def sitting_breaks(rule: SittingRule, used: Intervals, at: Instant, spare: Seconds = 0) -> list[Interval]:
    """From when each sitting leaves no more than `spare` until it is over; those that were over by `at` may lack."""
    if rule.break_after is None:
        return []
    if rule.break_after <= spare:
        return [(-FOREVER, FOREVER)]
    stretches: list[Interval] = []
    due: Instant | None = None
    total, last = 0, 0
    for start, end in used[_sure_break(rule, used, at) :]:
        if total and start - last >= _gap(rule, total):
            if due is not None:
                stretches.append((due, last + _gap(rule, total)))
            due, total = None, 0
        if due is None and total + end - start >= rule.break_after - spare:
            due = start + rule.break_after - spare - total
        total, last = total + end - start, end
    if due is not None:
        stretches.append((due, last + _gap(rule, total)))
    return stretches


@dataclass(frozen=True, slots=True)
class Sitting:
    """The unbroken use that an instant belongs to."""

    used: Seconds
    """Use so far; 0 when there is no sitting."""
    began: Instant | None
    over: Instant
    """When it will be over if nothing but the leases on record is used."""


def sitting_at(rule: SittingRule, used: Intervals, at: Instant) -> Sitting:
    """The sitting at an instant, of use on record (leases may run on after `at`)."""
    total: Seconds = 0
    began: Instant | None = None
    last: Instant = at
    past = used[: since(used, at)]
    if len(past) < len(used) and used[len(past)][0] < at:
        past = used[: len(past) + 1]
    for start, end in past[_sure_break(rule, past, at) :]:
        if began is None or start - last >= _gap(rule, total):
            total, began = 0, start
        total += min(end, at) - start
        last = min(end, at)
    if began is None or at - last >= _gap(rule, total):
        return Sitting(0, None, at)
    ahead, last = total + max(0, past[-1][1] - at), past[-1][1]
    for start, end in used[len(past) :]:
        if start - last >= _gap(rule, ahead):
            break
        ahead, last = ahead + end - start, end
    return Sitting(total, began, last + _gap(rule, ahead))


def _sure_break(rule: SittingRule, used: Intervals, at: Instant) -> int:
    """The index of the first interval after the last gap before `at` that ended any sitting."""
    longest = max(rule.resets_after, rule.break_for)
    index = since(used, at - longest)
    while index and (index == len(used) or used[index][0] - used[index - 1][1] < longest):
        index -= 1
    return index


def _gap(rule: SittingRule, used: Seconds) -> Seconds:
    return rule.break_for if rule.break_after is not None and used >= rule.break_after else rule.resets_after
