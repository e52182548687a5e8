"""Amounts of money in documents: which currencies are known, and their exact minor units (ISO 4217)."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from minorguard.model.currencies import CURRENCIES
from minorguard.policy.findings import likely, shown
from minorguard.policy.refusals import refused

_MEANT = {"RMB": "CNY", "CNH": "CNY", "YUAN": "CNY", "¥": "CNY", "$": "USD", "€": "EUR", "£": "GBP", "NTD": "TWD"}
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?")
MOST_MONEY = 1_000_000_000
"""The largest amount, in whole units of its currency."""


def currency(value: object) -> str:
    """The code of a currency. Raises `ValidationError`."""
    if isinstance(value, str) and value in CURRENCIES:
        return value
    near = (_MEANT.get(value.upper()) or likely(value, CURRENCIES)) if isinstance(value, str) else None
    choice = "" if near else "; write an ISO 4217 code such as `CNY` or `USD`"
    raise refused("currency.unknown", f"unknown currency {shown(value)}{choice}", near)


def amount(value: object) -> Decimal:
    """An amount in whole units of a currency, exactly as written. Raises `ValidationError`."""
    written = None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e18:
        written = Decimal(str(value))
    elif isinstance(value, str) and _AMOUNT.fullmatch(value):
        written = Decimal(value)
    if written is None:
        raise refused("money.bad", f"{shown(value)} is not an amount of money; write it like `50` or `50.00`")
    if written < 0:
        raise refused("money.range", f"{shown(value)} is negative; write `0` for no spending at all")
    if written > MOST_MONEY:
        raise refused("money.range", f"{shown(value)} is too much; write at most `{MOST_MONEY}`")
    return written


def minor_units(written: Decimal, code: str) -> int:
    """An amount in the smallest units of a currency, such as fen or cents. Raises `ValidationError`.

    >>> minor_units(Decimal("50.5"), "CNY"), minor_units(Decimal("50"), "JPY")
    (5050, 50)
    """
    units = written.scaleb(CURRENCIES[code])
    if units != units.to_integral_value():
        decimals = CURRENCIES[code]
        most = f"at most {decimals} decimals" if decimals else "a whole number"
        raise refused("money.decimals", f"`{written}` is finer than `{code}` can be; write {most}")
    return int(units)


def written_as(units: int, code: str) -> str:
    """An amount of minor units as a document writes it.

    >>> written_as(5050, "CNY"), written_as(50, "JPY")
    ('50.50', '50')
    """
    return str(Decimal(units).scaleb(-CURRENCIES[code]))
