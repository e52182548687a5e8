"""The parts of a rule, so that a default can give way to a guardian's value part by part.

A part is a limit of its own: the monthly amount of a spending rule, the share of one topic, the break of a sitting. Of
a quota, a curfew or windows, the whole rule is one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from minorguard.model.rules import (
    ContentRule,
    NotificationRule,
    RecommendationRule,
    SittingRule,
    SpendingRule,
    TimeRule,
)
from minorguard.policy.sections import OtherRule

Rule = TimeRule | OtherRule
R = TypeVar("R", bound=Rule)

_WHOLE = "whole"
_SCOPE = frozenset({"origin", "currency", "only", "surfaces", "closes"})
"""Fields that say of what a rule speaks, and limit nothing by themselves."""
_TABLES: dict[type, tuple[str, ...]] = {ContentRule: ("text", "labels"), RecommendationRule: ("at_most", "at_least")}
"""Fields whose every entry is a part."""
_ADDED = frozenset({"block"})
"""Parts that join a default's instead of replacing them: to block one more thing must not free the others."""
_SITTING_PARTS: dict[str, dict[str, Any]] = {
    "break_after": {"break_after": None, "break_for": 0},
    "remind_after": {"remind_after": None},
    "at_least": {"at_least": 0},
}


def parts_of(rule: Rule) -> frozenset[str]:
    """The names of the parts that a rule has."""
    match rule:
        case SittingRule():
            return frozenset(name for name in _SITTING_PARTS if getattr(rule, name))
        case SpendingRule() | ContentRule() | RecommendationRule() | NotificationRule():
            return frozenset(_parts(rule))
        case _:
            return frozenset({_WHOLE})


def _parts(rule: OtherRule) -> Iterator[str]:
    for field in fields(rule):
        value = getattr(rule, field.name)
        if field.name in _TABLES.get(type(rule), ()):
            yield from (f"{field.name}.{key}" for key, _ in value)
        elif field.name not in _SCOPE and value != field.default:
            yield field.name


def without(rule: R, parts: Iterable[str]) -> R | None:
    """What is left of a rule without some parts; None: nothing."""
    gone = parts_of(rule) & frozenset(parts)
    if gone == parts_of(rule):
        return None
    if isinstance(rule, SittingRule):
        return replace(rule, **{key: value for part in gone for key, value in _SITTING_PARTS[part].items()})
    return replace(rule, **_emptied(rule, gone))


def _emptied(rule: Rule, gone: frozenset[str]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for field in fields(rule):
        if field.name in _TABLES.get(type(rule), ()):
            value = getattr(rule, field.name)
            changed[field.name] = tuple(entry for entry in value if f"{field.name}.{entry[0]}" not in gone)
        elif field.name in gone and field.default is not MISSING:
            changed[field.name] = field.default
    return changed


def replaced(default: Rule, own: Iterable[Rule]) -> frozenset[str]:
    """The parts of a default that some rule of a guardian speaks of in its place."""
    return frozenset(
        part for rule in own if _same_slot(default, rule) for part in parts_of(default) & parts_of(rule) - _ADDED
    )


def replacing(rule: Rule, defaults: Iterable[Rule]) -> frozenset[str]:
    """The parts of a guardian's rule that take the place of some default's."""
    return frozenset(part for default in defaults for part in replaced(default, (rule,)))


def _same_slot(default: Rule, rule: Rule) -> bool:
    """Whether a guardian's rule speaks of what a default speaks of."""
    match default, rule:
        case SpendingRule(), SpendingRule():
            return (default.currency, default.only) == (rule.currency, rule.only)
        case ContentRule(), ContentRule():
            narrower = default.surfaces is not None and rule.surfaces is not None and default.surfaces <= rule.surfaces
            return rule.surfaces is None or narrower
        case (RecommendationRule(), RecommendationRule()) | (NotificationRule(), NotificationRule()):
            return True
        case _:
            return _slot(default) is not None and _slot(default) == _slot(rule)


def _slot(rule: Rule) -> tuple[str, frozenset[str] | None] | None:
    """What a time rule rules; an activity `a.b` has the name of a slot of `a` and `b` together."""
    return None if isinstance(rule, OtherRule) else (rule.slot, rule.only)
