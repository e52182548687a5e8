"""From a section of a document, its values read, to the model's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from minorguard.model.ids import Seconds
from minorguard.model.rules import (
    CurfewRule,
    DayLimits,
    Devices,
    FeatureLayer,
    FeatureRule,
    Origin,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    TimeRule,
    Verdict,
    WindowRule,
)
from minorguard.policy.positions import join

RESETS_AFTER: Seconds = 300
"""The gap that ends a sitting where nothing is written; no legal text names one."""

VERDICTS = {"allow": Verdict.ALLOW, "ask": Verdict.ASK, "deny": Verdict.DENY}
"""The lists of a features section."""
_PERIODS = (("daily", Period.DAY), ("weekly", Period.WEEK), ("monthly", Period.MONTH))


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes a section: what its rules have in common."""

    origin: Origin
    """With an empty `rule`, which each rule fills in."""
    only: frozenset[str] | None = None
    always_exempt: frozenset[str] = frozenset()
    exempt: Mapping[str, frozenset[str]] | None = None
    """Exempt activities by kind of rule."""
    raise_at_most: Seconds = 0

    def at(self, pointer: str) -> Origin:
        """The origin of the rule at a pointer."""
        return replace(self.origin, rule=pointer)

    def exempt_of(self, kind: str) -> frozenset[str]:
        """The activities that a kind of rule neither stops nor counts."""
        return self.always_exempt | (self.exempt or {}).get(kind, frozenset())

    def slot(self, name: str) -> str:
        """A slot's name, with the activities that it is for."""
        return ".".join((name, *sorted(self.only or ())))


def kind_of(rule: TimeRule) -> str:
    """The key under which a rule is written: `quota`, `curfew`, `windows` or `sitting`."""
    match rule:
        case QuotaRule():
            return "quota"
        case CurfewRule():
            return "curfew"
        case WindowRule():
            return "windows"
        case SittingRule():
            return "sitting"


def time_rules(section: Mapping[str, Any], pointer: str, author: Author) -> tuple[TimeRule, ...]:
    """The rules of a time section at `pointer`."""
    return tuple(_time_rules(section, pointer, author))


def _time_rules(section: Mapping[str, Any], pointer: str, author: Author) -> Iterator[TimeRule]:
    if "quota" in section:
        yield from _quotas(section["quota"], join(pointer, "quota"), author)
    if section.get("curfew"):
        common = _common("curfew", join(pointer, "curfew"), author)
        yield CurfewRule(**common, spans=sorted_spans(section["curfew"]))
    if "windows" in section:
        common = _common("windows", join(pointer, "windows"), author)
        yield WindowRule(**common, spans=sorted_spans(section["windows"]))
    if section.get("sitting"):
        yield _sitting(section["sitting"], _common("sitting", join(pointer, "sitting"), author))


def _common(kind: str, pointer: str, author: Author, slot: str | None = None) -> dict[str, Any]:
    return {
        "origin": author.at(pointer),
        "slot": author.slot(slot or kind),
        "only": author.only,
        "exempt": author.exempt_of(kind),
    }


def sorted_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in an order that does not depend on how they were written, each once."""
    return tuple(sorted(set(spans), key=lambda span: (span.opens, span.closes, sorted(span.days or ()))))


def _quotas(section: Mapping[str, Any], pointer: str, author: Author) -> Iterator[QuotaRule]:
    devices = section.get("devices", Devices.UNION)
    yield from _quota_periods(section, pointer, author, devices)
    for activity, quota in sorted(section.get("per_activity", {}).items()):
        own = replace(author, only=frozenset({activity}))
        yield from _quota_periods(quota, join(pointer, "per_activity", activity), own, devices)


def _quota_periods(section: Mapping[str, Any], pointer: str, author: Author, devices: Devices) -> Iterator[QuotaRule]:
    for key, period in _PERIODS:
        if key not in section:
            continue
        limits = day_limits(section[key])
        raised = author.raise_at_most if period is Period.DAY else 0
        common = _common("quota", join(pointer, key), author, slot=f"quota.{period}")
        yield QuotaRule(**common, period=period, limits=limits, devices=devices, raise_at_most=raised)


def day_limits(value: Mapping[str, Seconds] | Seconds) -> DayLimits:
    """The limits of a quota: one for all days, or a table by day."""
    if isinstance(value, int):
        return DayLimits.flat(value)
    return DayLimits(tuple(sorted(value.items())))


def _sitting(section: Mapping[str, Any], common: dict[str, Any]) -> SittingRule:
    break_after, break_for = section.get("break_after"), section.get("break_for", 0)
    resets_after = min(RESETS_AFTER, break_for) if break_after else RESETS_AFTER
    return SittingRule(
        **common,
        resets_after=section.get("resets_after", resets_after),
        break_after=break_after,
        break_for=break_for,
        remind_after=section.get("remind_after"),
        at_least=section.get("at_least", 0),
    )


def feature_layer(section: Mapping[str, Any], pointer: str, author: Author) -> FeatureLayer:
    """A features section as a layer; its default is deny unless written otherwise."""
    default = section.get("default", Verdict.DENY)
    rules = sorted(feature_rules(section, pointer, author), key=lambda rule: rule.feature)
    return FeatureLayer(FeatureRule(author.at(join(pointer, "default")), "*", default), tuple(rules))


def feature_rules(section: Mapping[str, Any], pointer: str, author: Author) -> Iterator[FeatureRule]:
    """The rules of the features that a section names."""
    seen = set()
    for key, verdict in VERDICTS.items():
        for index, feature in enumerate(section.get(key, ())):
            if feature not in seen:
                yield FeatureRule(author.at(join(pointer, key, index)), feature, verdict)
            seen.add(feature)
    for feature, (limit, period) in section.get("limit", {}).items():
        origin = author.at(join(pointer, "limit", feature))
        yield FeatureRule(origin, feature, Verdict.ALLOW, limit=limit, period=period)
