"""What a change may be about beside the numbers of a rule: its details, and settings in the spelling of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from minorguard.model.calendar import WEEKDAYS, WEEKENDS_ONLY
from minorguard.model.origins import Origin, Strength
from minorguard.model.rules import BandPolicy, CompiledPolicy, FeatureRule, QuotaRule, SittingRule, TimeRule
from minorguard.proof.counterexample import Text
from minorguard.simulate.other_rules import SectionRule
from minorguard.simulate.rule_words import clock, compact, spoken, texts


def with_details(said: Text, rule: TimeRule | SectionRule | FeatureRule) -> Text:
    """A rule in words, with what these leave out: exemptions, extra time, gaps that end a sitting, dates, strength."""
    details = [*_of_time(rule), *_of_origin(rule.origin)]
    return texts(
        "；".join((said["zh"], *(zh for zh, _ in details))), "; ".join((said["en"], *(en for _, en in details)))
    )


def _of_time(rule: TimeRule | SectionRule | FeatureRule) -> Iterator[tuple[str, str]]:
    if isinstance(rule, SittingRule):
        zh, en = spoken(rule.resets_after)
        yield f"间隔{zh}后重新计算", f"a gap of {en} ends a sitting"
    if isinstance(rule, QuotaRule) and rule.raise_at_most:
        zh, en = spoken(rule.raise_at_most)
        yield f"加时至多{zh}", f"up to {en} of extra time"
    if isinstance(rule, TimeRule) and rule.exempt:
        names = sorted(rule.exempt)
        yield f"{'、'.join(names)}除外", f"not for {', '.join(names)}"


def _of_origin(origin: Origin) -> Iterator[tuple[str, str]]:
    if origin.effective_from is not None:
        yield f"自{origin.effective_from}起", f"from {origin.effective_from}"
    if origin.effective_to is not None:
        yield f"至{origin.effective_to}止", f"until {origin.effective_to}"
    if origin.strength is not Strength.PRACTICE:
        yield f"强度 {origin.strength}", f"strength {origin.strength}"


def band_words(band: BandPolicy) -> dict[str, Text]:
    """The settings of a band's time, by key."""
    warned = ", ".join(map(compact, band.warn_before))
    written = {"grace": compact(band.grace) if band.grace else "", "warn_before": f"[{warned}]" if warned else ""}
    return _spelt(written)


def settings_words(policy: CompiledPolicy) -> dict[str, Text]:
    """The settings of a whole policy, by pointer."""
    days, rights = policy.days, policy.guardian
    return _spelt(
        {
            "/enforcement": policy.enforcement,
            "/timezone": days.zone,
            "/day_starts_at": clock(days.starts_at),
            "/week_starts_on": WEEKDAYS[days.week_starts_on],
            "/calendar": "none" if policy.calendar == WEEKENDS_ONLY else policy.calendar.name,
            "/slice": compact(policy.slice),
            "/default_activity": policy.default_activity,
            "/hold_birthday": _flag(policy.hold_birthday),
            "/features_need_lease": _flag(policy.require_lease),
            "/surfaces": _list(policy.surfaces),
            "/activities": _exempt(rights.exempt),
            "/guardian/may_tighten": _list(rights.may_tighten),
            "/guardian/may_extend/daily": compact(rights.per_grant_seconds),
            "/guardian/may_extend/per_day": compact(rights.per_day_seconds),
            "/guardian/may_exempt": _list(rights.may_exempt),
            "/guardian/exit_mode": rights.exit_mode,
        }
    )


def _exempt(kinds: Iterable[tuple[str, frozenset[str]]]) -> str:
    kinds = tuple(kinds)
    freed = {
        name: _list(kind for kind, names in kinds if name in names) for _, names in kinds for name in sorted(names)
    }
    return "{" + ", ".join(f"{name}: {{exempt: {freed[name]}}}" for name in sorted(freed)) + "}" if freed else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(sorted(names))}]"


def _spelt(written: Mapping[str, str]) -> dict[str, Text]:
    """Each that is written, in one spelling for both languages."""
    spelt = {key: f"{key.strip('/').replace('/', '.')}: {value}" for key, value in written.items() if value}
    return {key: texts(text, text) for key, text in spelt.items()}
