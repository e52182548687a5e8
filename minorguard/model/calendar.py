"""Local time and day kinds: zones, policy days, weeks, months, holidays and make-up workdays.

Everything returns instants (epoch seconds); differences are taken there, never between local datetimes.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from minorguard.errors import InvalidInput
from minorguard.model.ids import Instant, Seconds

DAY: Seconds = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DayKind(StrEnum):
    """What a date is in its calendar."""

    SCHOOL_DAY = "school_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class YearState(StrEnum):
    """How sure a calendar is of a year."""

    ANNOUNCED = "announced"
    PREDICTED = "predicted"
    UNKNOWN = "unknown"


_NO_PLACE = re.compile(r"localtime|posixrules|Factory|(?:posix|right)/.*", re.DOTALL)
"""Files beside the zones that are none: the machine's own zone, another one's seconds, nobody's."""


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """An IANA zone. Raises `InvalidInput` for a name that the tz database does not have."""
    if not _NO_PLACE.fullmatch(name):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name)
    raise InvalidInput("timezone", f"`{name}` is not an IANA time zone; write it like `Asia/Shanghai`")


def _offset(naive: datetime, tz: ZoneInfo, fold: int) -> int:
    offset = naive.replace(tzinfo=tz, fold=fold).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _offset_at(instant: Instant, tz: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(instant, tz).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=65_536)
def wall_instants(zone_name: str, day: date, second: Seconds) -> tuple[Instant, Instant]:
    """The first and the last instant at which the wall clock of a zone shows `second` of `day`.

    They differ where clocks go back. Where clocks go forward over the time, both are the instant of the change.
    `second` may be 86,400: midnight at the end of the day.
    """
    if second == DAY:
        return wall_instants(zone_name, day + timedelta(days=1), 0)
    tz = zone(zone_name)
    naive = datetime.combine(day, time()) + timedelta(seconds=second)
    utc = int(naive.replace(tzinfo=UTC).timestamp())
    before, after = _offset(naive, tz, 0), _offset(naive, tz, 1)
    if before >= after:
        return utc - before, utc - after
    low, high = utc - after, utc - before  # a gap: the change lies in (low, high]
    old = _offset_at(low, tz)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_at(middle, tz) == old else (low, middle)
    return high, high


PolicyDay = tuple[date, Instant, Instant]
"""A date, and the ``[start, end)`` of the policy day that is called by it."""


@dataclass(frozen=True, slots=True)
class DayScheme:
    """How a policy cuts time into days, weeks and months.

    A policy day is called by the date on which it starts: with `starts_at` 04:00, 02:00 on the 2nd belongs to the 1st.
    """

    zone: str
    starts_at: Seconds = 0
    week_starts_on: int = 0  # Monday

    def local_date(self, instant: Instant) -> date:
        """The date on the wall calendar."""
        return datetime.fromtimestamp(instant, zone(self.zone)).date()

    def day_start(self, day: date) -> Instant:
        """The first instant of the policy day `day`."""
        return wall_instants(self.zone, day, self.starts_at)[0]

    def day_of(self, instant: Instant) -> date:
        """The policy day that holds an instant."""
        return self.day_at(instant)[0]

    def day_at(self, instant: Instant) -> PolicyDay:
        """The policy day that holds an instant, and its ``[start, end)``."""
        known = _day_at_hour(self, instant // 3600)
        return known if instant < known[2] else self._day(self._day_of(instant))

    def _day(self, day: date) -> PolicyDay:
        return (day, *self.bounds("day", day))

    def _day_of(self, instant: Instant) -> date:
        day = self.local_date(instant)
        if instant < self.day_start(day):
            return day - timedelta(days=1)
        following = day + timedelta(days=1)
        return day if instant < self.day_start(following) else following

    def bounds(self, period: str, day: date) -> tuple[Instant, Instant]:
        """The ``[start, end)`` of the `day`, `week` or `month` that holds the policy day `day`."""
        first, after = self.dates(period, day)
        return self.day_start(first), self.day_start(after)

    def dates(self, period: str, day: date) -> tuple[date, date]:
        """The first policy day of a period and the first one after it."""
        if period == "day":
            return day, day + timedelta(days=1)
        if period == "week":
            first = day - timedelta(days=(day.weekday() - self.week_starts_on) % 7)
            return first, first + timedelta(days=7)
        if period == "month":
            first = day.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1)
        raise AssertionError(period)


@lru_cache(maxsize=65_536)
def _day_at_hour(days: DayScheme, hour: int) -> PolicyDay:
    """The policy day that holds the first instant of an hour since 1970."""
    return days._day(days._day_of(hour * 3600))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Holidays and make-up workdays, year by year, and how sure we are of each year.

    A year that is not `ANNOUNCED` gives more than one possible kind for a date; rules then take the strictest.
    """

    name: str
    years: dict[int, YearState] = field(default_factory=dict, hash=False)
    holidays: frozenset[date] = frozenset()
    makeup_workdays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    otherwise: YearState = YearState.UNKNOWN
    source: str = ""

    def state(self, year: int) -> YearState:
        """How sure the calendar is of a year; one that it does not hold is `otherwise`."""
        return self.years.get(year, self.otherwise)

    def kinds(self, day: date) -> tuple[DayKind, ...]:
        """What `day` is: one kind in an announced year, else every kind that it may turn out to be.

        A holiday that nobody announced is never assumed: an unannounced weekday is a school day, and an unannounced
        weekend day may be a make-up workday.
        """
        sure = self.state(day.year) is YearState.ANNOUNCED
        if day in self.makeup_workdays:
            return (DayKind.MAKEUP_WORKDAY,)
        if day in self.holidays:
            return (DayKind.HOLIDAY,) if sure else (DayKind.HOLIDAY, self._ordinary(day))
        if day.weekday() in self.weekend:
            return (DayKind.WEEKEND,) if sure else (DayKind.WEEKEND, DayKind.MAKEUP_WORKDAY)
        return (DayKind.SCHOOL_DAY,)

    def _ordinary(self, day: date) -> DayKind:
        return DayKind.MAKEUP_WORKDAY if day.weekday() in self.weekend else DayKind.SCHOOL_DAY


WEEKENDS_ONLY = Calendar("weekends", otherwise=YearState.ANNOUNCED, source="weekends only, no holidays")
"""The calendar of a policy that names none."""
