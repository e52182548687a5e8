"""Live streams in China: the opinions of 2022, and Article 76 of the Law on the Protection of Minors."""

import pytest

from tests.build import codes
from tests.policy.presets.asking import Asked, under

NOON = "2026-11-24 12:00"
BOTH = ["cn-live-2022", "cn-minors-law"]
BROADCAST = "livestream.broadcast"


@pytest.mark.parametrize("preset", BOTH)
@pytest.mark.parametrize(
    ("age", "expected"),
    [(8, "feature.denied"), (15, "feature.denied"), (16, "feature.ask"), (17, "feature.ask")],
)
def test_minors_law_art_76__broadcasting_by_age(preset, age, expected):
    """Under 16 there are no broadcaster accounts; at 16 and 17 it takes a guardian's consent."""
    assert expected == Asked(under(preset), age).feature(NOON, BROADCAST)


@pytest.mark.parametrize("preset", BOTH)
def test_minors_law_art_76__the_16th_and_the_18th_birthday(preset):
    """Through the 16th birthday it is denied, the day after a guardian is asked, and after the 18th birthday nobody."""
    asked = Asked(under(preset), born="2010-11-24")
    said = [
        asked.feature(f"{day} 12:00", BROADCAST) for day in ("2026-11-24", "2026-11-25", "2028-11-24", "2028-11-25")
    ]
    assert said == ["feature.denied", "feature.ask", "feature.ask", "age.adult"]


@pytest.mark.parametrize("preset", BOTH)
@pytest.mark.parametrize(("age", "expected"), [(15, "feature.denied"), (16, "feature.allowed")])
def test_minors_law_art_76__a_guardian_consents_at_16_and_never_before(preset, age, expected):
    """An approval lifts the question at 16, and not the prohibition at 15."""
    approved = Asked(under(preset), age).under_guardian({"approve": [BROADCAST]})
    said = Asked(approved.policy, age).feature(NOON, BROADCAST)
    assert expected == said


@pytest.mark.parametrize(
    ("time", "expected"),
    [("21:59:59", True), ("22:00:00", False), ("00:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_live_opinions__all_services_end_at_22_00(time, expected):
    """From 22:00 live streams are offline; that they resume at 06:00 is the guide's word."""
    assert expected == Asked(under("cn-live-2022"), 17).may_use(f"2026-11-24 {time}", "live")


def test_live_opinions__other_activities_are_not_spoken_of():
    """A video at 23:00 is the product's to rule."""
    assert Asked(under("cn-live-2022")).may_use("2026-11-24 23:00", "video")


def test_live_opinions__no_guardian_brings_live_back_at_night():
    """The night of live streams is law: clearing or moving the curfew leaves it, an exemption is refused by silence."""
    asked = Asked(under("cn-live-2022", "cn-minor-mode-2024", top="guardian: {may_exempt: [live]}"))
    for settings in ({"time": {"curfew": []}}, {"time": {"curfew": ["23:30-06:00"]}}, {"exempt": ["live"]}):
        assert not asked.under_guardian(settings).may_use("2026-11-24 23:00", "live")
    assert asked.under_guardian({"time": {"curfew": []}}).may_use("2026-11-24 23:00", "video")


def test_live_opinions__they_began_while_a_stream_was_watched():
    """A stream watched into 2022-05-07 ended at that midnight, inside the first night of the opinions."""
    asked = Asked(under("cn-live-2022"))
    opened = asked.open("2022-05-06 23:30", activity="live")
    assert asked.local(opened.until) == "2022-05-07 00:00:00"
    assert asked.beat("2022-05-06 23:31:00").allowed
    stopped = asked.beat("2022-05-07 00:00:00")
    assert (codes(stopped), asked.local(stopped.again)) == (["curfew.closed"], "2022-05-07 06:00:00")


@pytest.mark.parametrize("age", [0, 12, 17])
@pytest.mark.parametrize("feature", ["gift.send", "gift.ranking"])
def test_live_opinions__no_tipping_by_minors_and_no_ranking_of_tips(age, feature):
    """No minor tips, and tips are not ranked."""
    assert Asked(under("cn-live-2022"), age).feature(NOON, feature) == "feature.denied"


def test_live_opinions__tipping_ended_on_2022_05_07():
    """On the eve tipping was the product's to rule; no guardian approves it since."""
    asked = Asked(under("cn-live-2022"))
    assert asked.feature("2022-05-06 12:00", "gift.send") == "feature.allowed"
    assert asked.feature("2022-05-07 12:00", "gift.send") == "feature.denied"
    assert asked.under_guardian({"approve": ["gift.send"]}).feature(NOON, "gift.send") == "feature.denied"
