"""Marshmallow fields of a document: durations, clock times, spans, days, names, limits. Errors are `Problem`s."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from marshmallow import ValidationError, fields

from minorguard.errors import InvalidInput
from minorguard.model.age import ADULT, AgeBand
from minorguard.model.calendar import DAY, WEEKDAYS, DayKind
from minorguard.model.ids import check_word
from minorguard.model.rules import FeaturePeriod, Span
from minorguard.policy.findings import Problem, likely, listed, shown

MISSING = Problem("key.missing", "this key is required; add it", at_key=True)
NULL = Problem("value.null", "nothing is written here; write a value or remove the key", at_key=True)

FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS = tuple(kind.value for kind in DayKind)
DAY_WORDS: dict[str, str] = {
    **dict(zip(FULL_DAYS, WEEKDAYS, strict=True)),
    **{word: word for word in (*WEEKDAYS, *KINDS)},
}
"""Every spelling of a day, and the word that rules use for it."""

_DURATION = re.compile(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_LIMIT = re.compile(r"(\d{1,9})\s*/\s*([a-z_]+)")
_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
MOST_USES = 1_000
_LONGEST = 366 * DAY


def fail(code: str, message: str, suggestion: str | None = None) -> NoReturn:
    """Refuse a value."""
    raise ValidationError([Problem(code, message, suggestion)])


class DocumentField(fields.Field[Any]):
    """A field whose built-in errors carry codes."""

    default_error_messages = {"required": MISSING, "null": NULL}  # noqa: RUF012  # marshmallow's own spelling

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> object:
        return self._read(value)

    def _read(self, value: object) -> object:
        """The value as rules use it. Raises `ValidationError`."""
        raise NotImplementedError


class Text(DocumentField):
    """Any text of at most 200 characters."""

    def _read(self, value: object) -> str:
        return _text(value, "text")[:200]


class PolicyId(DocumentField):
    """The id of a policy, preset or calendar."""

    def _read(self, value: object) -> str:
        text = _text(value, "an id such as `short-video`")
        if not _ID.fullmatch(text.lower()):
            fail("name.bad", f"{shown(text)} is not an id; use letters, digits and `. _ -`, as in `short-video`")
        return text


class Name(DocumentField):
    """The name of an activity or feature, such as `gift.send`."""

    def _read(self, value: object) -> str:
        text = _text(value, "a name such as `game` or `gift.send`")
        try:
            return check_word("name", text)
        except InvalidInput:
            fail("name.bad", f"{shown(text)} is not a name; use letters, digits and `. _ : -`, as in `gift.send`")


class Word(DocumentField):
    """One of a few words; what is loaded is the word that the table gives for it."""

    def __init__(self, words: Mapping[str, Any] | Sequence[str], what: str = "word", *, required: bool = False) -> None:
        super().__init__(required=required)
        self.words = dict(words) if isinstance(words, Mapping) else {word: word for word in words}
        self.what = what

    def _read(self, value: object) -> object:
        if isinstance(value, str) and value in self.words:
            return self.words[value]
        near = likely(value, self.words) if isinstance(value, str) else None
        choice = "" if near else f"; write {listed(list(self.words))}"
        fail(f"{self.what}.unknown", f"unknown {self.what} {shown(value)}{choice}", near)


class DayWord(Word):
    """A weekday, long or short, or a kind of day."""

    def __init__(self, *extra: str, required: bool = False) -> None:
        super().__init__({**DAY_WORDS, **{word: word for word in extra}}, "day", required=required)


class Flag(DocumentField):
    """`true` or `false`, nothing like them."""

    def _read(self, value: object) -> bool:
        if not isinstance(value, bool):
            fail("value.flag", f"{shown(value)} is neither true nor false; write `true` or `false`")
        return value


class Duration(DocumentField):
    """`40m`, `1h30m`, `90s`, loaded as seconds; between `least` and `most` seconds."""

    def __init__(self, least: int = 0, most: int = _LONGEST, *, required: bool = False) -> None:
        super().__init__(required=required)
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
        number = int(value) if value == value and abs(value) < 1e9 else 40
        fail("duration.unit", f"{shown(value)} has no unit; write `{number}m` for minutes, or `h` or `s`")
    if not isinstance(value, str):
        fail("duration.bad", f"{shown(value)} is not a duration; write it like `40m`, `1h30m` or `90s`")
    if value.isdecimal():
        fail("duration.unit", f"{shown(value)} has no unit; write `{value[:9]}m` for minutes, or `h` or `s`")
    match = _DURATION.fullmatch(value)
    if match is None or not value:
        fail("duration.bad", f"{shown(value)} is not a duration; write it like `40m`, `1h30m` or `90s`")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3_600 + minutes * 60 + seconds


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
        fail("time.bad", f"{shown(text)} is not a time of day; write it like `06:30` or `22:00`")
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
        fail("span.bad", f"{shown(text)} is not a span; write it like `22:00-06:00`")
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

    def __init__(self, nested: fields.Nested, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.nested = nested

    def _read(self, value: object) -> Span:
        if not isinstance(value, Mapping):
            opens, closes = span_edges(value)
            return Span(opens, closes)
        loaded: dict[str, Any] = self.nested.deserialize(value)
        opens, closes = loaded["span"]
        return Span(opens, closes, frozenset(loaded["days"]) if "days" in loaded else None)


class Table(fields.Dict):
    """A mapping whose keys are the document's own."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "required": MISSING,
        "null": NULL,
        "invalid": Problem("value.shape", "this is not a mapping; write `key: value` lines"),
    }


class Entries(fields.List[Any]):
    """A list."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "required": MISSING,
        "null": NULL,
        "invalid": Problem("value.shape", "this is not a list; write it in brackets, such as `[...]`"),
    }

    def __init__(self, inner: fields.Field[Any], *, empty: bool = True, required: bool = False) -> None:
        super().__init__(inner, required=required)
        self.empty = empty

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> list[Any]:
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            raise self.make_error("invalid")
        if not value and not self.empty:
            fail("value.empty", "this list is empty; write an entry or remove the key")
        return super()._deserialize(value, None, None)


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

    def __init__(self, kinds: Sequence[str], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.kinds = tuple(kinds)
        self.entries = Entries(Word(kinds, "kind"))

    def _read(self, value: object) -> frozenset[str]:
        if value == "all":
            return frozenset(self.kinds)
        if isinstance(value, str):
            example = value if value in self.kinds else self.kinds[0]
            fail("kind.unknown", f"{shown(value)} is neither `all` nor a list; write `[{example}]`")
        return frozenset(str(kind) for kind in self.entries.deserialize(value) or ())


class UseLimit(DocumentField):
    """`20/day`, loaded as (uses, period)."""

    def _read(self, value: object) -> tuple[int, FeaturePeriod]:
        match = _LIMIT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            fail("limit.bad", f"{shown(value)} is not a limit; write it like `20/day`")
        periods = [period.value for period in FeaturePeriod]
        if match[2] not in periods:
            near = likely(match[2], periods)
            choice = "" if near else f"; write {listed(periods)}"
            fail("limit.bad", f"unknown period `{match[2][:40]}`{choice}", near)
        if not 1 <= int(match[1]) <= MOST_USES:
            fail("limit.range", f"{shown(value)} is outside 1 to {MOST_USES}; use `deny` for none, `allow` for more")
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
    fail("date.bad", f"{shown(text)} is not a date; write it like `2026-10-01`")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        fail("value.text", f"{shown(value)} is not text; write {what}, in quotes if need be")
    return value
