"""What a purchase of a test costs, in minor units of its currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from minorguard.model.rules import CompiledPolicy
from minorguard.policy.money import minor_units
from minorguard.policy.refusals import refused


def price(data: Mapping[str, Any], policy: CompiledPolicy) -> tuple[int, str]:
    """The amount and its currency: its own, or else the one that the policy counts in. Raises `ValidationError`."""
    code = data.get("currency") or currency_of(policy)
    if code is None:
        message = "the policy counts in no currency, or in several; write one beside it, such as `currency: CNY`"
        raise refused("suite.currency", message)
    written: Decimal = data["purchase"]
    if not written:
        raise refused("suite.count", "a purchase of nothing asks nothing; write an amount above 0")
    return minor_units(written, code), code


def currency_of(policy: CompiledPolicy) -> str | None:
    """The one currency that the rules of a policy count in; None if there is none, or several."""
    codes = {rule.currency for band in policy.bands for rule in band.spending}
    return codes.pop() if len(codes) == 1 else None
