"""From rules to constraints: of all layers the strictest, and what a law says stays firm. And the gate by rules."""

import pytest

from minorguard.model.origins import Layer, Origin, Strength
from minorguard.model.rules import ContentRule, RecommendationRule
from minorguard.model.sections import ItemAction, WindowCap
from minorguard.ranking import BreakEvery, Refusal, Share, Traits, Window, constraints_of
from minorguard.ranking.gate import rule_gate

LAW = Origin("/rules/x", Layer.LAW, "law", Strength.LAW)
PRODUCT = Origin("/bands/0-18/recommendations", Layer.PRODUCT, "short-video")


def rule(origin=PRODUCT, **said):
    """What one layer says."""
    return RecommendationRule(origin=origin, **said)


def test_floors_take_the_highest_and_ceilings_the_lowest():
    """Side by side, whoever said which."""
    made = constraints_of(
        [rule(at_least=(("art", 10),), at_most=(("fun", 40),)), rule(at_least=(("art", 20),), at_most=(("fun", 60),))]
    )
    assert made.shares == (Share("art", 20, True), Share("fun", 40, False))


def test_law_stays_firm_beside_a_stricter_product():
    """The product's 30 % may give way, the law's 20 % never."""
    made = constraints_of([rule(LAW, at_least=(("art", 20),)), rule(at_least=(("art", 30),))])
    assert set(made.shares) == {Share("art", 30, True), Share("art", 20, True, firm=True)}
    assert constraints_of([rule(LAW, at_least=(("art", 30),)), rule(at_least=(("art", 20),))]).shares == (
        Share("art", 30, True, firm=True),
    )


def test_windows_that_others_make_needless_are_left_out():
    """2 in 10 covers 3 in 10 and 2 in 5; 1 in 3 says more."""
    caps = [WindowCap(2, 10), WindowCap(3, 10), WindowCap(2, 5), WindowCap(1, 3)]
    made = constraints_of([rule(per_author=cap) for cap in caps])
    assert set(made.windows) == {Window(2, 10), Window(1, 3)}
    assert constraints_of([rule(per_topic=(("sport", WindowCap(1, 3)),))]).windows == (Window(1, 3, "sport"),)


@pytest.mark.parametrize(
    ("said", "choice", "percent"),
    [
        ([], True, 100),
        ([], False, 0),
        ([{"personalised": False}, {"personalised": True}], True, 0),
        ([{"personal_at_most": 30}, {"personal_at_most": 50}], True, 30),
    ],
)
def test_personal_share_is_the_least_that_anybody_allows(said, choice, percent):
    """Law, product, guardian, and the viewer's own choice."""
    assert constraints_of([rule(**one) for one in said], personal=choice).personal_percent == percent


def test_breaks_and_autoplay_are_the_strictest():
    """The fewest items, the least play; one layer's word ends autoplay."""
    made = constraints_of(
        [rule(break_every_items=20, autoplay=True), rule(break_every_items=10, break_every_seconds=600, autoplay=False)]
    )
    assert (made.break_every, made.autoplay) == (BreakEvery(10, 600), False)


CONTENT = ContentRule(
    origin=PRODUCT,
    max_rating="12+",
    block=frozenset({"violence"}),
    labels=(("scary", ItemAction.WARN_BEFORE),),
    pools=frozenset({"youth"}),
)
FEATURED = ContentRule(origin=LAW, surfaces=frozenset({"featured"}), block=frozenset({"may-affect"}))


@pytest.mark.parametrize(
    ("traits", "refused"),
    [
        (Traits(rating="12+", pool="youth"), ()),
        (Traits(rating="pegi:7", pool="youth", labels=frozenset({"cute"})), ()),
        (Traits(pool="youth"), (Refusal("unrated"),)),
        (Traits(rating="nonsense", pool="youth"), (Refusal("unrated"),)),
        (Traits(rating="16+", pool="youth"), (Refusal("rating", "16+"),)),
        (Traits(rating="8+"), (Refusal("pool"),)),
        (Traits(rating="8+", pool="adult"), (Refusal("pool", "adult"),)),
        (Traits(rating="8+", pool="youth", promoted=True), (Refusal("promoted"),)),
        (
            Traits(rating="8+", pool="youth", labels=frozenset({"violence.graphic"})),
            (Refusal("label", "violence.graphic"),),
        ),
        (Traits(rating="8+", pool="youth", labels=frozenset({"violencex"})), ()),
        (Traits(rating="8+", pool="youth", labels=frozenset({"scary"})), (Refusal("label", "scary"),)),
        (Traits(rating="8+", pool="youth", topics=frozenset({"idol.chasing"})), (Refusal("topic", "idol"),)),
        (Traits(rating="8+", pool="youth", labels=frozenset({"idol"})), (Refusal("topic", "idol"),)),
    ],
)
def test_gate_by_rules(traits, refused):
    """Unrated fails closed, names cover what lies below, and nothing bought or to be warned of is shown."""
    gate = rule_gate([CONTENT, FEATURED], [rule(block=frozenset({"idol"}))], "feed")
    assert gate(traits) == refused


def test_featured_place__is_kept_free_of_what_may_affect():
    """A rule of some surfaces gates those, and those below them; where no surface is named, every rule speaks."""
    traits = Traits(labels=frozenset({"may-affect.image"}))
    found = {
        surface: rule_gate([FEATURED], [], surface)(traits) for surface in ("feed", "featured", "featured.top", None)
    }
    refused = (Refusal("label", "may-affect.image"),)
    assert found == {"feed": (), "featured": refused, "featured.top": refused, None: refused}
