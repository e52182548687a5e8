"""A case by itself: who may do what, and when it is decided."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.errors import Conflict, InvalidInput
from minorguard.model.sections import ItemAction
from minorguard.review.cases import (
    Case,
    CaseKind,
    Claimed,
    Content,
    Erased,
    Judged,
    Opinion,
    Priority,
    Released,
    Reported,
    Rules,
    Ruling,
    step,
)

RULES = Rules(two_persons=frozenset({"drugs"}), urgent=frozenset({"self_harm"}), lease=600)
HIDE, SHOW, BLUR = Ruling(ItemAction.HIDE), Ruling(ItemAction.SHOW), Ruling(ItemAction.BLUR)


def case(**more: object) -> Case:
    """A case that was opened at 0 and is due at 1000."""
    plain = {
        "id": "x-1",
        "kind": CaseKind.FILTER,
        "item": "v-1",
        "digest": "sha256:1",
        "category": "ads",
        "priority": Priority.NORMAL,
        "surface": "feed",
        "opened_at": 0,
        "due_at": 1000,
        "two_persons": False,
        "shown": False,
        "content": Content("text", found=({"term": "x", "start": 0, "end": 1},)),
    }
    return Case(**{**plain, **more})


def judged(one: Case, *words: tuple[str, Ruling], now: int = 10) -> Case:
    """Each reviewer claims and rules in turn."""
    for reviewer, ruling in words:
        one = step(step(one, Claimed(reviewer), RULES, now), Judged(reviewer, ruling), RULES, now)
    return one


def test_a_claim_is_one_reviewers_until_its_lease_ends() -> None:
    """Half-open: at the end of the lease anybody may claim."""
    claimed = step(case(), Claimed("ann"), RULES, 100)
    with pytest.raises(Conflict, match="somebody else"):
        step(claimed, Claimed("bob"), RULES, 699)
    assert step(claimed, Claimed("ann"), RULES, 699).lease.until == 1299
    assert step(claimed, Claimed("bob"), RULES, 700).held_by(700) == "bob"


@pytest.mark.parametrize("event", [Released("bob"), Judged("bob", HIDE)])
def test_only_the_holder_of_a_live_claim_acts(event: Released | Judged) -> None:
    """Not without a claim, not under another's, not after its end."""
    for one, now in (
        (case(), 0),
        (step(case(), Claimed("ann"), RULES, 0), 1),
        (step(case(), Claimed("bob"), RULES, 0), 600),
    ):
        with pytest.raises(Conflict, match="claim"):
            step(one, event, RULES, now)


def test_what_is_released_is_anybodys() -> None:
    """And keeps nobody's name."""
    released = step(step(case(), Claimed("ann"), RULES, 0), Released("ann"), RULES, 1)
    assert released == case()


def test_one_person_decides_where_one_is_enough() -> None:
    """The word again, as a retry, changes nothing; another word is too late."""
    decided = judged(case(), ("ann", HIDE))
    assert (decided.status, decided.outcome.ruling, decided.outcome.agreed) == ("decided", HIDE, None)
    assert step(decided, Judged("ann", HIDE), RULES, 99) == decided
    for event in (Judged("ann", SHOW), Claimed("bob"), Reported(CaseKind.FILTER, Priority.LOW, shown=False)):
        with pytest.raises(Conflict, match="decided already"):
            step(decided, event, RULES, 99)


@pytest.mark.parametrize(
    ("words", "status", "action", "agreed"),
    [
        ([("ann", HIDE)], "second", None, None),
        ([("ann", HIDE), ("bob", replace(HIDE, note="clear"))], "decided", "hide", True),
        ([("ann", HIDE), ("bob", SHOW)], "dispute", None, None),
        ([("ann", HIDE), ("bob", SHOW), ("cid", BLUR)], "decided", "blur", False),
    ],
)
def test_two_decide_where_two_are_asked_for(words: list, status: str, action: str | None, agreed: bool | None) -> None:
    """And a third where they do not agree."""
    after = judged(case(two_persons=True), *words)
    outcome = after.outcome
    assert (status, action) == (after.status, None if outcome is None else outcome.ruling.action)
    assert agreed == (None if outcome is None else outcome.agreed)


def test_two_agree_in_whatever_order_they_name_labels() -> None:
    """And whatever they note."""
    one, other = (
        Ruling(ItemAction.HIDE, labels=labels, note=note) for labels, note in ((("a", "b"), "x"), (("b", "a"), ""))
    )
    assert judged(case(two_persons=True), ("ann", one), ("bob", other)).outcome.agreed is True


def test_nobody_is_asked_twice() -> None:
    """Who has spoken may not claim the same case again."""
    first = judged(case(two_persons=True), ("ann", HIDE))
    assert not first.waits_for("ann", 10)
    with pytest.raises(Conflict, match="another person"):
        step(first, Claimed("ann"), RULES, 10)


@pytest.mark.parametrize("action", ["review", "blur", "warn_before"])
def test_a_ruling_must_rule(action: str) -> None:
    """`review` ends nothing; a text is shown or hidden."""
    claimed = step(case(item=None), Claimed("ann"), RULES, 0)
    with pytest.raises(InvalidInput):
        step(claimed, Judged("ann", Ruling(ItemAction(action))), RULES, 1)


def test_a_second_report_makes_it_more_urgent_and_never_less() -> None:
    """It is due as if it had been so urgent from the start; complaints are counted, and their words kept to a bound."""
    one = case()
    for _ in range(60):
        one = step(one, Reported(CaseKind.COMPLAINT, Priority.URGENT, shown=True, note="bad"), RULES, 50)
    one = step(one, Reported(CaseKind.FILTER, Priority.LOW, shown=False), RULES, 60)
    assert (one.priority, one.due_at, one.shown, one.complaints, len(one.content.notes)) == (
        Priority.URGENT,
        900,
        True,
        60,
        50,
    )


def test_rules_name_categories_with_all_below_them() -> None:
    """`drugs` also means `drugs.soft`, and not `drugstore`."""
    assert [RULES.asks_two(name) for name in ("drugs", "drugs.soft", "drugstore")] == [True, True, False]
    assert RULES.priority("self_harm.plan", Priority.LOW) is Priority.URGENT
    assert Rules.of(RULES.to_dict()) == RULES


def test_erasure_leaves_nothing_that_anybody_wrote() -> None:
    """Neither content nor notes; a case that was not decided ends."""
    one = step(judged(case(two_persons=True), ("ann", replace(HIDE, note="his name is"))), Erased(), RULES, 20)
    assert (one.content, one.status, one.opinions[0].ruling.note) == (None, "erased", "")
    decided = step(judged(case(), ("ann", replace(HIDE, note="his name is"))), Erased(), RULES, 20)
    assert (decided.status, "his name is" in str(decided.to_dict())) == ("decided", False)


EVENTS = st.one_of(
    st.builds(Claimed, st.sampled_from("abc")),
    st.builds(Released, st.sampled_from("abc")),
    st.builds(Judged, st.sampled_from("abc"), st.sampled_from([HIDE, SHOW, BLUR])),
    st.builds(
        Reported, st.sampled_from(CaseKind), st.sampled_from(Priority), st.booleans(), st.none() | st.just("note")
    ),
    st.just(Erased()),
)


@given(st.booleans(), st.lists(st.tuples(EVENTS, st.integers(0, 900)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_happens_a_case_stays_sound(two_persons: bool, events: list) -> None:
    """Each person speaks once; two or three decide where two must; an end is an end; JSON reads back the same."""
    one, now = case(two_persons=two_persons), 0
    for event, later in events:
        now += later
        ended = one.closed
        try:
            one = step(one, event, RULES, now)
        except Conflict:
            continue
        assert one.closed or not ended
        assert Case.of(one.to_dict()) == one
    speakers = [opinion.reviewer for opinion in one.opinions]
    assert len(speakers) == len(set(speakers))
    if one.outcome is not None:
        assert len(speakers) == (1 if not two_persons else 2 if one.outcome.agreed else 3)
    assert all(isinstance(opinion, Opinion) for opinion in one.opinions)
