"""Items and texts: what is shown on a surface, and how; why; and until when."""

from datetime import date

import pytest

from minorguard.engine import decide
from minorguard.model.decisions import Decision, Effect
from minorguard.model.questions import ItemQuestion, TextFound, TextQuestion
from minorguard.model.ratings import SCALES, least_age
from minorguard.model.rules import CompiledPolicy
from minorguard.model.sections import TextAction
from minorguard.policy import compile_policy, with_guardian
from tests.build import Life, at, child, codes, local

NOON = "2026-11-24 12:00"
SHOWS = "{max_rating: 12+, block: [gambling], labels: {sport: show, gore: blur, may-affect: show, odd: review}}"


def policy(content: str = SHOWS, *, top: str = "", surfaces: str = "[feed, home, ranking, comments]") -> CompiledPolicy:
    """A policy whose band 0-18 has this content section."""
    return compile_policy(
        f"policy: test\ntimezone: Asia/Shanghai\nsurfaces: {surfaces}\n{top}\n"
        f'bands:\n  "0-18":\n    features: {{default: allow}}\n    content: {content}\n'
    )


def item(*labels: str, surface: str = "feed", rating: str = "8+", **more: object) -> ItemQuestion:
    """An item with a rating that all of these policies show."""
    return ItemQuestion(surface, labels, (rating,) if rating else (), **more)


def ask(policy: CompiledPolicy, question: ItemQuestion | TextQuestion, when: str = NOON, **who: object) -> Decision:
    """What is decided for a child of 12 to 15, or of `born`."""
    return decide(policy, child(**who), question, at(when))


def note(decision: Decision) -> str | None:
    """The obligation of a content decision."""
    return decision.obligations[0].code if decision.obligations else None


@pytest.mark.parametrize(
    ("label", "effect", "obligation", "code"),
    [
        ("sport", "allow", None, "content.allowed"),
        ("sport.football", "allow", None, "content.allowed"),
        ("gore", "limited", "content.blur", "item.label"),
        ("odd", "deny", "content.review", "item.label"),
        ("gambling.cards", "deny", "content.hide", "item.label"),
        ("cats", "deny", "content.hide", "item.label_unknown"),
    ],
)
def test_a_label_has_the_action_of_the_longest_name(label: str, effect: str, obligation: str | None, code: str) -> None:
    """A label that no rule names is hidden from minors."""
    decision = ask(policy(), item(label))
    assert (effect, obligation, code) == (decision.effect.value, note(decision), decision.reason.code)


def test_reasons_name_rule_layer_and_way_out_in_two_languages() -> None:
    """As every decision's do, the strictest first."""
    reason, other = ask(policy(), item("gore", "gambling", item="v-1")).reasons
    assert (reason.origin.rule, reason.origin.layer) == ("/bands/0-18/content", "product")
    assert reason.data == {"surface": "feed", "action": "hide", "item": "v-1", "label": "gambling"}
    assert reason.to_dict()["text"] == {"zh": "标签“gambling”：不展示。", "en": "Labelled `gambling`: hidden."}
    assert (other.data["action"], other.lift) == ("blur", {"change": "name_label", "label": "gore"})


@pytest.mark.parametrize(
    ("rating", "age"),
    [
        ("8+", 8),
        ("cn:12+", 12),
        ("CN:16+", 16),
        ("mpaa:G", 0),
        ("mpaa:pg-13", 13),
        ("mpaa:NC-17", 18),
        ("pegi:7", 7),
        ("pegi:18", 18),
        ("esrb:E10+", 10),
        ("esrb:M", 17),
        ("esrb:RP", None),
        ("cn:18+", None),
        ("usk:12", None),
        ("22+", None),
        ("12", None),
        ("", None),
    ],
)
def test_ratings_are_ages_or_nothing(rating: str, age: int | None) -> None:
    """A scale or mark that is not known is no rating."""
    assert age == least_age(rating)


def test_every_scale_says_its_source() -> None:
    """And which of its numbers are ours."""
    assert all(scale.source and scale.ours <= {mark for mark, _ in scale.ages} for scale in SCALES.values())


@pytest.mark.parametrize(
    ("content", "ratings", "expected"),
    [
        ("{max_rating: 12+}", ("12+",), "show"),
        ("{max_rating: 12+}", ("mpaa:PG-13",), "item.rating"),
        ("{max_rating: 12+}", ("8+", "pegi:16"), "item.rating"),
        ("{max_rating: 12+}", (), "item.unrated"),
        ("{max_rating: 12+}", ("esrb:RP",), "item.unrated"),
        ("{max_rating: 12+}", ("8+", "odd:1"), "item.unrated"),
        ("{max_rating: 12+, unrated: show}", ("odd:1",), "show"),
        ("{pools: [youth]}", (), "show"),
        ("{pools: [youth]}", ("pegi:18",), "item.rating"),
        ("{pools: [youth]}", ("odd:1",), "item.unrated"),
    ],
)
def test_ratings_are_held_against_the_highest_that_is_shown(
    content: str, ratings: tuple[str, ...], expected: str
) -> None:
    """Of several the strictest counts; where a highest is named none is as bad; 18+ is never for minors."""
    decision = ask(policy(content), ItemQuestion("feed", (), ratings, ("youth",)))
    assert expected == ("show" if decision.effect is Effect.ALLOW else decision.reason.code)


def test_pools_are_lists_of_what_may_be_shown() -> None:
    """An item of another pool, or of none, is not shown."""
    only = policy("{pools: [youth, school], unrated: show}")
    answers = [ask(only, ItemQuestion("feed", pools=pools)).effect for pools in (("school",), ("adult",), ())]
    assert answers == [Effect.ALLOW, Effect.DENY, Effect.DENY]


@pytest.mark.parametrize("question", [item("sport", surface="popup"), TextQuestion("popup")])
def test_a_surface_that_no_policy_declares_shows_nothing(question: ItemQuestion | TextQuestion) -> None:
    """And the reason says which are declared."""
    decision = ask(policy(), question)
    assert (decision.effect, decision.reason.code) == (Effect.DENY, "surface.unknown")
    assert decision.reason.data["declared"] == ["comments", "feed", "home", "ranking"]


@pytest.mark.parametrize("content", ["{surfaces: [feed], block: [gambling], labels: {sport: show}}", "{}"])
def test_a_surface_that_no_product_gates_shows_nothing(content: str) -> None:
    """A law that speaks of it, or a guardian, only takes away: neither says what may be shown."""
    lawful = policy(content, top="extends: [cn-content-ecosystem-2020]")
    guarded = with_guardian(lawful, {"content": {"surfaces": ["comments"], "labels": {"sport": "show"}}})
    for one in (lawful, guarded):
        assert codes(ask(one, item("sport", surface="comments"))) == ["surface.ungated"]


def test_a_narrower_surface_is_ruled_by_the_name_above_it() -> None:
    """So a law's word on rankings holds on each of them."""
    lawful = policy("{labels: {may-affect: show}}", top="extends: [cn-may-affect-2026]")
    for surface in ("ranking", "ranking.daily"):
        assert codes(ask(lawful, item("may-affect.values", surface=surface)))[0] == "item.label"
        assert note(ask(lawful, item("may-affect.values", surface=surface))) == "content.hide"


def test_one_surface_may_be_stricter() -> None:
    """What is said of it adds to what is said of all."""
    strict = policy("{labels: {sport: show, gore: blur}, per_surface: {home: {block: [sport]}}}")
    asked = [note(ask(strict, item(label, surface=on))) for on in ("feed", "home") for label in ("sport", "gore")]
    assert asked == [None, "content.blur", "content.hide", "content.blur"]


@pytest.mark.parametrize(
    ("service", "surface", "obligation"),
    [
        ("[cn-minors-regs-2024, cn-may-affect-2026]", "feed", "content.warn_before"),
        ("[cn-minors-regs-2024, cn-may-affect-2026]", "home", "content.hide"),
        ("[cn-may-affect-2026]", "ranking", "content.hide"),
        ("[cn-minors-regs-2024, cn-minors-service-2024]", "feed", "content.hide"),
    ],
)
def test_what_may_affect_minors(service: str, surface: str, obligation: str) -> None:
    """A warning comes first; key places are free of it; in a service dedicated to minors no warning suffices."""
    decision = ask(policy(SHOWS, top=f"extends: {service}"), item("may-affect.conduct", surface=surface))
    assert (obligation, "law") == (note(decision), decision.reason.origin.layer)
    assert decision.reason.origin.source.article


def test_a_law_begins_at_its_midnight() -> None:
    """Until then the answer holds, to the second."""
    lawful = policy(SHOWS, top="extends: [cn-may-affect-2026]")
    before = ask(lawful, item("may-affect", surface="home"), "2026-02-28 23:59:59")
    assert (before.effect, local(before.until)) == (Effect.ALLOW, "2026-03-01 00:00:00")
    assert note(ask(lawful, item("may-affect", surface="home"), "2026-03-01 00:00")) == "content.hide"


def test_a_birthday_changes_what_is_shown_at_midnight() -> None:
    """Through the birthday itself both bands hold, so the looser one begins a day later."""
    two = compile_policy(
        "policy: test\ntimezone: Asia/Shanghai\nsurfaces: [feed]\nbands:\n"
        '  "0-12": {content: {max_rating: 8+}}\n  "12-18": {content: {max_rating: 12+}}\n'
    )
    decision = ask(two, item(rating="12+"), born=date(2014, 12, 1))
    assert (codes(decision), local(decision.again)) == (["item.rating"], "2026-12-02 00:00:00")
    assert ask(two, item(rating="12+"), "2026-12-02 00:00", born=date(2014, 12, 1)).allowed


def test_an_unknown_age_is_the_strictest_band() -> None:
    """All bands hold at once."""
    two = compile_policy(
        "policy: test\ntimezone: Asia/Shanghai\nsurfaces: [feed]\nbands:\n"
        '  "0-12": {content: {max_rating: 8+}}\n  "12-18": {content: {max_rating: 12+}}\n'
    )
    assert ask(two, item(rating="12+")).allowed
    assert not ask(two, item(rating="12+"), band=None).allowed


def test_adults_are_not_limited_and_a_minor_is_until_the_birthday() -> None:
    """What is hidden for lack of a name is shown on the day after the eighteenth birthday, and that is told."""
    born = date(2008, 12, 1)
    decision = ask(policy(), item("cats"), born=born)
    assert (decision.effect, local(decision.again)) == (Effect.DENY, "2026-12-02 00:00:00")
    assert codes(ask(policy(), item("cats"), "2026-12-02 00:00", born=born)) == ["age.adult"]


@pytest.mark.parametrize("question", [item("sport"), TextQuestion("comments")])
def test_a_lease_is_asked_for_where_the_policy_says_so(question: ItemQuestion | TextQuestion) -> None:
    """Ways 9 and 19: an old client that opens no session, or whose beats are blocked, is shown nothing."""
    life = Life(policy(top="features_need_lease: true"))
    assert codes(life.ask("2026-11-24 12:00", question)) == ["lease.missing"]
    life.open("2026-11-24 12:00")
    assert life.ask("2026-11-24 12:00:59", question).allowed
    assert codes(life.ask("2026-11-24 12:01:00", question)) == ["lease.missing"]


def test_a_session_that_is_named_must_live() -> None:
    """Whatever the policy asks for."""
    life = Life(policy())
    life.open("2026-11-24 12:00")
    named = item("sport", session="kid~s-------")
    assert life.ask("2026-11-24 12:00:30", named).allowed
    assert codes(life.ask("2026-11-24 12:05", named)) == ["lease.lapsed"]


@pytest.mark.parametrize(
    ("content", "obligation"),
    [("{labels: {sport: show}}", "content.review"), ("{labels: {sport: show}, unanswered: hide}", "content.hide")],
)
def test_without_a_classifiers_answer_nothing_is_shown(content: str, obligation: str) -> None:
    """A person looks, or it is hidden, as the policy says."""
    decision = ask(policy(content), item("sport", unanswered=("images",)))
    assert (obligation, "classifier.unanswered") == (note(decision), decision.reason.code)


def test_under_observe_all_is_shown_and_what_would_be_is_told() -> None:
    """As for every question."""
    decision = ask(policy(top="enforcement: observe"), item("gambling"))
    assert (decision.effect, decision.observed_effect, decision.obligations) == (Effect.ALLOW, Effect.DENY, ())


MASK, REVIEW = TextAction.MASK, TextAction.REVIEW


@pytest.mark.parametrize(
    ("text", "found", "obligation"),
    [
        ("{}", (), None),
        ("{}", (TextFound("abuse", otherwise=MASK),), "content.mask"),
        ("{abuse: allow}", (TextFound("abuse", otherwise=MASK),), None),
        ("{abuse: allow}", (TextFound("abuse.slur", otherwise=MASK),), None),
        ("{abuse: allow}", (TextFound("abuse", MASK),), "content.mask"),
        ("{fraud: block, default: allow}", (TextFound("abuse", otherwise=MASK),), None),
        ("{fraud: block}", (TextFound("abuse", MASK), TextFound("fraud", REVIEW)), "content.block"),
        ("{abuse: review}", (TextFound("abuse", MASK),), "content.review"),
    ],
)
def test_the_stricter_of_list_and_policy_holds(text: str, found: tuple[TextFound, ...], obligation: str | None) -> None:
    """Where a list leaves it to the policy, the product's word takes the place of what is usual."""
    assert obligation == note(ask(policy(f"{{block: [x], text: {text}}}"), TextQuestion("comments", found)))


def test_a_guardian_only_tightens_what_the_list_says() -> None:
    """A guardian's milder word than the list's changes nothing; a stricter one does."""
    plain = policy("{block: [x]}")
    found = (TextFound("abuse", otherwise=REVIEW),)
    for said, obligation in (("mask", "content.review"), ("block", "content.block")):
        guarded = with_guardian(plain, {"content": {"text": {"abuse": said}}})
        assert obligation == note(ask(guarded, TextQuestion("comments", found)))


def test_what_is_found_in_a_roundabout_way_is_reviewed_at_most() -> None:
    """A policy that blocks a category does not block for a likeness in sound."""
    blocks = policy("{text: {abuse: block}}")
    unsure = TextQuestion("comments", (TextFound("abuse", REVIEW, sure=False),))
    assert note(ask(blocks, unsure)) == "content.review"


@pytest.mark.parametrize(
    ("category", "zh", "en"),
    [
        ("gambling", "含有“赌博”类内容：先送人工审核。", "It has words of the kind “gambling”: sent to review."),
        ("gambling.sport", "含有“赌博”类内容：先送人工审核。", "It has words of the kind “gambling”: sent to review."),
        ("our.own", "含有“our.own”类内容：先送人工审核。", "It has words of the kind “our.own”: sent to review."),
    ],
)
def test_reasons_name_the_kind_of_words_in_two_languages(category: str, zh: str, en: str) -> None:
    """By the name of the category or of the nearest above it; a list's own kind by its code. The data keep the code."""
    (reason, *_) = ask(policy("{text: {default: review}}"), TextQuestion("comments", (TextFound(category),))).reasons
    assert reason.to_dict()["text"] == {"zh": zh, "en": en}
    assert reason.data["category"] == category
