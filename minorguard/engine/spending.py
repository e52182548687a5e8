"""Spending: a purchase fits under every cap of every rule in force, or none of it is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minorguard.engine.binding import Held
from minorguard.engine.demands import Answer, Demand, judge
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER
from minorguard.errors import InvalidInput
from minorguard.model.calendar import DAY
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import SpendingRule
from minorguard.model.state import Intervals, Purchase

MOST_MINOR = 10**12
"""Of money, in minor units: the most that a policy can allow, too."""
_CODE = re.compile(r"[A-Z]{3}")
_ALWAYS: Intervals = ((0, FOREVER),)
_LONGEST: dict[str, Seconds] = {"day": 3 * DAY, "month": 33 * DAY}
"""Longer than any policy day and month, whatever clocks do."""


@dataclass(frozen=True, slots=True)
class Cap:
    """One amount of a rule: what a purchase, or the purchases of a day or month, may cost."""

    held: Held[SpendingRule]
    period: str
    """`purchase`, `day` or `month`."""
    limit: int

    def counts(self, purchase: Purchase) -> bool:
        """Whether a purchase was made with the money, and for the activities, that the rule speaks of."""
        return purchase.currency == self.held.rule.currency and rules(self.held.rule, purchase.activity)

    def left(self, look: Look, at: Instant) -> int:
        """What it leaves at an instant, never below 0."""
        return self.limit if self.period == "purchase" else max(0, self.limit - self.spent(look, at))

    def spent(self, look: Look, at: Instant) -> int:
        """What was spent in the period that holds an instant; by a clock that is ahead, too."""
        start, end = look.policy.days.bounds(self.period, look.day_of(at))
        return sum(p.amount for p in look.state.purchases if start <= p.at < end and self.counts(p))

    def full(self, look: Look, amount: int, since: Instant) -> Intervals:
        """The periods, among those that end after `since`, in which `amount` more would be too much."""
        if amount > self.limit:
            return _ALWAYS
        if self.period == "purchase":
            return ()
        days = look.policy.days
        sums: dict[tuple[Instant, Instant], int] = {}
        for purchase in look.state.purchases:
            if purchase.at > since - _LONGEST[self.period] and self.counts(purchase):
                bounds = days.bounds(self.period, days.day_of(purchase.at))
                sums[bounds] = sums.get(bounds, 0) + purchase.amount
        return tuple(sorted(bounds for bounds, spent in sums.items() if spent + amount > self.limit))


def rules(rule: SpendingRule, activity: str) -> bool:
    """Whether a rule speaks of what is bought for an activity."""
    return rule.only is None or activity in rule.only


def check_purchase(amount: int, currency: str) -> None:
    """Raises `InvalidInput` for what is no amount of money."""
    if type(amount) is not int or not 1 <= amount <= MOST_MINOR:  # 6.0 is yuan to whoever writes it, not fen
        whole = f"must be a whole number, 1 to {MOST_MINOR}"
        raise InvalidInput("amount", f"{whole}, in minor units of the currency (fen, cents)")
    if not _CODE.fullmatch(currency):
        raise InvalidInput("currency", f"`{currency}` is not an ISO 4217 code; write it like `CNY`")


def judge_spending(look: Look, amount: int, currency: str, now: Instant) -> Answer:
    """Whether a purchase may be made at `now`, for the activity that is looked at."""
    return judge(look, tuple(_demands(look, amount, currency, now)), now)


def left_to_spend(look: Look, currency: str, now: Instant) -> dict[str, int]:
    """The least that the rules in force leave in a currency, in minor units: for a purchase, the day, the month."""
    left: dict[str, int] = {}
    for cap in _caps_now(look, currency, now):
        key = f"spend_{cap.period}_minor"
        left[key] = min(left.get(key, cap.limit), cap.left(look, now))
    return left


def tightest(look: Look, currency: str, now: Instant) -> SpendingRule | None:
    """The rule in force that leaves the least."""
    caps = [(cap.left(look, now), cap.held.rule) for cap in _caps_now(look, currency, now)]
    return min(caps, key=lambda pair: pair[0])[1] if caps else None


def _caps_now(look: Look, currency: str, now: Instant) -> Iterator[Cap]:
    for held in _held(look):
        if held.rule.currency == currency and held.holds(now):
            yield from _caps(held)


def _held(look: Look) -> Iterator[Held[SpendingRule]]:
    return (held for held in look.binding.spending if rules(held.rule, look.activity))


def _caps(held: Held[SpendingRule]) -> Iterator[Cap]:
    rule = held.rule
    limits = (("purchase", rule.per_purchase), ("day", rule.per_day), ("month", rule.per_month))
    return (Cap(held, period, limit) for period, limit in limits if limit is not None)


def _demands(look: Look, amount: int, currency: str, now: Instant) -> Iterator[Demand]:
    for held in _held(look):
        if held.rule.currency != currency:
            yield _in_other_money(held, amount, currency)
            continue
        for cap in _caps(held):
            yield _capped(look, cap, amount, now)


def _in_other_money(held: Held[SpendingRule], amount: int, currency: str) -> Demand:
    accepted = held.rule.currency
    data = _data(held.rule, amount, currency) | {"accepted": accepted}
    lift = {"change": "pay_in", "currency": accepted}
    return Demand(
        held.times,
        lambda _at, _until: _ALWAYS,
        lambda at: Reason("spending.currency", held.rule.origin, {**data, "allowed_at": at}, lift),
    )


def _capped(look: Look, cap: Cap, amount: int, now: Instant) -> Demand:
    rule = cap.held.rule
    full = cap.full(look, amount, now)

    def why(allowed_at: str | None) -> Reason:
        used = 0 if cap.period == "purchase" else cap.spent(look, now)
        data = _data(rule, amount, rule.currency) | {"period": cap.period, "limit_minor": cap.limit, "used_minor": used}
        lift = {"change": "raise", "to_minor": used + amount, "currency": rule.currency}
        return Reason(f"spending.per_{cap.period}", rule.origin, {**data, "allowed_at": allowed_at}, lift)

    def unmet(at: Instant, until: Instant) -> Intervals:
        return tuple((start, end) for start, end in full if start < until and end > at)

    return Demand(cap.held.times, unmet, why)


def _data(rule: SpendingRule, amount: int, currency: str) -> dict[str, Any]:
    activities = sorted(rule.only) if rule.only is not None else None
    return {"amount_minor": amount, "currency": currency, "activities": activities}
