"""The lattice of policies: `meet` lays two over one another, and what it denies is what either denies.

Rules stand side by side and can only take away, so a policy is, for each age, the set of its rules. The meet of two
is the union of the sets, with their silence written out, which makes it associative, commutative and idempotent by
construction, and below both. Which of two policies is below the other is a question about what they decide;
`minorguard.proof` answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import TypeVar

from minorguard.errors import InvalidInput
from minorguard.model.age import ADULT, AgeBand
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    Enforcement,
    ExitMode,
    FeatureLayer,
    FeatureRule,
    GuardianRights,
    Layer,
    Origin,
    Verdict,
)
from minorguard.policy.canonical import canonical_text, digested
from minorguard.policy.lattice_content import declared_by_both, shown_by_all

T = TypeVar("T", bound=Hashable)

SILENCE = Origin("/features", Layer.PRODUCT, "silence")
"""The origin of the denial of features that a policy does not name."""


def meet(a: CompiledPolicy, b: CompiledPolicy, *, id: str | None = None) -> CompiledPolicy:
    """The laxest policy that is at least as strict as both.

    Raises `InvalidInput` where the two do not cut time alike: zone, start of day and week, calendar, default activity.
    """
    _check_alike(a, b)
    policy = replace(
        a,
        id=id or a.id,
        bands=tuple(_bands(a, b)),
        slice=min(a.slice, b.slice),
        hold_birthday=a.hold_birthday or b.hold_birthday,
        enforcement=Enforcement.ENFORCE if Enforcement.ENFORCE in {a.enforcement, b.enforcement} else a.enforcement,
        require_lease=a.require_lease or b.require_lease,
        known_activities=a.known_activities | b.known_activities,
        guardian=_rights(a.guardian, b.guardian),
        surfaces=declared_by_both(a.surfaces, b.surfaces),
    )
    return digested(policy)


def _check_alike(a: CompiledPolicy, b: CompiledPolicy) -> None:
    for where, mine, other in (
        ("timezone", a.days.zone, b.days.zone),
        ("day_starts_at", a.days.starts_at, b.days.starts_at),
        ("week_starts_on", a.days.week_starts_on, b.days.week_starts_on),
        ("calendar", a.calendar.name, b.calendar.name),
        ("default_activity", a.default_activity, b.default_activity),
    ):
        if mine != other:
            raise InvalidInput(where, f"is `{mine}` in `{a.id}` and `{other}` in `{b.id}`; make them the same")


def _bands(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[BandPolicy]:
    edges = {0, ADULT} | {edge for one in (*a.bands, *b.bands) for edge in (one.band.from_age, one.band.below_age)}
    for low, high in pairwise(sorted(edges)):
        ages = AgeBand(low, high)
        parts = [_closed(band) for policy in (a, b) for band in bands_for(policy, low)]
        yield _merged(ages, parts)


def bands_for(policy: CompiledPolicy, age: int) -> tuple[BandPolicy, ...]:
    """The bands that hold at an age: the one that covers it, or all of them where none does."""
    covering = tuple(one for one in policy.bands if one.band.from_age <= age < one.band.below_age)
    return covering or policy.bands


def _closed(band: BandPolicy) -> BandPolicy:
    """The band with its silence on features written out: beside other layers, what it does not name stays denied."""
    if any(layer.default is not None and _always(layer.default) for layer in band.features):
        return band
    named = tuple(
        FeatureRule(rule.origin, rule.feature, Verdict.ALLOW)
        for layer in band.features
        for rule in (*layer.rules, *((layer.default,) if layer.default else ()))
    )
    silence = FeatureLayer(FeatureRule(SILENCE, "*", Verdict.DENY), ordered(named))
    return replace(band, features=(*band.features, silence))


def _always(rule: FeatureRule) -> bool:
    return rule.origin.effective_from is None and rule.origin.effective_to is None


def _merged(ages: AgeBand, parts: list[BandPolicy]) -> BandPolicy:
    return BandPolicy(
        ages,
        time=_united(parts, lambda part: part.time),
        features=_united(parts, lambda part: part.features),
        warn_before=tuple(sorted({seconds for part in parts for seconds in part.warn_before}, reverse=True)),
        grace=min(part.grace for part in parts),
        spending=_united(parts, lambda part: part.spending),
        content=ordered(shown_by_all(part.content for part in parts)),
        recommendations=_united(parts, lambda part: part.recommendations),
        notifications=_united(parts, lambda part: part.notifications),
    )


def _united(parts: Iterable[BandPolicy], pick: Callable[[BandPolicy], tuple[T, ...]]) -> tuple[T, ...]:
    return ordered(chain.from_iterable(map(pick, parts)))


def ordered(rules: Iterable[T]) -> tuple[T, ...]:
    """Each rule once, in an order that is the same for the same set."""
    return tuple(sorted(set(rules), key=lambda rule: canonical_text(rule, places=True)))


def _rights(a: GuardianRights, b: GuardianRights) -> GuardianRights:
    never = ExitMode.NEVER in {a.exit_mode, b.exit_mode}
    kinds = dict(a.exempt).keys() & dict(b.exempt).keys()
    common = ((kind, dict(a.exempt)[kind] & dict(b.exempt)[kind]) for kind in kinds)
    return GuardianRights(
        may_tighten=a.may_tighten | b.may_tighten,
        exit_mode=ExitMode.NEVER if never else ExitMode.VERIFIED,
        per_grant_seconds=min(a.per_grant_seconds, b.per_grant_seconds),
        per_day_seconds=min(a.per_day_seconds, b.per_day_seconds),
        may_exempt=a.may_exempt & b.may_exempt,
        exempt=tuple(sorted((kind, names) for kind, names in common if names)),
        exemptable=tuple(sorted(set(a.exemptable) & set(b.exemptable))),
    )
