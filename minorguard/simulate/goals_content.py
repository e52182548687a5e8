"""What tests should see of rules of content: an item held back and one let pass, and a text of each category."""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.engine.content import judge_content
from minorguard.engine.look import Look
from minorguard.model.ids import Instant
from minorguard.model.origins import Origin
from minorguard.model.questions import ContentQuestion, ItemQuestion
from minorguard.model.rules import BandPolicy, ContentRule
from minorguard.model.sections import TextAction, dotted

_HELD = "an item that it does not show as it is"
_PASSED = "an item that it lets pass"
_OTHER = "default"


def content_goals(rule: ContentRule) -> Iterator[str]:
    """The goals of a rule of content."""
    if rule.block or rule.labels or rule.pools is not None or rule.max_rating is not None:
        yield from (_HELD, _PASSED)
    yield from (_text(category) for category, action in rule.text if action is not TextAction.ALLOW)


def content_reached(
    look: Look, band: BandPolicy, question: ContentQuestion, now: Instant
) -> Iterator[tuple[Origin, str]]:
    """What an item or a text shows of the rules of a band."""
    spoken = {reason.origin for reason in judge_content(look, question, now).reasons}
    for held in look.binding.content:
        rule = held.rule
        if rule not in band.content or not held.holds(now) or not rule.gates(question.surface):
            continue
        if isinstance(question, ItemQuestion):
            yield rule.origin, _HELD if rule.origin in spoken else _PASSED
        else:
            keys = [_key(rule, found.category) for found in question.found]
            yield from ((rule.origin, _text(key)) for key in keys if key is not None)


def _key(rule: ContentRule, category: str) -> str | None:
    """The key of a rule's table of texts that speaks of a category."""
    named = {name for name, _ in rule.text}
    return next((name for name in (*dotted(category), _OTHER) if name in named), None)


def _text(category: str) -> str:
    return "a text of a category that it does not name" if category == _OTHER else f"a text of `{category}`"
