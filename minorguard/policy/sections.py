"""From the sections on spending, content, recommendations and notifications, their values read, to the model's rules.

A section that says nothing makes no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minorguard.model.rules import ContentRule, Layer, NotificationRule, RecommendationRule, SpendingRule
from minorguard.model.sections import WindowCap
from minorguard.policy.positions import join
from minorguard.policy.rules import Author, sorted_spans

OTHER_SECTIONS = ("spending", "content", "recommendations", "notifications")
"""The sections of a band beside time and features."""

OtherRule = SpendingRule | ContentRule | RecommendationRule | NotificationRule


def spending_rules(section: Mapping[str, Any], pointer: str, author: Author) -> tuple[SpendingRule, ...]:
    """The rule of a spending section; what `only` it leaves out, its author says."""
    if not section.keys() - {"currency", "only"}:
        return ()
    return (
        SpendingRule(
            origin=author.at(pointer),
            currency=section["currency"],
            only=frozenset(section["only"]) if "only" in section else author.only,
            per_purchase=section.get("per_purchase"),
            per_day=section.get("per_day"),
            per_month=section.get("per_month"),
        ),
    )


def content_rules(section: Mapping[str, Any], pointer: str, author: Author) -> tuple[ContentRule, ...]:
    """The rule of a content section, and one for each surface that it says more of."""
    closes = author.origin.layer is Layer.PRODUCT
    narrower = section.get("per_surface", {})
    surfaces = _names([*section["surfaces"], *narrower] if "surfaces" in section else None)
    whole = _content_rule(section, pointer, author, surfaces=surfaces, closes=closes)
    parts = (
        _content_rule(part, join(pointer, "per_surface", name), author, surfaces=frozenset({name}))
        for name, part in sorted(narrower.items())
    )
    return (*_if_any(whole), *(rule for part in parts for rule in _if_any(part)))


def _content_rule(
    section: Mapping[str, Any],
    pointer: str,
    author: Author,
    *,
    surfaces: frozenset[str] | None,
    closes: bool = False,
) -> ContentRule:
    return ContentRule(
        origin=author.at(pointer),
        surfaces=surfaces,
        max_rating=section.get("max_rating"),
        block=frozenset(section.get("block", ())),
        pools=_names(section.get("pools")),
        text=tuple(sorted(section.get("text", {}).items())),
        labels=tuple(sorted(section.get("labels", {}).items())),
        unrated=section.get("unrated"),
        unanswered=section.get("unanswered"),
        closes=closes,
    )


def _if_any(rule: ContentRule) -> tuple[ContentRule, ...]:
    """The rule, unless it says nothing."""
    silent = ContentRule(origin=rule.origin, surfaces=rule.surfaces, closes=rule.closes)
    return () if rule == silent else (rule,)


def _names(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def recommendation_rules(section: Mapping[str, Any], pointer: str, author: Author) -> tuple[RecommendationRule, ...]:
    """The rule of a recommendations section."""
    cap = section.get("per_author")
    rule = RecommendationRule(
        origin=author.at(pointer),
        personalised=section.get("personalised"),
        autoplay=section.get("autoplay"),
        block=frozenset(section.get("block", ())),
        at_most=tuple(sorted(section.get("at_most", {}).items())),
        at_least=tuple(sorted(section.get("at_least", {}).items())),
        per_author=None if cap is None else WindowCap(cap["max"], cap["within"]),
        items_per_sitting=section.get("items_per_sitting"),
        per_topic=tuple(
            (topic, WindowCap(one["max"], one["within"])) for topic, one in sorted(section.get("per_topic", {}).items())
        ),
        personal_at_most=section.get("personal_at_most"),
        items_per_day=section.get("items_per_day"),
        break_every_items=section.get("break_every", {}).get("items"),
        break_every_seconds=section.get("break_every", {}).get("play"),
    )
    return () if rule == RecommendationRule(origin=rule.origin) else (rule,)


def notification_rules(section: Mapping[str, Any], pointer: str, author: Author) -> tuple[NotificationRule, ...]:
    """The rule of a notifications section."""
    quiet, at_most = sorted_spans(section.get("quiet", ())), section.get("at_most")
    return (NotificationRule(origin=author.at(pointer), quiet=quiet, at_most=at_most),) if quiet or at_most else ()


def other_rules(sections: Mapping[str, Any], pointer: str, author: Author) -> dict[str, tuple[Any, ...]]:
    """The rules of every section beside time and features, by section; `sections` stand at `pointer`."""
    makers = {
        "spending": spending_rules,
        "content": content_rules,
        "recommendations": recommendation_rules,
        "notifications": notification_rules,
    }
    return {
        name: make(sections[name], join(pointer, name), author) if name in sections else ()
        for name, make in makers.items()
    }
