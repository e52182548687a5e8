"""Refuting feature rules: does the first policy deny each feature, and count each use, as the second does?

Denials need no history. A limit is asked about with one use more than it allows, after as many as leave every limit of
the first room. Limits of a sitting are counted from the sitting's beginning: those of the first count nothing of what
was used before it began; those of the second are proved only by a limit of the first of the same sittings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from minorguard.engine.periods import period_at
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import BandPolicy, CompiledPolicy, FeaturePeriod, FeatureRule, Origin, SittingRule, Verdict
from minorguard.model.state import Use
from minorguard.policy.lattice import SILENCE
from minorguard.proof.allotment import Allotment, Counter, Kind, allot
from minorguard.proof.arena import Arena
from minorguard.proof.counterexample import Asked, Counterexample, Undecided

Bands = tuple[BandPolicy, ...]
_Moment = tuple[str, Instant, Seconds]
"""An activity, an instant at which the first lets it go on, and a grant that this may take."""
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


@dataclass(frozen=True, slots=True)
class Words:
    """What both say of features at an age, counts aside: the same on every day."""

    denied: tuple[tuple[str, tuple[Origin | None, ...]], ...]
    """Features that the first allows and the second denies, and by which rules; None: by its silence."""
    limited: tuple[tuple[FeatureRule, tuple[str, ...]], ...]
    """Limits of the second, and the features that both allow of which they are its word."""
    features: tuple[str, ...]

    @classmethod
    def of(cls, mine: Bands, theirs: Bands, features: tuple[str, ...], kept: frozenset[object]) -> Words:
        """Of the bands that hold. What a layer that the first has itself (`kept`) limits, that limits, too.

        Save limits of a sitting, which other rules may end.
        """
        denied = ((name, tuple(_deniers(mine, theirs, name))) for name in features)
        both = [name for name in features if _allows(mine, name) and _allows(theirs, name)]
        limits = dict.fromkeys(
            rule
            for band in theirs
            for layer in band.features
            for rule in layer.rules
            if rule.limit is not None and (layer not in kept or rule.period is FeaturePeriod.SITTING)
        )
        said = {name: {rule for band in theirs for rule in _verdicts(band, name)} for name in both}
        limited = ((rule, tuple(name for name in both if rule in said[name])) for rule in limits)
        return cls(tuple(pair for pair in denied if pair[1]), tuple(pair for pair in limited if pair[1]), features)


def refutations(arena: Arena, words: Words) -> Iterator[Counterexample | Undecided]:
    """Features that the first policy allows and the second denies, and limits that only the second has."""
    for name, origins in words.denied:
        yield from _denials(arena, name, origins)
    for rule, names_ in words.limited:
        yield from _limits(arena, rule, names_, words.features)


def _deniers(mine: Bands, theirs: Bands, feature: str) -> Iterator[Origin | None]:
    """What of the second denies a feature that the first allows; None: its silence."""
    if not _allows(mine, feature) or _allows(theirs, feature):
        return
    spoken = [tuple(_verdicts(band, feature)) for band in theirs]
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


def _moments(arena: Arena) -> Iterator[_Moment]:
    """When the first is open for an activity, late in each of its days, with and without a grant."""
    for activity in arena.activities:
        for at in arena.last_open(activity):
            yield from ((activity, at, granted) for granted in sorted({0, arena.most_granted(activity)}))


def _denials(arena: Arena, feature: str, origins: tuple[Origin | None, ...]) -> Iterator[Counterexample]:
    for origin in origins:
        for activity, at, granted in _moments(arena):
            asked = arena.feature(feature, activity, at, granted=granted)
            if arena.refutes(asked, origin):
                yield arena.counterexample(asked, SILENCE if origin is None else origin)
                break


def _verdicts(band: BandPolicy, feature: str) -> Iterator[FeatureRule]:
    yield from (rule for layer in band.features if (rule := layer.rule_for(feature)) is not None)


# Limits


def _limits(
    arena: Arena, rule: FeatureRule, asked: tuple[str, ...], features: tuple[str, ...]
) -> Iterator[Counterexample | Undecided]:
    open_ends = False
    for name in asked:
        if _same_sitting(arena, rule, name):
            continue
        for moment in _moments(arena):
            had = _filled(arena, rule, name, moment[1], features)
            if had.most < (rule.limit or 0):
                continue
            found = arena.first(_used(arena, rule, name, moment, had), rule.origin)
            if found is not None:
                yield found
                return
            open_ends = open_ends or arena.lets(arena.time(moment[0], moment[1], granted=moment[2]))
    if open_ends:
        yield arena.undecided(rule.origin)


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
    if rule.period is not FeaturePeriod.SITTING or sittings(arena.mine) != sittings(arena.theirs):
        return False
    mine = (one for band in arena.mine for one in _verdicts(band, name) if one.period is FeaturePeriod.SITTING)
    limits = [one.limit for one in mine if one.limit is not None and counts(one, rule.feature)]
    return bool(limits) and min(limits) <= (rule.limit or 0)


def sittings(bands: tuple[BandPolicy, ...]) -> frozenset[object]:
    """What ends a sitting: of all rules the longest, so that more rules make no sitting shorter."""
    rules = (rule for band in bands for rule in band.time if isinstance(rule, SittingRule))
    keys = ("only", "exempt", "break_after", "break_for", "resets_after")
    return frozenset((rule.origin.layer, *(getattr(rule, key) for key in keys)) for rule in rules)
