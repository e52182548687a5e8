"""The gate by the policy's own rules: ratings, labels, topics, pools, nothing bought. It fails closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minorguard.model.ratings import least_age
from minorguard.model.rules import ContentRule, RecommendationRule
from minorguard.model.sections import ItemAction
from minorguard.ranking.candidates import Traits, is_of
from minorguard.ranking.constraints import Gate, Refusal


def rule_gate(
    content: Sequence[ContentRule], recommendations: Sequence[RecommendationRule], surface: str | None = None
) -> Gate:
    """The gate of these rules on a surface; None: every rule speaks, whatever surface it is of.

    Only what may be shown as it is passes: what must be covered or warned of first is not recommended.
    """
    speaking = [rule for rule in content if surface is None or rule.gates(surface)]
    blocked = sorted({topic for rule in recommendations for topic in rule.block})

    def gate(traits: Traits) -> tuple[Refusal, ...]:
        found = list(always_refused(traits, blocked))
        for rule in speaking:
            found += _by_content(rule, traits)
        return tuple(dict.fromkeys(found))

    return gate


def always_refused(traits: Traits, blocked: Sequence[str]) -> Iterator[Refusal]:
    """What no surface is asked about: what was bought, and topics (or labels) that are not recommended."""
    if traits.promoted:
        yield Refusal("promoted")
    names = traits.topics | traits.labels
    yield from (Refusal("topic", topic) for topic in blocked if is_of(topic, names))


def _by_content(rule: ContentRule, traits: Traits) -> Iterator[Refusal]:
    for label in sorted(traits.labels):
        if rule.of_label(label) not in {None, ItemAction.SHOW}:
            yield Refusal("label", label)
    if rule.pools is not None and traits.pool not in rule.pools:
        yield Refusal("pool", traits.pool)
    if rule.max_rating is None:
        return
    age = None if traits.rating is None else least_age(traits.rating)
    if age is None:
        yield Refusal("unrated")
    elif age > int(rule.max_rating.rstrip("+")):
        yield Refusal("rating", traits.rating)
