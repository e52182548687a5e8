"""The guardian's layer over a compiled policy."""

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.model.rules import Layer, Span
from minorguard.policy import compile_policy, load_preset, with_guardian

HOUR = 3600


@pytest.fixture
def policy(demo):
    return compile_policy(demo)


def rules(policy, slot, label="12-16"):
    (band,) = [band for band in policy.bands if str(band.band) == label]
    return {rule.origin.layer: rule for rule in band.time if rule.slot == slot}


def test_empty_settings_change_nothing(policy):
    """No settings, or empty ones, give the same policy with the same digest."""
    assert policy == with_guardian(policy, {})
    assert policy == with_guardian(policy, {"time": {}, "exempt": []})
    assert policy.digest == with_guardian(policy, {"time": {"quota": {}}}).digest


@pytest.mark.parametrize("daily", ["20m", "3h"])
def test_a_default_of_the_law_is_replaced_tighter_or_looser(policy, daily):
    """The guardian's daily limit takes the place of the guide's hour, in every band."""
    changed = with_guardian(policy, {"time": {"quota": {"daily": daily}}})
    for band in changed.bands:
        found = rules(changed, "quota.day", str(band.band))
        assert Layer.LAW not in found
        assert (
            found[Layer.GUARDIAN].origin.layer,
            found[Layer.GUARDIAN].origin.document,
            found[Layer.GUARDIAN].origin.rule,
            found[Layer.GUARDIAN].origin.changeable_by,
        ) == (Layer.GUARDIAN, "guardian", "/time/quota/daily", ("guardian",))


def test_the_products_rules_stay(policy):
    """A guardian's looser limit stands beside the product's, which still holds."""
    changed = with_guardian(policy, {"time": {"quota": {"daily": "3h"}, "curfew": ["23:30-05:00"]}})
    for slot in ("quota.day", "curfew"):
        assert rules(policy, slot)[Layer.PRODUCT] == rules(changed, slot)[Layer.PRODUCT]


def test_the_law_stays(policy):
    """A guardian's curfew leaves the law's curfew for live streams as it is."""
    changed = with_guardian(policy, {"time": {"curfew": ["23:30-05:00"]}})
    assert rules(policy, "curfew.live") == rules(changed, "curfew.live")
    assert {Layer.PRODUCT, Layer.GUARDIAN} == set(rules(changed, "curfew"))


def test_an_empty_curfew_lifts_the_default_and_nothing_else(policy):
    """`curfew: []` takes the guide's hours away, and leaves the product's and the law's."""
    changed = with_guardian(policy, {"time": {"curfew": []}})
    assert {Layer.PRODUCT} == set(rules(changed, "curfew"))
    assert rules(policy, "curfew.live") == rules(changed, "curfew.live")


def test_a_break_leaves_the_reminder(policy):
    """A guardian who sets a break keeps the guide's reminder; one who sets a reminder replaces it."""
    changed = with_guardian(policy, {"time": {"sitting": {"break_after": "20m", "break_for": "5m"}}})
    assert rules(changed, "sitting")[Layer.LAW].remind_after == 1800
    changed = with_guardian(policy, {"time": {"sitting": {"remind_after": "20m"}}})
    assert Layer.LAW not in rules(changed, "sitting")
    assert rules(changed, "sitting")[Layer.GUARDIAN].remind_after == 1200


def test_grants_raise_a_guardians_limit_as_far_as_the_product_lets(policy):
    """The guardian's own daily limit may be raised by the product's `per_day`."""
    changed = with_guardian(policy, {"time": {"quota": {"daily": "20m"}}})
    assert rules(changed, "quota.day")[Layer.GUARDIAN].raise_at_most == 3600


def test_exemptions_are_inherited(policy):
    """What the replaced default did not count, the guardian's limit does not count either."""
    changed = with_guardian(policy, {"time": {"quota": {"daily": "20m"}}})
    assert frozenset({"study", "emergency"}) == rules(changed, "quota.day")[Layer.GUARDIAN].exempt


def test_windows_and_days_as_in_a_band(policy):
    """Windows, days and quotas by activity are spelt as in the document."""
    settings = {
        "time": {
            "windows": [{"days": ["sat"], "span": "10:00-12:00"}],
            "quota": {"per_activity": {"chess": {"daily": {"weekend": "1h", "otherwise": "0m"}}}},
        }
    }
    changed = with_guardian(policy, settings)
    assert (Span(10 * HOUR, 12 * HOUR, frozenset({"sat"})),) == rules(changed, "windows")[Layer.GUARDIAN].spans
    assert "quota.day.chess" in {rule.slot for rule in changed.bands[0].time}
    assert "chess" in changed.known_activities


def test_an_exemption_reaches_the_rules_that_allow_it(demo):
    """`exempt` frees an activity from the product's rules and the defaults, never from the law."""
    text = demo.replace("may_exempt: [study]", "may_exempt: [study, live, music]")
    changed = with_guardian(compile_policy(text), {"exempt": ["music", "live"]})
    both = {"music", "live"}
    assert both <= rules(changed, "quota.day")[Layer.PRODUCT].exempt
    assert both <= rules(changed, "quota.day")[Layer.LAW].exempt
    assert frozenset() == rules(changed, "curfew.live")[Layer.LAW].exempt


def test_a_preset_without_guardian_exemptions_keeps_counting(demo):
    """A preset that lists study alone lets a guardian exempt study alone."""
    text = demo.replace("cn-live-2022]", "cn-youth-practice]").replace(
        "may_exempt: [study]", "may_exempt: [study, music]"
    )
    text = text.replace("  study: {exempt: [quota, curfew]}\n", "")
    changed = with_guardian(compile_policy(text), {"exempt": ["music", "study"]})
    (practice,) = [
        rule
        for rule in changed.bands[0].time
        if rule.origin.document == "cn-youth-practice" and rule.slot == "quota.day"
    ]
    assert (practice.binds("study"), practice.binds("music")) == (False, True)


def test_an_exemption_that_the_product_does_not_let(policy):
    """An activity outside `may_exempt` is a finding with its pointer."""
    with pytest.raises(PolicyInvalid) as caught:
        with_guardian(policy, {"exempt": ["study", "game"]})
    assert [(found.code, found.pointer) for found in caught.value.findings] == [("exempt.not_allowed", "/exempt/1")]


BROKEN = [
    ({"time": {"quota": {"daily": 40}}}, "duration.unit", "/time/quota/daily"),
    ({"time": {"quota": {"daily": {"sat": "1h"}}}}, "daily.incomplete", "/time/quota/daily"),
    ({"time": {"curfew": ["22:00"]}}, "span.bad", "/time/curfew/0"),
    ({"time": {"windows": []}}, "value.empty", "/time/windows"),
    ({"time": {"sitting": {"break_after": "1h"}}}, "sitting.break", "/time/sitting"),
    ({"time": {"warn_before": ["5m"]}}, "key.unknown", "/time/warn_before"),
    ({"time": None}, "value.null", "/time"),
    ({"features": {"allow": ["x"]}}, "key.unknown", "/features/allow"),
    ({"features": {"deny": ["x"], "limit": {"x": "1/day"}}}, "feature.contradiction", "/features/limit/x"),
    ({"spending": {}}, "key.missing", "/spending/currency"),
    ({"spending": {"currency": "CNY", "per_day": 0.001}}, "money.decimals", "/spending/per_day"),
    ({"content": {"surfaces": ["feed"]}}, "surface.unknown", "/content/surfaces/0"),
    ({"recommendations": {"at_least": {"a": "70%", "b": "70%"}}}, "percent.sum", "/recommendations/at_least"),
    ({"notifications": {"quiet": ["22:00"]}}, "span.bad", "/notifications/quiet/0"),
    ({"approve": "direct_message"}, "value.shape", "/approve"),
    ({1: 2}, "key.unknown", "/1"),
    ({"exempt": [{}]}, "value.text", "/exempt/0"),
    ({"time": {"quota": {"daily": 10**5000}}}, "duration.unit", "/time/quota/daily"),
    ({"time": {"quota": {"daily": float("nan")}}}, "duration.unit", "/time/quota/daily"),
    ([], "value.shape", ""),
    (None, "value.shape", ""),
]


@pytest.mark.parametrize(("settings", "code", "pointer"), BROKEN, ids=[row[1] + row[2] for row in BROKEN])
def test_broken_settings_are_refused(policy, settings, code, pointer):
    """Invalid settings raise with JSON pointers and without lines, since they have no text."""
    with pytest.raises(PolicyInvalid) as caught:
        with_guardian(policy, settings)
    assert (code, pointer) in {(found.code, found.pointer) for found in caught.value.findings}
    assert {("guardian", 0, 0)} == {(found.file, found.line, found.column) for found in caught.value.findings}
    assert str(caught.value.findings[0]).startswith(f"guardian: error[{caught.value.findings[0].code}]")


def test_a_quota_of_an_activity_stands_for_no_quota_of_two():
    """An activity `chat.feed` is neither `chat` nor `feed`: the default of both together stays."""
    preset = load_preset(TWO_TOGETHER)
    policy = compile_policy("policy: p\ntimezone: UTC\nextends: [xx]\nbands: {0-18: {}}\n", presets={"xx": preset})
    guarded = with_guardian(policy, {"time": {"quota": {"per_activity": {"chat.feed": {"daily": "10h"}}}}})
    assert policy.bands[0].time[0] in guarded.bands[0].time


TWO_TOGETHER = """
preset: xx
title: {zh: x, en: x}
timezone: UTC
sources: {s: {title: x}}
rules:
  daily:
    {ages: 0-18, source: s, article: "1", status: in force, strength: default,
     verified: primary, verified_on: 2026-11-24, only: [chat, feed], time: {quota: {daily: 1h}}}
"""
