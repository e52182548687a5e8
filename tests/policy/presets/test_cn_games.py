"""Games in China: the Law on the Protection of Minors and the notices of 2019 and 2021, in their own words."""

from datetime import date, timedelta

import pytest

from minorguard.model.rules import Span, Strength
from tests.build import codes
from tests.policy.presets.asking import Asked, band, under

WITH_NIGHT = ["cn-minors-law", "cn-game-2019", "cn-game-2021"]
HOUR = 3600


@pytest.mark.parametrize("preset", ["cn-minors-law", "cn-game-2019"])
@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("21:59:59", True),
        ("22:00:00", False),
        ("23:59:59", False),
        ("00:00:00", False),
        ("07:59:59", False),
        ("08:00:00", True),
    ],
)
def test_minors_law_art_75__no_game_between_22_00_and_08_00(preset, time, expected):
    """Games are served to minors neither from 22:00 nor before 08:00 of the next day, to the second."""
    assert expected == Asked(under(preset)).may_use(f"2026-11-24 {time}", "game")


@pytest.mark.parametrize("preset", WITH_NIGHT)
def test_minors_law_art_75__speaks_of_games_alone(preset):
    """At midnight other activities are not spoken of."""
    asked = Asked(under(preset))
    assert (asked.may_use("2026-11-24 23:30", "video"), asked.may_use("2026-11-24 23:30", "game")) == (True, False)


def test_minors_law_art_75__a_game_that_runs_is_cut_at_22_00():
    """A game opened at 21:58 is told of 22:00 at once, stopped there, and may go on at 08:00."""
    asked = Asked(under("cn-minors-law"))
    opened = asked.open("2026-11-24 21:58:30", activity="game")
    assert asked.local(opened.until) == "2026-11-24 22:00:00"
    stopped = asked.beat("2026-11-24 22:00:00")
    assert (codes(stopped), asked.local(stopped.again)) == (["curfew.closed"], "2026-11-25 08:00:00")
    assert (stopped.reason.origin.strength, stopped.reason.origin.source.article) == ("law", "Art. 75")


@pytest.mark.parametrize("preset", WITH_NIGHT)
def test_minors_law_art_75__is_for_every_minor_and_no_adult(preset):
    """It holds for a newborn and on the 18th birthday, and no more the day after."""
    night = "2026-11-24 22:30"
    assert not Asked(under(preset), born="2026-11-01").may_use(night, "game")
    assert not Asked(under(preset), born="2008-11-24").may_use(night, "game")
    assert Asked(under(preset), born="2008-11-23").may_use(night, "game")


def test_minors_law_art_75__no_guardian_lifts_it():
    """A guardian who clears the curfew changes nothing about games at night."""
    asked = Asked(under("cn-minors-law")).under_guardian({"time": {"curfew": []}})
    assert not asked.may_use("2026-11-24 22:30", "game")


@pytest.mark.parametrize(
    ("time", "expected"), [("19:59:59", False), ("20:00:00", True), ("20:59:59", True), ("21:00:00", False)]
)
def test_game_notice_2021__one_hour_from_20_to_21(time, expected):
    """On a Friday games are served from 20:00 to 21:00, to the second."""
    assert expected == Asked(under("cn-game-2021")).may_use(f"2026-11-27 {time}", "game")


def test_game_notice_2021__a_game_that_runs_is_cut_at_21_00():
    """A game opened at 20:30 may go on until 21:00, and again on the next game day at 20:00."""
    asked = Asked(under("cn-game-2021"))
    assert asked.local(asked.open("2026-11-29 20:30", activity="game").until) == "2026-11-29 21:00:00"  # a Sunday
    assert asked.local(asked.beat("2026-11-29 21:00").again) == "2026-12-04 20:00:00"  # the next Friday


@pytest.mark.parametrize(("year", "expected"), [(2024, 163), (2025, 165), (2026, 163)])
def test_game_notice_2021__game_days_of_a_year(year, expected):
    """A child's game days in a year are as many as the published calendars of game companies have."""
    asked = Asked(under("cn-game-2021"))
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert expected == sum(asked.may_use(f"{day} 20:30", "game") for day in days if day.year == year)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-04", True),  # a Monday inside the break
        ("2026-02-16", True),  # a Monday of the Spring Festival's break
        ("2026-05-09", False),  # a Saturday that is worked
        ("2026-09-20", False),  # a Sunday that is worked
        ("2026-05-08", True),  # a Friday that is worked as usual
        ("2026-05-07", False),
        ("2026-05-16", True),
        ("2026-06-01", False),  # Children's Day is no day off for all
        ("2027-10-01", True),  # a Friday of a year that is not announced
        ("2027-10-04", False),  # a Monday that nobody announced
        ("2027-10-09", False),  # a Saturday that may yet be worked
    ],
)
def test_game_notice_2021__single_days(day, expected):
    """Whole breaks are in, make-up weekends are out, and an unknown year allows nothing by a guess."""
    assert expected == Asked(under("cn-game-2021")).may_use(f"{day} 20:30", "game")


def test_game_notice_2021__is_law_from_2021_09_01():
    """Nobody may change it, and before its first day games were open all day."""
    policy = under("cn-game-2021")
    (windows,) = [rule for rule in band(policy, 14).time if rule.slot == "windows.game"]
    assert (Span(20 * HOUR, 21 * HOUR, frozenset({"fri", "weekend", "holiday"})),) == windows.spans
    assert (windows.origin.strength, windows.origin.changeable_by) == (Strength.LAW, ())
    asked = Asked(policy)
    assert (asked.may_use("2021-08-31 15:00", "game"), asked.may_use("2021-09-01 15:00", "game")) == (True, False)


@pytest.mark.parametrize(
    ("day", "minutes"),
    [
        ("2020-06-24", 90),  # a Wednesday
        ("2020-06-25", 180),  # Dragon Boat
        ("2020-06-20", 90),  # an ordinary Saturday
        ("2020-06-28", 90),  # a Sunday that was worked
    ],
)
def test_game_notice_2019__ninety_minutes_and_three_hours_on_holidays(day, minutes):
    """An hour and a half of games a day, three hours on statutory holidays."""
    asked = Asked(under("cn-game-2019"))
    opened = asked.open(f"{day} 09:00", activity="game")
    assert minutes * 60 == opened.until - asked.at(f"{day} 09:00")


def test_game_notices__the_switch_from_2019_to_2021():
    """Through 2021-08-31 the minutes of 2019 count; from the next midnight the days and hours of 2021."""
    asked = Asked(under("cn-game-2019", "cn-game-2021"))
    asked.play("2021-08-31 18:00", "2021-08-31 19:00", activity="game")  # a Tuesday
    assert asked.use_of("2021-08-31 19:00", "game").remaining["day_seconds"] == 30 * 60
    assert asked.may_use("2021-08-31 21:29:59", "game")
    night = asked.use_of("2021-08-31 22:00", "game")
    assert asked.local(night.again) == "2021-09-03 20:00:00"  # the first Friday under the new notice
    assert codes(asked.use_of("2021-09-01 18:00", "game")) == ["window.closed"]


def test_game_notice_2019__its_daily_limits_are_superseded():
    """The quota ends on 2021-09-01 and says that it is superseded; the night has no end."""
    rules = {rule.slot: rule.origin for rule in band(under("cn-game-2019"), 14).time}
    daily, night = rules["quota.day.game"], rules["curfew.game"]
    assert ("superseded", date(2021, 9, 1)) == (daily.source.status, daily.effective_to)
    assert (night.source.status, night.effective_to) == ("in force", None)


@pytest.mark.parametrize(
    ("age", "fen", "expected"),
    [
        (7, 1, False),
        (8, 5000, True),
        (8, 5001, False),
        (15, 5000, True),
        (15, 5001, False),
        (16, 10000, True),
        (16, 10001, False),
        (17, 10000, True),
    ],
)
def test_game_notice_2019__most_of_one_top_up_by_age(age, fen, expected):
    """Under 8 nothing is paid; from 8, 50 yuan at once; from 16, 100 yuan at once."""
    assert expected == Asked(under("cn-game-2019"), age).spending("2026-11-24 12:00", fen).allowed


@pytest.mark.parametrize(("age", "fen", "times"), [(8, 5000, 4), (15, 5000, 4), (16, 10000, 4), (17, 10000, 4)])
def test_game_notice_2019__most_of_a_month_by_age(age, fen, times):
    """From 8, 200 yuan a month; from 16, 400 yuan; the next month begins at its first midnight."""
    asked = Asked(under("cn-game-2019"), age)
    for hour in range(times):
        assert asked.buy(f"2026-11-24 {hour + 9:02}:00", fen).allowed
    more = asked.spending("2026-11-30 23:59:59", 1)
    assert (codes(more), asked.local(more.again)) == (["spending.per_month"], "2026-12-01 00:00:00")
    assert asked.spending("2026-12-01 00:00:00", fen).allowed


def test_game_notice_2019__the_eighth_birthday():
    """Through the 8th birthday nothing is paid, and from the next midnight 50 yuan at once."""
    asked = Asked(under("cn-game-2019"), born="2018-11-24")
    assert codes(asked.spending("2026-11-24 23:59:59", 100)) == ["spending.per_purchase", "spending.per_month"]
    assert asked.spending("2026-11-25 00:00:00", 5000).allowed


def test_game_notice_2019__turning_16_inside_a_month_keeps_what_was_spent():
    """Of 200 yuan spent at 15, 200 are left of the 400 at 16, in the same month."""
    asked = Asked(under("cn-game-2019"), born="2010-11-20")
    for day in (2, 3, 4, 5):
        asked.buy(f"2026-11-{day:02} 12:00", 5000)
    assert not asked.spending("2026-11-20 23:59:59", 100).allowed
    assert asked.buy("2026-11-21 00:00:00", 10000).allowed
    assert asked.buy("2026-11-21 12:00:00", 10000).allowed
    assert codes(asked.spending("2026-11-21 13:00", 1)) == ["spending.per_month"]


def test_game_notice_2019__caps_are_of_games_and_of_the_law():
    """What is bought for something else is not counted, other money is not taken, and a guardian raises nothing."""
    asked = Asked(under("cn-game-2019"))
    assert asked.spending("2026-11-24 12:00", 999_00, activity="book").allowed
    assert codes(asked.spending("2026-11-24 12:00", 100, "USD")) == ["spending.currency"]
    generous = asked.under_guardian({"spending": {"currency": "CNY", "per_purchase": 500, "per_month": 5000}})
    assert not generous.spending("2026-11-24 12:00", 5001).allowed


def test_game_notice_2019__caps_begin_on_2019_11_01():
    """On the eve any sum passes; at midnight the caps hold, and they have no end."""
    asked = Asked(under("cn-game-2019"))
    assert asked.spending("2019-10-31 23:59:59", 99_999).allowed
    assert not asked.spending("2019-11-01 00:00:00", 99_999).allowed
    assert all(rule.origin.effective_to is None for rule in band(under("cn-game-2019"), 14).spending)


@pytest.mark.parametrize(("age", "expected"), [(8, False), (11, False), (12, True), (15, True)])
def test_game_practice__no_spending_under_12(age, expected):
    """Practice goes further than the notice: nothing is paid in games under 12."""
    asked = Asked(under("cn-youth-practice", "cn-game-2019"), age)
    assert expected == asked.spending("2026-11-24 12:00", 5000).allowed


def test_game_practice__under_12_not_even_one_fen():
    """Both the purchase and the month deny the smallest sum, in games alone."""
    asked = Asked(under("cn-youth-practice"), 11)
    assert codes(asked.spending("2026-11-24 12:00", 1)) == ["spending.per_purchase", "spending.per_month"]
    assert asked.spending("2026-11-24 12:00", 1, activity="book").allowed
