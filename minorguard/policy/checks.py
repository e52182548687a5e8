"""What the shape alone cannot say: checks across the parts of one policy document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any
from zoneinfo import available_timezones

from minorguard.errors import InvalidInput
from minorguard.model.age import ADULT, AgeBand
from minorguard.model.calendar import DAY, WEEKDAYS, DayKind, zone
from minorguard.model.ids import Seconds
from minorguard.model.rules import CompiledPolicy, Span
from minorguard.model.sections import dotted
from minorguard.policy.fields import spoken
from minorguard.policy.findings import Report, likely
from minorguard.policy.meant import zone_meant
from minorguard.policy.positions import join
from minorguard.policy.rules import VERDICTS
from minorguard.policy.section_checks import check_sections

_LONGEST: dict[str, tuple[Seconds, str]] = {
    "daily": (DAY, "a day"),
    "weekly": (7 * DAY, "a week"),
    "monthly": (31 * DAY, "a month"),
}
_ONLY_WITH_CALENDAR = frozenset({DayKind.HOLIDAY.value, DayKind.MAKEUP_WORKDAY.value})
_WEEKENDS = frozenset({5, 6})


def check_document(loaded: Mapping[str, Any], report: Report) -> None:
    """Report what contradicts itself, or cannot have been meant, in a policy document."""
    check_zone(loaded["timezone"], report)
    _check_bands(loaded, report)
    exempt = {name: entry.get("exempt", frozenset()) for name, entry in loaded.get("activities", {}).items()}
    no_calendar = loaded.get("calendar", "none") == "none"
    for band, section in loaded.get("bands", {}).items():
        pointer = join("/bands", band)
        check_rules(section.get("time", {}), join(pointer, "time"), report, no_calendar=no_calendar)
        _check_per_activity(section.get("time", {}), join(pointer, "time"), exempt, report)
        check_features(section.get("features", {}), join(pointer, "features"), report)
        check_sections(section, pointer, report)
        check_quiet(section.get("notifications", {}), join(pointer, "notifications"), report, no_calendar=no_calendar)
    _check_guardian(loaded.get("guardian", {}), report)


def check_zone(name: str, report: Report) -> None:
    """Report a time zone that is none."""
    try:
        zone(name)
    except InvalidInput:
        near = zone_meant(name) or likely(name, (known for known in available_timezones() if "/" in known))
        message = f"unknown time zone `{name}`" + ("" if near else "; write it like `Asia/Shanghai`")
        report.error("timezone.unknown", "/timezone", message, near)


def _check_bands(loaded: Mapping[str, Any], report: Report) -> None:
    bands: list[AgeBand] = sorted(loaded.get("bands", {}))
    for younger, older in combinations(bands, 2):
        if younger.overlaps(older):
            message = f"`{older}` overlaps `{younger}`; cut one of them"
            report.error("band.overlap", join("/bands", older), message)
    if not bands and not loaded.get("extends"):
        report.error("bands.missing", "", "the policy has no bands and extends nothing; add one of the two")
    elif bands:
        _check_gaps(bands, bool(loaded.get("extends")), report)


def _check_gaps(bands: list[AgeBand], extends: bool, report: Report) -> None:
    then = "only what is extended holds there" if extends else "every band holds there at once"
    for gap in _gaps(bands):
        report.warning("band.gap", "/bands", f"no band covers the ages `{gap}`: {then}; add a band")


def _gaps(bands: list[AgeBand]) -> Iterator[AgeBand]:
    age = 0
    for band in (*bands, AgeBand(ADULT, ADULT + 1)):
        if band.from_age > age:
            yield AgeBand(age, band.from_age)
        age = max(age, band.below_age)


def check_rules(section: Mapping[str, Any], pointer: str, report: Report, *, no_calendar: bool) -> None:
    """Report contradictions inside a time section of a product or a guardian."""
    quota, at = section.get("quota", {}), join(pointer, "quota")
    _check_quota(quota, at, report, no_calendar=no_calendar)
    for activity, own in quota.get("per_activity", {}).items():
        _check_quota(own, join(at, "per_activity", activity), report, no_calendar=no_calendar)
    for key in ("curfew", "windows"):
        _check_days(section.get(key, []), join(pointer, key), report, no_calendar=no_calendar)
    _check_sitting(section.get("sitting", {}), join(pointer, "sitting"), report)


def _check_quota(quota: Mapping[str, Any], pointer: str, report: Report, *, no_calendar: bool) -> None:
    for key, (most, period) in _LONGEST.items():
        value = quota.get(key, 0)
        longest = max(value.values()) if isinstance(value, Mapping) else value
        if longest > most:
            message = f"`{spoken(longest)}` is longer than {period} and limits nothing; write at most `{spoken(most)}`"
            report.warning("quota.too_long", join(pointer, key), message)
    if "daily" in quota:
        _check_table(quota["daily"], join(pointer, "daily"), report, no_calendar=no_calendar)


def _check_table(table: Mapping[str, Seconds], pointer: str, report: Report, *, no_calendar: bool) -> None:
    missing = [kind for kind in DayKind if not _covers(table, kind)]
    if missing:
        names = ", ".join(f"`{kind}`" for kind in missing)
        report.error("daily.incomplete", pointer, f"nothing is said of {names}; add it, or `otherwise`")
    for kind in sorted(_ONLY_WITH_CALENDAR & set(table)):
        _warn_kind(kind, join(pointer, kind), report, no_calendar=no_calendar)


def _covers(table: Mapping[str, Seconds], kind: DayKind) -> bool:
    if kind.value in table or "otherwise" in table:
        return True
    match kind:
        case DayKind.SCHOOL_DAY:
            days = set(range(7)) - _WEEKENDS
        case DayKind.WEEKEND:
            days = set(_WEEKENDS)
        case DayKind.HOLIDAY | DayKind.MAKEUP_WORKDAY:
            days = set(range(7))
    return all(WEEKDAYS[day] in table for day in days)


def _check_days(spans: list[Span], pointer: str, report: Report, *, no_calendar: bool) -> None:
    for index, span in enumerate(spans):
        for kind in sorted(_ONLY_WITH_CALENDAR & (span.days or frozenset())):
            _warn_kind(kind, join(pointer, index, "days"), report, no_calendar=no_calendar)


def check_quiet(section: Mapping[str, Any], pointer: str, report: Report, *, no_calendar: bool) -> None:
    """Report quiet spans on days that never come."""
    _check_days(section.get("quiet", []), join(pointer, "quiet"), report, no_calendar=no_calendar)


def check_surfaces(loaded: Mapping[str, Any], policies: Iterable[CompiledPolicy], report: Report) -> None:
    """Report content sections that gate a surface which neither the document nor a policy beneath it declares."""
    declared = frozenset((*loaded.get("surfaces", ()), *(name for policy in policies for name in policy.surfaces)))
    for band, section in loaded.get("bands", {}).items():
        _check_surfaces(section.get("content", {}), join("/bands", band, "content"), declared, report)


def check_guardian_surfaces(section: Mapping[str, Any], policy: CompiledPolicy, report: Report) -> None:
    """Report surfaces in a guardian's settings that the policy does not declare."""
    _check_surfaces(section, "/content", frozenset(policy.surfaces), report)


def _check_surfaces(section: Mapping[str, Any], pointer: str, declared: frozenset[str], report: Report) -> None:
    for index, name in enumerate(section.get("surfaces", ())):
        _check_surface(name, join(pointer, "surfaces", index), declared, report)
    for name in section.get("per_surface", {}):
        _check_surface(name, join(pointer, "per_surface", name), declared, report)


def _check_surface(name: str, place: str, declared: frozenset[str], report: Report) -> None:
    if not any(name in dotted(known) for known in declared):
        near = likely(name, declared)
        known = "" if near else "; add it to `surfaces` of the document"
        report.error("surface.unknown", place, f"`{name}` is not among the declared surfaces{known}", near)


def _warn_kind(kind: str, pointer: str, report: Report, *, no_calendar: bool) -> None:
    if no_calendar:
        message = f"`{kind}` never comes without a calendar; write one, such as `calendar: CN`"
        report.warning("day.never", pointer, message)


def _check_sitting(sitting: Mapping[str, Seconds], pointer: str, report: Report) -> None:
    for given, wanted in (("break_after", "break_for"), ("break_for", "break_after")):
        if given in sitting and wanted not in sitting:
            report.error("sitting.break", pointer, f"`{given}` needs `{wanted}`; add it, or remove both")
    break_for = sitting.get("break_for")
    if break_for and sitting.get("resets_after", 0) > break_for:
        message = f"`{spoken(sitting['resets_after'])}` is longer than `break_for`; write at most `{spoken(break_for)}`"
        report.warning("sitting.reset", join(pointer, "resets_after"), message)


def _check_per_activity(
    time: Mapping[str, Any], pointer: str, exempt: Mapping[str, frozenset[str]], report: Report
) -> None:
    for activity in time.get("quota", {}).get("per_activity", {}):
        if "quota" in exempt.get(activity, ()):
            message = f"`{activity}` is exempt from quotas, so this quota has no effect; remove one of the two"
            report.warning("exempt.contradiction", join(pointer, "quota", "per_activity", activity), message)


def check_features(features: Mapping[str, Any], pointer: str, report: Report) -> None:
    """Report features with two verdicts, or with one twice."""
    seen: dict[str, tuple[str, str]] = {}
    for key, place, name in _named(features, pointer):
        verdict, first = seen.setdefault(name, (key, place))
        if first == place:
            continue
        if verdict == key:
            report.warning("feature.repeated", place, f"`{name}` is written twice under `{key}`; remove one")
        else:
            report.error("feature.contradiction", place, f"`{name}` is under `{verdict}` and `{key}`; keep one")


def _named(features: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, str, str]]:
    for key in VERDICTS:
        for index, name in enumerate(features.get(key, ())):
            yield key, join(pointer, key, index), name
    for name in features.get("limit", {}):
        yield "limit", join(pointer, "limit", name), name


def _check_guardian(guardian: Mapping[str, Any], report: Report) -> None:
    extend = guardian.get("may_extend", {})
    if extend.get("daily", 0) > extend.get("per_day", extend.get("daily", 0)):
        message = "one grant may give more than all grants of a day together; raise `per_day` or lower `daily`"
        report.warning("guardian.extend", "/guardian/may_extend/daily", message)
