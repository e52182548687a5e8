"""What guardians may do to a policy, at its loosest: no rule that the other holds by law may give way.

A guardian may exempt activities, approve features that are asked for, and set values in the place of defaults of
presets. All of it together is the loosest that a policy can become; grants are part of every comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from minorguard.errors import PolicyInvalid
from minorguard.model.decisions import Effect
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    FeatureLayer,
    FeatureRule,
    Layer,
    Origin,
    QuotaRule,
    SittingRule,
    Strength,
    Verdict,
)
from minorguard.policy.guardian import with_guardian
from minorguard.policy.strengths import is_default
from minorguard.proof.counterexample import Counterexample

Settings = Mapping[str, Any]
_DAILY, _WEEKLY, _MONTHLY = "24h", "168h", "744h"


def by_law(policy: CompiledPolicy) -> CompiledPolicy | None:
    """Only the rules that nobody may change; of those that ask a guardian, none. None: there are no such rules."""
    bands = tuple(_of_law(band) for band in policy.bands)
    if not any(band.time or band.spending or band.notifications or _speaks(band) for band in bands):
        return None
    return replace(policy, bands=bands)


def _of_law(band: BandPolicy) -> BandPolicy:
    free = FeatureRule(Origin("/features", Layer.PRODUCT, "free"), "*", Verdict.ALLOW)
    layers = (FeatureLayer(None, tuple(filter(_is_denied, layer.rules))) for layer in band.features)
    return BandPolicy(
        band.band,
        time=tuple(filter(_is_law, band.time)),
        features=(FeatureLayer(free), *(layer for layer in layers if layer.rules)),
        spending=tuple(filter(_is_law, band.spending)),
        notifications=tuple(filter(_is_law, band.notifications)),
    )


def _speaks(band: BandPolicy) -> bool:
    return any(layer.rules for layer in band.features)


def _is_law(rule: Any) -> bool:  # noqa: ANN401  # any rule
    return bool(rule.origin.strength is Strength.LAW)


def _is_denied(rule: FeatureRule) -> bool:
    return _is_law(rule) and rule.verdict is Verdict.DENY


def loosest(policy: CompiledPolicy) -> tuple[CompiledPolicy, Settings] | None:
    """The policy under the most that a guardian may loosen, and those settings; None: there is nothing to loosen."""
    settings = dict(_settings(policy))
    if not settings:
        return None
    return with_guardian(policy, settings), settings


def _settings(policy: CompiledPolicy) -> Iterator[tuple[str, Any]]:
    if policy.guardian.may_exempt:
        yield "exempt", sorted(policy.guardian.may_exempt)
    asked = {
        rule.feature
        for band in policy.bands
        for layer in band.features
        for rule in (*layer.rules, *((layer.default,) if layer.default else ()))
        if rule.verdict is Verdict.ASK and rule.feature != "*"
    }
    if asked:
        yield "approve", sorted(asked)
    if time := dict(_time(policy)):
        yield "time", time
    if any(rule.quiet and is_default(rule) for band in policy.bands for rule in band.notifications):
        yield "notifications", {"quiet": []}


def _time(policy: CompiledPolicy) -> Iterator[tuple[str, Any]]:
    rules = [rule for band in policy.bands for rule in band.time if is_default(rule) and rule.only is None]
    longest = {"day": ("daily", _DAILY), "week": ("weekly", _WEEKLY), "month": ("monthly", _MONTHLY)}
    quotas = dict(longest[rule.period.value] for rule in rules if isinstance(rule, QuotaRule))
    if quotas:
        yield "quota", quotas
    if any(isinstance(rule, CurfewRule) for rule in rules):
        yield "curfew", []
    if any(isinstance(rule, SittingRule) and rule.break_after is not None for rule in rules):
        yield "sitting", {"break_after": _DAILY, "break_for": "1s"}


def smallest_settings(found: Counterexample, a: CompiledPolicy, b: CompiledPolicy) -> Counterexample:
    """The same case with no more settings than it takes; perhaps none at all."""
    for key in list(found.settings):
        fewer = replace(found, settings={name: value for name, value in found.settings.items() if name != key})
        if _still(fewer, a, b):
            found = fewer
    return found


def _still(found: Counterexample, a: CompiledPolicy, b: CompiledPolicy) -> bool:
    try:
        replayed = found.replay(a, b)
    except PolicyInvalid:
        return False
    return replayed is not None and [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]
