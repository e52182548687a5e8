"""What the filter makes of a list, a policy and a text."""

from __future__ import annotations

import pytest

from minorguard.content import Lexicon, TextFilter, strictest, text_actions
from minorguard.content.actions import action_for
from minorguard.content.finder import CANDIDATES
from minorguard.model.origins import Layer, Origin
from minorguard.model.sections import ContentRule, TextAction

ORIGIN = Origin("/bands/12-16/content", Layer.PRODUCT, "short-video")


def filter_of(*terms: tuple[str, str], **options: object) -> TextFilter:
    """A filter over (term, action) of one category."""
    rows = [{"term": term, "category": "gambling.online", "action": action} for term, action in terms]
    return TextFilter(Lexicon.from_terms(rows), **options)  # type: ignore[arg-type]


def test_strictest_of_actions() -> None:
    """Block is stricter than review, review than mask, mask than allow; of none it is allow."""
    assert strictest([TextAction.MASK, TextAction.REVIEW]) is TextAction.REVIEW
    assert strictest([TextAction.BLOCK, TextAction.REVIEW]) is TextAction.BLOCK
    assert strictest([]) is TextAction.ALLOW


def test_layers_of_a_policy_give_the_strictest_action_by_category() -> None:
    """Rules of other surfaces are silent; of those that speak, the strictest holds."""
    rules = [
        ContentRule(origin=ORIGIN, text=(("ads", TextAction.MASK), ("abuse", TextAction.BLOCK))),
        ContentRule(origin=ORIGIN, text=(("ads", TextAction.REVIEW), ("abuse", TextAction.ALLOW))),
        ContentRule(origin=ORIGIN, surfaces=frozenset({"push"}), text=(("ads", TextAction.BLOCK),)),
    ]
    assert text_actions(rules, "comments") == {"ads": TextAction.REVIEW, "abuse": TextAction.BLOCK}
    assert text_actions(rules, "push")["ads"] is TextAction.BLOCK


def test_the_default_of_a_policy_speaks_of_what_it_does_not_name() -> None:
    """Of any category the table says what the strictest of the rules says, `default` and names above it included."""
    tables = ({"default": "review", "drugs": "mask"}, {"drugs.soft": "allow", "ads": "block"}, {"drugs": "review"})
    rules = [
        ContentRule(origin=ORIGIN, text=tuple((name, TextAction(action)) for name, action in table.items()))
        for table in tables
    ]
    for chosen in (rules[:1], rules[:2], rules):
        table = text_actions(chosen)
        for category in ("drugs", "drugs.soft", "drugs.soft.x", "ads", "ads.x", "other"):
            asked = [action for one in chosen if (action := one.of_text(category)) is not None]
            assert action_for(category, table) is (strictest(asked) if asked else None)
    filter = TextFilter(Lexicon.from_terms([{"term": "赌博", "category": "own.kind"}]), actions=text_actions(rules[:1]))
    assert filter.check("赌博").action is TextAction.REVIEW


@pytest.mark.parametrize(
    ("own", "policy", "expected"),
    [
        (None, {}, "block"),  # the taxonomy, for `gambling` above `gambling.online`
        (None, {"gambling": "mask"}, "mask"),
        (None, {"gambling": "block", "gambling.online": "allow"}, "allow"),
        ("mask", {}, "mask"),
        ("mask", {"gambling": "review"}, "review"),
        ("block", {"gambling": "allow"}, "block"),
    ],
)
def test_stricter_of_list_and_policy_holds(own: str | None, policy: dict[str, str], expected: str) -> None:
    """The nearest category of the policy and the term's own are compared; the taxonomy speaks where both are silent."""
    lexicon = Lexicon.from_terms([{"term": "赌博", "category": "gambling.online", "action": own}])
    actions = {category: TextAction(action) for category, action in policy.items()}
    assert TextFilter(lexicon, actions=actions).check("赌博").action == expected
    assert TextFilter(lexicon).check("赌博", actions=actions).action == expected


def test_unsure_ways_ask_for_review_at_most() -> None:
    """What only sounds alike is never blocked, and what is masked in plain goes to people."""
    assert filter_of(("赌博", "block")).check("堵博").action is TextAction.REVIEW
    assert filter_of(("赌博", "mask")).check("堵博").action is TextAction.REVIEW


def test_longer_allowed_term_spares_the_shorter() -> None:
    """It spares what it covers, there alone; one of the same length does not."""
    filter = filter_of(("大麻", "block"), ("大麻哈鱼", "allow"), ("赌博", "block"), ("赌博", "allow"))
    assert filter.check("大麻哈鱼").action is TextAction.ALLOW
    assert [match.start for match in filter.check("大麻哈鱼和大麻").matches] == [5]
    assert filter.check("赌博").action is TextAction.BLOCK


def test_allowed_term_is_not_found_by_a_trick() -> None:
    """What only sounds like an allowed term spares nothing."""
    assert filter_of(("大麻", "block"), ("大麻哈鱼", "allow")).check("大麻哈雨").action is TextAction.BLOCK


def test_terms_may_say_where_they_stand() -> None:
    """A prefix begins a word, anywhere is anywhere."""
    rows = [{"term": "groom", "category": "x", "where": "prefix"}, {"term": "xq", "category": "x", "where": "anywhere"}]
    filter = TextFilter(Lexicon.from_terms(rows))
    assert filter.check("grooming").matches
    assert not filter.check("bridegroom").matches
    assert filter.check("axqb").matches


def test_matches_carry_the_term_as_the_list_writes_it() -> None:
    """Places are those of the text as it was written; the rest is the list's."""
    rows = [{"term": "Kill Yourself", "category": "abuse", "action": "block", "level": 5, "tags": ["hate"]}]
    (match,) = TextFilter(Lexicon.from_terms(rows)).check("go K1LL  yourself!").matches
    expected = (3, 17, "Kill Yourself", "abuse", 5, "block", "leet", ("hate",))
    assert (
        match.start,
        match.end,
        match.term,
        match.category,
        match.level,
        match.action,
        match.found,
        match.tags,
    ) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "\ud800", "\udfff赌\ud800博", "\x00", "ﬀ" * 50, "\ue000", "ᚠᚢ", "&#99999999;", "\\u{110000}"]
)
def test_odd_texts_have_an_answer(text: str) -> None:
    """Nothing, halves of characters, and escapes of what does not exist are texts like others."""
    filter = filter_of(("赌博", "block"))
    verdict = filter.check(text)
    assert len(verdict.masked) == len(text)
    assert filter.check_many([text, "赌博", text])[1].action is TextAction.BLOCK


def test_texts_of_many_candidates_are_bounded() -> None:
    """A text of more candidates than are judged goes to review, however it goes on."""
    filter = filter_of(("ass", "mask"))
    verdict = filter.check("assassin " * CANDIDATES)
    assert (verdict.bounded, verdict.action) == (True, TextAction.REVIEW)
    assert not filter.check("assassin " * 10).bounded


def test_nested_terms_are_all_found() -> None:
    """Terms within and at the end of longer ones have matches of their own."""
    filter = filter_of(("赌", "block"), ("网络赌博", "block"), ("赌博", "block"))
    assert {match.term for match in filter.check("网络赌博").matches} == {"网络赌博", "赌博"}


def test_emoji_may_be_terms() -> None:
    """They are found as they are written, in batches as well; signs that only separate are no terms."""
    filter = filter_of(("🖕", "block"), ("赌博", "block"))
    (match,) = filter.check("看🖕🏻").matches
    assert (match.start, match.end, match.found) == (1, 2, "plain")
    assert [verdict.action for verdict in filter.check_many(["a", "x🖕", "😀"])] == ["allow", "block", "allow"]


def test_long_texts_are_judged_to_their_end() -> None:
    """Two million characters have an answer."""
    verdict = filter_of(("赌博", "block")).check("天气好 " * 500_000 + "赌博")
    assert verdict.matches[-1].end == 2_000_002
