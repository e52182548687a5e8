"""Which rules a guardian may change."""

from __future__ import annotations

from typing import Protocol

from minorguard.model.rules import Layer, Origin, Strength


class HasOrigin(Protocol):
    """Any rule."""

    @property
    def origin(self) -> Origin:
        """Who set it."""
        ...


def is_default(rule: HasOrigin) -> bool:
    """Whether a rule is a preset's default, which gives way to a guardian's value."""
    return rule.origin.layer is Layer.LAW and rule.origin.strength is Strength.DEFAULT
