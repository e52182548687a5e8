"""Actions of texts, their order, and what a policy's layers together ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minorguard.model.sections import ContentRule, TextAction

_ORDER = (TextAction.ALLOW, TextAction.MASK, TextAction.REVIEW, TextAction.BLOCK)
STRICTNESS = {action: rank for rank, action in enumerate(_ORDER)}
"""Higher is stricter: block > review > mask > allow."""


def strictest(actions: Iterable[TextAction]) -> TextAction:
    """The strictest of some actions; of none, `allow`."""
    return max(actions, key=STRICTNESS.__getitem__, default=TextAction.ALLOW)


def text_actions(rules: Iterable[ContentRule], surface: str | None = None) -> dict[str, TextAction]:
    """What the content rules of a band ask for, by category, on a surface: the strictest of the layers that speak.

    A rule that names surfaces speaks on those alone; with no surface given, every rule speaks.
    """
    found: dict[str, TextAction] = {}
    for rule in rules:
        if surface is None or rule.surfaces is None or surface in rule.surfaces:
            for category, action in rule.text:
                found[category] = strictest((action, found.get(category, TextAction.ALLOW)))
    return found


def action_for(category: str, actions: Mapping[str, TextAction]) -> TextAction | None:
    """What a table says of a category or, where it says nothing, of the nearest one above it: `drugs.soft`, `drugs`."""
    while category not in actions:
        category, dot, _ = category.rpartition(".")
        if not dot:
            return None
    return actions[category]
