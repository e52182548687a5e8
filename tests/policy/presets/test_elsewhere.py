"""The European Union, the United Kingdom, Australia, Viet Nam and India."""

import pytest

from minorguard.model.questions import FeatureQuestion
from minorguard.model.rules import Strength
from minorguard.policy import check_policy
from tests.build import codes
from tests.policy.presets.asking import Asked, band, in_force, not_recommended, under

NOON = "2026-11-24 12:00"
PLANNED_UK = "uk-under-16-planned"
EVERYTHING = "bands:\n  0-18: {features: {default: allow}}\n"


@pytest.mark.parametrize("feature", ["profile.public", "streak"])
def test_dsa_guidelines__private_and_without_streaks_by_default(feature):
    """Both are off by default, and a guardian may allow them."""
    asked = Asked(under("eu-dsa-art28"), 17)
    assert asked.feature(NOON, feature) == "feature.ask"
    assert Asked(asked.under_guardian({"approve": [feature]}).policy, 17).feature(NOON, feature) == "feature.allowed"


def test_dsa_guidelines__autoplay_is_off_by_default():
    """The next item waits for a tap; a guardian may let it play."""
    policy = under("eu-dsa-art28")
    (rule,) = band(policy, 14).recommendations
    assert (rule.autoplay, rule.origin.strength) == (False, Strength.DEFAULT)
    changed = Asked(policy).under_guardian({"recommendations": {"autoplay": True}}).policy
    assert [found.autoplay for found in band(changed, 14).recommendations] == [True]


def test_dsa_guidelines__push_is_off_by_default():
    """No notification is sent at any hour; a guardian's own number takes the default's place."""
    asked = Asked(under("eu-dsa-art28"))
    assert codes(asked.notify(NOON)) == ["notification.exhausted"]
    three = asked.under_guardian({"notifications": {"at_most": "3/day"}})
    assert [three.notify(f"2026-11-24 {hour}:00").allowed for hour in (12, 13, 14, 15)] == [True, True, True, False]


@pytest.mark.parametrize("feature", ["loot_box", "content.screenshot"])
def test_dsa_guidelines__no_loot_boxes_and_no_screenshots_of_minors_content(feature):
    """Both are off as good practice, which is the product's to follow or not to extend."""
    asked = Asked(under("eu-dsa-art28"))
    reason = asked.ask(NOON, FeatureQuestion(feature)).reason
    assert (reason.code, reason.origin.strength) == ("feature.denied", Strength.PRACTICE)


@pytest.mark.parametrize("age", [0, 17])
def test_dsa_art_28_2__no_advertising_by_profile(age):
    """Advertisements by profile are denied to every minor by law, whatever a guardian approves."""
    asked = Asked(under("eu-dsa-art28"), age)
    assert asked.feature(NOON, "ads.profiling") == "feature.denied"
    approved = Asked(asked.under_guardian({"approve": ["ads"]}).policy, age)
    assert approved.feature(NOON, "ads.profiling") == "feature.denied"


def test_dsa__fits_every_zone_of_the_union():
    """Nothing of it speaks of hours, so a policy of another zone is not warned."""
    _, findings = check_policy(f"policy: p\ntimezone: Europe/Lisbon\nextends: [eu-dsa-art28]\n{EVERYTHING}")
    assert findings == ()


def test_childrens_code__geolocation_is_off_by_default():
    """A location is asked for, and a guardian may allow it, with all that is below."""
    asked = Asked(under("uk-childrens-code"), 17)
    assert asked.feature(NOON, "location.share") == "feature.ask"
    approved = Asked(asked.under_guardian({"approve": ["location"]}).policy, 17)
    assert approved.feature(NOON, "location.share") == "feature.allowed"


def test_childrens_code__profiling_is_off_by_default():
    """No list follows from a profile, from 2021-09-02, unless a guardian changes that."""
    policy = under("uk-childrens-code")
    (rule,) = band(policy, 17).recommendations
    assert (rule.personalised, rule.origin.strength) == (False, Strength.DEFAULT)
    assert (in_force(rule.origin, "2021-09-01"), in_force(rule.origin, "2021-09-02")) == (False, True)
    changed = Asked(policy).under_guardian({"recommendations": {"personalised": True}}).policy
    assert [found.personalised for found in band(changed, 17).recommendations] == [True]


@pytest.mark.parametrize(("day", "expected"), [("2025-07-24", False), ("2025-07-25", True)])
def test_ofcom_codes__harmful_content_is_filtered_from_childrens_feeds(day, expected):
    """What is harmful is not recommended, from 2025-07-25, by law."""
    policy = under("uk-ofcom-children-2025")
    assert expected == not_recommended(policy, "harmful.self-harm", day, age=17)
    assert Strength.LAW is band(policy, 17).recommendations[0].origin.strength


def test_uk_ban_under_16__is_planned_and_off():
    """Extending it does nothing, and says so."""
    policy, findings = check_policy(f"policy: p\ntimezone: Europe/London\nextends: [{PLANNED_UK}]\n{EVERYTHING}")
    assert [found.code for found in findings] == ["preset.off"]
    asked = Asked(policy, 14)
    assert asked.feature(NOON, "account.hold") == "feature.allowed"


@pytest.mark.parametrize(("age", "expected"), [(8, "feature.denied"), (15, "feature.denied"), (16, "feature.allowed")])
def test_uk_ban_under_16__no_account_under_16_where_it_is_switched_on(age, expected):
    """Switched on, nobody under 16 holds an account."""
    assert expected == Asked(under(PLANNED_UK, on="planned"), age).feature(NOON, "account.hold")


def test_uk_ban_under_16__defaults_at_16_and_17_where_they_are_switched_on():
    """At 16 and 17 notifications rest from 00:00 to 06:00, and live streams, strangers and autoplay are off."""
    policy = under(PLANNED_UK, on="planned")
    asked = Asked(policy, 16)
    said = [asked.may_notify(f"2026-11-24 {time}") for time in ("00:00:00", "05:59:59", "06:00:00", "23:59:59")]
    assert said == [False, False, True, True]
    for feature in ("livestream.watch", "livestream.broadcast", "direct_message.stranger"):
        assert asked.feature(NOON, feature) == "feature.denied"
    assert [rule.autoplay for rule in band(policy, 16).recommendations] == [False]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, "feature.denied"), (15, "feature.denied"), (16, "feature.allowed"), (17, "feature.allowed")],
)
def test_australia__no_account_under_16(age, expected):
    """Under 16 nobody holds an account on the listed platforms."""
    assert expected == Asked(under("au-under-16"), age).feature(NOON, "account.hold")


def test_australia__no_parental_waiver():
    """A parent's approval changes nothing, and deleting an account stays possible."""
    asked = Asked(under("au-under-16")).under_guardian({"approve": ["account"]})
    assert asked.feature(NOON, "account.hold") == "feature.denied"
    assert asked.feature(NOON, "account.delete") == "feature.allowed"


def test_australia__from_2025_12_10_and_up_to_the_day_after_the_16th_birthday():
    """It began at midnight in Australia; the birthday itself is held to the younger rule."""
    asked = Asked(under("au-under-16"), born="2010-11-24")
    said = [
        asked.feature(when, "account.hold")
        for when in ("2025-12-09 23:59:59", "2025-12-10 00:00:00", "2026-11-24 23:59:59", "2026-11-25 00:00:00")
    ]
    assert said == ["feature.allowed", "feature.denied", "feature.denied", "feature.allowed"]


@pytest.mark.parametrize("age", [8, 17])
def test_vietnam_decree_147__sixty_minutes_of_a_game_a_day(age):
    """An hour of games ends at the second, and the next begins at 00:00; other use is not counted."""
    asked = Asked(under("vn-decree-147"), age)
    asked.play("2026-11-24 08:00", "2026-11-24 09:00", activity="video")
    opened = asked.open("2026-11-24 10:00", activity="game")
    assert asked.local(opened.until) == "2026-11-24 11:00:00"
    asked.end("2026-11-24 10:00")
    asked.play("2026-11-24 10:00", "2026-11-24 11:00", activity="game")
    spent = asked.use_of("2026-11-24 23:59:59", "game")
    assert (codes(spent), asked.local(spent.again)) == (["quota.exhausted"], "2026-11-25 00:00:00")
    assert asked.may_use("2026-11-25 00:00:00", "game")


def test_vietnam_decree_147__three_hours_a_day_for_all_games_of_a_provider():
    """The provider's three hours stand beside the game's one, both by law and both for no guardian to change."""
    rules = {rule.origin.rule: rule for rule in band(under("vn-decree-147"), 14).time}
    quotas = {path.split("/")[2]: rule.limits.seconds for path, rule in rules.items() if "quota" in path}
    assert quotas == {"per-game": (("otherwise", 3600),), "per-provider": (("otherwise", 3 * 3600),)}
    assert {rule.origin.strength for rule in rules.values()} == {Strength.LAW}


def test_vietnam_decree_147__a_warning_after_thirty_minutes():
    """Half an hour of a game without a pause brings a reminder."""
    asked = Asked(under("vn-decree-147"))
    asked.open("2026-11-24 10:00", activity="game")
    notes = [asked.beat(f"2026-11-24 10:{minute:02}").advice for minute in range(1, 41)]
    assert [minute for minute, found in enumerate(notes, 1) if found] == [30]


def test_vietnam_decree_147__it_began_while_a_game_ran():
    """A game that ran into 2024-12-25 had an hour of that day, and none of the eve's counted."""
    asked = Asked(under("vn-decree-147"))
    opened = asked.open("2024-12-24 22:00", activity="game")
    assert asked.local(opened.until) == "2024-12-25 01:00:00"


def test_india_section_9__is_planned_and_off():
    """Until it applies nothing of it is held, and a document that extends it is told."""
    policy, findings = check_policy(f"policy: p\ntimezone: Asia/Kolkata\nextends: [in-dpdp-s9]\n{EVERYTHING}")
    assert [found.code for found in findings] == ["preset.off"]
    assert Asked(policy).feature(NOON, "tracking") == "feature.allowed"


@pytest.mark.parametrize("age", [0, 17])
@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("data.processing", "feature.ask"),
        ("tracking", "feature.denied"),
        ("tracking.behaviour", "feature.denied"),
        ("ads.profiling", "feature.denied"),
    ],
)
def test_india_section_9__consent_no_tracking_no_targeted_ads_where_it_is_switched_on(age, feature, expected):
    """Switched on, it takes a parent's consent, and denies tracking and targeted advertisements, at once."""
    assert expected == Asked(under("in-dpdp-s9", on="planned"), age).feature(NOON, feature)
