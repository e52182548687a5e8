"""Calendars as files: holidays and make-up workdays by year, and which years are known at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError

from minorguard.model.calendar import WEEKENDS_ONLY, Calendar, YearState
from minorguard.policy.document import read_mapping
from minorguard.policy.fields import FULL_DAYS, parse_date
from minorguard.policy.findings import Problem, Report, shown
from minorguard.policy.positions import join
from minorguard.policy.schema import CalendarSchema, load

_LONGEST_BREAK = 62
"""Days; a longer range is a slip of the pen."""


def load_calendar(text: str, file: str = "<text>") -> Calendar:
    """Read a calendar file. Raises `PolicyInvalid` with every finding."""
    report = Report(file)
    calendar = read_calendar(text, report)
    report.raise_if_failed()
    assert calendar is not None
    return calendar


def read_calendar(text: str, report: Report) -> Calendar | None:
    """The calendar of a text; None with findings in `report` when it is broken."""
    data = read_mapping(text, report)
    loaded = load(CalendarSchema(), data, report) if data is not None else None
    if loaded is None:
        return None
    years, holidays, makeup = _years(loaded["years"], report)
    return Calendar(loaded["calendar"], years, frozenset(holidays), frozenset(makeup), source=loaded.get("source", ""))


def _years(entries: Mapping[str, Any], report: Report) -> tuple[dict[int, YearState], frozenset[date], frozenset[date]]:
    years: dict[int, YearState] = {}
    holidays: set[date] = set()
    makeup: set[date] = set()
    for key, entry in entries.items():
        pointer = join("/years", key)
        if not (len(key) == 4 and key.isascii() and key.isdecimal() and key >= "1900"):
            report.add(pointer, Problem("year.bad", f"{shown(key)} is not a year; write it like `2026`", at_key=True))
            continue
        years[int(key)] = YearState(entry["state"])
        free = set(_dates(entry.get("holidays", ()), join(pointer, "holidays"), int(key), report))
        worked = entry.get("makeup_workdays", [])
        _check_year(free, worked, join(pointer, "makeup_workdays"), int(key), report)
        holidays |= free
        makeup.update(worked)
    return years, frozenset(holidays), frozenset(makeup)


def _check_year(free: set[date], worked: list[date], pointer: str, year: int, report: Report) -> None:
    for index, day in enumerate(worked):
        place = join(pointer, index)
        if day.year != year:
            report.error("date.year", place, f"`{day}` is not in {year}; move it to its year")
        if day in free:
            report.error("date.twice", place, f"`{day}` is both a holiday and a make-up workday; remove one")
        if day.weekday() not in WEEKENDS_ONLY.weekend:
            message = f"`{day}` is a {FULL_DAYS[day.weekday()]}, and worked anyway; write the weekend day that is meant"
            report.warning("date.weekday", place, message)


def _dates(entries: list[str], pointer: str, year: int, report: Report) -> Iterator[date]:
    for index, entry in enumerate(entries):
        try:
            days = _range(entry)
        except ValidationError as error:
            for problem in error.messages:
                assert isinstance(problem, Problem)
                report.add(join(pointer, index), problem)
            continue
        if any(day.year != year for day in days):
            message = f"{shown(entry)} is not in {year}; move it to its year"
            report.error("date.year", join(pointer, index), message)
        yield from days


def _range(text: str) -> list[date]:
    """The dates of `2026-01-01` or `2026-01-01/2026-01-03`, both ends included."""
    first, dash, last = text.partition("/")
    start = parse_date(first)
    end = parse_date(last) if dash else start
    length = (end - start).days + 1
    if not 1 <= length <= _LONGEST_BREAK:
        problem = Problem("date.range", f"{shown(text)} is no break of 1 to {_LONGEST_BREAK} days; write `first/last`")
        raise ValidationError([problem])
    return [start + timedelta(days=offset) for offset in range(length)]


@cache
def builtin_calendars() -> Mapping[str, Calendar]:
    """The calendars that ship, by name; read once."""
    folder = files("minorguard.policy").joinpath("calendars")
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)
    loaded = [load_calendar(entry.read_text("utf-8"), entry.name) for entry in entries]
    return MappingProxyType({calendar.name: calendar for calendar in loaded})
