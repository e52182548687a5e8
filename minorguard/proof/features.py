"""Refuting feature rules: does the first policy deny each feature, and count each use, as the second does?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant
from minorguard.model.rules import BandPolicy, CompiledPolicy, FeatureRule
from minorguard.model.state import Use
from minorguard.policy.lattice import SILENCE
from minorguard.proof.arena import Arena
from minorguard.proof.counterexample import Asked, Counterexample

OTHER = "other-feature"
"""Stands for every feature that neither policy names."""
_HOUR = 3_600


def names(a: CompiledPolicy, b: CompiledPolicy) -> tuple[str, ...]:
    """Every feature that either policy names, one below each, and one that neither does."""
    named = {rule.feature for policy in (a, b) for band in policy.bands for rule in rules_of(band)} - {"*"}
    return (*sorted(named), *sorted(f"{name}.{OTHER}" for name in named), OTHER)


def rules_of(band: BandPolicy) -> Iterator[FeatureRule]:
    """The feature rules of a band, defaults included."""
    for layer in band.features:
        yield from layer.rules
        yield from (layer.default,) if layer.default else ()


def refutations(arena: Arena, features: Iterable[str]) -> Iterator[Counterexample]:
    """Features that the first policy allows and the second denies, and limits that only the second has."""
    at = _instant(arena)
    if at is None:
        return
    for feature in features:
        yield from _denials(arena, feature, at)
    for rule in dict.fromkeys(rule for band in arena.theirs for rule in rules_of(band) if rule.limit is not None):
        found = arena.first(_exhausting(arena, rule, at), rule.origin)
        if found is not None:
            yield found


def _instant(arena: Arena) -> Instant | None:
    """When the first policy is open, late in the day so that uses fit before."""
    shown = arena.open(arena.a.default_activity)
    return shown[-1][1] - 1 if shown else None


def _denials(arena: Arena, feature: str, at: Instant) -> Iterator[Counterexample]:
    asked = arena.feature(feature, 1, at)
    spoken = {rule.origin for band in arena.theirs for rule in _verdicts(band, feature)}
    for origin in (*sorted(spoken, key=str), None):
        if arena.refutes(asked, origin):
            yield arena.counterexample(asked, SILENCE if origin is None else origin)
            return


def _verdicts(band: BandPolicy, feature: str) -> Iterator[FeatureRule]:
    yield from (rule for layer in band.features if (rule := layer.rule_for(feature)) is not None)


def _exhausting(arena: Arena, rule: FeatureRule, at: Instant) -> Iterator[Asked]:
    """Uses that exhaust a limit, at times that other limits may not count, and one question more."""
    limit = rule.limit or 0
    below = [OTHER] if rule.feature == "*" else [rule.feature, f"{rule.feature}.{OTHER}"]
    day = arena.day[0]
    times = (at, at - 1, at - _HOUR, day, day + (at - day) // 2, at - DAY, at - 6 * DAY)
    for feature in below:
        yield arena.feature(feature, limit + 1, at)
        for used in below:
            for when in times:
                yield arena.feature(feature, 1, at, (Use("use", used, when, limit),))
            spread = [day + index * (at - day) // (limit + 1) for index in range(limit)]
            yield arena.feature(feature, 1, at, tuple(Use(f"use-{when}", used, when) for when in spread))
