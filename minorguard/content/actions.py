"""Actions of texts, their order, and what a policy's layers together ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minorguard.model.sections import ContentRule, TextAction, dotted

_ORDER = (TextAction.ALLOW, TextAction.MASK, TextAction.REVIEW, TextAction.BLOCK)
STRICTNESS = {action: rank for rank, action in enumerate(_ORDER)}
"""Higher is stricter: block > review > mask > allow."""


def strictest(actions: Iterable[TextAction]) -> TextAction:
    """The strictest of some actions; of none, `allow`."""
    return max(actions, key=STRICTNESS.__getitem__, default=TextAction.ALLOW)


def text_actions(rules: Iterable[ContentRule], surface: str | None = None) -> dict[str, TextAction]:
    """What the content rules of a band ask for, by category, on a surface: the strictest of the layers that speak.

    A rule that names surfaces speaks on those alone; with no surface given, every rule speaks. A rule's `default`
    speaks of every category that it does not name, as `ContentRule.of_text` has it.
    """
    speaking = [rule for rule in rules if surface is None or rule.gates(surface)]
    found: dict[str, TextAction] = {}
    for category in sorted({name for rule in speaking for name, _ in rule.text}):
        asked = (rule.of_text(category) for rule in speaking)
        found[category] = strictest(action for action in asked if action is not None)
    return found


def action_for(category: str, actions: Mapping[str, TextAction]) -> TextAction | None:
    """What a table says of a category, of the nearest one above it (`drugs.soft`, `drugs`), or of `default`."""
    return next((actions[name] for name in (*dotted(category), "default") if name in actions), None)
