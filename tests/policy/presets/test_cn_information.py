"""Information, recommendations and companions in China: Order 766 and what stands around it.

Rules on content and recommendations are data for those who filter: what they say is tested as compiled.
"""

import pytest

from minorguard.model.rules import Strength
from tests.policy.presets.asking import Asked, band, blocked_on, not_recommended, under

NOON = "2026-11-24 12:00"
TODAY = "2026-11-24"
REGULATIONS = "cn-minors-regs-2024"
MAY_AFFECT = "cn-may-affect-2026"


def test_minors_regulations_art_22__forbidden_content_is_shown_nowhere():
    """What the article forbids is blocked on every surface, at every age, by law."""
    policy = under(REGULATIONS)
    for age in (0, 17):
        assert all(blocked_on(policy, surface, "harmful.obscene", TODAY, age) for surface in ("home", "search", "feed"))
    assert not blocked_on(policy, "search", "science", TODAY)


@pytest.mark.parametrize(
    ("surface", "expected"), [("home", True), ("popup", True), ("hot_search", True), ("search", False)]
)
def test_minors_regulations_art_24__nothing_that_may_affect_in_prominent_places(surface, expected):
    """It is kept from the first screen, pop-ups and hot search; elsewhere a warning goes before it."""
    assert expected == blocked_on(under(REGULATIONS), surface, "may-affect.values", TODAY)


def test_minors_regulations_art_24__no_commercial_marketing_by_automated_decisions():
    """No minor is marketed to by automated decisions, whatever a guardian approves."""
    asked = Asked(under(REGULATIONS), 17)
    assert asked.feature(NOON, "marketing.automated") == "feature.denied"
    approved = asked.under_guardian({"approve": ["marketing"]})
    assert approved.feature(NOON, "marketing.automated") == "feature.denied"


def test_minors_regulations_art_25__nothing_that_may_affect_is_pushed():
    """It is not recommended to minors."""
    policy = under(REGULATIONS)
    assert not_recommended(policy, "may-affect", TODAY)
    assert not_recommended(policy, "may-affect.conduct", TODAY)
    assert not not_recommended(policy, "sport", TODAY)


def test_minors_regulations_art_44__caps_without_amounts_are_no_rule():
    """The article caps spending by age and gives no amounts, so the preset has none."""
    assert all(found.spending == () for found in under(REGULATIONS).bands)


@pytest.mark.parametrize("feature", ["fan.fundraising", "fan.vote_ranking", "fan.data_inflating"])
def test_minors_regulations_art_45__no_fundraising_vote_ranking_or_inflating_of_data(feature):
    """Minors are not led into fan economies; a fan page by itself is not spoken of."""
    asked = Asked(under(REGULATIONS), 17)
    assert (asked.feature(NOON, feature), asked.feature(NOON, "fan.page")) == ("feature.denied", "feature.allowed")


def test_minors_regulations_art_46__no_rental_of_game_accounts():
    """Game accounts are not rented to minors."""
    assert Asked(under(REGULATIONS)).feature(NOON, "account.rental") == "feature.denied"


def test_minors_regulations__from_2024_01_01():
    """On the eve nothing of it held."""
    policy = under(REGULATIONS)
    asked = Asked(policy)
    for day, expected in (("2023-12-31", False), ("2024-01-01", True)):
        assert expected == (asked.feature(f"{day} 12:00", "fan.fundraising") == "feature.denied")
        assert expected == blocked_on(policy, "home", "may-affect", day)
        assert expected == not_recommended(policy, "may-affect", day)


@pytest.mark.parametrize(
    ("age", "expected"), [(0, "feature.ask"), (13, "feature.ask"), (14, "feature.allowed"), (17, "feature.allowed")]
)
def test_minors_law_art_72__consent_to_processing_under_14(age, expected):
    """Under 14 a guardian consents before personal information is processed."""
    assert expected == Asked(under("cn-minors-law"), age).feature(NOON, "data.processing")


def test_minors_law_art_72__the_14th_birthday():
    """Through the 14th birthday a guardian is asked still."""
    asked = Asked(under("cn-minors-law"), born="2012-11-24")
    said = [asked.feature(f"{day} 12:00", "data.processing") for day in ("2026-11-24", "2026-11-25")]
    assert said == ["feature.ask", "feature.allowed"]


@pytest.mark.parametrize("label", ["conduct", "conduct.idol-chasing", "values", "image", "data"])
def test_may_affect_measures_art_9__no_class_is_pushed_from_2026_03_01(label):
    """None of the four classes is recommended to minors from the day of effect on, and all were before."""
    policy = under(MAY_AFFECT)
    for day, expected in (("2026-02-28", False), ("2026-03-01", True)):
        assert expected == not_recommended(policy, f"may-affect.{label}", day)


@pytest.mark.parametrize("surface", ["home", "popup", "hot_search", "ranking", "recommendation", "featured"])
def test_may_affect_measures__not_in_key_places(surface):
    """First screen, pop-ups, hot search, rankings, recommended and featured places are free of it; search is not."""
    policy = under(MAY_AFFECT)
    assert tuple(blocked_on(policy, surface, "may-affect.image", day) for day in ("2026-02-28", "2026-03-01")) == (
        False,
        True,
    )
    assert not blocked_on(policy, "search", "may-affect.image", TODAY)


@pytest.mark.parametrize("label", ["illegal.gambling", "bad.clickbait"])
def test_algorithm_provisions_art_10__no_interest_in_what_is_illegal_or_bad(label):
    """Neither is an interest to recommend by, from 2022-03-01."""
    policy = under("cn-algorithm-2022")
    assert tuple(not_recommended(policy, label, day) for day in ("2022-02-28", "2022-03-01")) == (False, True)


def test_algorithm_provisions_art_17__the_off_switch_is_an_option_and_no_default():
    """The preset leaves personalisation on, and a guardian may switch it off."""
    policy = under("cn-algorithm-2022")
    assert all(rule.personalised is None for rule in band(policy, 14).recommendations)
    switched = Asked(policy).under_guardian({"recommendations": {"personalised": False}}).policy
    assert False in {rule.personalised for rule in band(switched, 14).recommendations}


def test_content_ecosystem_art_6__illegal_content_is_shown_nowhere():
    """It is blocked on every surface from 2020-03-01."""
    policy = under("cn-content-ecosystem-2020")
    for day, expected in (("2020-02-29", False), ("2020-03-01", True)):
        assert expected == blocked_on(policy, "search", "illegal", day)


@pytest.mark.parametrize("surface", ["home", "popup", "hot_search", "ranking", "featured", "minors"])
def test_content_ecosystem_art_11__bad_content_is_kept_from_key_places(surface):
    """It is barred from key places and the minors' section; elsewhere it is not; and that was weakly seen."""
    policy = under("cn-content-ecosystem-2020")
    assert (
        blocked_on(policy, surface, "bad.gossip", TODAY),
        blocked_on(policy, "search", "bad.gossip", TODAY),
    ) == (True, False)
    assert {"weak"} == {rule.origin.source.verified for rule in band(policy, 14).content if "bad" in rule.block}


@pytest.mark.parametrize("feature", ["companion.kin", "companion.partner"])
def test_companion_order_art_14__no_virtual_kin_or_partner_from_2026_07_15(feature):
    """Until the eve's last second the product ruled; from midnight it is denied at every age."""
    for age in (8, 17):
        asked = Asked(under("cn-ai-companion-2026"), age)
        assert asked.feature("2026-07-14 23:59:59", feature) == "feature.allowed"
        assert asked.feature("2026-07-15 00:00:00", feature) == "feature.denied"


@pytest.mark.parametrize(("age", "expected"), [(13, "feature.ask"), (14, "feature.allowed")])
def test_companion_order__consent_under_14(age, expected):
    """Under 14 a guardian consents to a companion, which never makes virtual kin of it."""
    asked = Asked(under("cn-ai-companion-2026"), age)
    assert expected == asked.feature(NOON, "companion.chat")
    approved = Asked(asked.under_guardian({"approve": ["companion"]}).policy, age)
    assert (
        approved.feature(NOON, "companion.chat"),
        approved.feature(NOON, "companion.kin"),
    ) == ("feature.allowed", "feature.denied")


def test_companion_order_art_18__a_reminder_after_two_hours():
    """Two hours without a pause with a companion bring a reminder, and nothing stops; a video brings none."""
    asked = Asked(under("cn-ai-companion-2026"))
    assert None is asked.open("2026-11-24 09:00", activity="companion").until
    notes = [asked.beat(f"2026-11-24 {9 + minute // 60:02}:{minute % 60:02}").advice for minute in range(1, 122)]
    assert [minute for minute, found in enumerate(notes, 1) if found] == [120]
    video = Asked(under("cn-ai-companion-2026"))
    video.open("2026-11-24 09:00", activity="video")
    assert [video.beat(f"2026-11-24 {9 + minute // 60:02}:{minute % 60:02}").advice for minute in range(1, 122)] == [
        ()
    ] * 121


@pytest.mark.parametrize(
    "preset",
    [
        REGULATIONS,
        MAY_AFFECT,
        "cn-algorithm-2022",
        "cn-content-ecosystem-2020",
        "cn-ai-companion-2026",
        "cn-minors-law",
    ],
)
def test_chinese_law_is_for_no_guardian_to_change(preset):
    """Every rule of these texts has strength law."""
    found = under(preset).bands
    origins = {
        rule.origin
        for one in found
        for rule in (*one.time, *one.content, *one.recommendations, *(r for layer in one.features for r in layer.rules))
        if rule.origin.document == preset
    }
    assert {(Strength.LAW, ())} == {(origin.strength, origin.changeable_by) for origin in origins}
