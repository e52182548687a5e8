"""What a rule of a preset may hold, and when it holds at all."""

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.model.rules import Layer, Verdict
from minorguard.policy import check_policy, compile_policy, load_preset

HEAD = "timezone: Asia/Shanghai\n"
PRESET = """\
preset: q
title: {en: Q}
timezone: Asia/Shanghai
calendar: CN
jurisdiction: CN
sources: {a: {title: A}}
rules:
"""
RULE = """\
  %s:
    ages: 0-16
    source: a
    article: x
    status: in force
    strength: %s
    verified: primary
    verified_on: 2026-01-01
    effective_from: 2026-02-01
    %s
"""


def preset(*rules):
    return load_preset(PRESET + "".join(RULE % rule for rule in rules))


def at(policy, age):
    return next(band for band in policy.bands if band.band.from_age <= age < band.band.below_age)


def under(found, extends="q", head="calendar: CN\n"):
    text = f"policy: p\n{HEAD}{head}extends: [{extends}]\nbands: {{0-18: {{}}}}\n"
    return compile_policy(text, presets={"q": found})


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("spending", "spending: {currency: CNY, per_purchase: 50}"),
        ("content", "content: {max_rating: 12+}"),
        ("recommendations", "recommendations: {personalised: false}"),
        ("notifications", "notifications: {quiet: ['22:00-06:00']}"),
    ],
)
def test_a_preset_speaks_of_every_section(section, text):
    """A preset's rule of any section keeps its source, strength and dates, for its ages alone."""
    policy = under(preset(("r", "law", text)))
    (rule,) = getattr(at(policy, 10), section)
    assert getattr(at(policy, 16), section) == ()
    assert (rule.origin.rule, rule.origin.layer, rule.origin.document) == (f"/rules/r/{section}", Layer.LAW, "q")
    assert (rule.origin.source.title, rule.origin.effective_from.isoformat()) == ("A", "2026-02-01")


def test_a_preset_asks_and_denies():
    """A preset's `ask` and `deny` are layers of their own, so that the stricter of two rules holds."""
    policy = under(preset(("r", "law", "ask: [message]"), ("s", "law", "deny: [message]")))
    words = [layer.rule_for("message.send").verdict for layer in at(policy, 10).features]
    assert words == [Verdict.ASK, Verdict.DENY]
    assert [layer.default for layer in at(policy, 10).features] == [None, None]


@pytest.mark.parametrize("strength", ["planned", "enjoined"])
def test_what_is_off_is_switched_on_by_name(strength):
    """Planned and enjoined rules are off unless the document switches their strength on."""
    found = preset(("r", strength, "time: {quota: {daily: 1h}}"), ("s", "law", "deny: [x]"))
    assert at(under(found), 10).time == ()
    assert len(at(under(found, f"{{use: q, switch_on: [{strength}]}}"), 10).time) == 1
    other = {"planned": "enjoined", "enjoined": "planned"}[strength]
    assert at(under(found, f"{{use: q, switch_on: [{other}]}}"), 10).time == ()


def test_a_policy_of_rules_that_are_off_is_refused():
    """A document without bands whose presets are all off would hold for nobody, and is an error."""
    text = f"policy: p\n{HEAD}extends: [q]\n"
    policy, found = check_policy(text, presets={"q": preset(("r", "planned", "deny: [x]"))})
    assert policy is None
    assert ("bands.missing", "/extends") in {(one.code, one.pointer) for one in found}


def test_a_presets_calendar_and_jurisdiction():
    """A preset says whose law it is and which calendar it means; a document without that calendar is warned."""
    found = preset(("r", "law", "deny: [x]"))
    assert (found.calendar, found.jurisdiction) == ("CN", "CN")
    text = f"policy: p\n{HEAD}extends: [q]\nbands: {{0-18: {{}}}}\n"
    assert ("calendar.preset", "/extends/0") in {
        (one.code, one.pointer) for one in check_policy(text, presets={"q": found})[1]
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("time: {}\n    deny: [x]", "preset.rule"),
        ("note: x", "preset.rule"),
        ("time: {}", "preset.rule"),
        ("spending: {currency: CNY}", "preset.rule"),
        ("spending: {currency: CNY, per_day: 1}\n    content: {block: [x]}", "preset.rule"),
        ("recommendations: {at_least: {a: 60%, b: 60%}}", "percent.sum"),
        ("spending: {currency: XYZ, per_day: 1}", "currency.unknown"),
    ],
)
def test_broken_rules_of_presets(text, code):
    """A rule of a preset holds exactly one section, which is checked as a band's is."""
    with pytest.raises(PolicyInvalid) as caught:
        preset(("r", "law", text))
    assert code in {found.code for found in caught.value.findings}


def test_a_presets_activities_limit_its_spending():
    """`only` of a preset's rule, or of its spending section, says whose purchases count."""
    outside = preset(("r", "law", "only: [game]\n    spending: {currency: CNY, per_day: 1}"))
    inside = preset(("r", "law", "spending: {currency: CNY, per_day: 1, only: [game]}"))
    for found in (outside, inside):
        assert at(under(found), 10).spending[0].only == frozenset({"game"})
        assert "game" in under(found).known_activities
