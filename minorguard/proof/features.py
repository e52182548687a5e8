"""Refuting feature rules: does the first policy deny each feature, and count each use, as the second does?

Denials need no history. A limit is asked about with one use more than it allows, after as many as leave every limit of
the first room. Limits of a sitting are counted from the sitting's beginning: those of the first count nothing of what
was used before it began; those of the second are proved only by a limit of the first of the same sittings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from minorguard.engine.periods import period_at
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import BandPolicy, CompiledPolicy, FeaturePeriod, FeatureRule, Origin, SittingRule, Verdict
from minorguard.model.state import Use
from minorguard.policy.lattice import SILENCE
from minorguard.proof.allotment import Allotment, Counter, Kind, allot
from minorguard.proof.arena import Arena
from minorguard.proof.counterexample import Asked, Counterexample, Undecided

OTHER = "other-feature"
"""Stands for every feature that neither policy names."""


def names(a: CompiledPolicy, b: CompiledPolicy) -> tuple[str, ...]:
    """Every feature that either policy names, one below each, and one that neither does."""
    named = {rule.feature for policy in (a, b) for band in policy.bands for rule in rules_of(band)} - {"*"}
    return (*sorted(named), *sorted(f"{name}.{OTHER}" for name in named), OTHER)


def rules_of(band: BandPolicy) -> Iterator[FeatureRule]:
    """The feature rules of a band, defaults included."""
    for layer in band.features:
        yield from layer.rules
        yield from (layer.default,) if layer.default else ()


def refutations(arena: Arena, features: tuple[str, ...]) -> Iterator[Counterexample | Undecided]:
    """Features that the first policy allows and the second denies, and limits that only the second has."""
    denied = {name: tuple(_deniers(arena, name)) for name in features}
    limits = tuple(dict.fromkeys(rule for band in arena.theirs for rule in rules_of(band) if rule.limit is not None))
    if not limits and not any(denied.values()):
        return
    moments = _moments(arena)
    for name, origins in denied.items() if moments else ():
        yield from _denials(arena, name, origins, moments[0])
    for rule in limits:
        yield from _limits(arena, rule, features, moments)


def _deniers(arena: Arena, feature: str) -> Iterator[Origin | None]:
    """What of the second denies a feature that the first allows; None: its silence."""
    if not _allows(arena.mine, feature) or _allows(arena.theirs, feature):
        return
    spoken = [tuple(_verdicts(band, feature)) for band in arena.theirs]
    if not all(spoken):
        yield None
        return
    rules = [rule for said in spoken for rule in said if rule.verdict is not Verdict.ALLOW]
    firm = Verdict.DENY if any(rule.verdict is Verdict.DENY for rule in rules) else Verdict.ASK
    yield from dict.fromkeys(rule.origin for rule in rules if rule.verdict is firm)


def _allows(bands: tuple[BandPolicy, ...], feature: str) -> bool:
    """Whether each band speaks of a feature, and nothing that is said denies it, counts aside."""
    spoken = [tuple(_verdicts(band, feature)) for band in bands]
    return all(said and all(rule.verdict is Verdict.ALLOW for rule in said) for said in spoken)


_Moment = tuple[str, Instant, Seconds]
"""An activity, an instant at which the first lets it go on, and the grant that this takes."""


def _moments(arena: Arena) -> list[_Moment]:
    """One moment in each of the first's days; its time rules are no more a matter of features than that."""
    found: dict[date, _Moment] = {}
    for activity in arena.activities:
        for at in arena.last_open(activity):
            for granted in (0, arena.most_granted(activity)):
                if arena.lets(arena.time(activity, at, granted=granted)):
                    found.setdefault(arena.a.days.day_of(at), (activity, at, granted))
    return list(found.values())


def _denials(
    arena: Arena, feature: str, origins: tuple[Origin | None, ...], moment: _Moment
) -> Iterator[Counterexample]:
    activity, at, granted = moment
    asked = arena.feature(feature, activity, at, granted=granted)
    for origin in origins:
        if arena.refutes(asked, origin):
            yield arena.counterexample(asked, SILENCE if origin is None else origin)


def _verdicts(band: BandPolicy, feature: str) -> Iterator[FeatureRule]:
    yield from (rule for layer in band.features if (rule := layer.rule_for(feature)) is not None)


# Limits


def _limits(
    arena: Arena, rule: FeatureRule, features: tuple[str, ...], moments: list[_Moment]
) -> Iterator[Counterexample | Undecided]:
    open_ends = False
    for name in features:
        if not _limited(arena, rule, name) or _same_sitting(arena, rule, name):
            continue
        for moment in moments:
            had = _filled(arena, rule, name, moment[1], features)
            if had.most < (rule.limit or 0):
                continue
            found = arena.first(_used(arena, rule, name, moment, had), rule.origin)
            if found is not None:
                yield found
                return
            open_ends = True
    if open_ends:
        yield arena.undecided(rule.origin)


def _limited(arena: Arena, rule: FeatureRule, name: str) -> bool:
    """Whether neither denies a feature, and this limit is the second's word on it."""
    return (
        _allows(arena.mine, name)
        and _allows(arena.theirs, name)
        and any(rule in _verdicts(band, name) for band in arena.theirs)
    )


def _used(arena: Arena, rule: FeatureRule, name: str, moment: _Moment, had: Allotment) -> Iterator[Asked]:
    activity, at, granted = moment
    if had.reaches(rule.limit or 0):
        uses = tuple(Use(f"u{n}", p.kind[0], p.start, p.amount) for n, p in enumerate(had.parts))
        yield arena.feature(name, activity, at, uses, granted=granted, begun=1)
        yield arena.feature(name, activity, at, uses, granted=granted)


def _filled(arena: Arena, rule: FeatureRule, name: str, at: Instant, features: tuple[str, ...]) -> Allotment:
    kinds: list[Kind] = [(name, ""), *((one, "") for one in features if one != name and counts(rule, one))]
    since = _since(arena.b, rule, at)
    return allot(kinds, since, at, list(_counters(arena, name, at, kinds)), rule.limit or 0, timed=False)


def _since(policy: CompiledPolicy, rule: FeatureRule, at: Instant) -> Instant:
    return at - 1 if rule.period is FeaturePeriod.SITTING else period_at(policy.days, rule.period, at)[0]


def _counters(arena: Arena, name: str, at: Instant, kinds: Iterable[Kind]) -> Iterator[Counter]:
    """What the first counts when a feature is asked for, and leaves beside one use more."""
    kinds = list(kinds)
    for rule in {rule for band in arena.mine for rule in _verdicts(band, name)}:
        if rule.verdict is not Verdict.ALLOW:
            yield Counter(at, frozenset(), -1)
        elif rule.limit is not None:
            counted = frozenset(kind for kind in kinds if counts(rule, kind[0]))
            yield Counter(_since(arena.a, rule, at), counted, rule.limit - 1)


def counts(rule: FeatureRule, feature: str) -> bool:
    """Whether a rule counts the uses of a feature."""
    return rule.feature == "*" or f"{feature}.".startswith(f"{rule.feature}.")


def _same_sitting(arena: Arena, rule: FeatureRule, name: str) -> bool:
    """Whether the first counts the same sittings, and allows no more in one."""
    if rule.period is not FeaturePeriod.SITTING or _sittings(arena.mine) != _sittings(arena.theirs):
        return False
    mine = (one for band in arena.mine for one in _verdicts(band, name) if one.period is FeaturePeriod.SITTING)
    limits = [one.limit for one in mine if one.limit is not None and counts(one, rule.feature)]
    return bool(limits) and min(limits) <= (rule.limit or 0)


def _sittings(bands: tuple[BandPolicy, ...]) -> frozenset[object]:
    rules = (rule for band in bands for rule in band.time if isinstance(rule, SittingRule))
    keys = ("only", "exempt", "break_after", "break_for", "resets_after")
    return frozenset((rule.origin.layer, *(getattr(rule, key) for key in keys)) for rule in rules)
