"""No field of a rule is left out of the comparison: each alone makes a policy stricter than one without it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    ContentRule,
    FeaturePeriod,
    Layer,
    NotificationRule,
    Origin,
    RecommendationRule,
    Span,
    SpendingRule,
)
from minorguard.model.sections import ItemAction, TextAction, WindowCap
from minorguard.policy.canonical import digested
from minorguard.policy.lattice import meet
from minorguard.proof.comparison import prove

ON = date(2026, 11, 24)
HIDE, SHOW = ItemAction.HIDE, ItemAction.SHOW
Change = tuple[dict[str, Any], dict[str, Any]]
"""What the laxer rule says, and what the stricter one says besides or instead."""
CHANGES: dict[type, dict[str, Change]] = {
    ContentRule: {
        "surfaces": ({"labels": (("a", HIDE),), "surfaces": frozenset({"feed"})}, {"surfaces": None}),
        "max_rating": ({}, {"max_rating": "12+"}),
        "block": ({}, {"block": frozenset({"a"})}),
        "pools": ({}, {"pools": frozenset({"a"})}),
        "text": ({}, {"text": (("a", TextAction.MASK),)}),
        "labels": ({}, {"labels": (("a", ItemAction.BLUR),)}),
        "unrated": ({"max_rating": "12+", "unrated": SHOW}, {"unrated": ItemAction.BLUR}),
        "unanswered": ({}, {"unanswered": HIDE}),
        "closes": ({}, {"closes": True}),
    },
    RecommendationRule: {
        "personalised": ({}, {"personalised": False}),
        "autoplay": ({}, {"autoplay": False}),
        "block": ({}, {"block": frozenset({"a"})}),
        "at_most": ({}, {"at_most": (("a", 10),)}),
        "at_least": ({}, {"at_least": (("a", 10),)}),
        "per_author": ({}, {"per_author": WindowCap(1, 2)}),
        "items_per_sitting": ({}, {"items_per_sitting": 0}),
        "per_topic": ({}, {"per_topic": (("a", WindowCap(1, 2)),)}),
        "personal_at_most": ({}, {"personal_at_most": 99}),
        "items_per_day": ({}, {"items_per_day": 0}),
        "break_every_items": ({}, {"break_every_items": 9}),
        "break_every_seconds": ({}, {"break_every_seconds": 9}),
    },
    NotificationRule: {
        "quiet": ({}, {"quiet": (Span(0, 60),)}),
        "at_most": ({}, {"at_most": (3, FeaturePeriod.HOUR)}),
    },
    SpendingRule: {
        "currency": ({"currency": "CNY"}, {"currency": "USD"}),
        "only": ({"per_day": 1, "only": frozenset({"game"})}, {"only": None}),
        "per_purchase": ({}, {"per_purchase": 9}),
        "per_day": ({}, {"per_day": 9}),
        "per_month": ({}, {"per_month": 9}),
    },
}
SECTIONS = {
    ContentRule: "content",
    RecommendationRule: "recommendations",
    NotificationRule: "notifications",
    SpendingRule: "spending",
}
EACH = [(kind, field) for kind, changes in CHANGES.items() for field in changes]
OPEN = ContentRule(
    origin=Origin("/open", Layer.PRODUCT, "p"),
    max_rating="21+",
    unrated=SHOW,
    labels=(("default", SHOW),),
    text=(("default", TextAction.ALLOW),),
    closes=True,
)


def policy(kind: type, said: dict[str, Any]) -> CompiledPolicy:
    """A policy that shows everything, and one rule more."""
    given = {"currency": "CNY"} if kind is SpendingRule else {}
    rules: dict[str, Any] = {"content": (OPEN,)}
    rules[SECTIONS[kind]] = (
        *rules.get(SECTIONS[kind], ()),
        kind(origin=Origin("/r", Layer.PRODUCT, "p"), **given | said),
    )
    band = BandPolicy(AgeBand(0, 18), **rules)
    return digested(CompiledPolicy("p", 1, "", DayScheme("UTC"), WEEKENDS_ONLY, (band,), surfaces=("feed", "home")))


@pytest.mark.parametrize("kind", CHANGES)
def test_every_field_is_known_here(kind: type) -> None:
    """A field that is new fails this until it is compared, below."""
    assert {one.name for one in fields(kind)} - {"origin"} == CHANGES[kind].keys()


@pytest.mark.parametrize(("kind", "field"), EACH, ids=[f"{kind.__name__}.{field}" for kind, field in EACH])
def test_every_field_counts(kind: type, field: str) -> None:
    """In the proof, one way and the other; in the digest; and the meet of the two is no laxer than the stricter."""
    before, more = CHANGES[kind][field]
    lax, strict = policy(kind, before), policy(kind, before | more)
    assert [one.rule.rule for one in prove(lax, strict, on=ON).weaknesses] == ["/r"]
    if field != "currency":
        assert prove(strict, lax, on=ON).holds
    assert lax.digest != strict.digest
    assert prove(meet(lax, strict), strict, on=ON).holds
