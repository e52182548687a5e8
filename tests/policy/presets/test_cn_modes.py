"""Minor modes in China: the guide of 2024, and what youth modes practise."""

import pytest

from minorguard.model.rules import Strength
from tests.build import codes
from tests.policy.presets.asking import Asked, band, under

GUIDE = "cn-minor-mode-2024"


@pytest.mark.parametrize(("age", "minutes"), [(0, 60), (3, 60), (7, 60), (15, 60), (16, 120), (17, 120)])
def test_minor_mode_guide__an_hour_a_day_under_16_and_two_at_16_and_17(age, minutes):
    """Use ends to the second, and begins again at midnight, or rather at the end of the night."""
    asked = Asked(under(GUIDE), age)
    assert minutes * 60 == asked.open("2026-11-24 09:00").until - asked.at("2026-11-24 09:00")
    asked.end("2026-11-24 09:00")
    hours = minutes // 60
    asked.play("2026-11-24 10:00", f"2026-11-24 {10 + hours}:00")
    spent = asked.ask(f"2026-11-24 {10 + hours}:00")
    assert (codes(spent), asked.local(spent.again)) == (["quota.exhausted"], "2026-11-25 06:00:00")


def test_minor_mode_guide__the_16th_birthday():
    """Through the 16th birthday the hour holds; from the next day it is two."""
    asked = Asked(under(GUIDE), born="2010-11-24")
    for day, minutes in (("2026-11-24", 60), ("2026-11-25", 120)):
        assert minutes * 60 == asked.ask(f"{day} 09:00").remaining["day_seconds"]


def test_minor_mode_guide__one_total_for_all_devices():
    """The total is of the whole minor mode: half an hour on each of two devices is the hour."""
    asked = Asked(under(GUIDE))
    asked.play("2026-11-24 09:00", "2026-11-24 09:30", "tablet")
    asked.play("2026-11-24 10:00", "2026-11-24 10:30", "phone")
    assert not asked.may_use("2026-11-24 10:30")


@pytest.mark.parametrize(
    ("time", "expected"),
    [("21:59:59", True), ("22:00:00", False), ("00:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_minor_mode_guide__no_use_from_22_00_to_06_00(time, expected):
    """The night of the mode is half-open: 22:00 is inside, 06:00 is not."""
    assert expected == Asked(under(GUIDE)).may_use(f"2026-11-24 {time}")


def test_minor_mode_guide__a_reminder_after_30_minutes_is_no_lockout():
    """After half an hour without a pause a rest is advised, and use may go on."""
    asked = Asked(under(GUIDE))
    asked.open("2026-11-24 09:00")
    for minute in range(1, 30):
        assert [note.code for note in asked.beat(f"2026-11-24 09:{minute:02}").advice] == []
    reminded = asked.beat("2026-11-24 09:30")
    assert (reminded.allowed, [note.code for note in reminded.advice]) == (True, ["rest.reminder"])


def test_minor_mode_guide__under_8_has_no_limit_of_its_own():
    """The 40 minutes for under 8 of the draft of 2023 are not in force."""
    limits = {
        asked.ask("2026-11-24 09:00").remaining["day_seconds"]
        for asked in (Asked(under(GUIDE), 7), Asked(under(GUIDE), 8))
    }
    assert {3600} == limits


def test_minor_mode_guide__necessary_communication_is_free():
    """Emergency calls are neither stopped at night nor counted by day, whatever the product says."""
    asked = Asked(under(GUIDE))
    assert asked.may_use("2026-11-24 23:30", "emergency")
    asked.play("2026-11-24 09:00", "2026-11-24 10:00", activity="emergency")
    assert asked.ask("2026-11-24 10:00").remaining["day_seconds"] == 3600


def test_minor_mode_guide__a_guardian_may_change_the_defaults():
    """A guardian gives 90 minutes, or 30, and another night."""
    asked = Asked(under(GUIDE))
    for given in (30, 90):
        quota = {"time": {"quota": {"daily": f"{given}m"}, "curfew": ["23:00-07:00"]}}
        changed = asked.under_guardian(quota)
        assert given * 60 == changed.ask("2026-11-24 09:00").remaining["day_seconds"]
        assert (changed.may_use("2026-11-24 22:59:59"), changed.may_use("2026-11-24 23:00")) == (True, False)


def test_minor_mode_guide__strangers_write_only_when_a_guardian_agrees():
    """Messages from strangers are off by default, known people are not spoken of, and an approval lifts it."""
    asked = Asked(under(GUIDE))
    noon = "2026-11-24 12:00"
    assert asked.feature(noon, "direct_message.stranger") == "feature.ask"
    assert asked.feature(noon, "direct_message.friend") == "feature.allowed"
    approved = asked.under_guardian({"approve": ["direct_message.stranger"]})
    assert approved.feature(noon, "direct_message.stranger") == "feature.allowed"


def test_minor_mode_guide__agreeing_to_messages_is_not_agreeing_to_strangers():
    """A product that asks for all messages has its approval, and strangers stay off until they are approved, too."""
    asked = Asked(under(GUIDE, features="{default: allow, ask: [direct_message]}"))
    noon, names = (
        "2026-11-24 12:00",
        ("direct_message.friend", "direct_message.stranger", "direct_message.stranger.photo"),
    )
    for approved, expected in (
        (["direct_message"], ["feature.allowed", "feature.ask", "feature.ask"]),
        (["direct_message.stranger"], ["feature.ask", "feature.allowed", "feature.allowed"]),
        (["direct_message", "direct_message.stranger"], ["feature.allowed"] * 3),
    ):
        said = asked.under_guardian({"approve": approved})
        assert expected == [said.feature(noon, name) for name in names]


def test_minor_mode_guide__it_began_inside_a_night():
    """A sitting that ran into 2024-11-15 was stopped at its first midnight, which lies inside the new curfew."""
    asked = Asked(under(GUIDE))
    opened = asked.open("2024-11-14 23:30")
    assert asked.local(opened.until) == "2024-11-15 00:00:00"
    stopped = asked.beat("2024-11-15 00:00:00")
    assert (codes(stopped), asked.local(stopped.again)) == (["curfew.closed"], "2024-11-15 06:00:00")


def test_minor_mode_guide__five_age_bands():
    """A policy's ages are cut where the guide cuts them."""
    assert [str(found.band) for found in under(GUIDE).bands] == ["0-3", "3-8", "8-12", "12-16", "16-18"]


@pytest.mark.parametrize("age", [5, 14, 17])
def test_youth_practice__forty_minutes_a_day(age):
    """Youth modes give 40 minutes a day in each app, at every age."""
    asked = Asked(under("cn-youth-practice"), age)
    assert asked.open("2026-11-24 09:00").until - asked.at("2026-11-24 09:00") == 40 * 60


@pytest.mark.parametrize(
    ("time", "expected"), [("21:59:59", True), ("22:00:00", False), ("05:59:59", False), ("06:00:00", True)]
)
def test_youth_practice__no_use_from_22_00_to_06_00(time, expected):
    """Their night is that of the guide."""
    assert expected == Asked(under("cn-youth-practice")).may_use(f"2026-11-24 {time}")


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("gift.send", "feature.denied"),
        ("wallet.top_up", "feature.denied"),
        ("wallet.withdraw", "feature.denied"),
        ("livestream.watch", "feature.denied"),
        ("livestream.broadcast", "feature.denied"),
        ("wallet.balance", "feature.allowed"),
        ("search", "feature.allowed"),
    ],
)
def test_youth_practice__no_tipping_top_up_withdrawal_or_live(feature, expected):
    """What youth modes switch off is off; what they do not speak of is the product's."""
    assert expected == Asked(under("cn-youth-practice")).feature("2026-11-24 12:00", feature)


def test_youth_practice__only_the_content_pool():
    """Only items that were picked for minors are shown, wherever that is."""
    (rule,) = band(under("cn-youth-practice"), 14).content
    assert (frozenset({"youth"}), None) == (rule.pools, rule.surfaces)
    assert Strength.PRACTICE is rule.origin.strength


def test_youth_practice__is_no_law():
    """None of it binds more firmly than practice, and a product is named as who may change it."""
    found = band(under("cn-youth-practice"), 10)
    origins = {rule.origin for rule in (*found.time, *found.spending, *found.content)}
    assert {(Strength.PRACTICE, ("product",))} == {(origin.strength, origin.changeable_by) for origin in origins}
