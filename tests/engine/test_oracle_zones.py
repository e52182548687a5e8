"""Every IANA zone and every change of its clocks from 2020 to 2030, against brute force.

Zones that had the same offsets at all times from 2020 to 2030 are compared once, under the name that sorts first; that
every name resolves to those offsets is checked for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import available_timezones

import pytest

from minorguard.engine import decide, forecast, new_state
from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme, wall_instants, zone
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    Layer,
    Origin,
    Period,
    QuotaRule,
    Span,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Profile
from tests.oracle import wall
from tests.oracle.world import NAMES, period_of, span_instants

FIRST, AFTER = wall.at("2020-01-01T00:00:00+00:00"), wall.at("2031-01-01T00:00:00+00:00")
ALL_AGES = AgeBand(0, 18)
ORIGIN = Origin("/rule", Layer.LAW, "policy")
CHILD = new_state(Profile("kid", "policy"))
FORECAST_DAYS = 4

Change = tuple[int, int, int]


@cache
def history(name: str) -> tuple[int, tuple[Change, ...]]:
    """The first offset of a zone and its changes."""
    return wall.offset(name, FIRST), tuple(wall.changes(name, FIRST, AFTER, step=wall.DAY))


@cache
def distinct() -> tuple[str, ...]:
    """One zone for each history."""
    seen: dict[tuple[int, tuple[Change, ...]], str] = {}
    for name in sorted(available_timezones()):
        seen.setdefault(history(name), name)
    return tuple(seen.values())


def all_changes() -> Iterator[tuple[str, Change]]:
    """Each change of each distinct zone."""
    for name in distinct():
        for change in history(name)[1]:
            yield name, change


def around(change: Change) -> list[int]:
    """Local seconds of interest about a change: its edges and middle with their neighbours, and midnights."""
    at, before, after = change
    low, high = sorted((at + before + wall.EPOCH, at + after + wall.EPOCH))
    middle = (low + high) // 2
    near = [edge + by for edge in (low, middle, high) for by in (-1, 0, 1)]
    midnights = [(low // wall.DAY + by) * wall.DAY for by in (-1, 0, 1, 2)]
    return sorted({*near, *midnights, low - 7_200, high + 7_200})


def starts(change: Change) -> list[int]:
    """Times of the day at which a policy day may begin."""
    edges = {local % wall.DAY for local in around(change)}
    return sorted(edges | {0, 4 * 3_600})[::3]


def policy(scheme: DayScheme, rule: TimeRule) -> CompiledPolicy:
    """A policy of one rule for all ages."""
    return CompiledPolicy("policy", 1, "digest", scheme, WEEKENDS_ONLY, (BandPolicy(ALL_AGES, (rule,)),))


def denied(compiled: CompiledPolicy, low: int) -> list[tuple[int, int]]:
    """The gaps of a forecast."""
    return [(gap.start, gap.end) for gap in forecast(compiled, CHILD, low, days=FORECAST_DAYS).gaps]


def merged(stretches: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    """The union of stretches inside ``[low, high)``."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((max(start, low), min(end, high)) for start, end in stretches):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def outside(stretches: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    """What is left of ``[low, high)`` without them."""
    edges = [low, *(edge for stretch in merged(stretches, low, high) for edge in stretch), high]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def test_every_zone_resolves() -> None:
    """The engine knows every zone of the tz database, with the offsets that brute force finds."""
    names = sorted(available_timezones() - {"Factory", "localtime"})  # those are no places
    found = [int(datetime.fromtimestamp(FIRST, zone(name)).utcoffset().total_seconds()) for name in names]
    assert [history(name)[0] for name in names] == found
    assert len(names) > 400


def test_every_change_lies_on_the_lattice() -> None:
    """All changes but those of Casey, at 00:01, are at whole quarters of an hour, as the oracle's lattices need."""
    odd = {name for name, change in all_changes() if any(part % 900 for part in change)}
    assert {"Antarctica/Casey"} == odd


def test_wall_instants_about_every_change() -> None:
    """The first and the last instant at which a wall shows a time are those that brute force finds."""
    for name, change in all_changes():
        for local in around(change):
            day, second = divmod(local, wall.DAY)
            seen = wall.showing(name, local)
            assert (seen[0], seen[-1]) == wall_instants(name, date.fromordinal(day), second), (name, change, local)
        midnight = change[0] // wall.DAY + date(1970, 1, 1).toordinal()
        seen = wall.showing(name, (midnight + 1) * wall.DAY)
        assert (seen[0], seen[-1]) == wall_instants(name, date.fromordinal(midnight), wall.DAY), (name, change)


def test_policy_days_about_every_change() -> None:
    """Days start, and hold instants, as brute force finds, whenever the policy day begins."""
    for name, change in all_changes():
        today = (change[0] + change[1] + wall.EPOCH) // wall.DAY
        for starts_at in starts(change):
            scheme = DayScheme(name, starts_at)
            begins = {day: wall.first(name, day, starts_at) for day in range(today - 3, today + 4)}
            for day in range(today - 2, today + 4):
                assert begins[day] == scheme.day_start(date.fromordinal(day)), (name, change, starts_at)
                for instant in (begins[day] - 1, begins[day], begins[day] + 1, change[0] - 1, change[0]):
                    expected = max(one for one, start in begins.items() if start <= instant)
                    assert expected == scheme.day_of(instant).toordinal(), (name, change, starts_at, instant)


def test_weeks_and_months_about_every_change() -> None:
    """Weeks and months begin and end with the policy days that brute force puts in them."""
    for name, change in all_changes():
        today = (change[0] + change[1] + wall.EPOCH) // wall.DAY
        starts_at = starts(change)[-1]
        scheme = DayScheme(name, starts_at, week_starts_on=change[0] // wall.DAY % 7)
        for period in Period:
            this = period_of(period, scheme.week_starts_on, today)
            days = [
                day for day in range(today - 31, today + 32) if period_of(period, scheme.week_starts_on, day) == this
            ]
            expected = wall.first(name, days[0], starts_at), wall.first(name, days[-1] + 1, starts_at)
            assert expected == scheme.bounds(period, date.fromordinal(today)), (name, change, period)


@pytest.mark.parametrize("kind", [CurfewRule, WindowRule])
def test_spans_about_every_change(kind: type[CurfewRule] | type[WindowRule]) -> None:
    """Curfews and windows that open or close about a change hold as long as brute force finds, in answers too."""
    for name, change in all_changes():
        low = change[0] - 130_000
        high = low + FORECAST_DAYS * wall.DAY
        today = (low + change[1] + wall.EPOCH) // wall.DAY
        seconds = [local % wall.DAY for local in around(change)]
        middle = seconds[len(seconds) // 2]
        turn = change[0] // wall.DAY % 5
        for opens, closes in ((seconds[turn], middle), (middle, seconds[-1 - turn]), (middle - middle % 60, 0)):
            rule = kind(origin=ORIGIN, slot="span", spans=(Span(opens, closes),))
            compiled = policy(DayScheme(name), rule)
            spans = [span_instants(name, rule, rule.spans[0], day) for day in range(today - 2, today + 7)]
            spans = [(start, end) for start, end in spans if start < end]
            inside = kind is CurfewRule
            gaps = merged(spans, low, high) if inside else outside(spans, low, high)
            assert gaps == denied(compiled, low), (name, change, opens, closes)
            for start, end in gaps[1:-1]:
                now = start - 1
                assert start == decide(compiled, CHILD, TimeQuestion(), now).until, (name, change, opens, closes)
                assert end == decide(compiled, CHILD, TimeQuestion(), start).again, (name, change, opens, closes)


def test_quota_days_about_every_change() -> None:
    """A day with a limit of zero is denied from its first instant to the first of the next, whatever its length."""
    for name, change in all_changes():
        low = change[0] - 130_000
        today = (change[0] + change[1] + wall.EPOCH) // wall.DAY
        for starts_at in starts(change)[:2]:
            for day in (today - 1, today):
                weekday = NAMES[date.fromordinal(day).weekday()]
                rule = QuotaRule(origin=ORIGIN, slot="quota.day", period=Period.DAY, limits=DayLimits(((weekday, 0),)))
                compiled = policy(DayScheme(name, starts_at), rule)
                day_long = wall.first(name, day, starts_at), wall.first(name, day + 1, starts_at)
                gaps = merged([day_long], low, low + FORECAST_DAYS * wall.DAY)
                assert gaps == denied(compiled, low), (name, change, starts_at, day)


def test_zones_without_changes_agree_on_ordinary_days() -> None:
    """Zones whose clocks never change have days of 24 hours that start where brute force finds."""
    still = [name for name in distinct() if not history(name)[1]]
    noon = int(datetime(2025, 6, 15, 12, tzinfo=UTC).timestamp())
    for name in still:
        day = wall.local_second(name, noon) // wall.DAY
        scheme = DayScheme(name, 3_661)
        assert wall.first(name, day, 3_661) == scheme.day_start(date.fromordinal(day))
        assert scheme.day_start(date.fromordinal(day + 1)) - scheme.day_start(date.fromordinal(day)) == wall.DAY
