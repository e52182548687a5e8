"""Quotas, curfews, windows and sittings, each by its own words."""

from __future__ import annotations

from datetime import date

import pytest

from minorguard.engine import forecast, usage
from minorguard.model.decisions import Effect
from minorguard.model.questions import TimeQuestion
from minorguard.policy import compile_policy
from tests.build import SHANGHAI, Life, at, child, codes, local, policy


def test_a_daily_quota_stops_at_the_second_and_returns_at_local_midnight() -> None:
    """Forty minutes are forty minutes; the fresh day begins at 00:00 in the policy's zone, not in UTC."""
    life = Life(policy("quota: {daily: 40m}"))
    opened = life.open("2026-11-24 16:00")
    assert local(opened.until) == "2026-11-24 16:40:00"
    life.play("2026-11-24 16:00", "2026-11-24 16:40", device="phone")
    denied = life.beat("2026-11-24 16:40")
    assert (denied.effect, codes(denied), local(denied.again)) == (
        Effect.DENY,
        ["quota.exhausted"],
        "2026-11-25 00:00:00",
    )
    assert denied.reason.data["used_seconds"] == denied.reason.data["limit_seconds"] == 2400


def test_a_day_that_starts_at_four_ends_at_four() -> None:
    """With `day_starts_at: 04:00`, 02:00 still belongs to the day before."""
    life = Life(policy("quota: {daily: 30m}", top='day_starts_at: "04:00"'))
    life.play("2026-11-24 23:00", "2026-11-24 23:30")
    assert local(life.ask("2026-11-25 02:00").again) == "2026-11-25 04:00:00"


@pytest.mark.parametrize(
    ("day", "limit"),
    [("2026-05-04", 90), ("2026-05-08", 50), ("2026-05-09", 20), ("2026-05-10", 60), ("2026-05-11", 40)],
    ids=["holiday Monday", "Friday", "make-up Saturday", "Sunday", "school Monday"],
)
def test_quota_by_day_kind_and_weekday(day: str, limit: int) -> None:
    """Holidays and make-up workdays speak before weekdays, weekdays before ordinary kinds."""
    table = "{school_day: 40m, weekend: 60m, holiday: 90m, makeup_workday: 20m, fri: 50m}"
    life = Life(policy(f"quota: {{daily: {table}}}", top="calendar: CN"))
    assert life.ask(f"{day} 12:00").remaining["day_seconds"] == limit * 60


def test_weekly_and_monthly_quotas_outlive_the_day() -> None:
    """Two hours a week are used by Tuesday; Monday brings more, unless the month is over its own limit."""
    life = Life(policy("quota: {weekly: 2h, monthly: 3h}"))
    life.play("2026-11-23 15:00", "2026-11-23 16:00")
    life.play("2026-11-24 15:00", "2026-11-24 16:00")
    assert local(life.ask("2026-11-24 16:00").again) == "2026-11-30 00:00:00"
    assert life.ask("2026-11-30 00:00").remaining == {
        "week_seconds": 7200,
        "month_seconds": 3600,
        "time_left_seconds": 3600,
    }


def test_an_activity_has_its_own_quota_under_the_total() -> None:
    """Games stop after 20 minutes, video may go on to 40; time of games counts for both."""
    life = Life(policy("quota: {daily: 40m, per_activity: {game: {daily: 20m}}}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:20", activity="game")
    assert codes(life.ask("2026-11-24 16:20", TimeQuestion("game"))) == ["quota.exhausted"]
    assert life.ask("2026-11-24 16:20", TimeQuestion("video")).remaining["day_seconds"] == 20 * 60


def test_usage_shows_extra_time_at_the_quota_that_it_raises() -> None:
    """A quarter of an hour more for games is left of the games' quota; for all else the day's stays as it is."""
    time = "quota: {daily: 60m, per_activity: {game: {daily: 20m}}}"
    life = Life(policy(time, top="guardian: {may_extend: {daily: 30m, per_day: 60m}}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:20", activity="game")
    life.grant("2026-11-24 16:30", 900, "2026-11-24", activity="game")
    shown = usage(life.policy, life.state, at("2026-11-24 16:30"))["quotas"]
    assert [(one["activities"], one["remaining_seconds"]) for one in shown] == [(None, 2400), (["game"], 900)]


def test_study_is_exempt_where_the_policy_says_so() -> None:
    """An hour of study neither counts nor stops; at night it may go on, and video may not."""
    life = Life(
        policy('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]', top="activities: {study: {exempt: [quota, curfew]}}")
    )
    life.play("2026-11-24 16:00", "2026-11-24 17:00", activity="study")
    assert life.ask("2026-11-24 17:00", TimeQuestion("video")).remaining["day_seconds"] == 40 * 60
    assert life.ask("2026-11-24 23:00", TimeQuestion("study")).allowed
    assert codes(life.ask("2026-11-24 23:00", TimeQuestion("video"))) == ["curfew.closed"]


@pytest.mark.parametrize(
    ("time", "effect"),
    [("21:59:59", "allow"), ("22:00:00", "deny"), ("23:59:59", "deny"), ("05:59:59", "deny"), ("06:00:00", "allow")],
)
def test_curfew_edges_are_half_open(time: str, effect: str) -> None:
    """22:00 is inside, 06:00 is outside."""
    assert Life(policy('curfew: ["22:00-06:00"]')).ask(f"2026-11-24 {time}").effect == effect


def test_a_curfew_belongs_to_the_day_on_which_it_opens() -> None:
    """Friday's later curfew still holds at 00:30 on Saturday, and Saturday's own opens at 23:00."""
    life = Life(policy('curfew: [{days: [fri, sat], span: "23:00-07:00"}, {days: [sun], span: "21:00-06:00"}]'))
    assert local(life.ask("2026-11-28 00:30").again) == "2026-11-28 07:00:00"
    assert life.ask("2026-11-27 00:30").allowed
    assert local(life.ask("2026-11-29 22:00").again) == "2026-11-30 06:00:00"


def test_permitted_windows_close_at_their_edge_and_say_when_they_open() -> None:
    """Use is cut at the window's end, not only refused at its start."""
    life = Life(policy('windows: ["12:00-13:00", {days: [sat], span: "20:00-21:00"}]'))
    assert local(life.open("2026-11-27 12:30").until) == "2026-11-27 13:00:00"
    denied = life.ask("2026-11-27 13:00")
    assert (codes(denied), local(denied.again)) == (["window.closed"], "2026-11-28 12:00:00")
    assert local(life.ask("2026-11-28 13:00").again) == "2026-11-28 20:00:00"


@pytest.mark.parametrize(("year", "days"), [(2024, 163), (2025, 165), (2026, 163)])
def test_game_notice_2021_permits_one_hour_on_so_many_days(year: int, days: int) -> None:
    """国新出发〔2021〕14号: Friday, Saturday, Sunday and the breaks, 20:00 to 21:00 each, make-up days excepted."""
    game = compile_policy(
        "policy: game\nextends: [cn-game-2021]\ntimezone: Asia/Shanghai\ncalendar: CN\ndefault_activity: game\n"
    )
    start, windows = at(f"{year}-01-01 00:00"), []
    while start < at(f"{year + 1}-01-01 00:00"):
        ahead = forecast(game, child(policy="game"), start, days=50)
        windows += [w for w in ahead.windows if w.start < at(f"{year + 1}-01-01 00:00")]
        start = ahead.end
    assert len(windows) == days
    assert {(local(w.start)[11:], w.end - w.start) for w in windows} == {("20:00:00", 3600)}


def test_game_notice_holds_on_a_holiday_monday_and_not_on_a_make_up_saturday() -> None:
    """Monday 4 May 2026 lies in the May break; Saturday 9 May 2026 is worked in exchange."""
    game = Life(
        compile_policy(
            "policy: game\nextends: [cn-game-2021]\ntimezone: Asia/Shanghai\ncalendar: CN\ndefault_activity: game\n"
        )
    )
    assert game.ask("2026-05-04 20:00").allowed
    assert not game.ask("2026-05-09 20:00").allowed


def test_a_sitting_needs_its_break_and_a_short_gap_is_none() -> None:
    """After 30 minutes in all, 5 minutes pause are not a break of 10; the break ends at the second."""
    life = Life(policy("sitting: {break_after: 30m, break_for: 10m, resets_after: 5m}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:20")
    assert life.ask("2026-11-24 16:22").remaining["sitting_seconds"] == 600
    life.play("2026-11-24 16:22", "2026-11-24 16:32")
    denied = life.ask("2026-11-24 16:37")
    assert (codes(denied), local(denied.again)) == (["sitting.break"], "2026-11-24 16:42:00")
    assert life.ask("2026-11-24 16:42").remaining["sitting_seconds"] == 1800


def test_a_gap_of_resets_after_ends_a_sitting() -> None:
    """Five minutes away before the break is due begin a new sitting."""
    life = Life(policy("sitting: {break_after: 30m, break_for: 10m, resets_after: 5m}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:29")
    assert life.ask("2026-11-24 16:34").remaining["sitting_seconds"] == 1800


def test_a_sitting_too_short_to_begin_is_not_opened_but_goes_on() -> None:
    """With `at_least: 2m`, nothing opens at 21:58:01; what runs already runs to 22:00."""
    life = Life(policy('curfew: ["22:00-06:00"]\nsitting: {at_least: 2m}'))
    life.open("2026-11-24 21:58")
    denied = life.ask("2026-11-24 21:58:01")
    assert (codes(denied), denied.reason.data["left_seconds"]) == (["sitting.too_short"], 119)
    assert local(denied.again) == "2026-11-25 06:00:00"
    assert local(life.beat("2026-11-24 21:58:30").until) == "2026-11-24 22:00:00"


def test_an_unknown_year_is_judged_strictly_and_said() -> None:
    """2027 is not announced: a weekday is a school day, a weekend day may be worked; advice tells the caller."""
    table = "{school_day: 40m, weekend: 60m, holiday: 90m, makeup_workday: 20m}"
    life = Life(policy(f"quota: {{daily: {table}}}", top="calendar: CN"))
    decision = life.ask("2027-01-01 12:00")
    assert decision.remaining["day_seconds"] == 40 * 60
    assert [(note.code, note.data["year"]) for note in decision.advice] == [("calendar.unknown_year", 2027)]
    assert life.ask("2027-01-02 12:00").remaining["day_seconds"] == 20 * 60


def test_a_spring_forward_night_is_an_hour_shorter() -> None:
    """In New York on 8 March 2026, 00:00–06:00 lasts five hours; the day has 23."""
    life = Life(
        policy('curfew: ["00:00-06:00"]\nquota: {daily: 24h}', zone="America/New_York"), zone="America/New_York"
    )
    denied = life.ask("2026-03-08 00:00")
    assert denied.again is not None
    assert denied.again - life.at("2026-03-08 00:00") == 5 * 3600


def test_effective_dates_switch_rules_over_in_mid_session() -> None:
    """The 2021 game notice takes over from 2019's at local midnight of 1 September 2021."""
    game = Life(
        compile_policy(
            "policy: game\nextends: [cn-game-2019, cn-game-2021]\ntimezone: Asia/Shanghai\ncalendar: CN\n"
            "default_activity: game\n"
        )
    )
    assert game.ask("2021-08-31 12:00").remaining["day_seconds"] == 90 * 60
    assert codes(game.ask("2021-09-01 12:00")) == ["window.closed"]


def test_the_forecast_tiles_a_fortnight_with_windows_and_reasons() -> None:
    """Windows and gaps follow one another without overlap; each gap says why."""
    life = Life(policy('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]'))
    life.play("2026-11-24 16:00", "2026-11-24 16:40")
    ahead = forecast(life.policy, life.state, at("2026-11-24 16:40"))
    pieces = sorted([*ahead.windows, *ahead.gaps], key=lambda piece: piece.start)
    assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
    assert (pieces[0].start, pieces[-1].end) == (ahead.start, ahead.end)
    assert [reason.code for reason in ahead.gaps[0].reasons] == ["quota.exhausted", "curfew.closed"]
    assert [reason.code for reason in ahead.gaps[1].reasons] == ["curfew.closed"]
    assert [local(w.start, SHANGHAI) for w in ahead.windows[:2]] == ["2026-11-25 06:00:00", "2026-11-26 06:00:00"]
    assert ahead.windows[0].allowance == 2400


def test_observe_lets_pass_and_says_what_would_have_been() -> None:
    """A policy on trial denies nothing."""
    life = Life(policy('curfew: ["22:00-06:00"]', top="enforcement: observe"))
    decision = life.open("2026-11-24 23:00")
    assert (decision.effect, decision.observed_effect, codes(decision)) == ("allow", "deny", ["curfew.closed"])
    assert decision.lease is not None


def test_birthday_at_midnight_changes_the_band_in_mid_session() -> None:
    """Sixteen brings two hours; with `hold_birthday` the stricter hour holds through the day itself."""
    text = (
        "policy: two\ntimezone: Asia/Shanghai\nhold_birthday: {hold}\nbands:\n"
        '  "0-16": {{time: {{quota: {{daily: 60m}}}}}}\n  "16-18": {{time: {{quota: {{daily: 120m}}}}}}\n'
    )
    born = date(2010, 11, 25)
    held = Life(compile_policy(text.format(hold="true")), child(born=born, policy="two"))
    assert held.ask("2026-11-25 00:00").remaining["day_seconds"] == 3600
    assert held.ask("2026-11-26 00:00").remaining["day_seconds"] == 7200
    at_once = Life(compile_policy(text.format(hold="false")), child(born=born, policy="two"))
    assert local(at_once.open("2026-11-24 23:30").until) == "2026-11-25 02:00:00"
    assert at_once.ask("2026-11-25 00:00").remaining["day_seconds"] == 7200
    assert codes(at_once.ask("2028-11-25 00:00")) == ["age.adult"]


def test_unknown_age_is_under_every_band_at_once() -> None:
    """Who may be three is treated as three, and as seventeen where that is stricter."""
    text = (
        "policy: two\ntimezone: Asia/Shanghai\nbands:\n"
        '  "0-12": {time: {quota: {daily: 30m}}}\n  "12-18": {time: {curfew: ["20:00-06:00"]}}\n'
    )
    life = Life(compile_policy(text), child(band=None, policy="two"))
    assert life.ask("2026-11-24 12:00").remaining["day_seconds"] == 1800
    assert codes(life.ask("2026-11-24 20:00")) == ["curfew.closed"]


def test_a_leap_day_child_grows_older_on_the_first_of_march() -> None:
    """Born on 29 February 2012, sixteen on 29 February 2028 and fifteen on 1 March 2027."""
    text = (
        "policy: two\ntimezone: Asia/Shanghai\nhold_birthday: false\nbands:\n"
        '  "0-15": {time: {quota: {daily: 30m}}}\n  "15-18": {time: {quota: {daily: 60m}}}\n'
    )
    life = Life(compile_policy(text), child(born=date(2012, 2, 29), policy="two"))
    assert life.ask("2027-02-28 23:59").remaining["day_seconds"] == 1800
    assert life.ask("2027-03-01 00:00").remaining["day_seconds"] == 3600
