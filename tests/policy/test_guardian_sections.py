"""A guardian's word on features, spending, content, recommendations and notifications, and how far it reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minorguard.errors import PolicyInvalid
from minorguard.model.rules import SECTIONS, FeaturePeriod, Layer, Verdict
from minorguard.policy import compile_policy, load_preset, with_guardian

PRESET = """\
preset: q
title: {en: Q}
timezone: Asia/Shanghai
sources: {a: {title: A}}
rules:
"""
RULE = """\
  %s:
    ages: %s
    source: a
    article: x
    status: in force
    strength: %s
    verified: primary
    verified_on: 2026-01-01
    %s
"""
DEFAULTS = (
    ("spending", "0-18", "default", "spending: {currency: CNY, per_purchase: 50, per_month: 200}"),
    ("content", "0-18", "default", "content: {max_rating: 12+, block: [gambling], text: {ads: block, fraud: block}}"),
    (
        "shares",
        "0-18",
        "default",
        "recommendations: {autoplay: false, at_most: {a: 40%, b: 40%}, items_per_sitting: 9}",
    ),
    ("notes", "0-18", "default", "notifications: {quiet: ['22:00-06:00'], at_most: 3/day}"),
    ("gifts", "0-18", "default", "deny: [gift]"),
    ("message", "0-18", "law", "ask: [message]"),
)
BANDS = """\
bands:
  0-18:
    features: {default: deny, allow: [search, gift, message, like], ask: [call, call.video], deny: [live]}
    spending: {currency: CNY, per_day: 100}
"""


def policy(text=BANDS, rules=DEFAULTS):
    preset = load_preset(PRESET + "".join(RULE % rule for rule in rules))
    head = "policy: p\ntimezone: Asia/Shanghai\nsurfaces: [feed, search]\nextends: [q]\n"
    return compile_policy(head + text, presets={"q": preset})


def under(settings, base=None):
    return with_guardian(base or policy(), settings).bands[0]


def laid(section, settings, layer):
    return [rule for rule in getattr(under({section: settings}), section) if rule.origin.layer is layer]


def verdicts(band, feature):
    return {rule.verdict for layer in band.features if (rule := layer.rule_for(feature)) is not None}


def test_spending_stands_beside_the_product_and_replaces_defaults_by_part():
    """A guardian's amount takes the place of the same amount of a default, looser too; the product's stays."""
    settings = {"currency": "CNY", "per_month": 500, "per_day": "20.00"}
    (own,) = laid("spending", settings, Layer.GUARDIAN)
    assert (own.per_purchase, own.per_day, own.per_month) == (None, 2000, 50_000)
    assert (own.origin.document, own.origin.rule, own.origin.changeable_by) == ("guardian", "/spending", ("guardian",))
    (law,) = laid("spending", settings, Layer.LAW)
    assert (law.per_purchase, law.per_day, law.per_month) == (5000, None, None)
    assert [rule.per_day for rule in laid("spending", settings, Layer.PRODUCT)] == [10_000]


def test_another_currency_replaces_nothing():
    """A default in another currency, or of some activities, is not what the guardian speaks of."""
    for settings in ({"currency": "USD", "per_month": 500}, {"currency": "CNY", "per_month": 500, "only": ["game"]}):
        (law,) = laid("spending", settings, Layer.LAW)
        assert law.per_month == 20_000


def test_content_by_part():
    """Ratings and categories give way one by one; blocking adds, and an empty list lifts what is blocked by default."""
    settings = {"max_rating": "16+", "block": ["idol"], "text": {"ads": "allow"}}
    (law,) = laid("content", settings, Layer.LAW)
    assert (law.max_rating, law.block, [key for key, _ in law.text]) == (None, frozenset({"gambling"}), ["fraud"])
    assert laid("content", settings, Layer.GUARDIAN)[0].block == frozenset({"idol"})
    (law,) = laid("content", {"block": []}, Layer.LAW)
    assert (law.max_rating, law.block) == ("12+", frozenset())


def test_content_of_one_surface_leaves_a_default_for_all():
    """A default for every surface stays whole where the guardian speaks of one."""
    (law,) = laid("content", {"surfaces": ["feed"], "max_rating": "16+"}, Layer.LAW)
    assert law.max_rating == "12+"


def test_recommendations_and_notifications_by_part():
    """Shares give way topic by topic; quiet spans as a whole, and an empty list lifts the default's."""
    (law,) = laid("recommendations", {"at_most": {"a": "80%"}, "autoplay": True}, Layer.LAW)
    assert (law.at_most, law.autoplay, law.items_per_sitting) == ((("b", 40),), None, 9)
    (law,) = laid("notifications", {"quiet": ["20:00-08:00"]}, Layer.LAW)
    assert (law.quiet, law.at_most) == ((), (3, FeaturePeriod.DAY))
    assert laid("notifications", {"quiet": [], "at_most": "9/day"}, Layer.LAW) == []


def test_features_are_denied_and_limited():
    """A guardian's denial and limit are one more layer, which allows nothing that another layer denies."""
    band = under({"features": {"deny": ["search"], "limit": {"like": "5/day", "live": "5/day"}}})
    assert verdicts(band, "search") == {Verdict.ALLOW, Verdict.DENY}
    assert verdicts(band, "live") == {Verdict.ALLOW, Verdict.DENY}
    limits = [layer.rule_for("like").limit for layer in band.features if layer.rule_for("like")]
    assert limits == [None, 5]


def test_a_default_denial_gives_way_to_a_limit():
    """A feature that a preset denies by default may be used again within the guardian's limit."""
    assert verdicts(under({}), "gift.send") == {Verdict.ALLOW, Verdict.DENY}
    assert verdicts(under({"features": {"limit": {"gift": "1/day"}}}), "gift.send") == {Verdict.ALLOW}


def test_approval_lifts_asking_and_nothing_else():
    """An approved feature, and what is below it, is allowed where it was asked for, by the law or by the product."""
    band = under({"approve": ["message", "call", "live", "unheard_of"]})
    for feature in ("message", "message.group", "call", "call.group"):
        assert verdicts(band, feature) == {Verdict.ALLOW}
    assert verdicts(band, "live") == {Verdict.DENY}
    assert verdicts(band, "unheard_of") == {Verdict.DENY}


def test_what_is_asked_for_separately_needs_its_own_approval():
    """A longer name with a rule of its own is another question, in the same document as in another one."""
    assert verdicts(under({"approve": ["call"]}), "call.video") == {Verdict.ASK}
    assert verdicts(under({"approve": ["call"]}), "call.video.hd") == {Verdict.ASK}
    assert verdicts(under({"approve": ["call", "call.video"]}), "call.video.hd") == {Verdict.ALLOW}
    base = policy(rules=(*DEFAULTS, ("strangers", "0-18", "default", "ask: [message.strangers]")))
    assert verdicts(under({"approve": ["message"]}, base), "message.strangers") == {Verdict.ALLOW, Verdict.ASK}
    assert verdicts(under({"approve": ["message"]}, base), "message.group") == {Verdict.ALLOW}
    assert verdicts(under({"approve": ["message", "message.strangers"]}, base), "message.strangers") == {Verdict.ALLOW}


def test_approval_of_a_part_leaves_the_rest_asked_for():
    """A name below an asked feature may be approved by itself; an approval never reaches above its name."""
    band = under({"approve": ["message.friends"]})
    assert verdicts(band, "message.friends.photo") == {Verdict.ALLOW}
    assert verdicts(band, "message.strangers") == {Verdict.ALLOW, Verdict.ASK}
    assert verdicts(under({"approve": ["call.video"]}), "call") == {Verdict.ASK}
    assert verdicts(under({"approve": ["cal"]}), "call") == {Verdict.ASK}


def test_nothing_is_allowed_where_the_product_is_silent():
    """In a band without features of the product, neither a limit nor an approval allows what was denied."""
    band = under(
        {"features": {"limit": {"like": "5/day"}, "deny": ["x"]}, "approve": ["message"]}, policy("bands: {0-18: {}}\n")
    )
    assert verdicts(band, "like") == set()
    assert verdicts(band, "message") == {Verdict.ASK}
    assert verdicts(band, "x") == {Verdict.DENY}


SETTINGS = {
    "time": {"quota": {"daily": "20m"}},
    "features": {"deny": ["like"]},
    "spending": {"currency": "CNY", "per_day": 1},
    "content": {"block": ["x"]},
    "recommendations": {"personalised": False},
    "notifications": {"at_most": "1/hour"},
}


@pytest.mark.parametrize("section", SECTIONS)
def test_sections_outside_may_tighten_are_refused(section):
    """A guardian sets no rule in a section that the policy keeps, unless all of it takes a default's place."""
    kept = ", ".join(name for name in SECTIONS if name != section)
    base = policy(BANDS + f"guardian: {{may_tighten: [{kept}]}}\n", rules=DEFAULTS[:3] + DEFAULTS[4:])
    with pytest.raises(PolicyInvalid) as caught:
        with_guardian(base, {section: SETTINGS[section]})
    assert [(found.code, found.pointer) for found in caught.value.findings] == [("tighten.not_allowed", f"/{section}")]
    rest = {name: value for name, value in SETTINGS.items() if name != section}
    assert with_guardian(base, rest).digest != base.digest


@pytest.mark.parametrize(
    ("section", "settings", "more"),
    [
        ("features", {"limit": {"gift": "1/day"}}, {"deny": ["like"]}),
        ("spending", {"currency": "CNY", "per_month": 500}, {"per_day": 1}),
        ("content", {"max_rating": "16+", "text": {"ads": "allow"}}, {"block": ["x"]}),
        ("recommendations", {"at_most": {"a": "80%"}, "items_per_sitting": 20}, {"personalised": False}),
    ],
)
def test_defaults_may_be_changed_all_the_same(section, settings, more):
    """Outside `may_tighten`, what takes a default's place is taken, and anything beside it refuses the section."""
    base = policy(BANDS + "guardian: {may_tighten: []}\n")
    assert with_guardian(base, {section: settings}).digest != base.digest
    with pytest.raises(PolicyInvalid):
        with_guardian(base, {section: settings | more})


def test_where_there_is_no_default_a_kept_section_stays():
    """A change of a default of some ages does not reach the ages that have none."""
    rules = (("spending", "0-12", "default", "spending: {currency: CNY, per_month: 200}"),)
    base = policy("bands: {0-18: {}}\nguardian: {may_tighten: []}\n", rules)
    young, old = with_guardian(base, {"spending": {"currency": "CNY", "per_month": 500}}).bands
    assert ([rule.per_month for rule in young.spending], old.spending) == ([50_000], ())


def test_lists_that_lift_defaults_need_no_right():
    """An empty list lifts defaults alone, so that no `may_tighten` is asked for."""
    base = policy(BANDS + "guardian: {may_tighten: []}\n")
    band = under({"notifications": {"quiet": []}, "content": {"block": []}}, base)
    assert (band.notifications[0].quiet, band.content[0].block) == ((), frozenset())


NAMES = st.sampled_from(["search", "gift", "gift.send", "message", "call", "call.video", "live", "like", "other"])
SOME = st.lists(NAMES, max_size=3, unique=True)


@given(SOME, SOME, SOME)
def test_no_setting_allows_what_the_product_denies(deny, limit, approve):
    """What the product denies stays denied, and what it asks for stays so unless that very name is approved."""
    limits = {name: "1/day" for name in limit if name not in deny}
    band = under({"features": {"deny": deny, "limit": limits}, "approve": approve})
    assert Verdict.DENY in verdicts(band, "live") & verdicts(band, "other")
    for asked in ("call", "call.video", "message"):
        assert asked in approve or verdicts(band, asked) & {Verdict.ASK, Verdict.DENY}
    for name in deny:
        assert Verdict.DENY in verdicts(band, name)
