"""Marshmallow fields of policy tests: times, days, expectations. Durations, names and spans are those of policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from minorguard.model.calendar import DAY
from minorguard.policy.fields import DAY_WORDS, DocumentField, Duration, Entries, parse_date
from minorguard.policy.findings import likely, shown
from minorguard.policy.money import amount, currency
from minorguard.policy.refusals import refused
from minorguard.simulate.scenario import Moment

_TIME = re.compile(r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2})[ T])?([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_TIMES = "`16:00`, `16:00:30`, `2026-11-24 16:00` or `+30m`"
_NEVER = "never"
_LONGEST = 366 * DAY
_AGES = range(100)
_YEARS = range(2000, 2100)


class MomentField(DocumentField):
    """`16:00`, `16:00:30`, `2026-11-24 16:00`, `2026-11-24`, `+30m`; where it makes sense `never`."""

    def __init__(
        self, *, never: bool = False, dated: bool = False, relative: bool = True, required: bool = False
    ) -> None:
        super().__init__(required=required)
        self.never, self.dated, self.relative = never, dated, relative

    def _read(self, value: object) -> Moment:
        if self.never and value == _NEVER:
            return Moment(_NEVER)
        moment = _moment(value)
        if moment.after is not None and not self.relative:
            raise refused("suite.at", f"{shown(value)} is counted from nothing here; write a time such as `16:00`")
        if self.dated and moment.day is None:
            raise refused("suite.clock", f"{shown(value)} has no date; write it like `2026-11-24 16:00`")
        return moment


def _moment(value: object) -> Moment:
    text = value if isinstance(value, str) else ""
    if text.startswith("+"):
        return Moment(text, after=int(Duration(least=1, most=_LONGEST).deserialize(text[1:])))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return Moment(text, day=_date(text), second=0)
    match = _TIME.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:]) if match else (99, 0, 0)
    if match is None or hours > 23 or minutes > 59 or seconds > 59:
        raise refused("suite.at", f"{shown(value)} is not a time; write it like {_TIMES}, in quotes")
    return Moment(text, None if match[1] is None else _date(match[1]), hours * 3_600 + minutes * 60 + seconds)


def _date(text: str) -> date:
    day = parse_date(text)
    if day.year not in _YEARS:
        raise refused("suite.at", f"{shown(text)} is not in {_YEARS[0]} to {_YEARS[-1]}")
    return day


class Moments(DocumentField):
    """A time, or a list of them; loaded as a tuple."""

    def _read(self, value: object) -> tuple[Moment, ...]:
        if isinstance(value, list):
            return tuple(moment for moment in Entries(MomentField(), empty=False).deserialize(value) or () if moment)
        return (MomentField().deserialize(value),)


class NextDay(DocumentField):
    """A date, `next`, a weekday, or a kind of day; loaded as a date or a word."""

    words = ("next", *DAY_WORDS)

    def _read(self, value: object) -> date | str:
        text = value if isinstance(value, str) else ""
        if text == "next":
            return text
        if text in DAY_WORDS:
            return DAY_WORDS[text]
        if re.match("[0-9]", text):
            return _date(text)
        near = likely(text, self.words) if text else None
        choice = "" if near else "; write a date, `next`, a weekday such as `sat`, or a kind such as `holiday`"
        raise refused("suite.day", f"{shown(value)} is not a day{choice}", near)


class Age(DocumentField):
    """Whole years, 0 to 99."""

    def _read(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value not in _AGES:
            raise refused("suite.age", f"{shown(value)} is not an age; write whole years, such as `13`")
        return value


class Count(DocumentField):
    """How often, or how many: 1 to 1,000."""

    def _read(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000:
            raise refused("suite.count", f"{shown(value)} is not a number of times; write `1` to `1000`")
        return value


class Number(DocumentField):
    """A whole number that a decision may leave, 0 or more."""

    def _read(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise refused("suite.count", f"{shown(value)} is not a number of uses; write `0` or more")
        return value


class Amount(DocumentField):
    """An amount of money in whole units of its currency, exactly as it is written."""

    def _read(self, value: object) -> Decimal:
        return amount(value)


class Currency(DocumentField):
    """The code of a currency, such as `CNY`."""

    def _read(self, value: object) -> str:
        return currency(value)


class Settings(DocumentField):
    """A guardian's settings; the policy that they are laid over checks what is in them."""

    def _read(self, value: object) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise refused(
                "value.shape", f"{shown(value)} is not a guardian's settings; write them like `{{time: ...}}`"
            )
        return value


class Charged(DocumentField):
    """A duration, or durations by activity; the former is loaded under no name."""

    def _read(self, value: object) -> Mapping[str, int]:
        if not isinstance(value, Mapping):
            return {"": int(Duration().deserialize(value))}
        return {str(activity): int(Duration().deserialize(spent) or 0) for activity, spent in value.items()}


class OneOrMore(DocumentField):
    """A mapping, or a list of them, read by `inner`; loaded as a tuple."""

    def __init__(self, inner: Any, *, required: bool = False) -> None:  # noqa: ANN401  # any field
        super().__init__(required=required)
        self.inner = inner

    def _read(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            return (self.inner.deserialize(value),)
        if not value:
            raise refused("value.empty", "this list is empty; write an entry or remove the key")
        loaded: list[Any] = []
        errors: dict[int, Any] = {}
        for index, item in enumerate(value):
            try:
                loaded.append(self.inner.deserialize(item))
            except ValidationError as error:
                errors[index] = error.messages
        if errors:
            raise ValidationError(errors)
        return tuple(loaded)
