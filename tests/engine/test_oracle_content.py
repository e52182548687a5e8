"""The item gate against the plain oracle: products, laws with dates and guardians, side by side."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.engine import decide
from minorguard.model.questions import ItemQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.sections import ItemAction
from minorguard.policy import compile_policy, load_preset, with_guardian
from tests.build import at, child
from tests.engine.content_oracle import AGES, ORDER, verdict

DECLARED = ["feed", "ranking", "search"]
SURFACES = [*DECLARED, "ranking.daily", "popup"]
NAMES = ["violence", "violence.graphic", "violence.graphic.gore", "ads", "sport"]
BEFORE, AFTER = "2026-11-24 12:00", "2026-12-24 12:00"
CHANGE = "2026-12-01"
"""The law that is given begins on this day."""


def sections(*, whole: bool = True, surfaces: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Content sections that say something."""
    keys: dict[str, Any] = {
        "max_rating": st.sampled_from(["3+", "8+", "12+", "16+"]),
        "unrated": st.sampled_from(ORDER),
        "block": st.lists(st.sampled_from(NAMES), unique=True, max_size=2),
        "labels": st.dictionaries(st.sampled_from([*NAMES, "default"]), st.sampled_from(ORDER), max_size=3),
        "pools": st.lists(st.sampled_from(["youth", "news"]), unique=True, min_size=1, max_size=2),
        "unanswered": st.sampled_from(["hide", "review"]),
    }
    if surfaces:
        keys["surfaces"] = st.lists(st.sampled_from(DECLARED), unique=True, min_size=1, max_size=2)
    if whole:
        inner = sections(whole=False, surfaces=False)
        keys["per_surface"] = st.dictionaries(st.sampled_from(DECLARED), inner, max_size=2)
    made = st.fixed_dictionaries({}, optional=keys)
    return made.filter(lambda one: any(value for key, value in one.items() if key not in {"surfaces", "per_surface"}))


ITEMS = st.fixed_dictionaries(
    {
        "surface": st.sampled_from(SURFACES),
        "labels": st.lists(st.sampled_from([*NAMES, "cats"]), max_size=2, unique=True),
        "ratings": st.lists(st.sampled_from([*AGES, "esrb:RP", "odd:1"]), max_size=2, unique=True),
        "pools": st.lists(st.sampled_from(["youth", "other"]), max_size=1),
        "unanswered": st.booleans(),
        "person": st.none() | st.sampled_from(ORDER),
    }
)


def law(section: dict[str, Any]) -> Any:
    """A preset of one rule that begins on `CHANGE`."""
    rule = {
        "ages": "0-18",
        "source": "text",
        "article": "Art. 1",
        "status": "in force",
        "strength": "law",
        "verified": "primary",
        "verified_on": "2026-11-24",
        "effective_from": CHANGE,
        "content": section,
    }
    body = {"preset": "law", "title": {"zh": "法", "en": "Law"}, "timezone": "Asia/Shanghai"}
    return load_preset(json.dumps({**body, "sources": {"text": {"title": "A text"}}, "rules": {"one": rule}}))


def policy_of(product: dict[str, Any] | None, by_law: dict[str, Any] | None) -> CompiledPolicy:
    """A policy of one band with these sections."""
    body: dict[str, Any] = {"policy": "test", "timezone": "Asia/Shanghai", "surfaces": DECLARED}
    body["bands"] = {"0-18": {} if product is None else {"content": product}}
    if by_law is not None:
        body["extends"] = ["law"]
    return compile_policy(json.dumps(body), presets={} if by_law is None else {"law": law(by_law)})


def question(item: dict[str, Any]) -> ItemQuestion:
    """The question that asks of an item."""
    return ItemQuestion(
        item["surface"],
        tuple(item["labels"]),
        tuple(item["ratings"]),
        tuple(item["pools"]),
        unanswered=("images",) if item["unanswered"] else (),
        verdict=None if item["person"] is None else ItemAction(item["person"]),
    )


def said(policy: CompiledPolicy, item: dict[str, Any], when: str) -> str:
    """What becomes of an item, from the decision's effect and obligation."""
    decision = decide(policy, child(), question(item), at(when))
    action = decision.obligations[0].code.removeprefix("content.") if decision.obligations else "show"
    assert decision.effect == {"hide": "deny", "review": "deny", "show": "allow"}.get(action, "limited")
    assert decision.reasons
    return action


@given(
    product=st.none() | sections(), by_law=st.none() | sections(whole=False), guardian=sections(whole=False), item=ITEMS
)
@settings(max_examples=150, deadline=None)
def test_the_gate_does_as_the_oracle_says(
    product: dict[str, Any] | None, by_law: dict[str, Any] | None, guardian: dict[str, Any], item: dict[str, Any]
) -> None:
    """Before and after a law begins, with and without a guardian; each layer more is never less strict."""
    policy = policy_of(product, by_law)
    tightened = with_guardian(policy, {"content": guardian})
    laws = [] if by_law is None else [by_law]
    for when, held in ((BEFORE, []), (AFTER, laws)):
        for one, layers in ((policy, held), (tightened, [*held, guardian])):
            expected = verdict(product=product, others=layers, declared=DECLARED, **item)
            assert expected == said(one, item, when)
        assert ORDER.index(said(tightened, item, when)) <= ORDER.index(said(policy, item, when))
    assert ORDER.index(said(policy, item, AFTER)) <= ORDER.index(said(policy, item, BEFORE))


@given(product=sections(), by_law=sections(whole=False), item=ITEMS)
@settings(max_examples=60, deadline=None)
def test_an_answer_holds_to_the_second_until_it_says(
    product: dict[str, Any], by_law: dict[str, Any], item: dict[str, Any]
) -> None:
    """`valid_until` is the midnight at which a law that makes it stricter begins; none is told where none does."""
    policy = policy_of(product, by_law)
    decision = decide(policy, child(), question(item), at(BEFORE))
    stricter = ORDER.index(said(policy, item, AFTER)) < ORDER.index(said(policy, item, BEFORE))
    assert decision.until == (at(f"{CHANGE} 00:00") if decision.allowed and stricter else None)
    assert decision.again is None
