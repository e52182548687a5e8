"""The United States: Virginia (enjoined), California, New York and the COPPA Rule."""

from datetime import date

import pytest

from minorguard.model.rules import Strength
from minorguard.policy import check_policy
from tests.build import Life, at, child, codes
from tests.policy.presets.asking import Asked, band, under

CALIFORNIA = "us-ca-sb976"
NEW_YORK = "us-ny-safe"
PACIFIC = "America/Los_Angeles"
EVERYTHING = "bands:\n  0-18: {features: {default: allow}}\n"


def test_virginia_59_1_577_1__is_off_since_a_court_enjoined_it():
    """Extending it does nothing, and says so at its place."""
    policy, findings = check_policy(
        f"policy: p\ntimezone: America/New_York\nextends: [us-va-sb854]\n{EVERYTHING}", today=date(2026, 11, 24)
    )
    assert [(found.code, found.pointer) for found in findings] == [("preset.off", "/extends/0")]
    assert all(found.time == () for found in policy.bands)
    asked = Asked(under("us-va-sb854"), 10)
    asked.play("2026-11-24 09:00", "2026-11-24 12:00")
    assert asked.may_use("2026-11-24 12:00")


@pytest.mark.parametrize(("age", "expected"), [(8, False), (15, False), (16, True), (17, True)])
def test_virginia_59_1_577_1__an_hour_a_day_under_16_where_it_is_switched_on(age, expected):
    """Switched on, an hour a day ends use under 16, and speaks of nobody older."""
    asked = Asked(under("us-va-sb854", on="enjoined"), age)
    asked.play("2026-11-24 09:00", "2026-11-24 10:00")
    assert expected == asked.may_use("2026-11-24 10:00")


def test_virginia_59_1_577_1__a_parent_may_raise_or_lower_it():
    """A parent's grant raises the hour as far as the product lets, and a parent's own quota lowers it."""
    asked = Asked(under("us-va-sb854", on="enjoined", top="guardian: {may_extend: {per_day: 2h}}"))
    asked.grant("2026-11-24 08:00", 3600, "2026-11-24")
    assert asked.ask("2026-11-24 09:00").remaining["day_seconds"] == 7200
    lowered = Asked(asked.policy).under_guardian({"time": {"quota": {"daily": "20m"}}})
    assert lowered.ask("2026-11-24 09:00").remaining["day_seconds"] == 1200


def test_virginia_59_1_577_1__the_day_lasts_25_hours_when_clocks_go_back():
    """An hour used before midnight is not of the next day; the hour of 2026-11-01 is one hour of 25."""
    asked = Asked(under("us-va-sb854", on="enjoined"))
    asked.play("2026-11-01 00:00", "2026-11-01 01:00")
    spent = asked.ask("2026-11-01 12:00")
    assert codes(spent) == ["quota.exhausted"]
    assert spent.again - at("2026-11-01 00:00", "America/New_York") == 25 * 3600


@pytest.mark.parametrize(
    ("time", "expected"),
    [("23:59:59", True), ("00:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_california_27002__no_notifications_from_00_00_to_06_00(time, expected):
    """The quiet night of notifications is half-open, on every day of the week."""
    asked = Asked(under(CALIFORNIA), 17)
    for day in ("2026-11-24", "2026-11-28"):
        assert expected == asked.may_notify(f"{day} {time}")


@pytest.mark.parametrize(
    ("time", "expected"),
    [("23:59:59", True), ("00:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_california_27002__access_is_blocked_from_00_00_to_06_00_by_default(time, expected):
    """The night of access is on by default, and a parent may lift it; notifications stay quiet by law."""
    asked = Asked(under(CALIFORNIA), 17)
    assert expected == asked.may_use(f"2026-11-24 {time}")
    lifted = asked.under_guardian({"time": {"curfew": []}, "notifications": {"quiet": []}})
    assert lifted.may_use(f"2026-11-24 {time}")
    assert expected == lifted.may_notify(f"2026-11-24 {time}")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-08", 5), ("2026-11-01", 7), ("2026-11-24", 6)],
)
def test_california_27002__a_night_of_five_or_seven_hours_when_clocks_change(day, hours):
    """00:00 to 06:00 on the wall lasts 5 hours when clocks go forward and 7 when they go back."""
    asked = Asked(under(CALIFORNIA))
    midnight = at(f"{day} 00:00", PACIFIC)
    for denied in (asked.ask(f"{day} 00:00"), asked.notify(f"{day} 00:00")):
        assert not denied.allowed
        assert denied.again - midnight == hours * 3600


def test_california_27002__a_feed_of_one_hour_a_day_by_default():
    """An hour of the feed a day is the default, which a parent may change; other use is not counted."""
    asked = Asked(under(CALIFORNIA))
    asked.play("2026-11-24 09:00", "2026-11-24 10:00", activity="video")
    asked.play("2026-11-24 10:00", "2026-11-24 11:00", activity="feed")
    assert codes(asked.use_of("2026-11-24 11:00", "feed")) == ["quota.exhausted"]
    assert asked.may_use("2026-11-24 11:00", "video")
    feed = next(rule for rule in band(asked.policy, 14).time if rule.slot == "quota.day.feed")
    assert (feed.origin.strength, feed.origin.changeable_by) == (Strength.DEFAULT, ("guardian",))
    changed = asked.under_guardian({"time": {"quota": {"per_activity": {"feed": {"daily": "90m"}}}}})
    assert changed.use_of("2026-11-24 11:00", "feed").remaining["day_seconds"] == 1800


@pytest.mark.parametrize("age", [8, 17])
def test_california_27001__no_addictive_feed_without_a_parents_consent(age):
    """A feed by profile is asked for; a parent's approval allows it, and other feeds are not spoken of."""
    asked = Asked(under(CALIFORNIA), age)
    assert asked.feature("2026-11-24 12:00", "feed.personalised") == "feature.ask"
    assert asked.feature("2026-11-24 12:00", "feed.following") == "feature.allowed"
    approved = Asked(asked.under_guardian({"approve": ["feed.personalised"]}).policy, age)
    assert approved.feature("2026-11-24 12:00", "feed.personalised") == "feature.allowed"


def test_california_27001__the_18th_birthday():
    """Through the 18th birthday it holds; the day after it does not."""
    asked = Asked(under(CALIFORNIA), born="2008-11-24")
    assert (asked.may_notify("2026-11-24 05:00"), asked.may_notify("2026-11-25 05:00")) == (False, True)


def test_california_27002__emergency_is_free_at_night():
    """A call for help passes at 03:00 and is not counted."""
    assert Asked(under(CALIFORNIA)).may_use("2026-11-24 03:00", "emergency")


@pytest.mark.parametrize(
    ("time", "expected"),
    [("23:59:59", True), ("00:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_new_york_1502__no_notifications_from_00_00_to_06_00_eastern(time, expected):
    """From 2027-01-25 on, midnight to six in the morning, Eastern time, is quiet."""
    assert expected == Asked(under(NEW_YORK), 17).may_notify(f"2027-02-01 {time}")


def test_new_york_1502__holds_from_2027_01_25_while_a_session_runs():
    """A notification at the eve's last second passes until midnight; a beat goes on, since use is not ruled."""
    asked = Asked(under(NEW_YORK))
    asked.open("2027-01-24 23:59:00")
    assert asked.may_notify("2027-01-24 05:00")
    last = asked.notify("2027-01-24 23:59:59")
    assert (last.allowed, asked.local(last.until)) == (True, "2027-01-25 00:00:00")
    first = asked.notify("2027-01-25 00:00:00")
    assert (codes(first), asked.local(first.again)) == (["notification.quiet"], "2027-01-25 06:00:00")
    assert asked.beat("2027-01-25 00:00:00").allowed


def test_new_york_1502__the_night_is_eastern_for_a_child_in_california():
    """Under a policy of Eastern time the night is 21:00 to 03:00 on a clock in California."""
    policy = under(NEW_YORK)
    abroad = Asked(policy)
    abroad.zone = PACIFIC
    said = [abroad.may_notify(f"2027-02-01 {time}") for time in ("20:59:59", "21:00:00", "23:59:59")]
    said += [abroad.may_notify(f"2027-02-02 {time}") for time in ("02:59:59", "03:00:00")]
    assert said == [True, False, False, False, True]


def test_new_york_1502__a_policy_of_another_zone_is_warned():
    """Its hours become those of the policy's zone, which the document is told at its place."""
    _, findings = check_policy(f"policy: p\ntimezone: {PACIFIC}\nextends: [{NEW_YORK}]\n{EVERYTHING}")
    assert [(found.code, found.pointer) for found in findings] == [("timezone.preset", "/extends/0")]


@pytest.mark.parametrize(
    ("age", "expected"), [(0, "feature.ask"), (12, "feature.ask"), (13, "feature.allowed"), (17, "feature.allowed")]
)
def test_coppa__a_consent_of_its_own_for_disclosure_under_13(age, expected):
    """Under 13 personal information goes to third parties with a parent's consent alone."""
    assert expected == Asked(under("us-coppa"), age).feature("2026-11-24 12:00", "data.disclosure")


def test_coppa__the_13th_birthday():
    """Through the 13th birthday a parent is asked still."""
    asked = Asked(under("us-coppa"), born="2013-11-24")
    said = [asked.feature(f"{day} 12:00", "data.disclosure") for day in ("2026-11-24", "2026-11-25")]
    assert said == ["feature.ask", "feature.allowed"]


def test_coppa__has_no_hours_and_fits_every_zone():
    """A policy of any American zone extends it without a finding."""
    policy, findings = check_policy(f"policy: p\ntimezone: {PACIFIC}\nextends: [us-coppa]\n{EVERYTHING}")
    assert findings == ()
    life = Life(policy, child(band="12-13"), PACIFIC)
    assert codes(life.ask("2026-11-24 03:00")) == ["time.allowed"]
