"""A guardian's word on features: what is switched off, limited or approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from minorguard.model.rules import FeatureLayer, FeatureRule, Verdict
from minorguard.policy.rules import Author, feature_rules
from minorguard.policy.strengths import is_default


def guardian_features(
    layers: tuple[FeatureLayer, ...], settings: Mapping[str, Any], author: Author, *, may_tighten: bool
) -> tuple[FeatureLayer, ...]:
    """A band's layers under a guardian's settings.

    Where the product says nothing of features none is allowed, and neither a limit nor an approval changes that.
    """
    section = settings.get("features", {})
    own = sorted(feature_rules(section, "/features", author), key=lambda rule: rule.feature)
    if not may_tighten:
        defaults = default_features(layers)
        own = [rule for rule in own if rule.feature in defaults]
    named = frozenset(rule.feature for rule in own)
    kept = [left for layer in layers if (left := _without_defaults(layer, named)) is not None]
    if any(layer.default is not None for layer in layers):
        kept = [_approved(layer, frozenset(settings.get("approve", ()))) for layer in kept]
    else:
        own = [rule for rule in own if rule.verdict is Verdict.DENY]
    return (*kept, FeatureLayer(None, tuple(own))) if own else tuple(kept)


def default_features(layers: tuple[FeatureLayer, ...]) -> frozenset[str]:
    """The features that defaults of presets speak of."""
    return frozenset(rule.feature for layer in layers for rule in layer.rules if is_default(rule))


def _without_defaults(layer: FeatureLayer, named: frozenset[str]) -> FeatureLayer | None:
    rules = tuple(rule for rule in layer.rules if not (is_default(rule) and rule.feature in named))
    return replace(layer, rules=rules) if rules or layer.default is not None else None


def _approved(layer: FeatureLayer, approved: frozenset[str]) -> FeatureLayer:
    lifted = [_lifted(rule, approved) for rule in layer.rules]
    rules = (*lifted, *_carved(layer, approved))
    return replace(layer, rules=tuple(sorted(rules, key=lambda rule: rule.feature)))


def _lifted(rule: FeatureRule, approved: frozenset[str]) -> FeatureRule:
    """A rule that asks allows once the very name that it asks for is approved; a name above it is another question."""
    if rule.verdict is Verdict.ASK and rule.feature in approved:
        return replace(rule, verdict=Verdict.ALLOW)
    return rule


def _carved(layer: FeatureLayer, approved: frozenset[str]) -> Iterator[FeatureRule]:
    """Approvals of names that only a rule above them asks for: the rest below that rule is asked for as before."""
    named = {rule.feature for rule in layer.rules}
    for name in sorted(approved - named):
        rule = layer.rule_for(name)
        if rule is not None and rule.verdict is Verdict.ASK:
            yield replace(rule, feature=name, verdict=Verdict.ALLOW)
