"""The oracle against examples calculated by hand, and against the letter of docs/semantics.md, second by second."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, Calendar, DayScheme, YearState
from minorguard.model.events import (
    GrantGiven,
    HeartbeatReceived,
    OfflineUseReported,
    SessionEnded,
    SessionOpened,
)
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    Devices,
    Layer,
    Origin,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    Strength,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Grant, Profile
from tests.oracle import wall
from tests.oracle.model import Oracle, birthday
from tests.oracle.world import NAMES, World, kinds, limit_on, policy_days

SHANGHAI = World("Asia/Shanghai", wall.at("2026-11-27T00:00:00+08:00"), 60, 3 * 1_440)
HOUR = 3_600
LAW = Origin("/law", Layer.LAW, "policy", Strength.LAW)
HOUSE = Origin("/house", Layer.PRODUCT, "policy")


def oracle(*rules: TimeRule, world: World = SHANGHAI, **policy: Any) -> Oracle:
    """An oracle of some rules that hold for all ages."""
    bands = (
        BandPolicy(AgeBand(0, 18), rules, grace=policy.pop("grace", 0), warn_before=policy.pop("warn_before", ())),
    )
    days = DayScheme(world.zone, policy.pop("starts_at", 0))
    compiled = CompiledPolicy("policy", 1, "digest", days, policy.pop("calendar", WEEKENDS_ONLY), bands, **policy)
    return Oracle(compiled, Profile("kid", "policy"), world)


def quota(seconds: int, **fields: Any) -> QuotaRule:
    """So many seconds a day."""
    fields = {"origin": HOUSE, "slot": "quota.day", "period": Period.DAY, **fields}
    return QuotaRule(limits=DayLimits.flat(seconds), **fields)


def curfew(opens: int, closes: int, **fields: Any) -> CurfewRule:
    """No use between two hours."""
    fields = {"origin": HOUSE, "slot": "curfew", **fields}
    return CurfewRule(spans=(Span(opens * HOUR, closes * HOUR),), **fields)


def at(text: str) -> int:
    """An instant of Friday 27 November 2026 and after, in Shanghai: day of the month and time."""
    return wall.at(f"2026-11-{text}:00+08:00")


def open_at(seen: Oracle, when: int, name: str = "kid~session-0", device: str = "phone") -> Any:
    """Open a session."""
    return seen.apply(SessionOpened(name, device), when)


def test_an_hour_a_day_lasts_an_hour() -> None:
    """With 60 minutes a day, use from 10:00 on is allowed until 11:00, and the lease is paid for one slice."""
    answer = open_at(oracle(quota(HOUR)), at("27T10:00"))
    assert ("allow", at("27T11:00"), at("27T10:01")) == (answer.effect, answer.until, answer.lease)
    assert answer.remaining == {"day_seconds": HOUR, "time_left_seconds": HOUR}


def test_a_spent_hour_comes_back_at_midnight() -> None:
    """With 60 minutes a day, all used by 11:00, opening is denied until 00:00 of the next day."""
    seen = oracle(quota(HOUR), slice=HOUR)
    open_at(seen, at("27T10:00"))
    answer = seen.ask(TimeQuestion(), at("27T11:00"))
    assert ("deny", {("quota.exhausted", "/house")}, at("28T00:00")) == (answer.effect, answer.deniers, answer.again)


def test_a_curfew_over_midnight() -> None:
    """A curfew from 22:00 to 06:00 holds at 22:00 and no longer at 06:00."""
    seen = oracle(curfew(22, 6))
    found = [seen.ask(TimeQuestion(), at(when)).effect for when in ("27T21:59", "27T22:00", "28T05:59", "28T06:00")]
    assert found == ["allow", "deny", "deny", "allow"]
    assert at("28T06:00") == seen.ask(TimeQuestion(), at("28T01:00")).again
    assert at("27T22:00") == seen.ask(TimeQuestion(), at("27T06:00")).until


def test_two_devices_at_once_count_once() -> None:
    """Two devices from 10:00 to 11:00 and from 10:30 to 11:30 use 90 minutes together, and an hour each alone."""
    both, each = quota(4 * HOUR), quota(4 * HOUR, devices=Devices.EACH, period=Period.WEEK)
    seen = oracle(both, each, slice=HOUR)
    open_at(seen, at("27T10:00"))
    open_at(seen, at("27T10:30"), "kid~session-1", "tablet")
    left = seen.ask(TimeQuestion(device="phone"), at("27T12:00")).remaining
    assert (left["day_seconds"], left["week_seconds"]) == (4 * HOUR - 5_400, 3 * HOUR)
    unknown = seen.ask(TimeQuestion(), at("27T12:00")).remaining
    assert unknown["week_seconds"] == 4 * HOUR - 5_400


def test_a_beat_after_the_lease_leaves_the_gap_uncounted() -> None:
    """A lease of a minute lapses; a beat ten minutes later counts only from then on."""
    seen = oracle(quota(HOUR))
    open_at(seen, at("27T10:00"))
    answer = seen.apply(HeartbeatReceived("kid~session-0", 1), at("27T10:10"))
    assert answer is not None
    assert answer.remaining["day_seconds"] == HOUR - 60


def test_a_beat_that_comes_twice_changes_nothing() -> None:
    """The same sequence number again neither prolongs the lease nor tells anything."""
    seen = oracle(quota(HOUR))
    open_at(seen, at("27T10:00"))
    seen.apply(HeartbeatReceived("kid~session-0", 2), at("27T10:01"))
    again = seen.apply(HeartbeatReceived("kid~session-0", 2), at("27T10:02"))
    late = seen.apply(HeartbeatReceived("kid~session-0", 1), at("27T10:02"))
    assert again is not None
    assert late is not None
    assert (again.silent, late.silent) == (True, True)
    assert seen.ask(TimeQuestion(), at("27T12:00")).remaining["day_seconds"] == HOUR - 120


def test_a_clean_stop_gives_the_lease_back() -> None:
    """Ended after 20 of 60 paid minutes, 20 are counted."""
    seen = oracle(quota(2 * HOUR), slice=HOUR)
    open_at(seen, at("27T10:00"))
    seen.apply(SessionEnded("kid~session-0"), at("27T10:20"))
    assert seen.ask(TimeQuestion(), at("27T12:00")).remaining["day_seconds"] == 2 * HOUR - 1_200


def test_a_break_after_a_sitting() -> None:
    """After 40 minutes a break of 20: allowed again at 11:00, with a whole sitting."""
    rule = SittingRule(origin=HOUSE, slot="sitting", resets_after=600, break_after=2_400, break_for=1_200)
    seen = oracle(rule, slice=2_400)
    assert at("27T10:40") == open_at(seen, at("27T10:00")).until
    denied = seen.ask(TimeQuestion(), at("27T10:40"))
    assert ({("sitting.break", "/house")}, at("27T11:00")) == (denied.deniers, denied.again)
    assert seen.ask(TimeQuestion(), at("27T11:00")).remaining == {"sitting_seconds": 2_400, "time_left_seconds": 2_400}


def test_a_short_gap_goes_on_with_the_sitting() -> None:
    """Gaps shorter than `resets_after` do not end a sitting: 20 + 20 minutes with 9 between are 40."""
    rule = SittingRule(origin=HOUSE, slot="sitting", resets_after=600, break_after=2_400, break_for=1_200)
    seen = oracle(rule, slice=1_200)
    open_at(seen, at("27T10:00"))
    open_at(seen, at("27T10:29"), "kid~session-1")
    assert seen.ask(TimeQuestion(), at("27T10:49")).effect == "deny"


def test_at_least_denies_a_sitting_that_would_be_too_short() -> None:
    """With 15 minutes at least and a curfew at 22:00, 21:45 is the last instant at which a sitting begins."""
    rule = SittingRule(origin=HOUSE, slot="sitting", resets_after=600, at_least=900)
    seen = oracle(rule, curfew(22, 6))
    assert seen.ask(TimeQuestion(), at("27T21:45")).effect == "allow"
    late = seen.ask(TimeQuestion(), at("27T21:46"))
    assert ({("sitting.too_short", "")}, at("28T06:00")) == (late.deniers, late.again)


def test_a_forecast_by_hand() -> None:
    """Under a curfew from 22:00 to 06:00 and two hours a day, a forecast names the nights and the allowances."""
    windows, gaps, end = oracle(curfew(22, 6), quota(2 * HOUR)).forecast(at("27T12:00"), 2, "general", None)
    night = {("curfew.closed", "/house")}
    assert [
        (at("27T12:00"), at("27T22:00"), 2 * HOUR),
        (at("28T06:00"), at("28T22:00"), 2 * HOUR),
        (at("29T06:00"), at("29T12:00"), 2 * HOUR),
    ] == windows
    assert [(at("27T22:00"), at("28T06:00"), night), (at("28T22:00"), at("29T06:00"), night)] == gaps
    assert at("29T12:00") == end


def test_grace_after_a_quota_but_not_after_the_law() -> None:
    """A beat denied by the house gets two minutes from the end of the lease on; one denied by the law none."""
    house = oracle(quota(HOUR), slice=HOUR, grace=120)
    open_at(house, at("27T10:00"))
    limited = house.apply(HeartbeatReceived("kid~session-0", 1), at("27T11:00"))
    assert limited is not None
    assert ("limited", at("27T11:02")) == (limited.effect, limited.lease)
    over = house.apply(HeartbeatReceived("kid~session-0", 2), at("27T11:02"))
    assert over is not None
    assert over.effect == "deny"
    law = oracle(quota(HOUR, origin=LAW), slice=HOUR, grace=120)
    open_at(law, at("27T10:00"))
    denied = law.apply(HeartbeatReceived("kid~session-0", 1), at("27T11:00"))
    assert denied is not None
    assert denied.effect == "deny"


def test_grants_raise_one_day_up_to_a_cap() -> None:
    """Grants of 30 and 20 minutes with a cap of 40 make 100 minutes of 60; the next day has 60 again."""
    seen = oracle(quota(HOUR, raise_at_most=2_400))
    for id, minutes in (("a", 30), ("b", 20), ("b", 20)):
        seen.apply(GrantGiven(Grant(id, date(2026, 11, 27), minutes * 60)), at("27T09:00"))
    assert seen.ask(TimeQuestion(), at("27T10:00")).remaining["day_seconds"] == HOUR + 2_400
    assert seen.ask(TimeQuestion(), at("28T10:00")).remaining["day_seconds"] == HOUR


def test_offline_use_is_cut_at_the_last_contact() -> None:
    """Of 09:00 to 10:30, reported at 12:00 by a phone that last spoke at 10:00, half an hour counts."""
    seen = oracle(quota(2 * HOUR))
    open_at(seen, at("27T09:59"))
    seen.apply(SessionEnded("kid~session-0"), at("27T10:00"))
    report = OfflineUseReported("phone", ((at("27T09:00"), at("27T10:30")),))
    seen.apply(report, at("27T12:00"))
    assert seen.ask(TimeQuestion(), at("27T12:00")).remaining["day_seconds"] == 2 * HOUR - 60 - 1_800


def test_warnings_come_once() -> None:
    """With thresholds of 10 and 5 minutes, each is told at the first beat at or below it."""
    seen = oracle(quota(HOUR), slice=120, warn_before=(600, 300))
    told = [open_at(seen, at("27T10:00")).warnings]
    for seq in range(1, 30):
        answer = seen.apply(HeartbeatReceived("kid~session-0", seq), at("27T10:00") + 120 * seq)
        assert answer is not None
        told.append(answer.warnings)
    assert [(index, one) for index, one in enumerate(told) if one] == [(25, [(600, 600)]), (28, [(300, 240)])]


def test_the_night_of_the_spring_change_in_new_york() -> None:
    """On 8 March 2026 in New York 00:00 to 06:00 lasts five hours, and the day 23."""
    day = date(2026, 3, 8).toordinal()
    assert wall.first("America/New_York", day, 6 * HOUR) - wall.first("America/New_York", day) == 5 * HOUR
    assert wall.first("America/New_York", day + 1) - wall.first("America/New_York", day) == 23 * HOUR
    skipped = wall.at("2026-03-08T03:00:00-04:00")
    assert (skipped,) == wall.showing("America/New_York", day * wall.DAY + 2 * HOUR + 1_800)


def test_the_hour_that_comes_twice_in_new_york() -> None:
    """On 1 November 2026 a curfew from 01:30 to 02:00 holds from the first 01:30 on, a window from the second."""
    world = World("America/New_York", wall.at("2026-11-01T00:00:00-04:00"), 60, 600)
    span = (Span(5_400, 7_200),)
    night = oracle(CurfewRule(origin=HOUSE, slot="curfew", spans=span), world=world)
    only = oracle(WindowRule(origin=HOUSE, slot="windows", spans=span), world=world)
    assert wall.at("2026-11-01T01:30:00-04:00") == night.ask(TimeQuestion(), world.origin).until
    assert wall.at("2026-11-01T01:30:00-05:00") == only.ask(TimeQuestion(), world.origin).again


def test_midnight_comes_twice_in_havana() -> None:
    """On 1 November 2026 in Havana the policy day begins at the first midnight and lasts 25 hours."""
    world = World("America/Havana", wall.at("2026-10-31T12:00:00-04:00"), 900, 200)
    day = date(2026, 11, 1).toordinal()
    found = next((low, high) for low, high, one in policy_days(world, 0) if one == day)
    assert wall.at("2026-11-01T00:00:00-04:00") == world.instant(found[0])
    assert (found[1] - found[0]) * 900 == 25 * HOUR


def test_day_kinds() -> None:
    """An unknown year gives a listed holiday and every weekend two kinds, and a make-up workday one."""
    listed = {"holidays": frozenset({date(2026, 10, 1)}), "makeup_workdays": frozenset({date(2026, 10, 10)})}
    sure = Calendar("sure", {2026: YearState.ANNOUNCED}, **listed)
    unsure = Calendar("unsure", {2026: YearState.PREDICTED}, **listed)
    days = [date(2026, 10, day).toordinal() for day in (1, 3, 10, 12)]
    assert [kinds(sure, day) for day in days] == [["holiday"], ["weekend"], ["makeup_workday"], ["school_day"]]
    assert [kinds(unsure, day) for day in days] == [
        ["holiday", "school_day"],
        ["weekend", "makeup_workday"],
        ["makeup_workday"],
        ["school_day"],
    ]


def test_limits_by_day() -> None:
    """A holiday's own limit goes before the weekday's, a weekend's after it; of two kinds the stricter counts."""
    table = DayLimits((("holiday", 3), ("thu", 2), ("weekend", 5), ("sat", 4), ("makeup_workday", 1), ("otherwise", 9)))
    rule = QuotaRule(origin=HOUSE, slot="quota.day", period=Period.DAY, limits=table)
    calendar = Calendar("case", {2026: YearState.ANNOUNCED}, holidays=frozenset({date(2026, 10, 1)}))
    days = [date(2026, 10, day).toordinal() for day in (1, 3, 4, 5, 8)]
    assert [limit_on(rule, calendar, day) for day in days] == [3, 4, 5, 9, 2]
    unknown = Calendar("case", holidays=frozenset({date(2026, 10, 1)}))
    assert [limit_on(rule, unknown, day) for day in days[:2]] == [2, 1]


def test_a_leap_day_birthday() -> None:
    """Born on 29 February 2012, one is 13 on 1 March 2025 and 16 on 29 February 2028."""
    born = date(2012, 2, 29)
    assert [date(2025, 3, 1), date(2028, 2, 29)] == [date.fromordinal(birthday(born, age)) for age in (13, 16)]


def test_a_held_birthday_is_under_both_bands() -> None:
    """Turning 12 on 28 November, the younger band's rules hold through that date, and the elder's from it on."""
    young, old = (
        quota(HOUR, origin=Origin("/young", Layer.PRODUCT, "p")),
        quota(0, origin=Origin("/old", Layer.PRODUCT, "p")),
    )
    bands = (BandPolicy(AgeBand(8, 12), (young,)), BandPolicy(AgeBand(12, 18), (old,)))
    policy = CompiledPolicy("policy", 1, "digest", DayScheme("Asia/Shanghai"), WEEKENDS_ONLY, bands)
    seen = Oracle(policy, Profile("kid", "policy", born=date(2014, 11, 28)), SHANGHAI)
    found = [
        {ruling.rule.origin.rule for ruling in seen.rulings if ruling.in_force[SHANGHAI.index(at(when))]}
        for when in ("27T23:59", "28T00:00", "28T23:59", "29T00:00")
    ]
    assert [{"/young"}, {"/young", "/old"}, {"/young", "/old"}, {"/old"}] == found


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Africa/Cairo", "2026-10-30"), ("Australia/Lord_Howe", "2026-04-05"), ("America/Havana", "2026-03-08")],
)
def test_walls_by_looking_at_every_minute(zone: str, day: str) -> None:
    """Looking at the wall at every minute of two days shows each time when `showing` says, or skips it there."""
    noon = wall.at(f"{day}T12:00:00+00:00")
    shown: dict[int, list[int]] = {}
    for instant in range(noon - 2 * wall.DAY, noon + 2 * wall.DAY, 60):
        shown.setdefault(wall.local_second(zone, instant), []).append(instant)
    locals_ = range(min(shown) + wall.DAY, max(shown) - wall.DAY, 60)
    for local in locals_:
        after = min(instant for later in range(local, local + 3 * HOUR, 60) for instant in shown.get(later, [])[:1])
        assert tuple(shown.get(local, [after])) == wall.showing(zone, local)


DAYS_OF_USE = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(DAYS_OF_USE, st.integers(0, 80), st.integers(1, 12), st.integers(1, 12), st.integers(1, 40))
def test_streams_agree_with_the_letter(
    used: list[tuple[int, int]], now: int, resets: int, pause: int, full: int
) -> None:
    """Walking tick by tick leaves at each tick what the definitions of quota and sitting give there from the start."""
    world = World("America/Havana", wall.at("2026-11-01T00:00:00-04:00") - 20 * 900, 900, 130)
    rule = SittingRule(origin=HOUSE, slot="s", resets_after=resets * 900, break_after=full * 900, break_for=pause * 900)
    seen = oracle(quota(full * 900), rule, world=world)
    for low, length in used:
        seen.keep("phone", "general", low, low + length)
    daily, sitting = seen.rulings
    use = seen.used(daily, None)
    days = [(low, high) for low, high, _ in policy_days(world, 0)]
    for tick, left in enumerate(seen.leaves(daily, use, "general", now), now):
        start = next(low for low, high in days if low <= tick < high)
        assert full - sum(use[start:tick]) == left
    for tick, left in enumerate(seen.leaves(sitting, use, "general", now), now):
        assert full - letter_of_sitting(use, tick, resets, pause, full) == left


def letter_of_sitting(use: bytes, now: int, resets: int, pause: int, full: int) -> int:
    """What a sitting has used at a tick, read off docs/semantics.md line by line."""
    pieces: list[list[int]] = []
    for tick in range(now):
        if use[tick] and pieces and pieces[-1][1] == tick:
            pieces[-1][1] = tick + 1
        elif use[tick]:
            pieces.append([tick, tick + 1])
    used = 0
    for index, (start, end) in enumerate(pieces):
        if index and start - pieces[index - 1][1] >= (pause if used >= full else resets):
            used = 0
        used += end - start
    if pieces and now - pieces[-1][1] >= (pause if used >= full else resets):
        used = 0
    return used


def test_weekday_names() -> None:
    """1 November 2026 is a Sunday."""
    assert NAMES[date(2026, 11, 1).weekday()] == "sun"
