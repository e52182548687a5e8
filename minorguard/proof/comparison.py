"""Proving that one policy is at least as strict as another, or refuting it rule by rule by the smallest case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from minorguard.model.age import ADULT, AgeBand
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    Enforcement,
    FeatureLayer,
    Layer,
    NotificationRule,
    Origin,
    SittingRule,
    SpendingRule,
    TimeRule,
)
from minorguard.proof import (
    content,
    features,
    guardians,
    notifications,
    recommendations,
    reminders,
    settings,
    spending,
    time,
)
from minorguard.proof.arena import OTHER_ACTIVITY, Arena, Budget, Exhausted, Stop
from minorguard.proof.cases import AgeCase, DayCase, age_cases, day_cases, in_force, origins, starts
from minorguard.proof.counterexample import Counterexample, Text, Undecided, smallest
from minorguard.proof.reference import everything, everything_shown
from minorguard.proof.settings import Weakness

MOST_WORK = 200_000
"""How many cases and histories a comparison looks at; beyond, what is left is undecided."""
_TOO_MUCH: Text = {
    "zh": "需要检验的日期、年龄和规则组合过多，未能全部检验",
    "en": "too many combinations of days, ages and rules: not all were looked at",
}
_CUT: Text = {
    "zh": "两份策略的时区或日历不同，只能反驳，不能证明",
    "en": "the two policies have different zones or calendars: that can be refuted, and not proved",
}
Found = Counterexample | Undecided
_Counting = TimeRule | SpendingRule | NotificationRule | FeatureLayer
_ANYONE = Origin("", Layer.PRODUCT, "")
Key = tuple[str, str]


class Relation(StrEnum):
    """How a policy stands to another."""

    SAME = "same"
    STRICTER = "stricter"
    LAXER = "laxer"
    BOTH = "both"
    """Stricter in some cases and laxer in others."""

    @classmethod
    def of(cls, *, laxer: bool, stricter: bool) -> Relation:
        """From what was found."""
        if laxer:
            return cls.BOTH if stricter else cls.LAXER
        return cls.STRICTER if stricter else cls.SAME


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the first policy is at least as strict as the second, from a date on."""

    weaknesses: tuple[Counterexample, ...] = ()
    """Of each rule that the first does not keep, the smallest case; the smallest of all first."""
    undecided: tuple[Undecided, ...] = ()
    """Rules that were neither proved nor refuted."""

    @property
    def holds(self) -> bool:
        """Whether it is proved: whatever the second denies, the first denies, for every age, history and instant."""
        return not self.weaknesses and not self.undecided


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, *, on: date) -> tuple[Counterexample, ...]:
    """Where the first policy is laxer than the second from a date on: for each rule that it misses, the smallest case.

    That there is none proves nothing where `prove` has rules undecided.
    """
    return prove(a, b, on=on).weaknesses


def prove(
    a: CompiledPolicy, b: CompiledPolicy, *, on: date, most_work: int = MOST_WORK, stop: Stop | None = None
) -> Proof:
    """Prove from a date on that the first policy is at least as strict as the second, or refute it rule by rule.

    What is left after `most_work` cases, or when `stop` says so, is undecided.
    """
    if b.enforcement is Enforcement.OBSERVE:
        return Proof()
    refuted: dict[Key, list[Counterexample]] = {}
    undecided: dict[Key, Undecided] = {}
    for one in _all(a, b, on, Budget(most_work) if stop is None else Budget(most_work, stop)):
        key = one.rule.document, one.rule.rule
        if isinstance(one, Counterexample):
            refuted.setdefault(key, []).append(one)
        else:
            undecided.setdefault(key, one)
    best = (smallest(cases) for cases in refuted.values())
    found = tuple(sorted((one for one in best if one is not None), key=Counterexample.size))
    return Proof(found, tuple(one for key, one in undecided.items() if key not in refuted))


def _all(a: CompiledPolicy, b: CompiledPolicy, on: date, budget: Budget) -> Iterator[Found]:
    if (a.days.zone, a.calendar) != (b.days.zone, b.calendar):
        yield Undecided(Origin("/timezone", Layer.PRODUCT, b.id), on, why=_CUT)
    for start in starts(a, b, on):
        mine, other = in_force(a, start), in_force(b, start)
        try:
            comparison = _Comparison(mine, other, start, budget)
            yield from comparison.shown()
            yield from comparison.found()
            yield from _under_guardians(mine, other, start, budget)
        except Exhausted:
            yield from (Undecided(rule, start, why=_TOO_MUCH) for rule in dict.fromkeys(origins(other)))


def _under_guardians(a: CompiledPolicy, b: CompiledPolicy, on: date, budget: Budget) -> Iterator[Found]:
    """What a guardian may loosen in the first, though the second holds it by law."""
    law = guardians.by_law(b)
    if law is None:
        return
    for lax, settings_ in guardians.loosest(a):
        for one in _Comparison(lax, law, on, budget).found():
            if isinstance(one, Counterexample):
                yield guardians.smallest_settings(replace(one, settings=settings_), a, b)
            else:
                yield one


@dataclass(slots=True)
class _Comparison:
    """The rules that hold on one date."""

    a: CompiledPolicy
    b: CompiledPolicy
    on: date
    budget: Budget
    days: tuple[tuple[DayCase, CompiledPolicy, CompiledPolicy], ...] = field(init=False)
    """Each sort of day, and both policies under its calendar."""
    activities: tuple[str, ...] = field(init=False)
    named: tuple[str, ...] = field(init=False)
    bare: CompiledPolicy = field(init=False)
    """The first as it decides: one that only observes has no rules."""

    def __post_init__(self) -> None:
        self.bare = self.a if self.a.enforcement is Enforcement.ENFORCE else _without_rules(self.a, self.b)
        days = day_cases(self.bare, self.b, self.on)
        self.days = tuple((day, day.placed(self.bare), day.placed(self.b)) for day in days)
        self.activities = tuple(_activities(self.bare, self.b))
        self.named = features.names(self.bare, self.b)

    def shown(self) -> Iterator[Found]:
        """What is refuted of content, which no day changes. Where both hold birthdays, each band is proved alone."""
        for age in _ages(self.bare, self.b):
            if not age.on_birthday or (self.b.hold_birthday and not self.bare.hold_birthday):
                yield from content.refutations(next(self._arenas(age)))

    def found(self) -> Iterator[Found]:
        """Everything that is refuted or undecided, content apart."""
        told: list[tuple[AgeCase, Weakness]] = [(AgeCase(0), one) for one in settings.weaknesses(self.a, self.b)]
        for age in _ages(self.bare, self.b):
            if age.on_birthday and (self.bare.hold_birthday or not self.b.hold_birthday):
                yield from self._openings(age)
                continue
            yield from self._at_age(age)
            told += ((age, one) for one in reminders.weaknesses(self.bare, self.b, age, self.activities))
            told += ((age, one) for one in recommendations.weaknesses(self.bare, self.b, age))
            unsure = recommendations.undecided(self.bare, self.b, age)
            yield from (Undecided(rule, self.on, age) for rule in unsure)
        for age, one in told:
            yield Counterexample(age, one.rule, self.b.days.zone, self.on, what=one.what, why=one.why)

    def _at_age(self, age: AgeCase) -> Iterator[Found]:
        kept = self._kept(age)
        rules = dict.fromkeys(rule for band in age.bands(self.b) for rule in band.time if rule not in kept)
        yield from self._on_days(age, sorted(rules, key=_sittings_last))
        words, settled = features.Words.of(age.bands(self.bare), age.bands(self.b), self.named, kept), set[Key]()
        counted = any(rule not in kept for band in age.bands(self.b) for rule in (*band.spending, *band.notifications))
        for arena in self._arenas(age) if counted or words.denied or words.limited else ():
            arena.kept = kept
            yield from self._counted(arena, words, settled)

    def _kept(self, age: AgeCase) -> frozenset[object]:
        """The rules of the second that the first has itself: what such a rule denies is the same in both.

        Sittings are not among them: `at_least` looks at all rules beside it.
        """
        if (self.bare.days, self.bare.calendar) != (self.b.days, self.b.calendar):
            return frozenset()
        mine = {_said(rule) for rule in _counting(age.bands(self.bare))}
        return frozenset(rule for rule in _counting(age.bands(self.b)) if _said(rule) in mine)

    def _openings(self, age: AgeCase) -> Iterator[Found]:
        """On a birthday the bands of both ages hold in both, each of which is proved by itself.

        Only `at_least` of one band looks at the stops of the other.
        """
        rules = dict.fromkeys(rule for band in age.bands(self.b) for rule in band.time)
        yield from self._on_days(age, [rule for rule in rules if isinstance(rule, SittingRule) and rule.at_least > 1])

    def _arenas(self, age: AgeCase) -> Iterator[Arena]:
        for day, mine, other in self.days:
            self.budget.spend()
            yield Arena(mine, other, age, day, self.on, self.activities, self.budget)

    def _on_days(self, age: AgeCase, left: list[TimeRule]) -> Iterator[Found]:
        broken = False
        for arena in self._arenas(age) if left else ():
            arena.broken = broken
            for rule in list(left):
                found = time.refute(arena, rule)
                if found is not None:
                    yield found
                if isinstance(found, Counterexample):
                    left.remove(rule)  # the plainest day comes first
                    arena.broken = broken = True

    def _counted(self, arena: Arena, words: features.Words, settled: set[Key]) -> Iterator[Found]:
        """Features, purchases and notifications, each rule until it is refuted."""
        for one in (
            *features.refutations(arena, words),
            *spending.refutations(arena),
            *notifications.refutations(arena),
        ):
            key = one.rule.document, one.rule.rule
            if key not in settled:
                yield one
            if isinstance(one, Counterexample):
                settled.add(key)


def _counting(bands: Iterable[BandPolicy]) -> Iterator[_Counting]:
    for band in bands:
        yield from (rule for rule in band.time if not isinstance(rule, SittingRule))
        yield from band.spending
        yield from band.notifications
        yield from band.features


def _said(rule: _Counting) -> _Counting:
    """A rule or a layer of features, whoever says it."""
    if not isinstance(rule, FeatureLayer):
        return replace(rule, origin=_ANYONE)
    default = None if rule.default is None else replace(rule.default, origin=_ANYONE)
    return FeatureLayer(default, tuple(replace(one, origin=_ANYONE) for one in rule.rules))


def _sittings_last(rule: TimeRule) -> bool:
    return isinstance(rule, SittingRule)


def _without_rules(policy: CompiledPolicy, other: CompiledPolicy) -> CompiledPolicy:
    """A policy that allows everything at every age, on the surfaces of both."""
    origin = Origin("/enforcement", Layer.PRODUCT, policy.id)
    band = BandPolicy(AgeBand(0, ADULT), features=(everything(origin),), content=(everything_shown(origin),))
    surfaces = tuple(sorted({*policy.surfaces, *other.surfaces}))
    return replace(policy, bands=(band,), enforcement=Enforcement.ENFORCE, surfaces=surfaces)


def _ages(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[AgeCase]:
    """One age, the youngest, for all at which both policies say the same."""
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for case in age_cases():
        key = tuple(tuple(map(id, case.bands(policy))) for policy in (a, b))
        if key not in seen:
            seen.add(key)
            yield case


def _activities(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[str]:
    """One activity for all that the same rules bind, the default first, and one that nobody names."""
    rules: list[TimeRule] = [rule for policy in (a, b) for band in policy.bands for rule in band.time]
    named = sorted(a.known_activities | b.known_activities | _named(rules))
    seen: set[tuple[bool, ...]] = set()
    for name in (a.default_activity, *named, OTHER_ACTIVITY):
        key = tuple(rule.binds(name) for rule in rules)
        if key not in seen:
            seen.add(key)
            yield name


def _named(rules: Iterable[TimeRule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in (*(rule.only or ()), *rule.exempt))
