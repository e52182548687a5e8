"""Comparing two policies: a relation, what changed rule by rule, and the smallest case for each difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from minorguard.model.rules import BandPolicy, CompiledPolicy, Enforcement, TimeRule
from minorguard.proof import features, time
from minorguard.proof.arena import OTHER_ACTIVITY, Arena
from minorguard.proof.cases import AgeCase, DayCase, age_cases, day_cases, in_force, starts
from minorguard.proof.counterexample import Counterexample, smallest


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


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, *, on: date) -> tuple[Counterexample, ...]:
    """Where the first policy is laxer than the second from a date on: for each rule that it misses, the smallest case.

    Nothing: whatever the second denies, the first denies, for every age, history and instant.
    """
    found: dict[tuple[str, str], list[Counterexample]] = {}
    for start in starts(a, b, on):
        for one in _weaknesses(in_force(a, start), in_force(b, start), start):
            found.setdefault((one.rule.document, one.rule.rule), []).append(one)
    best = (smallest(cases) for cases in found.values())
    return tuple(sorted((one for one in best if one is not None), key=Counterexample.size))


def _weaknesses(a: CompiledPolicy, b: CompiledPolicy, on: date) -> Iterator[Counterexample]:
    if b.enforcement is Enforcement.OBSERVE:
        return
    days = day_cases(a, b, on)
    activities = tuple(_activities(a, b))
    features_ = features.names(a, b)
    for age in _ages(a, b):
        yield from _at_age(a, b, age, days, activities, features_, on)


def _at_age(
    a: CompiledPolicy,
    b: CompiledPolicy,
    age: AgeCase,
    days: tuple[DayCase, ...],
    activities: tuple[str, ...],
    names: tuple[str, ...],
    on: date,
) -> Iterator[Counterexample]:
    open_rules = list(dict.fromkeys(rule for band in age.bands(b) for rule in band.time))
    asked_features = False
    for day in days:
        arena = Arena(day.placed(a), day.placed(b), age, day, on, activities)
        for rule in list(open_rules):
            found = time.refute(arena, rule)
            if found is not None:
                yield found
                open_rules.remove(rule)  # the plainest day comes first
        if not asked_features and arena.open(a.default_activity):
            asked_features = True
            yield from features.refutations(arena, names)


def _ages(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[AgeCase]:
    """One age, the youngest, for all at which both policies say the same."""
    seen: set[tuple[tuple[BandPolicy, ...], tuple[BandPolicy, ...]]] = set()
    for case in age_cases():
        key = (case.bands(a), case.bands(b))
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
