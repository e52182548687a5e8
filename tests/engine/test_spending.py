"""Spending: caps by purchase, policy day and policy month; whole purchases only; exact ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.engine import reduce
from minorguard.errors import Conflict, InvalidInput
from minorguard.model.currencies import in_words
from minorguard.model.events import PurchaseMade
from minorguard.model.rules import Layer, SpendingRule, Strength
from minorguard.policy import compile_policy
from tests.build import child, codes, local, policy
from tests.engine.lives import Spender, ruled

CAPS = "{currency: CNY, per_purchase: 50.00, per_day: 80.00, per_month: 200.00}"


def spender(rules: str = CAPS, **where: str) -> Spender:
    return Spender(ruled("spending", rules, **where))


def test_a_day_has_room_for_so_much_and_no_more() -> None:
    """Of 80 a day, 50 and 30 fit; one fen more waits for midnight, and counts nothing."""
    life = spender()
    assert life.buy("2026-11-24 16:00", 5_000).remaining == {
        "spend_purchase_minor": 5_000,
        "spend_day_minor": 3_000,
        "spend_month_minor": 15_000,
    }
    before = life.state
    denied = life.buy("2026-11-24 16:01", 3_001)
    assert (codes(denied), local(denied.again)) == (["spending.per_day"], "2026-11-25 00:00:00")
    assert denied.remaining["spend_day_minor"] == 3_000
    assert life.state is before
    assert life.buy("2026-11-24 16:02", 3_000).remaining["spend_day_minor"] == 0
    assert life.buy("2026-11-25 00:00", 3_001).allowed


def test_a_denial_says_why_in_numbers_and_words() -> None:
    """The reason names the cap, what is spent, the purchase and what would lift it."""
    life = spender()
    life.buy("2026-11-24 16:00", 5_000)
    reason = life.may_buy("2026-11-24 16:01", 4_000).reason.to_dict()
    assert (reason["rule"], reason["layer"], reason["document"]) == ("/bands/0-18/spending", "product", "test")
    assert reason["data"] == {
        "period": "day",
        "limit_minor": 8_000,
        "used_minor": 5_000,
        "amount_minor": 4_000,
        "currency": "CNY",
        "activities": None,
        "allowed_at": "2026-11-25T00:00:00+08:00",
    }
    assert reason["lift"] == {"change": "raise", "to_minor": 9_000, "currency": "CNY"}
    assert reason["text"] == {
        "zh": "每天消费限额80.00元，今日已用50.00元，不能再支付40.00元。",
        "en": "At most CNY 80.00 a day; CNY 50.00 are spent, and CNY 40.00 more would be too much.",
    }


def test_every_cap_that_a_purchase_would_break_says_so() -> None:
    """Sixty yuan late in an expensive month break all three caps; that of one purchase is never lifted by waiting."""
    life = spender()
    for day in (21, 22, 23):
        life.buy(f"2026-11-{day} 16:00", 5_000)
    life.buy("2026-11-24 10:00", 3_000)
    denied = life.may_buy("2026-11-24 16:00", 6_000)
    assert codes(denied) == ["spending.per_purchase", "spending.per_day", "spending.per_month"]
    assert denied.again is None
    assert [one.data["allowed_at"] for one in denied.reasons] == [
        None,
        "2026-11-25T00:00:00+08:00",
        "2026-12-01T00:00:00+08:00",
    ]


def test_a_full_month_waits_for_the_next() -> None:
    """200 are spent by the 24th: nothing more fits before the 1st, also where the day has room."""
    life = spender()
    for day in (20, 21, 22, 23):
        assert life.buy(f"2026-11-{day} 16:00", 5_000).allowed
    denied = life.may_buy("2026-11-24 16:00", 1)
    assert (codes(denied), local(denied.again)) == (["spending.per_month"], "2026-12-01 00:00:00")
    assert life.buy("2026-12-01 00:00", 5_000).remaining["spend_month_minor"] == 15_000


def test_days_and_months_are_the_policys() -> None:
    """With days that start at 04:00, what is bought at 03:59 of 1 December belongs to 30 November, and to November."""
    life = spender(top='day_starts_at: "04:00"')
    life.buy("2026-12-01 03:59", 5_000)
    assert life.may_buy("2026-12-01 03:59", 1).remaining["spend_day_minor"] == 3_000
    assert local(life.may_buy("2026-12-01 03:59", 4_000).again) == "2026-12-01 04:00:00"
    assert life.may_buy("2026-12-01 04:00", 1).remaining["spend_month_minor"] == 20_000


def test_a_day_that_is_twenty_five_hours_long() -> None:
    """In New York 1 November 2026 has 25 hours; the day's money comes back at the next midnight, not before."""
    zone = "America/New_York"
    life = Spender(ruled("spending", "{currency: USD, per_day: 10.00}", zone=zone), zone=zone)
    life.buy("2026-11-01 00:00:00", 1_000, currency="USD")
    again = life.may_buy("2026-11-01 12:00", 1, currency="USD").again
    assert again is not None
    assert (local(again, zone), again - life.at("2026-11-01 00:00:00")) == ("2026-11-02 00:00:00", 25 * 3_600)


def test_a_day_without_a_midnight() -> None:
    """In Havana 8 March 2026 begins at 01:00: a purchase a second before is the day's before."""
    zone = "America/Havana"
    life = Spender(ruled("spending", "{currency: USD, per_day: 10.00}", zone=zone), zone=zone)
    life.buy("2026-03-07 23:59:59", 1_000, currency="USD")
    again = life.may_buy("2026-03-07 23:59:59", 1, currency="USD").again
    assert local(again, zone) == "2026-03-08 01:00:00"


def test_nothing_at_all_is_zero() -> None:
    """A cap of 0 denies every purchase for good; the answer does not promise a time."""
    denied = spender("{currency: CNY, per_day: 0}").may_buy("2026-11-24 16:00", 1)
    assert (codes(denied), denied.again, denied.remaining) == (["spending.per_day"], None, {"spend_day_minor": 0})


def test_another_currency_cannot_be_counted() -> None:
    """Dollars are denied where a rule counts yuan, and what is left in yuan is not said of dollars."""
    denied = spender().may_buy("2026-11-24 16:00", 100, currency="USD")
    assert (codes(denied), denied.again, denied.remaining) == (["spending.currency"], None, {})
    assert denied.reason.data["accepted"] == "CNY"
    assert denied.reason.lift == {"change": "pay_in", "currency": "CNY"}
    assert denied.reason.to_dict()["text"]["en"] == "Spending is limited in CNY; USD cannot be counted."


def test_a_rule_for_games_says_nothing_of_books() -> None:
    """`only: [game]` rules and counts games alone; a purchase for nothing in particular is the default activity's."""
    life = spender("{currency: CNY, per_day: 10.00, only: [game]}", top="default_activity: reading")
    assert life.buy("2026-11-24 16:00", 9_000, "book").remaining == {}
    assert life.buy("2026-11-24 16:00", 9_000).allowed
    assert life.buy("2026-11-24 16:01", 1_000, "game").remaining == {"spend_day_minor": 0}
    assert codes(life.may_buy("2026-11-24 16:02", 1, "game")) == ["spending.per_day"]
    assert [one.activity for one in life.state.purchases] == ["book", "reading", "game"]


def test_the_same_purchase_counts_once() -> None:
    """A retry is answered as the first call, also when nothing is left by then; another purchase needs another id."""
    life = spender()
    first = life.buy("2026-11-24 16:00", 5_000, id="a")
    life.buy("2026-11-24 16:01", 3_000, id="b")
    state = life.state
    again = life.buy("2026-11-24 16:02", 5_000, id="a")
    assert (again.effect, again.remaining) == (first.effect, first.remaining)
    assert life.state is state
    for amount, currency, activity in ((4_999, "CNY", None), (5_000, "USD", None), (5_000, "CNY", "game")):
        with pytest.raises(Conflict):
            life.buy("2026-11-24 16:03", amount, activity, id="a", currency=currency)
    assert life.buy("2026-11-24 16:03", 5_000, "general", id="a").allowed


def test_what_was_bought_stays_bought_when_rules_change() -> None:
    """After the policy forbids purchases, a retry of yesterday's is still told that it was made."""
    life = spender()
    life.buy("2026-11-24 16:00", 5_000, id="a")
    life.policy = ruled("spending", "{currency: CNY, per_day: 0}")
    again = life.buy("2026-11-24 16:01", 5_000, id="a")
    assert (again.effect, codes(again), again.again) == ("allow", ["spending.allowed"], None)


@pytest.mark.parametrize(("amount", "currency"), [(0, "CNY"), (-1, "CNY"), (1, "rmb"), (1, ""), (1, "YUAN")])
def test_what_is_no_money_is_refused(amount: int, currency: str) -> None:
    """Amounts are 1 or more, currencies three capital letters; the error says which is wrong."""
    with pytest.raises(InvalidInput) as refused:
        spender().may_buy("2026-11-24 16:00", amount, currency=currency)
    assert refused.value.where == ("amount" if amount < 1 else "currency")


def test_a_purchase_without_an_id_is_refused() -> None:
    """An empty id would be taken for the sum of an old day."""
    life = spender()
    with pytest.raises(InvalidInput):
        reduce(life.policy, life.state, PurchaseMade("", 1, "CNY"), life.at("2026-11-24 16:00"))


def test_money_asks_neither_time_nor_lease() -> None:
    """At night, with no session, a purchase is judged by its amount alone."""
    life = spender(top="features_need_lease: true")
    curfew = policy('curfew: ["22:00-06:00"]').bands[0].time
    life.policy = replace(life.policy, bands=tuple(replace(band, time=curfew) for band in life.policy.bands))
    assert codes(life.ask("2026-11-24 23:00")) == ["curfew.closed"]
    assert codes(life.may_buy("2026-11-24 23:00", 5_000)) == ["spending.allowed"]


def test_where_no_rule_speaks_of_money_it_is_allowed_and_remembered() -> None:
    """A guardian's cap of the afternoon counts what was spent in the morning without any."""
    life = Spender(ruled("notifications", "{at_most: 3/day}"))
    morning = life.buy("2026-11-24 09:00", 90_000)
    assert (codes(morning), morning.reason.origin, morning.remaining) == (["spending.allowed"], None, {})
    life.policy = ruled("spending", "{currency: CNY, per_month: 500.00}")
    assert codes(life.may_buy("2026-11-24 16:00", 1)) == ["spending.per_month"]


def test_observe_lets_pass_and_counts() -> None:
    """Under `observe` a purchase too many is made, told, and counted."""
    life = spender(top="enforcement: observe")
    life.buy("2026-11-24 16:00", 5_000)
    passed = life.buy("2026-11-24 16:01", 5_000)
    assert (passed.effect, passed.observed_effect, codes(passed)) == ("allow", "deny", ["spending.per_day"])
    assert life.may_buy("2026-11-24 16:02", 1).remaining["spend_month_minor"] == 10_000


BANDS = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-8": {}
  "8-16": {spending: {currency: CNY, per_purchase: 50.00, per_month: 200.00}}
  "16-18": {spending: {currency: CNY, per_purchase: 100.00, per_month: 400.00}}
"""


def test_a_birthday_in_the_middle_of_a_month_keeps_what_was_spent() -> None:
    """Eight on the 10th: what was spent before without a cap counts. Sixteen: the month's 200 count towards 400."""
    young = Spender(compile_policy(BANDS), child(born=date(2018, 11, 10)))
    assert young.buy("2026-11-05 16:00", 19_000).remaining == {}
    assert local(young.may_buy("2026-11-05 16:00", 2_000).until) == "2026-11-10 00:00:00"
    assert codes(young.may_buy("2026-11-10 00:00", 2_000)) == ["spending.per_month"]
    old = Spender(compile_policy(BANDS), child(born=date(2010, 11, 10)))
    for day in (1, 2, 3, 4):
        old.buy(f"2026-11-0{day} 16:00", 5_000)
    denied = old.may_buy("2026-11-09 16:00", 10_000)
    assert codes(denied) == ["spending.per_purchase", "spending.per_month"]
    assert local(denied.again) == "2026-11-11 00:00:00"  # on the birthday both bands hold
    assert old.buy("2026-11-11 00:00", 10_000).remaining["spend_month_minor"] == 10_000


def test_an_unknown_age_is_under_every_band() -> None:
    """The smallest cap of all bands counts, and each band that denies says so."""
    life = Spender(compile_policy(BANDS), child(band=None))
    assert life.may_buy("2026-11-24 16:00", 1).remaining == {"spend_purchase_minor": 5_000, "spend_month_minor": 20_000}
    denied = life.may_buy("2026-11-24 16:00", 20_000)
    assert [one.origin and one.origin.rule for one in denied.reasons] == [
        "/bands/8-16/spending",
        "/bands/16-18/spending",
    ]


def test_a_rule_that_several_bands_share_speaks_once() -> None:
    """The same rule of the law beneath two bands is one reason for a child of unknown age."""
    bands = compile_policy(BANDS)
    law = bands.bands[1].spending[0]
    origin = replace(law.origin, rule="/law", layer=Layer.LAW, strength=Strength.LAW)
    shared: tuple[SpendingRule, ...] = (replace(law, origin=origin),)
    both = replace(bands, bands=tuple(replace(band, spending=shared) for band in bands.bands))
    denied = Spender(both, child(band=None)).may_buy("2026-11-24 16:00", 6_000)
    assert codes(denied) == ["spending.per_purchase"]


@pytest.mark.parametrize(
    ("who", "code"), [({"born": date(2008, 11, 1)}, "age.adult"), ({"band": "8-16", "mode_on": False}, "mode.off")]
)
def test_adults_and_a_mode_that_is_off(who: dict, code: str) -> None:  # type: ignore[type-arg]
    """Nothing is limited, and the answer says why; what is spent is remembered."""
    mode_on = who.pop("mode_on", True)
    state = child(**who)
    life = Spender(compile_policy(BANDS), replace(state, profile=replace(state.profile, mode_on=mode_on)))
    assert codes(life.buy("2026-11-24 16:00", 90_000)) == [code]
    assert len(life.state.purchases) == 1


def test_rules_come_and_go_on_their_dates() -> None:
    """A cap that holds from the 26th to the 28th denies from that midnight, counts what went before, and goes."""
    month = ruled("spending", "{currency: CNY, per_month: 100.00}")
    rule = month.bands[0].spending[0]
    dated = replace(rule.origin, effective_from=date(2026, 11, 26), effective_to=date(2026, 11, 28))
    life = Spender(replace(month, bands=(replace(month.bands[0], spending=(replace(rule, origin=dated),)),)))
    life.buy("2026-11-24 16:00", 9_000)
    assert local(life.may_buy("2026-11-25 16:00", 2_000).until) == "2026-11-26 00:00:00"
    assert life.may_buy("2026-11-25 16:00", 1_000).until is None
    denied = life.may_buy("2026-11-26 00:00", 2_000)
    assert (codes(denied), local(denied.again)) == (["spending.per_month"], "2026-11-28 00:00:00")


def test_purchases_by_a_clock_that_is_ahead_count() -> None:
    """Two processes, five seconds apart about midnight: what the fast one sold counts for the slow one's answer."""
    life = spender("{currency: CNY, per_day: 50.00}")
    life.buy("2026-11-25 00:00:03", 5_000)
    assert local(life.may_buy("2026-11-24 23:59:58", 1).until) == "2026-11-25 00:00:00"
    assert codes(life.may_buy("2026-11-25 00:00:00", 1)) == ["spending.per_day"]


@pytest.mark.parametrize(
    ("units", "currency", "expected"),
    [
        (5_050, "CNY", ("50.50元", "CNY 50.50")),
        (5, "USD", ("0.05 USD", "USD 0.05")),
        (50, "JPY", ("50 JPY", "JPY 50")),
        (1_005, "KWD", ("1.005 KWD", "KWD 1.005")),
        (600, "XAU", ("600 XAU", "XAU 600")),
    ],
)
def test_money_in_words(units: int, currency: str, expected: tuple[str, str]) -> None:
    """Minor units are written with the decimals of their currency; of an unknown one they stay as they are."""
    assert in_words(units, currency) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12),
    st.integers(0, 45),
    st.integers(1, 9),
    st.tuples(*(st.none() | st.integers(0, 20) for _ in range(3))),
)
def test_again_is_the_first_day_on_which_it_fits(
    bought: list[tuple[int, int]], asked: int, amount: int, caps: tuple[int | None, ...]
) -> None:
    """Stepping through the days one by one finds no earlier change than the answer, and there it is."""
    given_caps = zip(("per_purchase", "per_day", "per_month"), caps, strict=True)
    rule = ", ".join(["currency: JPY", *(f"{key}: {cap}" for key, cap in given_caps if cap is not None)])
    life = spender("{" + rule + "}")
    days = [f"{date.fromordinal(date(2026, 11, 1).toordinal() + day)} 00:00:00" for day in range(130)]
    for number, (day, price) in enumerate(sorted(bought)):
        life.buy(days[day], price, id=f"order-{number}", currency="JPY")
    answer = life.may_buy(days[asked], amount, currency="JPY")
    fits = {day: life.may_buy(day, amount, currency="JPY").allowed for day in days[asked:]}
    changed = next((day for day, fit in fits.items() if fit != answer.allowed), None)
    assert changed == local(answer.until if answer.allowed else answer.again)


def test_sessions_leave_what_was_spent() -> None:
    """Opening, beating and ending keep purchases and notifications as they are."""
    life = Spender(compile_policy(BANDS.replace("200.00}", "200.00}, notifications: {at_most: 3/day}")))
    life.buy("2026-11-24 15:00", 600)
    life.notify("2026-11-24 15:00")
    before = (life.state.purchases, life.state.notifications)
    life.play("2026-11-24 16:00:00", "2026-11-24 16:05:00")
    assert before == (life.state.purchases, life.state.notifications)
    assert [len(marks) for marks in before] == [1, 1]
