"""Fields of the sections on spending, content, recommendations and notifications: money, ratings, shares, counts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Unpack

from minorguard.model.age import ADULT
from minorguard.policy.fields import DocumentField, Options
from minorguard.policy.findings import shown
from minorguard.policy.money import MOST_MONEY, amount, currency
from minorguard.policy.refusals import refused

_RATING = re.compile(r"([0-9]{1,2})\+")
_PERCENT = re.compile(r"([0-9]{1,3})\s?%")


class Currency(DocumentField):
    """An ISO 4217 code such as `CNY`."""

    def _read(self, value: object) -> str:
        return currency(value)


class Money(DocumentField):
    """`50`, `50.00`: whole units of a currency, loaded as a `Decimal`; the section that knows the currency goes on."""

    most = MOST_MONEY

    def _read(self, value: object) -> Decimal:
        return amount(value)


class Rating(DocumentField):
    """`12+`: fit from that age on; from `0+` to `18+`."""

    most = ADULT

    def _read(self, value: object) -> str:
        match = _RATING.fullmatch(value) if isinstance(value, str) else None
        if match is not None and int(match[1]) <= self.most and str(int(match[1])) == match[1]:
            return match[0]
        number = str(value).rstrip("+").lstrip("0") or "0"
        meant = f"{number}+" if number.isdecimal() and number.isascii() and int(number[:9]) <= self.most else None
        choice = "" if meant else "; write it like `12+`, from `0+` to `18+`"
        raise refused("rating.bad", f"{shown(value)} is not a rating by age{choice}", meant)


class Percent(DocumentField):
    """`40%`, loaded as 40; from `0%` to `100%`."""

    def _read(self, value: object) -> int:
        match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if match is None or not match[0].isascii():
            raise refused("percent.bad", f"{shown(value)} is not a share; write whole per cent, like `40%`")
        if int(match[1]) > 100:
            raise refused("percent.range", f"{shown(value)} is more than everything; write at most `100%`")
        return int(match[1])


class Count(DocumentField):
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refused(
                "number.bad", f"{shown(value)} is not a whole number; write one from {self.least} to {self.most}"
            )
        if not self.least <= value <= self.most:
            raise refused(
                "number.range", f"{shown(value)} is outside {self.least} to {self.most}; write one in between"
            )
        return value
