"""The guardian's layer: settings laid over a compiled policy.

A guardian's value stands beside the rules of the product and of the law, so that it can only tighten them; but where a
preset's rule has strength `default`, the guardian's value of the same slot takes its place, tighter or looser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from minorguard.model.calendar import WEEKENDS_ONLY
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    GuardianRights,
    Layer,
    Origin,
    SittingRule,
    Strength,
    TimeRule,
)
from minorguard.policy.canonical import digested
from minorguard.policy.checks import check_rules
from minorguard.policy.findings import Report
from minorguard.policy.layers import without_parts
from minorguard.policy.positions import join
from minorguard.policy.rules import Author, time_rules
from minorguard.policy.schema import EXEMPT_KINDS, SettingsSchema, load

DOCUMENT = "guardian"
"""The document that a guardian's rules name as their origin."""


def with_guardian(policy: CompiledPolicy, settings: Mapping[str, Any]) -> CompiledPolicy:
    """The policy under a guardian's settings: ``{"time": {…as in a band…}, "exempt": ["study"]}``.

    Lay them over the published policy, never over a result of this function. Empty settings change nothing. Raises
    `PolicyInvalid` whose findings carry JSON pointers into the settings.
    """
    report = Report(DOCUMENT)
    loaded = load(SettingsSchema(), settings, report)
    if loaded is not None:
        _check(loaded, policy, report)
    report.raise_if_failed()
    assert loaded is not None
    if not any(loaded.values()):
        return policy
    exempt = frozenset(loaded.get("exempt", ()))
    bands = tuple(_band(band, loaded, exempt, policy.guardian) for band in policy.bands)
    return digested(replace(policy, bands=bands, known_activities=policy.known_activities | _named(loaded)))


def _check(loaded: Mapping[str, Any], policy: CompiledPolicy, report: Report) -> None:
    no_calendar = policy.calendar == WEEKENDS_ONLY
    check_rules(loaded.get("time", {}), "/time", report, no_calendar=no_calendar)
    for index, activity in enumerate(loaded.get("exempt", ())):
        if activity not in policy.guardian.may_exempt:
            allowed = ", ".join(f"`{name}`" for name in sorted(policy.guardian.may_exempt)) or "none"
            message = f"this policy does not let guardians exempt `{activity}`; those it lets: {allowed}"
            report.error("exempt.not_allowed", join("/exempt", index), message)


def _named(loaded: Mapping[str, Any]) -> frozenset[str]:
    per_activity = loaded.get("time", {}).get("quota", {}).get("per_activity", {})
    return frozenset(per_activity) | frozenset(loaded.get("exempt", ()))


def _band(band: BandPolicy, loaded: Mapping[str, Any], exempt: frozenset[str], rights: GuardianRights) -> BandPolicy:
    section = loaded.get("time", {})
    product = dict(rights.exempt)
    author = Author(
        Origin("", Layer.GUARDIAN, DOCUMENT, changeable_by=("guardian",)),
        exempt={kind: product.get(kind, frozenset()) | exempt for kind in EXEMPT_KINDS},
        raise_at_most=rights.per_day_seconds,
    )
    own = time_rules(section, "/time", author)
    kept = tuple(_kept(band.time, own, clears_curfew=section.get("curfew") == []))
    own = tuple(_inheriting(rule, band.time) for rule in own)
    return replace(band, time=(*(_exempting(rule, exempt, rights) for rule in kept), *own))


def _kept(rules: Iterable[TimeRule], own: tuple[TimeRule, ...], *, clears_curfew: bool) -> Iterable[TimeRule]:
    """The rules that stay: all but the defaults whose slot the guardian fills."""
    by_slot = {rule.slot: rule for rule in own}
    for rule in rules:
        mine = by_slot.get(rule.slot)
        if not _is_default(rule):
            yield rule
        elif isinstance(rule, SittingRule) and isinstance(mine, SittingRule):
            rest = without_parts(rule, mine)
            if rest is not None:
                yield rest
        elif mine is None and not (clears_curfew and isinstance(rule, CurfewRule) and rule.only is None):
            yield rule


def _is_default(rule: TimeRule) -> bool:
    return rule.origin.layer is Layer.LAW and rule.origin.strength is Strength.DEFAULT


def _inheriting(rule: TimeRule, rules: tuple[TimeRule, ...]) -> TimeRule:
    """The guardian's rule with the exemptions of the defaults that it replaces.

    What every default leaves free, such as emergency calls, stays free of a rule that replaces none as well.
    """
    defaults = [old for old in rules if _is_default(old)]
    replaced = (old.exempt for old in defaults if old.slot == rule.slot)
    always = frozenset.intersection(*(old.exempt for old in defaults)) if defaults else frozenset()
    return replace(rule, exempt=rule.exempt.union(always, *replaced))


def _exempting(rule: TimeRule, exempt: frozenset[str], rights: GuardianRights) -> TimeRule:
    return replace(rule, exempt=rule.exempt | (exempt & _allowed(rule, exempt, rights)))


def _allowed(rule: TimeRule, exempt: frozenset[str], rights: GuardianRights) -> frozenset[str]:
    """Which activities a rule lets a guardian exempt."""
    if rule.origin.layer is Layer.PRODUCT:
        return rights.may_exempt
    if rule.origin.strength is Strength.LAW:
        return frozenset()
    for document, pointer, names in rights.exemptable:
        if (document, pointer) == (rule.origin.document, rule.origin.rule):
            return exempt if "guardian" in names else names
    return frozenset()
