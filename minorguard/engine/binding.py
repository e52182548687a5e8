"""Which rules hold for a subject, and when: bands change on birthdays, presets on their dates, all mid-session.

Every rule is bound to a half-open stretch of time outside of which it says nothing. Deciding then needs no cases.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from minorguard.engine.metering import FOREVER, union
from minorguard.model.age import ADULT, AgeBand, birthday
from minorguard.model.calendar import wall_instants
from minorguard.model.ids import Instant
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    ContentRule,
    CurfewRule,
    FeatureLayer,
    FeatureRule,
    NotificationRule,
    Origin,
    QuotaRule,
    RecommendationRule,
    SittingRule,
    SpendingRule,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Intervals, Profile

T = TypeVar("T")
R = TypeVar("R", SpendingRule, NotificationRule, ContentRule, RecommendationRule)


@dataclass(frozen=True, slots=True)
class Bound(Generic[T]):
    """A rule and the stretch ``[start, end)`` in which it holds."""

    rule: T
    start: Instant
    end: Instant

    def holds(self, at: Instant) -> bool:
        """Whether the rule speaks at an instant."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A rule and all the stretches in which it holds: once, however many bands say it."""

    rule: T
    times: Intervals

    def holds(self, at: Instant) -> bool:
        """Whether the rule speaks at an instant."""
        return any(start <= at < end for start, end in self.times)


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """All that will ever hold for a subject of this age under this policy."""

    bands: tuple[Bound[BandPolicy], ...]
    time: tuple[Bound[TimeRule], ...]
    features: tuple[tuple[Bound[BandPolicy], tuple[Bound[FeatureLayer], ...]], ...]
    """By band: each band that holds must have a layer that speaks, since silence denies."""
    adult_from: Instant
    spending: tuple[Held[SpendingRule], ...] = ()
    notifications: tuple[Held[NotificationRule], ...] = ()
    content: tuple[Held[ContentRule], ...] = ()
    recommendations: tuple[Held[RecommendationRule], ...] = ()

    def changes(self, after: Instant) -> tuple[Instant, ...]:
        """The instants later than `after` at which what is said of features may change."""
        edges = _edges(self)
        return edges[bisect_right(edges, after) :]

    def features_at(self, at: Instant) -> tuple[tuple[FeatureLayer, ...], ...]:
        """What speaks of features at an instant, one tuple for each band that holds."""
        return tuple(
            tuple(bound.rule for bound in layers if bound.holds(at)) for band, layers in self.features if band.holds(at)
        )

    def since(self, at: Instant) -> Instant:
        """The last instant up to `at` at which what is said of features may have changed."""
        edges = _edges(self)
        before = bisect_right(edges, at)
        return edges[before - 1] if before else -FOREVER

    def speaking(self, feature: str, at: Instant) -> tuple[FeatureRule, ...] | None:
        """The rules that speak of a feature at an instant, in every band that holds; None: some band is silent."""
        return _speaking(self, feature, self.since(at))

    def for_activity(self, activity: str) -> tuple[Bound[TimeRule], ...]:
        """The time rules that speak of an activity, in the order of their families."""
        return _for_activity(self, activity)

    def bands_at(self, at: Instant) -> tuple[BandPolicy, ...]:
        """The bands that hold at an instant; more than one where the stricter of them counts."""
        return tuple(bound.rule for bound in self.bands if bound.holds(at))


FAMILIES = (CurfewRule, WindowRule, QuotaRule, SittingRule)
"""The order in which the kinds of time rule speak."""


@lru_cache(maxsize=8192)
def _edges(binding: Binding) -> tuple[Instant, ...]:
    """The instants at which what is said of features may change, in order."""
    edges: set[Instant] = set()
    for band, layers in binding.features:
        edges |= {band.start, band.end}
        edges.update(edge for layer in layers for edge in (layer.start, layer.end))
    return tuple(sorted(edge for edge in edges if edge < FOREVER))


@lru_cache(maxsize=65_536)
def _speaking(binding: Binding, feature: str, since: Instant) -> tuple[FeatureRule, ...] | None:
    """`speaking`, from an edge of the binding until the next."""
    spoken: list[FeatureRule] = []
    for layers in binding.features_at(since):
        rules = [rule for layer in layers if (rule := layer.rule_for(feature)) is not None]
        if not rules:
            return None
        spoken += rules
    return tuple(spoken) or None


@lru_cache(maxsize=8192)
def _for_activity(binding: Binding, activity: str) -> tuple[Bound[TimeRule], ...]:
    binding_it = [bound for bound in binding.time if bound.rule.binds(activity)]
    return tuple(sorted(binding_it, key=lambda bound: FAMILIES.index(type(bound.rule))))


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A policy compared by identity: hashing the whole of it at every beat would cost more than deciding."""

    policy: CompiledPolicy

    def __hash__(self) -> int:
        return id(self.policy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.policy is self.policy


def bind(policy: CompiledPolicy, profile: Profile) -> Binding:
    """The binding of a subject; cached per policy and age."""
    return _bind(Same(policy), profile.born, profile.band)


@lru_cache(maxsize=8192)
def _bind(same: Same, born: date | None, band: AgeBand | None) -> Binding:
    policy = same.policy
    bands = tuple(_bands(policy, born, band))
    return Binding(
        bands=bands,
        time=tuple(_within(bound, rule, rule.origin, policy) for bound in bands for rule in bound.rule.time),
        features=tuple(
            (bound, tuple(cut for layer in bound.rule.features for cut in _layers(bound, layer, policy)))
            for bound in bands
        ),
        adult_from=FOREVER if born is None else _midnight(policy, _leaves(policy, born, ADULT)),
        spending=_held(policy, bands, lambda band: band.spending),
        notifications=_held(policy, bands, lambda band: band.notifications),
        content=_held(policy, bands, lambda band: band.content),
        recommendations=_held(policy, bands, lambda band: band.recommendations),
    )


def _held(
    policy: CompiledPolicy, bands: tuple[Bound[BandPolicy], ...], pick: Callable[[BandPolicy], tuple[R, ...]]
) -> tuple[Held[R], ...]:
    times: dict[R, list[Intervals]] = {}
    for bound in bands:
        for rule in pick(bound.rule):
            cut = _within(bound, rule, rule.origin, policy)
            if cut.start < cut.end:
                times.setdefault(rule, []).append(((max(0, cut.start), cut.end),))
    return tuple(Held(rule, union(found)) for rule, found in times.items())


def _bands(policy: CompiledPolicy, born: date | None, band: AgeBand | None) -> Iterator[Bound[BandPolicy]]:
    if born is None:
        known = [one for one in policy.bands if band is not None and one.band.overlaps(band)]
        yield from (Bound(one, -FOREVER, FOREVER) for one in known or policy.bands)
        return
    for span, members in _ages(policy.bands):
        start = -FOREVER if span.from_age == 0 else _midnight(policy, birthday(born, span.from_age))
        end = _midnight(policy, _leaves(policy, born, span.below_age))
        yield from (Bound(one, start, end) for one in members)


def _ages(bands: tuple[BandPolicy, ...]) -> Iterator[tuple[AgeBand, tuple[BandPolicy, ...]]]:
    """Stretches of age and the bands that hold there; where a policy leaves a hole below 18, all of them do."""
    age = 0
    for one in bands:
        if one.band.from_age > age:
            yield AgeBand(age, one.band.from_age), bands
        yield one.band, (one,)
        age = one.band.below_age
    if age < ADULT:
        yield AgeBand(age, ADULT), bands


def _leaves(policy: CompiledPolicy, born: date, age: int) -> date:
    """The date from which rules for those below `age` no longer hold."""
    return birthday(born, age) + timedelta(days=1 if policy.hold_birthday else 0)


def _midnight(policy: CompiledPolicy, day: date) -> Instant:
    return wall_instants(policy.days.zone, day, 0)[0]


def _within(bound: Bound[BandPolicy], rule: T, origin: Origin, policy: CompiledPolicy) -> Bound[T]:
    start, end = bound.start, bound.end
    if origin.effective_from is not None:
        start = max(start, _midnight(policy, origin.effective_from))
    if origin.effective_to is not None:
        end = min(end, _midnight(policy, origin.effective_to))
    return Bound(rule, start, end)


def _layers(bound: Bound[BandPolicy], layer: FeatureLayer, policy: CompiledPolicy) -> Iterable[Bound[FeatureLayer]]:
    """A layer whose rules come and go on dates is cut into layers that do not."""
    default = (layer.default,) if layer.default else ()
    within = {rule: _within(bound, rule, rule.origin, policy) for rule in (*layer.rules, *default)}
    edges = sorted({bound.start, bound.end, *(edge for one in within.values() for edge in (one.start, one.end))})
    for start, end in pairwise(edges):
        rules = tuple(rule for rule in layer.rules if within[rule].holds(start))
        keeps_default = layer.default is not None and within[layer.default].holds(start)
        if start >= bound.start and end <= bound.end and (rules or keeps_default):
            yield Bound(FeatureLayer(layer.default if keeps_default else None, rules), start, end)
