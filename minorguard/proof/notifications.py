"""Refuting notification rules, exactly: a quiet second must be quiet in the first, and a full period full there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from minorguard.engine.metering import clip, union
from minorguard.engine.periods import period_at
from minorguard.engine.time_rules import closed
from minorguard.model.ids import Instant
from minorguard.model.rules import BandPolicy, CompiledPolicy, NotificationRule
from minorguard.model.state import Interval, Intervals, Sent
from minorguard.proof.allotment import Allotment, Counter, allot
from minorguard.proof.arena import Arena, without
from minorguard.proof.counterexample import Asked, Counterexample, Undecided

_KIND = ("notification", "")


def refutations(arena: Arena) -> Iterator[Counterexample | Undecided]:
    """For each notification rule of the second that the first does not keep, a notification; or undecided."""
    rules = [rule for rule in _rules(arena.theirs) if rule not in arena.kept]
    loud = without((arena.day,), _quiet(arena, arena.a, arena.mine)) if rules else ()
    for rule in rules:
        found = arena.first(_sent(arena, rule, loud), rule.origin)
        if found is not None:
            yield found
        elif any(had.most >= limit for limit, _, had in _filled(arena, rule, loud)):
            yield arena.undecided(rule.origin)


def _rules(bands: tuple[BandPolicy, ...]) -> tuple[NotificationRule, ...]:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.notifications))


def _quiet(arena: Arena, policy: CompiledPolicy, bands: tuple[BandPolicy, ...]) -> Intervals:
    spans = (_quiet_of(arena, policy, rule) for rule in _rules(bands))
    return union(spans)


def _quiet_of(arena: Arena, policy: CompiledPolicy, rule: NotificationRule) -> Intervals:
    days, (start, end) = policy.days, arena.day
    first, last = days.local_date(start) - timedelta(days=1), days.local_date(end)
    dates = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return clip(union(closed(days.zone, policy.calendar, rule.quiet, day) for day in dates), start, end)


def _sent(arena: Arena, rule: NotificationRule, loud: Intervals) -> Iterator[Asked]:
    quiet = _quiet_of(arena, arena.b, rule)
    yield from (arena.notification(start) for start, _ in without(quiet, without(quiet, loud)))
    for limit, at, had in _filled(arena, rule, loud):
        if had.reaches(limit):
            yield arena.notification(at, tuple(Sent(f"n{n}", p.start, p.amount) for n, p in enumerate(had.parts)))


def _filled(arena: Arena, rule: NotificationRule, loud: Intervals) -> Iterator[tuple[int, Instant, Allotment]]:
    """The limit, and how many may have been sent before one more, at each instant that may be best for it."""
    if rule.at_most is None:
        return
    limit, period = rule.at_most
    for at in _instants(arena, loud):
        since, _ = period_at(arena.b.days, period, at)
        yield limit, at, allot([_KIND], since, at, list(_counters(arena, at)), limit, timed=False)


def _instants(arena: Arena, loud: Intervals) -> Iterator[Instant]:
    """The last second, hour by hour, at which the first sends: later in a period is never worse."""
    for start, end in arena.hours():
        spans: tuple[Interval, ...] = clip(loud, start, end)
        if spans:
            yield spans[-1][1] - 1


def _counters(arena: Arena, at: Instant) -> Iterator[Counter]:
    for rule in _rules(arena.mine):
        if rule.at_most is not None:
            limit, period = rule.at_most
            yield Counter(period_at(arena.a.days, period, at)[0], frozenset({_KIND}), limit - 1)
