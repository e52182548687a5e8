"""A year of use in a kilobyte or so: folding keeps every answer and little else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from minorguard.engine.settle import MAX_GRANTS, MAX_PURCHASES, MAX_SENT, settle
from minorguard.errors import Conflict, NotFound
from minorguard.model.questions import TimeQuestion
from minorguard.model.state import Purchase
from minorguard.storage.codec import encode
from tests.build import Life, policy
from tests.engine.lives import Spender, ruled

TIME = "quota: {daily: 2h, weekly: 8h, monthly: 20h, per_activity: {game: {weekly: 3h}}}"


def _day(life: Life, day: date) -> None:
    life.play(f"{day} 15:00", f"{day} 15:20", device="tablet", activity="video")
    life.play(f"{day} 15:10", f"{day} 15:30", device="phone", activity="game")


def test_folded_days_still_count_in_weeks_and_months() -> None:
    """Ten days of half an hour: the month knows all of them, the week its own, games only theirs."""
    life = Life(policy(TIME))
    first = date(2026, 11, 2)
    for number in range(10):
        _day(life, first + timedelta(days=number))
    assert len(life.state.days) == 7
    remaining = life.ask("2026-11-11 20:00", TimeQuestion("game")).remaining
    assert remaining["month_seconds"] == 20 * 3600 - 10 * 1800
    assert remaining["week_seconds"] == 3 * 3600 - 3 * 1200
    assert life.ask("2026-11-11 20:00", TimeQuestion("video")).remaining["week_seconds"] == 8 * 3600 - 3 * 1800


def test_memory_stays_small_for_ever() -> None:
    """After 400 days of use the state is no larger than after 60."""
    life = Life(policy(TIME.replace("20h", "100h").replace("8h", "40h"), top="slice: 10m"))
    first = date(2026, 1, 1)
    sizes = []
    for number in range(400):
        _day(life, first + timedelta(days=number))
        sizes.append(len(encode(life.state)))
    assert max(sizes[60:]) <= 1.1 * sizes[59]
    assert sizes[-1] < 4096


def test_totals_by_day_split_overlaps_exactly() -> None:
    """Of two devices at once, each union can still be had: video 20, game 20, together 30 minutes."""
    life = Life(policy(TIME))
    _day(life, date(2026, 11, 2))
    _day(life, date(2026, 11, 9))
    (folded,) = life.state.days
    atoms = {tuple(sorted(activity for _, activity in tracks)): seconds for tracks, seconds in folded.atoms}
    assert atoms == {("video",): 600, ("game", "video"): 600, ("game",): 600}


def test_a_session_may_be_taken_up_again_within_a_day_and_not_later() -> None:
    """A device that slept overnight goes on; after 24 hours a new session is opened."""
    life = Life(policy("quota: {daily: 2h}"))
    life.open("2026-11-24 16:00")
    assert life.beat("2026-11-25 15:00").allowed
    with pytest.raises(NotFound):
        life.beat("2026-11-26 16:00")


def test_purchases_long_past_become_sums_that_still_count() -> None:
    """Three purchases of a day three days ago are one row by activity; the month still knows every fen."""
    life = Spender(ruled("spending", "{currency: CNY, per_day: 50.00, per_month: 100.00}"))
    for number, (amount, activity) in enumerate(((600, "game"), (700, "game"), (800, "book"))):
        life.buy(f"2026-11-10 1{number}:00", amount, activity)
    left = life.buy("2026-11-14 12:00", 100, id="new").remaining["spend_month_minor"]
    assert left == 10_000 - 600 - 700 - 800 - 100
    assert life.state.purchases == (
        Purchase("", life.at("2026-11-10 12:00"), 800, "CNY", "book"),
        Purchase("", life.at("2026-11-10 11:00"), 1_300, "CNY", "game"),
        Purchase("new", life.at("2026-11-14 12:00"), 100, "CNY", "general"),
    )


@pytest.mark.parametrize("where", [{"top": 'day_starts_at: "06:00"'}, {"zone": "UTC"}])
def test_what_was_bought_on_the_first_counts_where_days_begin_later_from_then_on(where: dict[str, str]) -> None:
    """A sum stands at its last purchase, at noon, and not at the start of a day that is of October now."""
    rules = "{currency: CNY, per_month: 100.00}"
    life = Spender(ruled("spending", rules))
    life.buy("2026-11-01 12:00", 9_000)
    life.buy("2026-11-10 12:00", 100)
    life.policy = ruled("spending", rules, **where)
    assert life.may_buy("2026-11-10 12:01", 901).reason.code == "spending.per_month"
    assert life.may_buy("2026-11-10 12:01", 900).allowed


def test_purchases_of_no_month_of_todays_go() -> None:
    """Two months later nothing is left of them."""
    life = Spender(ruled("spending", "{currency: CNY, per_month: 100.00}"))
    life.buy("2026-11-10 12:00", 600)
    life.buy("2027-01-10 12:00", 100)
    assert [one.amount for one in life.state.purchases] == [100]


def test_a_purchase_on_the_first_counts_on_the_thirty_first() -> None:
    """The longest month is remembered whole, however the days between were folded."""
    life = Spender(ruled("spending", "{currency: CNY, per_month: 100.00}"))
    for day in range(1, 31):
        life.buy(f"2026-12-{day:02} 00:00", 100)
    assert life.may_buy("2026-12-31 23:59", 1).remaining["spend_month_minor"] == 7_000
    assert len(life.state.purchases) == 30


def test_more_purchases_than_anybody_makes_are_refused() -> None:
    """Memory has a bound, and money is never forgotten: at the bound the call is refused, and counts nothing."""
    life = Spender(ruled("spending", "{currency: CNY, per_month: 100000.00}"))
    one = Purchase("old", life.at("2026-11-24 12:00"), 1, "CNY", "game")
    full = tuple(replace(one, id=f"old-{number}") for number in range(MAX_PURCHASES))
    life.state = replace(life.state, purchases=full)
    with pytest.raises(Conflict):
        life.buy("2026-11-24 13:00", 1)
    assert life.buy("2026-11-27 13:00", 1).remaining["spend_month_minor"] == 10_000_000 - MAX_PURCHASES - 1
    assert len(life.state.purchases) == 2


def test_more_grants_than_anybody_gives_are_refused() -> None:
    """Memory has a bound whatever ids are sent; one that is known stays given, and days later there is room again."""
    life = Life(policy(TIME, top="guardian: {may_extend: {daily: 30m, per_day: 60m}}"))
    for number in range(MAX_GRANTS):
        life.grant("2026-11-24 16:00", 1, "2026-11-24", id=f"g{number}")
    with pytest.raises(Conflict):
        life.grant("2026-11-24 16:00", 1, "2026-11-24", id="one-more")
    life.grant("2026-11-24 16:00", 1, "2026-11-24", id="g0")
    life.grant("2026-11-27 16:00", 1, "2026-11-27", id="one-more")
    assert [grant.id for grant in life.state.grants] == ["one-more"]


def test_memory_of_notifications_stays_small() -> None:
    """A thousand notifications in two weeks take a few kilobytes, and the week's count is exact."""
    life = Spender(ruled("notifications", "{at_most: 1000/week}"))
    for number in range(1_000):
        minutes = number * 20
        life.notify(f"2026-11-{10 + minutes // 1_440} {minutes // 60 % 24:02}:{minutes % 60:02}")
    last = life.state.notifications[-1].at
    monday = life.at("2026-11-23 00:00")
    sent = (last - monday) // 1_200 + 1
    assert life.may_notify("2026-11-23 23:59").remaining == {"notifications": 1_000 - sent}
    assert len(life.state.notifications) <= MAX_SENT + 1 + 75 + 10
    assert len(encode(life.state)) < 8_192


def test_a_settled_memory_is_left_alone() -> None:
    """Settling again changes nothing, and gives the same object, so that nothing is written."""
    life = Spender(ruled("spending", "{currency: CNY, per_month: 100.00}"))
    for day in (10, 11, 20):
        life.buy(f"2026-11-{day} 12:00", 100)
        life.notify(f"2026-11-{day} 12:00")
    once = settle(life.policy, life.state, life.at("2026-11-25 12:00"))
    assert settle(life.policy, once, life.at("2026-11-25 12:00")) is once
