"""The oracle of money and notifications against examples calculated by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    FeaturePeriod,
    Layer,
    NotificationRule,
    Origin,
    Span,
    SpendingRule,
)
from minorguard.model.state import Profile
from tests.oracle import wall
from tests.oracle.counted import Counted, hours
from tests.oracle.world import World

HOUR = 3_600
SHANGHAI = World("Asia/Shanghai", wall.at("2026-11-27T00:00:00+08:00"), 900, 8 * 96)
HOUSE = Origin("/house", Layer.PRODUCT, "policy")
CHILD = Profile("kid", "policy")


def counted(*bands: BandPolicy, profile: Profile = CHILD, world: World = SHANGHAI) -> Counted:
    """An oracle of some bands."""
    policy = CompiledPolicy("policy", 1, "digest", DayScheme(world.zone), WEEKENDS_ONLY, bands)
    return Counted(policy, profile, world)


def spending(**caps: Any) -> BandPolicy:
    """A band of one spending rule in yuan."""
    return BandPolicy(AgeBand(0, 18), spending=(SpendingRule(**{"origin": HOUSE, "currency": "CNY", **caps}),))


def notifications(**rule: Any) -> BandPolicy:
    """A band of one notification rule."""
    return BandPolicy(AgeBand(0, 18), notifications=(NotificationRule(origin=HOUSE, **rule),))


def at(text: str) -> int:
    """An instant of Friday 27 November 2026 and after, in Shanghai: month, day and time."""
    return wall.at(f"2026-{text}:00+08:00")


def test_a_day_and_a_month_of_money() -> None:
    """Of 80 a day and 100 a month, 50 leave 30 and 50; 40 more wait for the next day, and 60 for the next month."""
    seen = counted(spending(per_day=80, per_month=100))
    assert seen.buy(50, "CNY", None, at("11-27T10:00")).left == {"spend_day_minor": 30, "spend_month_minor": 50}
    forty = seen.may_spend(40, "CNY", None, at("11-27T11:00"))
    assert (forty.why, forty.again) == ({("spending.per_day", "/house"): at("11-28T00:00")}, at("11-28T00:00"))
    assert seen.may_spend(60, "CNY", None, at("11-27T11:00")).again == at("12-01T00:00")
    assert seen.may_spend(30, "CNY", None, at("11-27T11:00")).why == {}


def test_money_by_activity_and_currency() -> None:
    """A rule for games counts games; dollars are denied where it speaks, and only there."""
    seen = counted(spending(per_day=80, only=frozenset({"game"})))
    seen.buy(80, "CNY", "book", at("11-27T10:00"))
    assert seen.may_spend(80, "CNY", "game", at("11-27T10:00")).why == {}
    assert seen.may_spend(1, "USD", "game", at("11-27T10:00")).why == {("spending.currency", "/house"): None}
    assert seen.may_spend(1, "USD", "book", at("11-27T10:00")).why == {}


def test_a_quiet_night_and_three_an_hour() -> None:
    """Quiet from 21:00 to 08:00; one an hour comes back with the hour."""
    seen = counted(notifications(quiet=(Span(21 * HOUR, 8 * HOUR),), at_most=(1, FeaturePeriod.HOUR)))
    assert seen.send(at("11-27T20:15")).until == at("11-27T21:00")
    late = seen.may_send(at("11-27T20:30"))
    assert late.why == {("notification.exhausted", "/house"): at("11-27T21:00")}
    assert (late.again, late.left) == (at("11-28T08:00"), {"notifications": 0})


def test_a_birthday_counts_what_was_spent_before() -> None:
    """Twelve on the 28th: from that midnight the elder band's cap counts yesterday's purchase of the month."""
    old = SpendingRule(origin=HOUSE, currency="CNY", per_month=60)
    bands = BandPolicy(AgeBand(0, 12)), BandPolicy(AgeBand(12, 18), spending=(old,))
    seen = counted(*bands, profile=Profile("kid", "policy", born=date(2014, 11, 28)))
    seen.buy(50, "CNY", None, at("11-27T10:00"))
    assert seen.may_spend(20, "CNY", None, at("11-27T11:00")).until == at("11-28T00:00")


def test_hours_that_come_twice() -> None:
    """In New York 01:00 to 02:00 of 1 November comes twice, and is one hour of 120 minutes."""
    world = World("America/New_York", wall.at("2026-11-01T00:00:00-04:00"), 900, 20)
    names = hours(world)
    assert [names.count(name) for name in dict.fromkeys(names)] == [4, 8, 4, 4]
