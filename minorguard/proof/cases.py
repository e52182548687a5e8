"""The cases that a comparison goes through: every age, and every sort of day that either policy can tell apart.

Rules see of a day its weekday, its kind, the kinds of the days around it, its place in the week and month, and whether
clocks change. Days that are alike in all of this are alike to both policies, so one of each sort stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import TypeVar

from minorguard.model.age import ADULT, birthday
from minorguard.model.calendar import WEEKDAYS, WEEKENDS_ONLY, Calendar, DayKind, YearState, zone
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    FeatureLayer,
    FeaturePeriod,
    NotificationRule,
    Origin,
    Period,
    QuotaRule,
    Span,
    TimeRule,
    WindowRule,
)
from minorguard.policy.lattice import bands_for

T = TypeVar("T")

_AROUND = (-2, -1, 0, 1)
"""The days around the one that is looked at whose kinds may matter."""
_YEARS_OF_CHANGES = 2
_ORDER = (DayKind.SCHOOL_DAY, DayKind.WEEKEND, DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY)


@dataclass(frozen=True, slots=True)
class AgeCase:
    """A child of some age, on an ordinary day or on the birthday itself."""

    age: int
    on_birthday: bool = False

    def born(self, day: date) -> date:
        """A date of birth that makes a child this case on `day`, and for weeks around if it is no birthday."""
        back = timedelta(days=0 if self.on_birthday else 183)
        there = day - back
        return date(there.year - self.age, there.month, min(there.day, 28)) if back else birthday(there, -self.age)

    def bands(self, policy: CompiledPolicy) -> tuple[BandPolicy, ...]:
        """The bands that hold for this case; none from the age of majority on."""
        held = bands_for(policy, self.age - 1) if self.on_birthday and policy.hold_birthday else ()
        now = bands_for(policy, self.age) if self.age < ADULT else ()
        return (*held, *(band for band in now if all(band is not other for other in held)))

    def __str__(self) -> str:
        return f"{self.age} (birthday)" if self.on_birthday else str(self.age)


def age_cases() -> Iterator[AgeCase]:
    """Every age below majority, then every birthday up to it."""
    yield from (AgeCase(age) for age in range(ADULT))
    yield from (AgeCase(age, on_birthday=True) for age in range(1, ADULT + 1))


@dataclass(frozen=True, slots=True)
class DayCase:
    """A day, and a calendar that makes it and the days around it what they are to be."""

    day: date
    kinds: tuple[DayKind, ...]
    """Of the days from two before to one after."""
    changes_clock: bool = False

    @property
    def kind(self) -> DayKind:
        """What the day itself is."""
        return self.kinds[-_AROUND[0]]

    def placed(self, policy: CompiledPolicy) -> CompiledPolicy:
        """The policy under this day's calendar; one without a calendar keeps it so."""
        if policy.calendar == WEEKENDS_ONLY:
            return policy
        return replace(policy, calendar=self.calendar(policy.calendar.weekend))

    def calendar(self, weekend: frozenset[int]) -> Calendar:
        """A calendar in which the days have their kinds, and all others are ordinary."""
        return _calendar(self.day, self.kinds, weekend)

    @property
    def ordinary(self) -> bool:
        """Whether every day is what its weekday makes it."""
        return all(kind in {DayKind.SCHOOL_DAY, DayKind.WEEKEND} for kind in self.kinds)

    def plainness(self) -> tuple[object, ...]:
        """Sorts the plainest day first."""
        return (self.changes_clock, [_ORDER.index(kind) > 1 for kind in self.kinds].count(True), self.day.weekday())


@lru_cache(maxsize=4096)
def _calendar(day: date, kinds: tuple[DayKind, ...], weekend: frozenset[int]) -> Calendar:
    dates = {day + timedelta(days=offset): kind for offset, kind in zip(_AROUND, kinds, strict=True)}
    return Calendar(
        "comparison",
        holidays=frozenset(one for one, kind in dates.items() if kind is DayKind.HOLIDAY),
        makeup_workdays=frozenset(one for one, kind in dates.items() if kind is DayKind.MAKEUP_WORKDAY),
        weekend=weekend,
        otherwise=YearState.ANNOUNCED,
    )


def in_force(policy: CompiledPolicy, on: date) -> CompiledPolicy:
    """The policy with the rules that hold on a date, as if they held always."""
    return replace(policy, bands=tuple(_band_in_force(band, on) for band in policy.bands))


def _holds(origin: Origin, on: date) -> bool:
    begun = origin.effective_from is None or origin.effective_from <= on
    return begun and (origin.effective_to is None or on < origin.effective_to)


def _band_in_force(band: BandPolicy, on: date) -> BandPolicy:
    layers = (_layer_in_force(layer, on) for layer in band.features)
    return replace(
        band,
        time=_rules_in_force(band.time, on),
        features=tuple(layer for layer in layers if layer.default or layer.rules),
        spending=_rules_in_force(band.spending, on),
        content=_rules_in_force(band.content, on),
        recommendations=_rules_in_force(band.recommendations, on),
        notifications=_rules_in_force(band.notifications, on),
    )


def _layer_in_force(layer: FeatureLayer, on: date) -> FeatureLayer:
    default = _rules_in_force((layer.default,) if layer.default else (), on)
    return FeatureLayer(default[0] if default else None, _rules_in_force(layer.rules, on))


def _rules_in_force(rules: tuple[T, ...], on: date) -> tuple[T, ...]:
    return tuple(_timeless(rule) for rule in rules if _holds(rule.origin, on))  # type: ignore[attr-defined]


def _timeless(rule: T) -> T:
    origin = replace(rule.origin, effective_from=None, effective_to=None)  # type: ignore[attr-defined]
    return replace(rule, origin=origin)  # type: ignore[type-var]


def starts(a: CompiledPolicy, b: CompiledPolicy, on: date) -> list[date]:
    """`on`, and every later date on which a rule of either policy begins or ends to hold."""
    edges = {edge for policy in (a, b) for origin in origins(policy) for edge in _dates(origin)}
    return [on, *sorted(edge for edge in edges if edge > on)]


def _dates(origin: Origin) -> Iterator[date]:
    yield from (edge for edge in (origin.effective_from, origin.effective_to) if edge is not None)


def origins(policy: CompiledPolicy) -> Iterator[Origin]:
    """Where each rule of a policy comes from."""
    for band in policy.bands:
        sections = (band.time, band.spending, band.content, band.recommendations, band.notifications)
        yield from (rule.origin for section in sections for rule in section)
        for layer in band.features:
            yield from (rule.origin for rule in layer.rules)
            yield from (layer.default.origin,) if layer.default else ()


def day_cases(a: CompiledPolicy, b: CompiledPolicy, on: date) -> tuple[DayCase, ...]:
    """One day of every sort that either policy tells apart, the plainest first, none before `on`."""
    sorts = _Sorts(a, b)
    found: dict[object, DayCase] = {}
    for day, place in _places(a, b, on):
        for kinds in sorts.kinds_around(day):
            case = DayCase(day, kinds, changes_clock=place == "change")
            found.setdefault((place, day if place == "change" else None, sorts.signature(day, kinds)), case)
    return tuple(sorted(found.values(), key=DayCase.plainness))


def _places(a: CompiledPolicy, b: CompiledPolicy, on: date) -> Iterator[tuple[date, str]]:
    """Days to stand for all: each weekday late in a month, early in a month, and wherever clocks change."""
    changes = sorted({day for policy in (a, b) for day in clock_changes(policy.days.zone, on)})
    month = _quiet_month(on, changes)
    yield from ((month.replace(day=22) + timedelta(days=ahead), "late") for ahead in range(7))
    if any(_is_monthly(rule) for policy in (a, b) for band in policy.bands for rule in band.time):
        yield from ((day, "early") for day in _firsts(on, changes))
    for day in changes:
        yield from ((day + timedelta(days=ahead), "change") for ahead in (-1, 0, 1))


def _is_monthly(rule: TimeRule) -> bool:
    return isinstance(rule, QuotaRule) and rule.period is Period.MONTH


def _quiet_month(on: date, changes: list[date]) -> date:
    """The first day of a month of 31 days, after `on`, with no change of clocks in it or just before it."""
    day = on.replace(day=1)
    while True:
        day = (day + timedelta(days=31)).replace(day=1)
        near = (day - timedelta(days=9), day + timedelta(days=33))
        if (day + timedelta(days=30)).month == day.month and not any(near[0] <= one <= near[1] for one in changes):
            return day


def _firsts(on: date, changes: list[date]) -> Iterator[date]:
    """A first of a month on each weekday, away from changes of clocks."""
    seen: set[int] = set()
    day = on.replace(day=1)
    for _ in range(12 * 12):
        day = (day + timedelta(days=31)).replace(day=1)
        if day.weekday() not in seen and not any(abs((one - day).days) < 9 for one in changes):
            seen.add(day.weekday())
            yield day


@lru_cache(maxsize=64)
def clock_changes(zone_name: str, on: date) -> tuple[date, ...]:
    """The dates in the two years from `on` at which a zone's clocks change."""
    tz = zone(zone_name)
    days = [on + timedelta(days=ahead) for ahead in range(3, 366 * _YEARS_OF_CHANGES)]
    offsets = [datetime.combine(day, time(), tz).utcoffset() for day in (*days, days[-1] + timedelta(days=1))]
    return tuple(day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after)


def _counts_weeks(band: BandPolicy) -> bool:
    """Whether something is counted over more days than one, so that the place of a day in the week matters."""
    longer = any(isinstance(rule, QuotaRule) and rule.period is not Period.DAY for rule in band.time)
    limits = (rule.period for layer in band.features for rule in layer.rules if rule.limit is not None)
    sent = (rule.at_most[1] for rule in band.notifications if rule.at_most is not None)
    return longer or FeaturePeriod.WEEK in {*limits, *sent}


class _Sorts:
    """What the two policies can tell of days."""

    def __init__(self, a: CompiledPolicy, b: CompiledPolicy) -> None:
        self._tables = [(policy.calendar == WEEKENDS_ONLY, *_words(policy)) for policy in (a, b)]
        self._weekend = a.calendar.weekend
        weekly = any(_counts_weeks(band) for policy in (a, b) for band in policy.bands)
        self._week = a.days.week_starts_on if weekly else None
        self._around = _AROUND if a.days.zone != b.days.zone else (-1, 0, 1)

    def kinds_around(self, day: date) -> Iterator[tuple[DayKind, ...]]:
        """Every combination of kinds of the days around one, the ordinary first."""
        days = [day + timedelta(days=ahead) for ahead in _AROUND]
        choices = [
            self._kinds(one) if ahead in self._around else (self._ordinary(one),)
            for ahead, one in zip(_AROUND, days, strict=True)
        ]
        yield from product(*choices)

    def signature(self, day: date, kinds: tuple[DayKind, ...]) -> object:
        """Equal for days that both policies treat alike."""
        dated = zip(_AROUND, kinds, strict=True)
        place = None if self._week is None else (day.weekday() - self._week) % 7
        return place, tuple(self._sort(day + timedelta(days=ahead), kind) for ahead, kind in dated)

    def _kinds(self, day: date) -> tuple[DayKind, ...]:
        possible = (self._ordinary(day), DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY)
        return tuple({self._sort(day, kind): kind for kind in reversed(possible)}.values())[::-1]

    def _ordinary(self, day: date) -> DayKind:
        return DayKind.WEEKEND if day.weekday() in self._weekend else DayKind.SCHOOL_DAY

    def _sort(self, day: date, kind: DayKind) -> object:
        found = []
        for no_calendar, spans, limits in self._tables:
            seen = self._ordinary(day) if no_calendar else kind
            found.append(
                (
                    tuple(seen in words or WEEKDAYS[day.weekday()] in words for words in spans),
                    tuple(table.on(day, (seen,)) for table in limits),
                )
            )
        return tuple(found)


def _words(policy: CompiledPolicy) -> tuple[tuple[frozenset[str], ...], tuple[DayLimits, ...]]:
    """The sets of days that spans name, and the tables of limits."""
    spans: set[frozenset[str]] = set()
    limits: set[DayLimits] = set()
    for band in policy.bands:
        for rule in (*band.time, *band.notifications):
            if isinstance(rule, QuotaRule):
                limits.add(rule.limits)
            else:
                spans |= {span.days for span in spans_of(rule) if span.days is not None}
    return tuple(spans), tuple(limits)


def spans_of(rule: TimeRule | NotificationRule) -> tuple[Span, ...]:
    """The spans that a rule names."""
    match rule:
        case CurfewRule() | WindowRule():
            return rule.spans
        case NotificationRule():
            return rule.quiet
        case _:
            return ()
