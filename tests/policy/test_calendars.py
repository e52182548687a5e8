"""The calendar of mainland China, and calendar files."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import DayKind, YearState
from minorguard.policy import builtin_calendars, load_calendar

CN = builtin_calendars()["CN"]
GOOD = """\
calendar: HK
years:
  2026:
    state: announced
    source: gazette
    holidays: [2026-01-01, 2026-02-17/2026-02-19]
    makeup_workdays: [2026-01-04]
  2027: {state: predicted, source: guess}
"""


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_day_is_what_chinesecalendar_says(year):
    """Holidays, make-up workdays and working days equal an independent table, day by day."""
    day = date(year, 1, 1)
    while day.year == year:
        (kind,) = CN.kinds(day)
        assert chinese_calendar.is_workday(day) == (kind in {DayKind.SCHOOL_DAY, DayKind.MAKEUP_WORKDAY}), day
        assert (day in chinese_calendar.holidays) == (kind is DayKind.HOLIDAY), day
        assert (day in chinese_calendar.workdays) == (kind is DayKind.MAKEUP_WORKDAY), day
        day += timedelta(days=1)


def test_the_breaks_of_2026_are_those_of_the_notice():
    """The breaks and make-up workdays of 2026 as the State Council announced them on 2025-11-04."""
    breaks = [((1, 1), 3), ((2, 15), 9), ((4, 4), 3), ((5, 1), 5), ((6, 19), 3), ((9, 25), 3), ((10, 1), 7)]
    expected = {date(2026, *first) + timedelta(days=n) for first, length in breaks for n in range(length)}
    assert expected == {day for day in CN.holidays if day.year == 2026}
    makeup = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
    assert {date(2026, *day) for day in makeup} == {day for day in CN.makeup_workdays if day.year == 2026}


def test_2027_is_unknown_and_strict():
    """A year that nobody announced is unknown: a weekday is a school day, a weekend day may be a workday."""
    assert YearState.UNKNOWN is CN.state(2027)
    assert CN.kinds(date(2027, 10, 1)) == (DayKind.SCHOOL_DAY,)
    assert CN.kinds(date(2027, 10, 2)) == (DayKind.WEEKEND, DayKind.MAKEUP_WORKDAY)


def test_a_calendar_file_is_read():
    """Single days and ranges with both ends are holidays; states of years are kept."""
    calendar = load_calendar(GOOD)
    assert {date(2026, 1, 1), date(2026, 2, 17), date(2026, 2, 18), date(2026, 2, 19)} == calendar.holidays
    assert {date(2026, 1, 4)} == calendar.makeup_workdays
    assert calendar.years == {2026: YearState.ANNOUNCED, 2027: YearState.PREDICTED}


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer"),
    [
        ("2026:", "26:", "year.bad", "/years/26"),
        ("announced", "anounced", "word.unknown", "/years/2026/state"),
        ("2026-01-01,", "2026-13-01,", "date.bad", "/years/2026/holidays/0"),
        ("2026-01-01,", "20260101,", "value.text", "/years/2026/holidays/0"),
        ("2026-01-01,", "2025-01-01,", "date.year", "/years/2026/holidays/0"),
        ("2026-02-19", "2026-02-16", "date.range", "/years/2026/holidays/1"),
        ("2026-02-19", "2026-12-31", "date.range", "/years/2026/holidays/1"),
        ("[2026-01-04]", "[2026-01-01]", "date.twice", "/years/2026/makeup_workdays/0"),
        ("[2026-01-04]", "[2027-01-04]", "date.year", "/years/2026/makeup_workdays/0"),
        ("2026-01-01,", "2026-01-01/,", "date.bad", "/years/2026/holidays/0"),
        ("source: gazette\n", "sauce: gazette\n", "key.unknown", "/years/2026/sauce"),
        ("calendar: HK\n", "", "key.missing", "/calendar"),
        (GOOD, "", "yaml.empty", ""),
    ],
)
def test_broken_calendars_are_refused(old, new, code, pointer):
    """Each slip in a calendar file is a finding with a code and a pointer."""
    assert old in GOOD
    with pytest.raises(PolicyInvalid) as caught:
        load_calendar(GOOD.replace(old, new, 1), "hk.yaml")
    assert (code, pointer) in {(found.code, found.pointer) for found in caught.value.findings}
