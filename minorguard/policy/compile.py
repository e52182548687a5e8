"""From the text of a policy document to a compiled policy, or to findings with positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import WEEKENDS_ONLY, Calendar, DayScheme, YearState
from minorguard.model.rules import (
    CompiledPolicy,
    Enforcement,
    GuardianRights,
    Layer,
    Origin,
    QuotaRule,
    TimeRule,
)
from minorguard.policy.calendar_files import builtin_calendars
from minorguard.policy.canonical import digested
from minorguard.policy.checks import check_document
from minorguard.policy.document import read_mapping
from minorguard.policy.fields import spoken
from minorguard.policy.findings import Finding, Report, likely
from minorguard.policy.layers import ALL_AGES, Product, band_policies, preset_time
from minorguard.policy.positions import join
from minorguard.policy.preset_files import Preset, builtin_presets
from minorguard.policy.rules import day_limits, kind_of
from minorguard.policy.schema import EXEMPT_KINDS, PolicySchema, load


def compile_policy(
    text: str,
    file: str = "<text>",
    *,
    revision: int = 1,
    calendars: Mapping[str, Calendar] | None = None,
    presets: Mapping[str, Preset] | None = None,
) -> CompiledPolicy:
    """Compile a policy document.

    `calendars` are known besides those that ship, and come before them; `presets` replace those that ship. Raises
    `PolicyInvalid` with every finding if one of them is an error.
    """
    policy, findings = check_policy(text, file, revision=revision, calendars=calendars, presets=presets)
    if policy is None:
        raise PolicyInvalid(file, findings)
    return policy


def check_policy(
    text: str,
    file: str = "<text>",
    *,
    revision: int = 1,
    calendars: Mapping[str, Calendar] | None = None,
    presets: Mapping[str, Preset] | None = None,
    today: date | None = None,
) -> tuple[CompiledPolicy | None, tuple[Finding, ...]]:
    """The compiled policy (None if there is an error) and every finding, in the order of the text.

    With `today`, a calendar that does not know this year or the next one is a warning.
    """
    report = Report(file)
    known = {"none": WEEKENDS_ONLY, **builtin_calendars(), **(calendars or {})}
    data = read_mapping(text, report)
    loaded = load(PolicySchema(), data, report) if data is not None else None
    if loaded is None:
        return None, report.sorted()
    compiled = _compile(loaded, report, revision, known, builtin_presets() if presets is None else presets)
    if today is not None:
        _check_years(known.get(loaded.get("calendar", "none")), today, report)
    return (None if report.failed else compiled), report.sorted()


def _compile(
    loaded: Mapping[str, Any],
    report: Report,
    revision: int,
    calendars: Mapping[str, Calendar],
    presets: Mapping[str, Preset],
) -> CompiledPolicy | None:
    check_document(loaded, report)
    calendar = _calendar(loaded, calendars, report)
    bases = tuple(_bases(loaded, presets, report))
    if report.failed or calendar is None:
        return None
    product = _product(loaded)
    _check_against_presets(loaded, bases, product, report)
    policy = CompiledPolicy(
        id=loaded["policy"],
        revision=revision,
        digest="",
        days=DayScheme(loaded["timezone"], loaded.get("day_starts_at", 0), loaded.get("week_starts_on", 0)),
        calendar=calendar,
        bands=band_policies(loaded.get("bands", {}), bases, product),
        slice=loaded.get("slice", 60),
        default_activity=loaded.get("default_activity", "general"),
        hold_birthday=loaded.get("hold_birthday", True),
        enforcement=loaded.get("enforcement", Enforcement.ENFORCE),
        require_lease=loaded.get("features_need_lease", False),
        known_activities=frozenset(_activities(loaded, bases)),
        guardian=_rights(loaded, bases, product),
    )
    return digested(policy)


def _calendar(loaded: Mapping[str, Any], calendars: Mapping[str, Calendar], report: Report) -> Calendar | None:
    name = loaded.get("calendar", "none")
    if name not in calendars:
        near = likely(name, calendars)
        known = "" if near else "; known are " + ", ".join(f"`{known}`" for known in sorted(calendars))
        report.error("calendar.unknown", "/calendar", f"unknown calendar `{name}`{known}", near)
    return calendars.get(name)


def _bases(loaded: Mapping[str, Any], presets: Mapping[str, Preset], report: Report) -> Iterator[Preset]:
    """The presets that a policy extends, by id: their order has no meaning."""
    names: list[str] = loaded.get("extends", [])
    for index, name in enumerate(names):
        pointer = join("/extends", index)
        if name not in presets:
            near = likely(name, presets)
            known = "" if near else "; known are " + ", ".join(f"`{known}`" for known in sorted(presets))
            report.error("preset.unknown", pointer, f"unknown preset `{name}`{known}", near)
        elif name in names[:index]:
            report.warning("preset.repeated", pointer, f"`{name}` is extended twice; remove one")
        elif presets[name].timezone != loaded["timezone"]:
            message = f"`{name}` means hours of `{presets[name].timezone}`; here they become hours of the policy's zone"
            report.warning("timezone.preset", pointer, message)
    for name in sorted(set(names) & set(presets)):
        yield presets[name]


def _product(loaded: Mapping[str, Any]) -> Product:
    activities = loaded.get("activities", {}).items()
    exempt = {
        kind: frozenset(name for name, entry in activities if kind in entry.get("exempt", ())) for kind in EXEMPT_KINDS
    }
    extend = loaded.get("guardian", {}).get("may_extend", {})
    per_day = extend.get("per_day", extend.get("daily", 0))
    return Product(Origin("", Layer.PRODUCT, loaded["policy"]), MappingProxyType(exempt), per_day)


def _rights(loaded: Mapping[str, Any], presets: tuple[Preset, ...], product: Product) -> GuardianRights:
    guardian = loaded.get("guardian", {})
    extend = guardian.get("may_extend", {})
    return GuardianRights(
        per_grant_seconds=extend.get("daily", product.per_day_seconds),
        per_day_seconds=product.per_day_seconds,
        may_exempt=frozenset(guardian.get("may_exempt", ())),
        exempt=tuple(sorted((kind, names) for kind, names in product.exempt.items() if names)),
        exemptable=tuple(
            (preset.id, time.origin.rule, rule.exemptable)
            for preset in presets
            for rule in preset.rules
            for time in rule.time
            if rule.exemptable
        ),
    )


def _activities(loaded: Mapping[str, Any], presets: tuple[Preset, ...]) -> Iterator[str]:
    yield from loaded.get("activities", {})
    yield from loaded.get("guardian", {}).get("may_exempt", ())
    yield loaded.get("default_activity", "general")
    for section in loaded.get("bands", {}).values():
        yield from section.get("time", {}).get("quota", {}).get("per_activity", {})
    for preset in presets:
        yield from preset.activities


def _check_against_presets(
    loaded: Mapping[str, Any], presets: tuple[Preset, ...], product: Product, report: Report
) -> None:
    for rule in (time for preset in presets for time in preset_time(preset, ALL_AGES, product)):
        _check_exempt(product.exempt[kind_of(rule)], rule, report)
    for band, section in loaded.get("bands", {}).items():
        for rule in (time for preset in presets for time in preset_time(preset, band, product)):
            if isinstance(rule, QuotaRule):
                _check_looser(section.get("time", {}).get("quota", {}), band, rule, report)


def _check_exempt(exempt: frozenset[str], rule: TimeRule, report: Report) -> None:
    for activity in sorted(exempt):
        if rule.origin.effective_to is None and rule.binds(activity):
            message = f"`{rule.origin.document}` does not exempt `{activity}` from `{kind_of(rule)}`; its rule holds"
            report.warning("exempt.no_effect", join("/activities", activity, "exempt"), message)


def _check_looser(quota: Mapping[str, Any], band: object, rule: QuotaRule, report: Report) -> None:
    table = dict(rule.limits.seconds)
    key = {"day": "daily", "week": "weekly", "month": "monthly"}[rule.period]
    if rule.only is not None or set(table) != {"otherwise"} or rule.origin.effective_to or key not in quota:
        return
    least = min(seconds for _, seconds in day_limits(quota[key]).seconds)
    if least > table["otherwise"]:
        message = (
            f"`{spoken(least)}` has no effect, `{rule.origin.document}` allows `{spoken(table['otherwise'])}`; lower it"
        )
        report.warning("rule.no_effect", join("/bands", band, "time", "quota", key), message)


def _check_years(calendar: Calendar | None, today: date, report: Report) -> None:
    for year in (today.year, today.year + 1):
        if calendar is not None and calendar.state(year) is not YearState.ANNOUNCED:
            message = f"calendar `{calendar.name}` has no announced {year}: no weekday of it counts as holiday"
            report.warning("calendar.unknown_year", "/calendar", f"{message}; update the calendar once it is published")
