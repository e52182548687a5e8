"""What an edge is told of features in a token, so that it can answer without a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from minorguard.engine.binding import Binding, bind
from minorguard.model.ids import Instant
from minorguard.model.rules import CompiledPolicy, Enforcement, FeatureRule, Verdict
from minorguard.model.state import Profile

OTHERWISE = "*"
MAX_CHARACTERS = 2048
"""Of all names together; beyond it the token names none, and the edge asks."""

_ALLOW, _ASK, _DENY, _LIMITED = "allow", "ask", "deny", "limited"


@dataclass(frozen=True, slots=True)
class Standing:
    """Which bands hold for a subject now, and what they say of features."""

    bands: tuple[str, ...] = ()
    """None: no rule applies."""
    features: dict[str, str] = field(default_factory=lambda: {OTHERWISE: _ALLOW})
    """By name, or prefix before a dot; the longest that fits counts, then `*`. Not there: ask the service.

    `allow`, `limited` (so many uses: ask the service), `ask` (denied until a guardian approves it) or `deny`. Only
    `allow` allows.
    """


def standing(policy: CompiledPolicy, profile: Profile, now: Instant) -> Standing:
    """The standing of a subject at an instant. Time, counts and leases are no part of it."""
    binding = bind(policy, profile)
    if now >= binding.adult_from:
        return Standing()
    everything = not profile.mode_on or policy.enforcement is Enforcement.OBSERVE
    return _standing(binding, binding.since(now), everything)


@lru_cache(maxsize=8192)
def _standing(binding: Binding, since: Instant, everything: bool) -> Standing:
    """As it is from an edge of the binding until the next."""
    bands = tuple(str(one.band) for one in binding.bands_at(since))
    return Standing(bands) if everything else Standing(bands, _features(binding, since))


def _features(binding: Binding, now: Instant) -> dict[str, str]:
    bands = binding.features_at(now)
    names = sorted({rule.feature for layers in bands for layer in layers for rule in layer.rules} - {OTHERWISE})
    if sum(map(len, names)) > MAX_CHARACTERS:
        return {}
    found = {name: _strictest(_verdict(layer.rule_for(name) for layer in layers) for layers in bands) for name in names}
    return found | {OTHERWISE: _strictest(_verdict(layer.default for layer in layers) for layers in bands)}


def _strictest(verdicts: Iterable[str]) -> str:
    """Of what the bands that hold say: deny, then ask, then limited, then allow; no band denies."""
    said = set(verdicts)
    return next((word for word in (_DENY, _ASK, _LIMITED, _ALLOW) if word in said), _DENY)


def _verdict(rules: Iterable[FeatureRule | None]) -> str:
    """What one band's layers say; silence denies."""
    spoken = [rule for rule in rules if rule is not None]
    if not spoken or any(rule.verdict is Verdict.DENY for rule in spoken):
        return _DENY
    if any(rule.verdict is Verdict.ASK for rule in spoken):
        return _ASK
    return _LIMITED if any(rule.limit is not None for rule in spoken) else _ALLOW
