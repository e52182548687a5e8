"""A document can only tighten what it extends: whatever the two say, every rule of the base is still there."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.model.rules import SECTIONS, ExitMode
from minorguard.policy import Document, compile_policy, with_guardian
from minorguard.policy.lattice import bands_for

SLOW = settings(max_examples=60, deadline=None)

NAMES = st.sampled_from(["game", "study", "video", "gift", "gift.send", "idol"])
LISTS = st.lists(NAMES, max_size=3, unique=True).map(lambda names: f"[{', '.join(names)}]")
SHARES = st.integers(0, 30).map(lambda share: f"{share}%")
TIME = st.one_of(
    st.integers(0, 180).map(lambda minutes: f"{{quota: {{daily: {minutes}m}}}}"),
    st.integers(0, 22).map(lambda hour: f"{{curfew: ['{hour:02}:00-23:30'], grace: {hour}s}}"),
    st.integers(5, 90).map(
        lambda minutes: f"{{sitting: {{break_after: {minutes}m, break_for: 5m}}, warn_before: [5m]}}"
    ),
)
FEATURES = st.tuples(st.sampled_from(["allow", "deny"]), st.sampled_from(["allow", "ask", "deny"]), LISTS).map(
    lambda parts: f"{{default: {parts[0]}, {parts[1]}: {parts[2]}}}"
)
SPENDING = st.integers(0, 10_000).map(lambda units: f"{{currency: CNY, per_day: {units / 100}, only: [game]}}")
CONTENT = st.tuples(st.integers(0, 18), LISTS).map(lambda parts: f"{{max_rating: {parts[0]}+, block: {parts[1]}}}")
TOPICS = st.tuples(SHARES, st.booleans()).map(
    lambda parts: f"{{at_least: {{art: {parts[0]}}}, autoplay: {str(parts[1]).lower()}}}"
)
NOTES = st.integers(0, 9).map(lambda most: f"{{at_most: {most}/day}}")
SECTION_TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "time": TIME,
        "features": FEATURES,
        "spending": SPENDING,
        "content": CONTENT,
        "recommendations": TOPICS,
        "notifications": NOTES,
    },
)
EDGES = st.lists(st.integers(0, 18), min_size=2, max_size=5, unique=True).map(sorted)
TIGHTEN = st.lists(st.sampled_from(SECTIONS), max_size=6, unique=True).map(lambda names: f"[{', '.join(names)}]")
RIGHTS = st.tuples(TIGHTEN, st.integers(0, 60), LISTS, st.sampled_from(["verified", "never"])).map(
    lambda parts: (
        f"guardian: {{may_tighten: {parts[0]}, may_extend: {{per_day: {parts[1]}m}}, "
        f"may_exempt: {parts[2]}, exit_mode: {parts[3]}}}\n"
    )
)
EXEMPT = st.sampled_from(["", "activities: {study: {exempt: all}}\n", "activities: {game: {exempt: [quota]}}\n"])
HEAD = st.sampled_from(["", "slice: 20s\n", "hold_birthday: false\n", "features_need_lease: true\n"])


@st.composite
def bodies(draw):
    """Everything of a document but its id and what it extends."""
    edges = draw(EDGES)
    bands = [(low, high, draw(SECTION_TEXTS)) for low, high in pairwise(edges)]
    lines = [
        f"  {low}-{high}: {{{', '.join(f'{key}: {text}' for key, text in sections.items())}}}\n"
        for low, high, sections in bands
    ]
    return draw(HEAD) + draw(EXEMPT) + "bands:\n" + "".join(lines) + draw(st.one_of(st.just(""), RIGHTS))


PRESETS = st.sampled_from(["", "extends: [cn-youth-practice]\n", "extends: [cn-game-2019, cn-live-2022]\n"])


def compiled(base, own, presets):
    head = "timezone: Asia/Shanghai\n"
    text = f"policy: base\n{head}{presets}{base}"
    derived = f"policy: p\n{head}extends: [base]\n{own}"
    return compile_policy(text), compile_policy(derived, documents={"base": Document(text, "base.yaml")})


def rules(policy, age):
    return {rule for band in bands_for(policy, age) for section in SECTIONS for rule in getattr(band, section)}


@SLOW
@given(bodies(), bodies(), PRESETS)
def test_every_rule_of_the_base_holds_at_every_age(base, own, presets):
    """At each age the document has all rules of the base, unchanged; so it allows nothing that the base denies.

    Features are the one thing left open: where a base says nothing of them, the document speaks alone.
    """
    under, over = compiled(base, own, presets)
    for age in range(18):
        assert rules(under, age) <= rules(over, age)


@SLOW
@given(bodies(), bodies(), PRESETS)
def test_the_head_and_the_rights_only_get_stricter(base, own, presets):
    """Leases get no longer, graces no larger, and a guardian may do no more than the base lets."""
    under, over = compiled(base, own, presets)
    assert over.slice <= under.slice
    assert (over.hold_birthday, over.require_lease) >= (under.hold_birthday, under.require_lease)
    mine, its = over.guardian, under.guardian
    assert mine.may_tighten <= its.may_tighten
    assert (mine.per_grant_seconds <= its.per_grant_seconds, mine.per_day_seconds <= its.per_day_seconds) == (
        True,
        True,
    )
    assert mine.may_exempt <= its.may_exempt
    assert its.exit_mode is ExitMode.VERIFIED or mine.exit_mode is ExitMode.NEVER
    for age in range(18):
        for band in bands_for(over, age):
            assert band.grace <= max((one.grace for one in bands_for(under, age)), default=0)


@SLOW
@given(bodies(), bodies(), PRESETS, st.booleans())
def test_a_guardian_frees_no_more_than_under_the_base(base, own, presets, exempts):
    """Under the same settings of a guardian, each time rule of the base binds at least what it bound under the base."""
    under, over = compiled(base, own, presets)
    free = sorted(over.guardian.may_exempt)
    chosen = {"time": {"quota": {"daily": "33m"}}} if "time" in over.guardian.may_tighten else {}
    chosen |= {"exempt": free} if exempts else {}
    lower, upper = with_guardian(under, chosen), with_guardian(over, chosen)
    for age in range(18):
        bound = {(rule.origin, rule.slot): rule.exempt for band in bands_for(upper, age) for rule in band.time}
        for rule in (rule for band in bands_for(lower, age) for rule in band.time):
            assert (rule.origin, rule.slot) in bound
            if rule.origin.document != "guardian":
                assert bound[rule.origin, rule.slot] <= rule.exempt
