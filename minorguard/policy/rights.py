"""What a guardian may do to a policy: what every document that it is made of lets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from minorguard.model.ids import Seconds
from minorguard.model.rules import ExitMode, GuardianRights
from minorguard.policy.extends import Bases
from minorguard.policy.fields import spoken
from minorguard.policy.findings import Report
from minorguard.policy.layers import Laid
from minorguard.policy.positions import join
from minorguard.policy.schema import EXEMPT_KINDS


def exemptions(loaded: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The activities that a document exempts, by kind of rule."""
    activities = loaded.get("activities", {}).items()
    return {
        kind: frozenset(name for name, entry in activities if kind in entry.get("exempt", ())) for kind in EXEMPT_KINDS
    }


def rights(loaded: Mapping[str, Any], bases: Bases) -> GuardianRights:
    """A guardian's rights: the document's own, and no more than those of each policy that it extends.

    What the document does not write, it takes from those policies.
    """
    written, own = loaded.get("guardian", {}), _own(loaded)
    others = [policy.guardian for policy in bases.compiled]
    may_extend = ([own] if "may_extend" in written or not others else []) + others
    may_exempt = ([own] if "may_exempt" in written or not others else []) + others
    return replace(
        own,
        may_tighten=frozenset.intersection(own.may_tighten, *(other.may_tighten for other in others)),
        exit_mode=ExitMode.NEVER if any(one.exit_mode is ExitMode.NEVER for one in (own, *others)) else own.exit_mode,
        per_grant_seconds=min(one.per_grant_seconds for one in may_extend),
        per_day_seconds=min(one.per_day_seconds for one in may_extend),
        may_exempt=frozenset.intersection(*(one.may_exempt for one in may_exempt)),
        exempt=_exempt(loaded, others),
        exemptable=tuple(sorted(set(_exemptable(bases)), key=lambda entry: (*entry[:2], sorted(entry[2])))),
    )


def _own(loaded: Mapping[str, Any]) -> GuardianRights:
    written = loaded.get("guardian", {})
    extend = written.get("may_extend", {})
    per_day: Seconds = extend.get("per_day", extend.get("daily", 0))
    defaults = GuardianRights()
    return GuardianRights(
        may_tighten=written.get("may_tighten", defaults.may_tighten),
        exit_mode=written.get("exit_mode", defaults.exit_mode),
        per_grant_seconds=extend.get("daily", per_day),
        per_day_seconds=per_day,
        may_exempt=frozenset(written.get("may_exempt", ())),
    )


def _exempt(loaded: Mapping[str, Any], others: list[GuardianRights]) -> tuple[tuple[str, frozenset[str]], ...]:
    """What the guardian's own rules leave free: what every document of the product does."""
    tables: list[Mapping[str, frozenset[str]]] = [dict(other.exempt) for other in others]
    if "activities" in loaded or not others:
        tables.append(exemptions(loaded))
    common = (
        (kind, frozenset.intersection(*(table.get(kind, frozenset()) for table in tables))) for kind in EXEMPT_KINDS
    )
    return tuple(sorted((kind, names) for kind, names in common if names))


def _exemptable(bases: Bases) -> Iterator[tuple[str, str, frozenset[str]]]:
    for laid in bases.presets:
        yield from _of_preset(laid)
    for policy in bases.compiled:
        yield from policy.guardian.exemptable


def _of_preset(laid: Laid) -> Iterator[tuple[str, str, frozenset[str]]]:
    for rule in laid.rules:
        if rule.exemptable:
            yield from ((laid.preset.id, time.origin.rule, rule.exemptable) for time in rule.time)


def check_rights(loaded: Mapping[str, Any], bases: Bases, report: Report) -> None:
    """Warn of rights that a document gives and a policy that it extends does not."""
    written = loaded.get("guardian", {})
    for policy in bases.compiled:
        for key, most in (("daily", policy.guardian.per_grant_seconds), ("per_day", policy.guardian.per_day_seconds)):
            if written.get("may_extend", {}).get(key, 0) > most:
                message = f"`{policy.id}` lets no more than `{spoken(most)}`; lower it, or raise it there"
                report.warning("extends.rights", join("/guardian/may_extend", key), message)
        for index, activity in enumerate(written.get("may_exempt", ())):
            if activity not in policy.guardian.may_exempt:
                message = f"`{policy.id}` lets no guardian exempt `{activity}`; remove it, or add it there"
                report.warning("extends.rights", join("/guardian/may_exempt", index), message)


def known_activities(loaded: Mapping[str, Any], bases: Bases) -> Iterator[str]:
    """Every activity that a document or what it extends names."""
    yield from loaded.get("activities", {})
    yield from loaded.get("guardian", {}).get("may_exempt", ())
    yield loaded.get("default_activity", "general")
    for section in loaded.get("bands", {}).values():
        yield from section.get("time", {}).get("quota", {}).get("per_activity", {})
        yield from section.get("spending", {}).get("only", ())
    for laid in bases.presets:
        yield from laid.preset.activities
    for policy in bases.compiled:
        yield from policy.known_activities
