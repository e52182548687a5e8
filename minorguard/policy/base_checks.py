"""What a document says in vain, because a preset or a policy that it extends is stricter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from minorguard.model.age import AgeBand
from minorguard.model.rules import (
    CompiledPolicy,
    Origin,
    QuotaRule,
    RecommendationRule,
    SpendingRule,
    Strength,
    TimeRule,
)
from minorguard.policy.extends import Bases
from minorguard.policy.fields import spoken
from minorguard.policy.findings import Report
from minorguard.policy.lattice import bands_for
from minorguard.policy.layers import ALL_AGES, Product, preset_band
from minorguard.policy.lint_ground import above, clause
from minorguard.policy.money import written_as
from minorguard.policy.positions import join
from minorguard.policy.rules import day_limits, kind_of
from minorguard.policy.schema import AMOUNTS

_KEYS = {"day": "daily", "week": "weekly", "month": "monthly"}


def check_against(
    loaded: Mapping[str, Any], policy: CompiledPolicy, product: Product, bases: Bases, report: Report
) -> None:
    """Report exemptions and limits that have no effect beside what is extended, and policies that rule no age."""
    if not policy.bands:
        message = "every rule of what is extended is off, so nothing holds at any age; add a band, or `switch_on` rules"
        report.error("bands.missing", "/extends", message)
    for time in _time_rules(bases, product):
        _check_exempt(product.exempt[kind_of(time)], time, report)
    for band, section in loaded.get("bands", {}).items():
        for rule in _extended(bases, band, product):
            match rule:
                case QuotaRule():
                    _check_quota(section.get("time", {}).get("quota", {}), band, rule, report)
                case SpendingRule():
                    _check_spending(section.get("spending", {}), band, rule, report)
                case RecommendationRule():
                    _check_topics(section.get("recommendations", {}), band, rule, report)
                    _check_switches(section.get("recommendations", {}), band, rule, report)
    _check_currencies(loaded, policy, report)


def _time_rules(bases: Bases, product: Product) -> Iterator[TimeRule]:
    for laid in bases.presets:
        yield from preset_band(laid, ALL_AGES, product).time
    for policy in bases.compiled:
        for band in policy.bands:
            yield from band.time


def _check_exempt(exempt: frozenset[str], rule: TimeRule, report: Report) -> None:
    for activity in sorted(exempt):
        if rule.origin.effective_to is None and rule.binds(activity):
            message = f"`{rule.origin.document}` does not exempt `{activity}` from `{kind_of(rule)}`; its rule holds"
            report.warning("exempt.no_effect", join("/activities", activity, "exempt"), message)


def _extended(bases: Bases, ages: AgeBand, product: Product) -> Iterator[QuotaRule | SpendingRule | RecommendationRule]:
    """The quotas, spending limits and rules on recommendations beneath a band that have no end."""
    parts = [preset_band(laid, ages, product) for laid in bases.presets]
    parts += [band for policy in bases.compiled for band in bands_for(policy, ages.from_age)]
    for part in parts:
        for rule in (*part.time, *part.spending, *part.recommendations):
            if isinstance(rule, QuotaRule | SpendingRule | RecommendationRule) and rule.origin.effective_to is None:
                yield rule


def _check_quota(quota: Mapping[str, Any], band: AgeBand, rule: QuotaRule, report: Report) -> None:
    table, key = dict(rule.limits.seconds), _KEYS[rule.period]
    if set(table) != {"otherwise"}:
        return
    for path, written in _quotas(quota, rule):
        least = min((seconds for _, seconds in day_limits(written[key]).seconds), default=0) if key in written else 0
        if least > table["otherwise"]:
            place = join("/bands", band, "time", "quota", *path, key)
            _no_effect(spoken(least), spoken(table["otherwise"]), rule.origin, place, report)


def _quotas(quota: Mapping[str, Any], rule: QuotaRule) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """What a document writes of the time that a quota counts: where, and what."""
    if rule.only is None:
        yield (), quota
    for activity, written in quota.get("per_activity", {}).items():
        if rule.binds(activity):
            yield ("per_activity", activity), written


def _check_topics(section: Mapping[str, Any], band: AgeBand, rule: RecommendationRule, report: Report) -> None:
    """Shares that no list may have, since what is extended blocks the topic."""
    for topic, share in section.get("at_least", {}).items():
        blocked = next((name for name in above(topic) if name in rule.block), None)
        if share and blocked is not None and rule.origin.strength is not Strength.DEFAULT:
            message = f"{clause(rule.origin)} blocks `{blocked}`, so no list may have this share; remove it"
            place = join("/bands", band, "recommendations", "at_least", topic)
            report.warning("topic.no_effect", place, message)


def _check_switches(section: Mapping[str, Any], band: AgeBand, rule: RecommendationRule, report: Report) -> None:
    """What a document lets a recommender do, and what is extended does not."""
    for key in ("personalised", "autoplay"):
        if section.get(key) is True and getattr(rule, key) is False:
            _no_effect("true", "false", rule.origin, join("/bands", band, "recommendations", key), report)


def _check_spending(section: Mapping[str, Any], band: AgeBand, rule: SpendingRule, report: Report) -> None:
    ours, currency = section.get("only"), rule.currency
    if section.get("currency") != currency or (rule.only is not None and (ours is None or not set(ours) <= rule.only)):
        return
    for key in AMOUNTS:
        most = getattr(rule, key)
        if most is not None and section.get(key, 0) > most:
            place = join("/bands", band, "spending", key)
            _no_effect(written_as(section[key], currency), written_as(most, currency), rule.origin, place, report)


def _no_effect(ours: str, theirs: str, origin: Origin, pointer: str, report: Report) -> None:
    until = " unless a guardian loosens it" if origin.strength is Strength.DEFAULT else ""
    word, way_out = ("says", "remove it") if theirs == "false" else ("allows", "lower it")
    message = f"`{ours}` has no effect, {clause(origin)} {word} `{theirs}`{until}; {way_out}"
    report.warning("rule.no_effect", pointer, message)


def _check_currencies(loaded: Mapping[str, Any], policy: CompiledPolicy, report: Report) -> None:
    for band in policy.bands:
        for one, other in combinations(band.spending, 2):
            meet = one.only is None or other.only is None or one.only & other.only
            if one.currency == other.currency or not meet:
                continue
            first, second = sorted((one, other), key=lambda rule: rule.origin.document == policy.id)
            message = (
                f"`{first.origin.document}` counts `{first.currency}` and `{second.origin.document}` "
                f"`{second.currency}`, so no purchase passes both; use one currency"
            )
            own = second.origin.document == policy.id and "bands" in loaded
            report.warning("spending.currencies", join(second.origin.rule, "currency") if own else "/extends", message)
