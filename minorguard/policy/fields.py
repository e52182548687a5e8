"""Fields of a document for time and limits: durations, clock times, spans, days, uses, ages. Errors are `Problem`s."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn, Unpack

from marshmallow import fields

from minorguard.errors import InvalidInput
from minorguard.model.age import ADULT, AgeBand
from minorguard.model.calendar import DAY, WEEKDAYS, DayKind
from minorguard.model.rules import FeaturePeriod, Span
from minorguard.policy.field_base import (
    MISSING,
    NULL,
    DocumentField,
    Entries,
    Flag,
    Name,
    Options,
    PolicyId,
    Table,
    Text,
    Word,
    fail,
    settings,
)
from minorguard.policy.findings import likely, listed, shown
from minorguard.policy.meant import clock_meant, day_meant, duration_meant, span_meant
from minorguard.policy.refusals import refused

FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS = tuple(kind.value for kind in DayKind)
DAY_WORDS: dict[str, str] = {
    **dict(zip(FULL_DAYS, WEEKDAYS, strict=True)),
    **{word: word for word in (*WEEKDAYS, *KINDS)},
}
"""Every spelling of a day, and the word that rules use for it."""

_DURATION = re.compile(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)
_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_LIMIT = re.compile(r"(\d{1,9})\s*/\s*([a-z_]+)", re.ASCII)
MOST_USES = 1_000
_LONGEST = 366 * DAY


class DayWord(Word):
    """A weekday, long or short, or a kind of day."""

    def __init__(self, *extra: str, **options: Unpack[Options]) -> None:
        super().__init__({**DAY_WORDS, **{word: word for word in extra}}, "day", **options)

    def _read(self, value: object) -> object:
        meant = day_meant(value) if isinstance(value, str) and value not in self.words else None
        if meant is not None:
            fail("day.unknown", f"unknown day {shown(value)}", meant)
        return super()._read(value)


class Duration(DocumentField):
    """`40m`, `1h30m`, `90s`, loaded as seconds; between `least` and `most` seconds."""

    def __init__(self, least: int = 0, most: int = _LONGEST, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _read(self, value: object) -> int:
        seconds = _duration(value)
        if seconds < self.least:
            fail("duration.range", f"{shown(value)} is too short; write at least `{spoken(self.least)}`")
        if seconds > self.most:
            fail("duration.range", f"{shown(value)} is too long; write at most `{spoken(self.most)}`")
        return seconds


def _duration(value: object) -> int:
    if isinstance(value, int | float) and not isinstance(value, bool):
        _no_unit(value, int(value) if value == value and abs(value) < 1e9 else 40)
    if isinstance(value, str) and value.isdecimal():
        _no_unit(value, int(value[:9]))
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not value:
        near = duration_meant(value) if isinstance(value, str) else None
        example = "" if near else "; write it like `40m`, `1h30m` or `90s`"
        fail("duration.bad", f"{shown(value)} is not a duration{example}", near)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3_600 + minutes * 60 + seconds


def _no_unit(value: object, number: int) -> NoReturn:
    fail("duration.unit", f"{shown(value)} has no unit; write `{number}m` for minutes, `{number}s` for seconds")


def spoken(seconds: int) -> str:
    """A duration as it is written in a document.

    >>> spoken(5400), spoken(90), spoken(0)
    ('1h30m', '1m30s', '0m')
    """
    parts = zip((seconds // 3_600, seconds % 3_600 // 60, seconds % 60), "hms", strict=True)
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


class Clock(DocumentField):
    """A time of day such as `22:00`, loaded as seconds after midnight."""

    def _read(self, value: object) -> int:
        return clock(value, closing=False)


def clock(text: object, *, closing: bool) -> int:
    """Seconds after midnight of `HH:MM`; `24:00` only as the end of a span. Raises `ValidationError`."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None or not match[0].isascii():
        near = clock_meant(text) if isinstance(text, str) else None
        example = "" if near else "; write it like `06:30` or `22:00`"
        fail("time.bad", f"{shown(text)} is not a time of day{example}", near)
    hours, minutes = int(match[1]), int(match[2])
    if (hours, minutes) == (24, 0) and not closing:
        fail("time.bad", "`24:00` can only end a span; write `00:00`")
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        fail("time.bad", f"{shown(text)} is not a time of day; hours go from `00` to `23`, minutes from `00` to `59`")
    return hours * 3_600 + minutes * 60


def span_edges(text: object) -> tuple[int, int]:
    """The opening and closing second of `22:00-06:00`. Raises `ValidationError`."""
    opens, dash, closes = text.partition("-") if isinstance(text, str) else ("", "", "")
    if not dash:
        near = span_meant(text) if isinstance(text, str) else None
        example = "" if near else "; write it like `22:00-06:00`"
        fail("span.bad", f"{shown(text)} is not a span{example}", near)
    edges = clock(opens.strip(), closing=False), clock(closes.strip(), closing=True)
    if edges[0] == edges[1]:
        fail("span.empty", f"{shown(text)} opens when it closes; write `00:00-24:00` for a whole day")
    return edges


class SpanText(DocumentField):
    """`22:00-06:00`, loaded as its two seconds."""

    def _read(self, value: object) -> tuple[int, int]:
        return span_edges(value)


class SpanEntry(DocumentField):
    """A span, or a mapping of `days` and `span`; loaded as a `Span`."""

    def __init__(self, nested: fields.Nested, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.nested = nested

    def _read(self, value: object) -> Span:
        if not isinstance(value, Mapping):
            opens, closes = span_edges(value)
            return Span(opens, closes)
        loaded: dict[str, Any] = self.nested.deserialize(value)
        opens, closes = loaded["span"]
        return Span(opens, closes, frozenset(loaded["days"]) if "days" in loaded else None)


class DayTable(DocumentField):
    """A duration, or a mapping of days to durations; loaded as a table of seconds by day word."""

    table = Table(keys=DayWord("otherwise"), values=Duration())

    def _read(self, value: object) -> dict[str, int]:
        if not isinstance(value, Mapping):
            return {"otherwise": Duration().deserialize(value)}
        words = [DAY_WORDS.get(str(key), str(key)) for key in value]
        twice = next((word for word in words if words.count(word) > 1), None)
        if twice is not None:
            fail("day.repeated", f"{shown(twice)} is written twice; keep one spelling of it")
        if not value:
            fail("value.empty", "this table is empty; write a duration such as `40m`")
        loaded: dict[str, int] = self.table.deserialize(value)
        return loaded


class Exemption(DocumentField):
    """`all`, or a list of kinds of rules."""

    def __init__(self, kinds: Sequence[str], **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.kinds = tuple(kinds)
        self.entries = Entries(Word(kinds, "kind"))

    def _read(self, value: object) -> frozenset[str]:
        if value == "all":
            return frozenset(self.kinds)
        if isinstance(value, str):
            example = value if value in self.kinds else self.kinds[0]
            fail("kind.unknown", f"{shown(value)} is neither `all` nor a list; write `[{example}]`")
        return frozenset(str(kind) for kind in self.entries.deserialize(value) or ())


class Sections(DocumentField):
    """`all`, or a list of sections."""

    def __init__(self, sections: Sequence[str], **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.sections = tuple(sections)
        self.entries = Entries(Word(sections, "section"))

    def _read(self, value: object) -> frozenset[str]:
        if value == "all":
            return frozenset(self.sections)
        if isinstance(value, str):
            example = value if value in self.sections else self.sections[0]
            fail("section.unknown", f"{shown(value)} is neither `all` nor a list; write `[{example}]`")
        return frozenset(str(section) for section in self.entries.deserialize(value))


class Extended(DocumentField):
    """The id of a preset or policy, or a mapping of `use` and `switch_on`; loaded as that mapping."""

    def __init__(self, nested: fields.Nested, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.nested = nested

    def _read(self, value: object) -> dict[str, Any]:
        if isinstance(value, Mapping):
            loaded: dict[str, Any] = self.nested.deserialize(value)
            return loaded
        return {"use": PolicyId().deserialize(value)}


class UseLimit(DocumentField):
    """`20/day`, loaded as (uses, period): at least `least` uses, in one of some periods."""

    def __init__(
        self, least: int = 1, periods: Sequence[FeaturePeriod] = tuple(FeaturePeriod), **options: Unpack[Options]
    ) -> None:
        super().__init__(**options)
        self.least, self.most = least, MOST_USES
        self.periods = tuple(periods)

    def _read(self, value: object) -> tuple[int, FeaturePeriod]:
        match = _LIMIT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            number = value if type(value) is int and self.least <= value <= self.most else 20
            fail("limit.bad", f"{shown(value)} is not a limit; write it like `{number}/day`")
        periods = [period.value for period in self.periods]
        if match[2] not in periods:
            near = likely(match[2], periods)
            choice = "" if near else f"; write {listed(periods)}"
            fail("limit.bad", f"unknown period `{match[2][:40]}`{choice}", near)
        if not self.least <= int(match[1]) <= self.most:
            none = "use `deny` for none, `allow` for more" if self.least else "leave the key out for more"
            fail("limit.range", f"{shown(value)} is outside {self.least} to {self.most}; {none}")
        return int(match[1]), FeaturePeriod(match[2])


class Band(DocumentField):
    """`12-16`, loaded as an `AgeBand` below the age of majority."""

    def _read(self, value: object) -> AgeBand:
        try:
            band = AgeBand.parse(value) if isinstance(value, str) and value.isascii() else None
        except InvalidInput as error:
            fail("band.bad", error.problem)
        if band is None:
            fail("band.bad", f"{shown(value)} is not an age band; write it like `12-16`, in quotes")
        if str(band) != value:
            fail("band.bad", f"{shown(value)} is spelt oddly; write `{band}`")
        if band.below_age > ADULT:
            fail("band.adult", f"{shown(value)} goes past {ADULT}, from when no rule applies; end it at `{ADULT}`")
        return band


class Day(DocumentField):
    """A date such as `2024-11-15`."""

    def _read(self, value: object) -> date:
        return parse_date(value)


def parse_date(text: object) -> date:
    """A date in the form `YYYY-MM-DD`. Raises `ValidationError`."""
    try:
        if isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refused("date.bad", f"{shown(text)} is not a date; write it like `2026-10-01`")


__all__ = [
    "DAY_WORDS",
    "FULL_DAYS",
    "KINDS",
    "MISSING",
    "MOST_USES",
    "NULL",
    "Band",
    "Clock",
    "Day",
    "DayTable",
    "DayWord",
    "DocumentField",
    "Duration",
    "Entries",
    "Exemption",
    "Extended",
    "Flag",
    "Name",
    "Options",
    "PolicyId",
    "Sections",
    "SpanEntry",
    "SpanText",
    "Table",
    "Text",
    "UseLimit",
    "Word",
    "clock",
    "fail",
    "parse_date",
    "settings",
    "span_edges",
    "spoken",
]
