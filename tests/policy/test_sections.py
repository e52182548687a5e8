"""What the sections on spending, content, recommendations and notifications compile to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minorguard.errors import PolicyInvalid
from minorguard.model.currencies import CURRENCIES
from minorguard.model.rules import SECTIONS, ExitMode, FeaturePeriod, Layer, Span, Verdict
from minorguard.model.sections import TextAction, WindowCap
from minorguard.policy import check_policy, compile_policy, schema
from minorguard.policy.money import minor_units, written_as

HOUR = 3600
SMALL = "policy: p\ntimezone: Asia/Shanghai\ncalendar: CN\n"
LATER_SECTIONS = SECTIONS[2:]


def band(text, head=""):
    return compile_policy(f"{SMALL}{head}bands: {{0-18: {{{text}}}}}\n").bands[0]


def warned(text, head=""):
    policy, findings = check_policy(f"{SMALL}{head}bands: {{0-18: {{{text}}}}}\n")
    assert policy is not None
    return {(found.code, found.pointer.removeprefix("/bands/0-18/")) for found in findings}


def spending(text):
    (rule,) = band("spending: {" + text + "}").spending
    return rule


def test_spending():
    """Amounts arrive in minor units, whether written as number or text, and nothing is said of what is not written."""
    rule = spending("currency: CNY, per_purchase: 50.00, per_month: '200.5', only: [game, live]")
    assert (rule.currency, rule.per_purchase, rule.per_day, rule.per_month) == ("CNY", 5000, None, 20050)
    assert frozenset({"game", "live"}) == rule.only
    assert (rule.origin.rule, rule.origin.layer, rule.origin.document) == ("/bands/0-18/spending", Layer.PRODUCT, "p")


@pytest.mark.parametrize(
    ("currency", "written", "units"),
    [
        ("CNY", "0", 0),
        ("CNY", "50", 5000),
        ("CNY", "0.1", 10),
        ("CNY", "0.29", 29),
        ("CNY", "1.10", 110),
        ("CNY", "19.99", 1999),
        ("CNY", "999999999.99", 99_999_999_999),
        ("CNY", "1e2", 10_000),
        ("JPY", "50", 50),
        ("JPY", "50.0", 50),
        ("KRW", "'1000'", 1000),
        ("KWD", "0.005", 5),
        ("VND", "200000", 200_000),
    ],
)
def test_amounts_are_exact(currency, written, units):
    """Each amount is exactly what was written, in the smallest unit of its currency."""
    assert spending(f"currency: {currency}, per_day: {written}").per_day == units


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, 10**11))
def test_money_survives_the_way_there_and_back(currency, units):
    """Minor units written as an amount, as text or as the number that YAML makes of it, are the same units again."""
    units = min(units, 10**9 * 10 ** CURRENCIES[currency])
    text = written_as(units, currency)
    assert minor_units(Decimal(text), currency) == units
    for written in (text, f"'{text}'"):
        assert spending(f"currency: {currency}, per_day: {written}").per_day == units


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(1, 9), st.integers(1, 3))
def test_no_amount_is_rounded(currency, digit, more):
    """An amount that is finer than its currency is refused, never rounded."""
    written = "1." + "0" * (CURRENCIES[currency] + more - 1) + str(digit)
    with pytest.raises(PolicyInvalid) as caught:
        spending(f"currency: {currency}, per_day: {written}")
    assert [found.code for found in caught.value.findings] == ["money.decimals"]


def test_content():
    """Ratings, labels, pools and actions on texts arrive sorted, and no surface is all of them."""
    (rule,) = band(
        "content: {max_rating: 12+, block: [gambling, violence.graphic], pools: [youth], "
        "text: {fraud: block, abuse: mask, ads: review, default: allow}}"
    ).content
    assert (rule.surfaces, rule.max_rating, rule.pools) == (None, "12+", frozenset({"youth"}))
    assert frozenset({"gambling", "violence.graphic"}) == rule.block
    assert rule.text == (
        ("abuse", TextAction.MASK),
        ("ads", TextAction.REVIEW),
        ("default", TextAction.ALLOW),
        ("fraud", TextAction.BLOCK),
    )


def test_content_gates_declared_surfaces():
    """A section may name surfaces that the document declares, and the policy knows all of those."""
    policy = compile_policy(
        SMALL + "surfaces: [search, feed]\nbands: {0-18: {content: {surfaces: [feed], block: [a]}}}\n"
    )
    assert frozenset({"feed"}) == policy.bands[0].content[0].surfaces
    assert policy.surfaces == ("feed", "search")


def test_recommendations():
    """Flags, shares in whole per cent, the window of an author and the items of a sitting arrive."""
    (rule,) = band(
        "recommendations: {personalised: false, autoplay: true, block: [idol.chasing], at_most: {entertainment: 40%}, "
        "at_least: {education: 20%, art: 0%}, per_author: {max: 2, within: 10}, items_per_sitting: 60}"
    ).recommendations
    assert (rule.personalised, rule.autoplay, rule.block) == (False, True, frozenset({"idol.chasing"}))
    assert (rule.at_most, rule.at_least) == ((("entertainment", 40),), (("art", 0), ("education", 20)))
    assert (rule.per_author, rule.items_per_sitting) == (WindowCap(2, 10), 60)


def test_notifications():
    """Quiet spans are spans as in a curfew, and no notification a day is a limit too."""
    (rule,) = band(
        "notifications: {quiet: ['21:00-08:00', {days: [fri], span: 12:00-13:00}], at_most: 3/day}"
    ).notifications
    assert rule.quiet == (Span(12 * HOUR, 13 * HOUR, frozenset({"fri"})), Span(21 * HOUR, 8 * HOUR))
    assert rule.at_most == (3, FeaturePeriod.DAY)
    assert band("notifications: {at_most: 0/day}").notifications[0].at_most == (0, FeaturePeriod.DAY)


@pytest.mark.parametrize("section", LATER_SECTIONS)
def test_a_section_that_says_nothing_makes_no_rule(section):
    """An empty section, or one of scope alone, means the same as none."""
    text = {"spending": "{currency: CNY, only: [game]}", "content": "{text: {}}"}.get(section, "{}")
    assert getattr(band(f"{section}: {text}"), section) == ()


def test_asked_features():
    """A feature under `ask` is denied until a guardian approves it, with the pointer of its entry."""
    (layer,) = band("features: {allow: [search], ask: [direct_message]}").features
    rule = layer.rule_for("direct_message.send")
    assert (rule.verdict, rule.origin.rule) == (Verdict.ASK, "/bands/0-18/features/ask/0")
    assert layer.rule_for("search").verdict is Verdict.ALLOW


def test_a_guardians_rights():
    """Rights default to tightening everything and leaving by a verified guardian, and are what is written."""
    policy = compile_policy(SMALL + "bands: {0-18: {}}\n")
    assert (policy.guardian.may_tighten, policy.guardian.exit_mode) == (frozenset(SECTIONS), ExitMode.VERIFIED)
    text = "bands: {0-18: {}}\nguardian: {may_tighten: [time, spending], exit_mode: never}\n"
    policy = compile_policy(SMALL + text)
    assert (policy.guardian.may_tighten, policy.guardian.exit_mode) == (frozenset({"time", "spending"}), ExitMode.NEVER)
    assert compile_policy(SMALL + text.replace("[time, spending]", "[]")).guardian.may_tighten == frozenset()


def test_the_activities_of_spending_are_known():
    """An activity that only a spending section names is known to the policy."""
    policy = compile_policy(SMALL + "bands: {0-18: {spending: {currency: CNY, per_day: 1, only: [casino]}}}\n")
    assert "casino" in policy.known_activities


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("spending: {currency: CNY}", "spending.unlimited", "spending"),
        ("spending: {currency: CNY, per_purchase: 9, per_day: 8}", "spending.no_effect", "spending/per_purchase"),
        ("spending: {currency: CNY, per_day: 9, per_month: 8}", "spending.no_effect", "spending/per_day"),
        ("spending: {currency: CNY, per_purchase: 9, per_month: 8}", "spending.no_effect", "spending/per_purchase"),
        ("content: {block: [a, b, a]}", "name.repeated", "content/block/2"),
        ("content: {block: [a.b.c, a]}", "name.repeated", "content/block/0"),
        ("recommendations: {block: [a], at_most: {a.b: 10%}}", "topic.no_effect", "recommendations/at_most/a.b"),
        ("recommendations: {per_author: {max: 3, within: 3}}", "author.no_effect", "recommendations/per_author/max"),
    ],
)  # fmt: skip
def test_doubts_inside_a_section(text, code, pointer):
    """What cannot have been meant is told at its place, and compiles."""
    assert (code, pointer) in warned(text)


def test_a_quiet_day_that_never_comes():
    """A quiet span on holidays is told where the policy has no calendar."""
    text = "policy: p\ntimezone: UTC\nbands: {0-18: {notifications: {quiet: [{days: [holiday], span: 08:00-09:00}]}}}\n"
    assert ("day.never", "/bands/0-18/notifications/quiet/0/days") in {
        (found.code, found.pointer) for found in check_policy(text)[1]
    }


def test_equal_amounts_and_shares_of_a_whole_are_fine():
    """Limits that just fit one another are no finding: equal amounts, and topics that share one hundred per cent."""
    text = (
        "spending: {currency: CNY, per_purchase: 5, per_day: 5, per_month: 5}, "
        "recommendations: {at_least: {a: 60%, a.b: 60%, c: 40%}, at_most: {a: 60%}}"
    )
    assert warned(text) == set()


def test_the_product_beside_a_preset():
    """A limit that a preset's is stricter than has no effect, and two currencies let nothing through."""
    head = "extends: [cn-game-2019]\n"
    assert warned("spending: {currency: CNY, per_purchase: 500, only: [game]}", head) >= {
        ("rule.no_effect", "spending/per_purchase")
    }
    assert warned("spending: {currency: USD, per_purchase: 5}", head) >= {("spending.currencies", "spending/currency")}
    assert "rule.no_effect" not in {code for code, _ in warned("spending: {currency: CNY, per_purchase: 500}", head)}


def test_every_key_says_what_it_means():
    """Each key of every schema has a description for people who hover over it."""
    schemas = [found for name, found in vars(schema).items() if name.endswith("Schema") and name != "DocumentSchema"]
    assert len(schemas) > 20
    silent = [
        f"{found.__name__}.{key}"
        for found in schemas
        for key, field in found().fields.items()
        if not field.metadata.get("description", "").endswith(".")
    ]
    assert silent == []
