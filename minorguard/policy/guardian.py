"""The guardian's layer: settings laid over a compiled policy.

A guardian's value stands beside the rules of the product and of the law, so that it can only tighten them; but where a
preset's rule has strength `default`, the guardian's value takes its place, tighter or looser, part by part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from minorguard.model.calendar import WEEKENDS_ONLY
from minorguard.model.rules import BandPolicy, CompiledPolicy, CurfewRule, Layer, Origin, Strength, TimeRule
from minorguard.policy.canonical import digested
from minorguard.policy.checks import check_features, check_guardian_surfaces, check_quiet, check_rules
from minorguard.policy.findings import Report
from minorguard.policy.guardian_features import default_features, guardian_features
from minorguard.policy.parts import parts_of, replaced, replacing, without
from minorguard.policy.positions import join
from minorguard.policy.rules import Author, time_rules
from minorguard.policy.schema import EXEMPT_KINDS, SettingsSchema, load
from minorguard.policy.section_checks import check_sections
from minorguard.policy.sections import OTHER_SECTIONS, other_rules
from minorguard.policy.strengths import is_default

DOCUMENT = "guardian"
"""The document that a guardian's rules name as their origin."""

_LISTS = {"time": ("curfew",), "content": ("block",), "recommendations": ("block",), "notifications": ("quiet",)}
"""By section, the lists that lift a default's when they are written and empty."""


def with_guardian(policy: CompiledPolicy, settings: Mapping[str, Any]) -> CompiledPolicy:
    """The policy under a guardian's settings: sections as in a band, `exempt` and `approve`.

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
    laid = _Settings.of(loaded, policy)
    laid.check(policy, report)
    report.raise_if_failed()
    bands = tuple(laid.band(band) for band in policy.bands)
    return digested(replace(policy, bands=bands, known_activities=policy.known_activities | _named(loaded)))


def _check(loaded: Mapping[str, Any], policy: CompiledPolicy, report: Report) -> None:
    no_calendar = policy.calendar == WEEKENDS_ONLY
    check_rules(loaded.get("time", {}), "/time", report, no_calendar=no_calendar)
    check_features(loaded.get("features", {}), "/features", report)
    check_sections(loaded, "", report)
    check_quiet(loaded.get("notifications", {}), "/notifications", report, no_calendar=no_calendar)
    check_guardian_surfaces(loaded.get("content", {}), policy, report)
    for index, activity in enumerate(loaded.get("exempt", ())):
        if activity not in policy.guardian.may_exempt:
            allowed = ", ".join(f"`{name}`" for name in sorted(policy.guardian.may_exempt)) or "none"
            message = f"this policy does not let guardians exempt `{activity}`; those it lets: {allowed}"
            report.error("exempt.not_allowed", join("/exempt", index), message)


def _named(loaded: Mapping[str, Any]) -> frozenset[str]:
    per_activity = loaded.get("time", {}).get("quota", {}).get("per_activity", {})
    return frozenset((*per_activity, *loaded.get("exempt", ()), *loaded.get("spending", {}).get("only", ())))


@dataclass(frozen=True, slots=True)
class _Settings:
    """A guardian's settings, ready to be laid over the bands of one policy."""

    loaded: Mapping[str, Any]
    policy: CompiledPolicy
    author: Author
    rules: Mapping[str, tuple[Any, ...]]
    """By section, what the guardian writes as rules; features are laid by themselves."""

    @classmethod
    def of(cls, loaded: Mapping[str, Any], policy: CompiledPolicy) -> _Settings:
        rights, exempt = policy.guardian, frozenset(loaded.get("exempt", ()))
        product = dict(rights.exempt)
        author = Author(
            Origin("", Layer.GUARDIAN, DOCUMENT, changeable_by=("guardian",)),
            exempt={kind: product.get(kind, frozenset()) | exempt for kind in EXEMPT_KINDS},
            raise_at_most=rights.per_day_seconds,
        )
        rules = {"time": time_rules(loaded.get("time", {}), "/time", author), **other_rules(loaded, "", author)}
        return cls(loaded, policy, author, rules)

    def check(self, policy: CompiledPolicy, report: Report) -> None:
        """Report sections that the policy does not leave to guardians, unless all of it takes a default's place."""
        allowed = policy.guardian.may_tighten
        for section in self.loaded.keys() - allowed - {"exempt", "approve"}:
            if self._beyond_defaults(section, policy):
                lets = ", ".join(f"`{name}`" for name in sorted(allowed)) or "none"
                message = f"this policy does not let guardians tighten `{section}`; those it lets: {lets}"
                report.error("tighten.not_allowed", join("", section), message)

    def _beyond_defaults(self, section: str, policy: CompiledPolicy) -> bool:
        """Whether some part of a section takes the place of no default, in any band."""
        if section == "features":
            written = {name for key in ("deny", "limit") for name in self.loaded[section].get(key, ())}
            return any(all(name not in default_features(band.features) for band in policy.bands) for name in written)
        defaults = [rule for band in policy.bands for rule in getattr(band, section) if is_default(rule)]
        return any(parts_of(rule) - replacing(rule, defaults) for rule in self.rules[section])

    def band(self, band: BandPolicy) -> BandPolicy:
        """A band under the settings."""
        may = self.policy.guardian.may_tighten
        features = guardian_features(band.features, self.loaded, self.author, may_tighten="features" in may)
        others: dict[str, Any] = {name: self._section(name, getattr(band, name)) for name in OTHER_SECTIONS}
        return replace(band, time=self._time(band.time), features=features, **others)

    def _section(self, section: str, rules: tuple[Any, ...]) -> tuple[Any, ...]:
        own = self._own(section, rules)
        return (*self._kept(section, rules, own), *own)

    def _time(self, rules: tuple[TimeRule, ...]) -> tuple[TimeRule, ...]:
        own = self._own("time", rules)
        kept = (self._exempting(rule) for rule in self._kept("time", rules, own))
        return (*kept, *(_inheriting(rule, rules) for rule in own))

    def _own(self, section: str, rules: tuple[Any, ...]) -> tuple[Any, ...]:
        """The guardian's rules of a section; of one that is not theirs, what takes a default's place in this band."""
        if section in self.policy.guardian.may_tighten:
            return self.rules[section]
        defaults = [rule for rule in rules if is_default(rule)]
        cut = (without(rule, parts_of(rule) - replacing(rule, defaults)) for rule in self.rules[section])
        return tuple(rule for rule in cut if rule is not None)

    def _kept(self, section: str, rules: tuple[Any, ...], own: tuple[Any, ...]) -> Iterator[Any]:
        """The rules that stay: of a default, the parts that the guardian says nothing of."""
        lifted = frozenset(key for key in _LISTS.get(section, ()) if self.loaded.get(section, {}).get(key) == [])
        for rule in rules:
            if not is_default(rule):
                yield rule
            elif isinstance(rule, CurfewRule) and rule.only is None and "curfew" in lifted:
                continue
            elif (left := without(rule, replaced(rule, own) | lifted)) is not None:
                yield left

    def _exempting(self, rule: TimeRule) -> TimeRule:
        exempt = frozenset(self.loaded.get("exempt", ()))
        return replace(rule, exempt=rule.exempt | (exempt & self._allowed(rule, exempt)))

    def _allowed(self, rule: TimeRule, exempt: frozenset[str]) -> frozenset[str]:
        """Which activities a rule lets a guardian exempt."""
        if rule.origin.layer is Layer.PRODUCT:
            return self.policy.guardian.may_exempt
        if rule.origin.strength is Strength.LAW:
            return frozenset()
        for document, pointer, names in self.policy.guardian.exemptable:
            if (document, pointer) == (rule.origin.document, rule.origin.rule):
                return exempt if "guardian" in names else names
        return frozenset()


def _inheriting(rule: TimeRule, rules: tuple[TimeRule, ...]) -> TimeRule:
    """The guardian's rule with the exemptions of the defaults that it replaces.

    What every default leaves free, such as emergency calls, stays free of a rule that replaces none as well.
    """
    defaults = [old for old in rules if is_default(old)]
    replaced_ones = (old.exempt for old in defaults if (old.slot, old.only) == (rule.slot, rule.only))
    always = frozenset.intersection(*(old.exempt for old in defaults)) if defaults else frozenset()
    return replace(rule, exempt=rule.exempt.union(always, *replaced_ones))
