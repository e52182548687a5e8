"""Notifications: quiet spans, so many a period, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.engine import decide, reduce
from minorguard.engine.periods import wall_hour
from minorguard.errors import InvalidInput
from minorguard.model.events import NotificationSent
from minorguard.model.questions import NotificationQuestion
from minorguard.policy import compile_policy
from tests.build import child, codes, local
from tests.engine.lives import Spender, ruled

QUIET = '{quiet: ["21:00-08:00", {days: [school_day], span: "08:00-15:00"}], at_most: 3/day}'


def pushed(rules: str = QUIET, **where: str) -> Spender:
    return Spender(ruled("notifications", rules, **where))


def test_a_quiet_night() -> None:
    """From 21:00 on nothing is sent; on Friday evening the answer is Saturday at 08:00, on Sunday Monday at 15:00."""
    life = pushed()
    assert local(life.may_notify("2026-11-27 20:59:59").until) == "2026-11-27 21:00:00"
    friday = life.may_notify("2026-11-27 21:00")
    assert (codes(friday), local(friday.again)) == (["notification.quiet"], "2026-11-28 08:00:00")
    assert life.may_notify("2026-11-28 08:00").allowed
    assert local(life.may_notify("2026-11-29 21:00").again) == "2026-11-30 15:00:00"


def test_a_denial_says_when_and_why() -> None:
    """The reason names the rule, its spans and when it ends, in both languages."""
    life = pushed('{quiet: ["21:00-08:00"]}')
    denied = life.may_notify("2026-11-27 22:00").to_dict()
    (reason,) = denied["reasons"]
    assert (denied["effect"], denied["valid_until"], denied["obligations"]) == ("deny", None, [])
    assert (reason["rule"], reason["layer"]) == ("/bands/0-18/notifications", "product")
    assert reason["data"] == {
        "spans": [{"span": "21:00-08:00", "days": None}],
        "allowed_at": "2026-11-28T08:00:00+08:00",
    }
    assert reason["lift"] == {"change": "allow_at", "at": "2026-11-27T22:00:00+08:00"}
    assert reason["text"] == {
        "zh": "免打扰时段（21:00-08:00）内不发送通知。",
        "en": "No notifications are sent now (21:00-08:00).",
    }


def test_three_a_day_are_three() -> None:
    """The fourth waits for midnight or for the end of the quiet night, whichever is later, and counts nothing."""
    life = pushed()
    assert [life.notify(f"2026-11-28 1{hour}:00").remaining for hour in range(3)] == [
        {"notifications": left} for left in (2, 1, 0)
    ]
    before = life.state
    denied = life.notify("2026-11-28 19:00")
    assert (codes(denied), local(denied.again)) == (["notification.exhausted"], "2026-11-29 08:00:00")
    assert denied.reason.data == {
        "period": "day",
        "limit": 3,
        "used": 3,
        "allowed_at": "2026-11-29T00:00:00+08:00",
    }
    assert denied.reason.lift == {"change": "raise", "to": 4}
    assert denied.reason.to_dict()["text"]["en"] == "At most 3 notifications a day; 3 are sent."
    assert life.state is before


def test_quiet_and_exhausted_are_both_told() -> None:
    """At night after three, both rules' words stand side by side."""
    life = pushed()
    for hour in (16, 17, 18):
        life.notify(f"2026-11-24 {hour}:00")
    assert codes(life.may_notify("2026-11-24 22:00")) == ["notification.quiet", "notification.exhausted"]


@pytest.mark.parametrize(
    ("at_most", "again"),
    [("1/hour", "2026-11-24 17:00:00"), ("1/day", "2026-11-25 00:00:00"), ("1/week", "2026-11-30 00:00:00")],
)
def test_periods_are_the_clocks_and_the_policys(at_most: str, again: str) -> None:
    """An hour of the wall clock, a policy day, a policy week."""
    life = pushed(f"{{at_most: {at_most}}}")
    life.notify("2026-11-24 16:59:59")
    assert local(life.may_notify("2026-11-24 16:59:59").again) == again
    assert life.may_notify(again).allowed


def test_none_at_all() -> None:
    """`0/day` sends nothing ever, and promises no time."""
    denied = pushed("{at_most: 0/day}").may_notify("2026-11-24 16:00")
    assert (codes(denied), denied.again, denied.remaining) == (["notification.exhausted"], None, {"notifications": 0})


def test_the_same_notification_counts_once() -> None:
    """A retry is allowed as the first call was, also at night and when none is left."""
    life = pushed("{quiet: ['21:00-08:00'], at_most: 1/day}")
    first = life.notify("2026-11-24 20:00", "push-1")
    state = life.state
    again = life.notify("2026-11-24 22:00", "push-1")
    assert (again.effect, again.remaining, codes(again)) == (first.effect, first.remaining, codes(first))
    assert life.state is state
    life.policy = ruled("notifications", "{at_most: 0/day}")
    assert life.notify("2026-11-24 22:00", "push-1").allowed


def test_an_empty_id_is_refused() -> None:
    """It would be taken for the sum of an old day."""
    life = pushed()
    with pytest.raises(InvalidInput):
        reduce(life.policy, life.state, NotificationSent(""), life.at("2026-11-24 16:00"))


def test_notifications_ask_neither_time_nor_lease() -> None:
    """In the curfew, with no session under a policy that wants one, a notification is judged by its own rules."""
    life = pushed("{at_most: 3/day}", top="features_need_lease: true\nextends: [cn-minor-mode-2024]")
    assert "curfew.closed" in codes(life.ask("2026-11-24 23:00"))
    assert codes(life.may_notify("2026-11-24 23:00")) == ["notification.allowed"]


def test_where_no_rule_speaks_nothing_is_remembered() -> None:
    """Without a limit anywhere a notification is allowed without an end, and leaves no trace to be stored."""
    life = Spender(ruled("spending", "{currency: CNY, per_day: 0}"))
    before = life.state
    allowed = life.notify("2026-11-24 23:00")
    assert (codes(allowed), allowed.until, allowed.remaining) == (["notification.allowed"], None, {})
    assert life.state is before


def test_observe_lets_pass_and_counts() -> None:
    """Under `observe` a notification at night is sent, told, and counted."""
    life = pushed("{quiet: ['21:00-08:00'], at_most: 3/day}", top="enforcement: observe")
    passed = life.notify("2026-11-24 22:00")
    assert (passed.effect, passed.observed_effect, codes(passed)) == ("allow", "deny", ["notification.quiet"])
    assert life.may_notify("2026-11-24 22:00").remaining == {"notifications": 2}


BANDS = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-16": {}
  "16-18": {notifications: {quiet: ["23:00-06:00"], at_most: 2/day}}
"""


def test_a_birthday_in_the_middle_of_a_day_of_notifications() -> None:
    """Sixteen at midnight, inside the night: quiet begins then, and what was sent before in the week is no matter."""
    life = Spender(compile_policy(BANDS), child(born=date(2010, 11, 25)))
    assert local(life.may_notify("2026-11-24 23:30").until) == "2026-11-25 00:00:00"
    assert local(life.may_notify("2026-11-25 00:00").again) == "2026-11-25 06:00:00"


def test_what_was_sent_before_a_birthday_counts() -> None:
    """With days that start at 04:00 the day of the birthday began before it, and so did its count."""
    life = Spender(compile_policy(BANDS + 'day_starts_at: "04:00"\n'), child(born=date(2010, 11, 25)))
    for hour in (18, 19):
        life.notify(f"2026-11-24 {hour}:00")
    denied = life.may_notify("2026-11-25 00:00")
    assert codes(denied) == ["notification.quiet", "notification.exhausted"]
    assert denied.reasons[1].data["allowed_at"] == "2026-11-25T04:00:00+08:00"


def test_an_unknown_age_is_under_every_band() -> None:
    """Nobody knows how old the child is: the night of the older is its night."""
    life = Spender(compile_policy(BANDS), child(band=None))
    assert codes(life.may_notify("2026-11-24 23:30")) == ["notification.quiet"]


@pytest.mark.parametrize(
    ("born", "mode_on", "code"), [(date(2000, 1, 1), True, "age.adult"), (None, False, "mode.off")]
)
def test_adults_and_a_mode_that_is_off(born: date | None, mode_on: bool, code: str) -> None:
    """Nothing is limited, and the answer says why."""
    state = child(born=born)
    life = Spender(ruled("notifications", QUIET), replace(state, profile=replace(state.profile, mode_on=mode_on)))
    assert codes(life.notify("2026-11-24 23:30")) == [code]


def test_rules_come_and_go_on_their_dates() -> None:
    """A quiet span whose rule ends at midnight ends with it; one whose rule begins at midnight begins then."""
    policy = ruled("notifications", "{quiet: ['21:00-08:00']}")
    rule = policy.bands[0].notifications[0]
    dated = replace(rule.origin, effective_from=date(2026, 11, 25), effective_to=date(2026, 11, 27))
    life = Spender(replace(policy, bands=(replace(policy.bands[0], notifications=(replace(rule, origin=dated),)),)))
    assert local(life.may_notify("2026-11-24 22:00").until) == "2026-11-25 00:00:00"
    assert local(life.may_notify("2026-11-26 22:00").again) == "2026-11-27 00:00:00"


def test_a_night_in_which_clocks_change() -> None:
    """In New York quiet until 01:30 lasts until the second 01:30 of 1 November; to 02:30 of 8 March: 03:00."""
    zone = "America/New_York"
    autumn = Spender(ruled("notifications", "{quiet: ['21:00-01:30']}", zone=zone), zone=zone)
    again = autumn.may_notify("2026-10-31 21:00").again
    assert again is not None
    assert again - autumn.at("2026-10-31 21:00") == 5 * 3_600 + 1_800
    spring = Spender(ruled("notifications", "{quiet: ['21:00-02:30']}", zone=zone), zone=zone)
    assert local(spring.may_notify("2026-03-07 21:00").again, zone) == "2026-03-08 03:00:00"


def test_an_hour_that_comes_twice_is_one_hour() -> None:
    """When 01:00 to 02:00 comes twice in New York, one an hour is one in both together."""
    zone = "America/New_York"
    life = Spender(ruled("notifications", "{at_most: 1/hour}", zone=zone), zone=zone)
    life.notify("2026-11-01 01:10")
    assert local(life.may_notify("2026-11-01 01:50").again, zone) == "2026-11-01 02:00:00"
    assert life.may_notify("2026-11-01 01:50").again == life.at("2026-11-01 01:10") + 50 * 60 + 3_600


def test_hours_about_a_change_that_is_not_on_the_hour() -> None:
    """In Chatham 03:45 goes back to 02:45: the hour that began at 03:00 goes on until 04:00, and none overlap."""
    zone = "Pacific/Chatham"
    began = Spender(ruled("notifications", QUIET), zone=zone).at("2026-04-05 03:00") - 3_600
    hours = {wall_hour(zone, at) for at in range(began - 3_600, began + 4 * 3_600, 60)}
    ordered = sorted(hours)
    assert all(end == start for (_, end), (start, _) in pairwise(ordered))
    assert [end - start for start, end in ordered] == [3_600, 3_600, 7_200, 3_600]
    assert all(low <= at < high for at in range(began, began + 10_800, 60) for low, high in [wall_hour(zone, at)])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 71), max_size=10),
    st.integers(0, 71),
    st.sampled_from(["1/hour", "2/day", "4/week", "0/hour"]),
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 23)), max_size=2),
)
def test_again_is_the_first_hour_at_which_it_may_be_sent(
    sent: list[int], asked: int, at_most: str, quiet: list[tuple[int, int]]
) -> None:
    """Stepping through the hours one by one finds no earlier one than the answer, before and after they are folded."""
    spans = ", ".join(f'"{low:02}:00-{(low + length) % 24:02}:00"' for low, length in quiet)
    life = pushed(f"{{quiet: [{spans}], at_most: {at_most}}}")
    start = life.at("2026-11-20 00:00")
    for hour in sorted(sent):
        life.notify(local(start + hour * 3_600) or "")
    now = start + asked * 3_600
    answer = decide(life.policy, life.state, NotificationQuestion(), now)
    steps = range(now, now + 9 * 86_400, 3_600)
    free = [decide(life.policy, life.state, NotificationQuestion(), at).allowed for at in steps]
    assert free[0] == answer.allowed
    changed = next((at for at, one in zip(steps, free, strict=True) if one != free[0]), None)
    assert changed == (answer.until if answer.allowed else answer.again)
