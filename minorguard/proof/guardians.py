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
    Period,
    QuotaRule,
    SittingRule,
    Strength,
    Verdict,
    WindowRule,
)
from minorguard.policy.guardian import with_guardian
from minorguard.policy.money import MOST_MONEY
from minorguard.policy.schema import AMOUNTS
from minorguard.policy.strengths import is_default
from minorguard.proof.counterexample import Counterexample
from minorguard.proof.features import rules_of

Settings = Mapping[str, Any]
_DAILY = "24h"
_LONGEST = {Period.DAY: ("daily", _DAILY), Period.WEEK: ("weekly", "168h"), Period.MONTH: ("monthly", "744h")}
_OFTEN = "1000/hour"


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


def loosest(policy: CompiledPolicy) -> Iterator[tuple[CompiledPolicy, Settings]]:
    """The policy under the most that a guardian may loosen, and those settings; none: there is nothing to loosen.

    Settings hold one section of spending, so that there is one for each currency and activities of defaults.
    """
    common = dict(_settings(policy))
    for spending in tuple(_spending(policy)) or ({},):
        if settings := common | spending:
            yield with_guardian(policy, settings), settings


def _settings(policy: CompiledPolicy) -> Iterator[tuple[str, Any]]:
    if policy.guardian.may_exempt:
        yield "exempt", sorted(policy.guardian.may_exempt)
    rules = [rule for band in policy.bands for rule in rules_of(band) if rule.feature != "*"]
    if asked := {rule.feature for rule in rules if rule.verdict is Verdict.ASK}:
        yield "approve", sorted(asked)
    if denied := {rule.feature for rule in rules if rule.verdict is Verdict.DENY and is_default(rule)}:
        yield "features", {"limit": dict.fromkeys(sorted(denied), _OFTEN)}
    if time := dict(_time(policy)):
        yield "time", time
    told = [rule for band in policy.bands for rule in band.notifications if is_default(rule)]
    quiet = {"quiet": list[str]()} if any(rule.quiet for rule in told) else {}
    often = {"at_most": _OFTEN} if any(rule.at_most for rule in told) else {}
    if notifications := quiet | often:
        yield "notifications", notifications


def _spending(policy: CompiledPolicy) -> Iterator[dict[str, Any]]:
    rules = [rule for band in policy.bands for rule in band.spending if is_default(rule)]
    for currency, only in dict.fromkeys((rule.currency, rule.only) for rule in rules):
        of_activities = {} if only is None else {"only": sorted(only)}
        yield {"spending": {"currency": currency, **dict.fromkeys(AMOUNTS, MOST_MONEY), **of_activities}}


def _time(policy: CompiledPolicy) -> Iterator[tuple[str, Any]]:
    rules = [rule for band in policy.bands for rule in band.time if is_default(rule)]
    if quota := _quotas([rule for rule in rules if isinstance(rule, QuotaRule)]):
        yield "quota", quota
    of_all = [rule for rule in rules if rule.only is None]
    if any(isinstance(rule, CurfewRule) for rule in of_all):
        yield "curfew", []
    if any(isinstance(rule, WindowRule) for rule in of_all):
        yield "windows", ["00:00-24:00"]
    if sitting := dict(_sitting([rule for rule in of_all if isinstance(rule, SittingRule)])):
        yield "sitting", sitting


def _quotas(rules: list[QuotaRule]) -> dict[str, Any]:
    """The longest quotas in the place of these: of all use, and of single activities."""
    quota: dict[str, Any] = dict(_LONGEST[rule.period] for rule in rules if rule.only is None)
    single: dict[str, dict[str, str]] = {}
    for rule in rules:
        for name in rule.only if rule.only is not None and len(rule.only) == 1 else ():
            single.setdefault(name, {}).update([_LONGEST[rule.period]])
    return quota | ({"per_activity": single} if single else {})


def _sitting(rules: list[SittingRule]) -> Iterator[tuple[str, str]]:
    if any(rule.break_after is not None for rule in rules):
        yield from (("break_after", _DAILY), ("break_for", "1s"))
    if any(rule.remind_after is not None for rule in rules):
        yield "remind_after", _DAILY
    if any(rule.at_least for rule in rules):
        yield "at_least", "1s"


def smallest_settings(found: Counterexample, a: CompiledPolicy, b: CompiledPolicy) -> Counterexample:
    """The same case with no more settings than it takes; perhaps none at all. What is no question is a reminder."""
    if found.asked is None:
        sitting = found.settings.get("time", {}).get("sitting")
        return replace(found, settings={"time": {"sitting": sitting}} if sitting else {})
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
