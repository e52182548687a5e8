"""Refuting spending rules, exactly: the first denies more, the more is asked for and the more was spent.

So money of another currency and a cap on one purchase are asked about with the least amount that the second denies and
nothing before it; and a cap of a day or month with one minor unit more, after as much as the first leaves room for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minorguard.model.ids import Instant
from minorguard.model.rules import CompiledPolicy, SpendingRule
from minorguard.model.state import Purchase
from minorguard.proof.allotment import Allotment, Counter, Kind, allot
from minorguard.proof.arena import OTHER_ACTIVITY, Arena
from minorguard.proof.counterexample import Asked, Counterexample, Undecided


def currencies(a: CompiledPolicy, b: CompiledPolicy) -> tuple[str, ...]:
    """Every currency that either policy counts, and one that neither does."""
    named = {rule.currency for policy in (a, b) for band in policy.bands for rule in band.spending}
    return (*sorted(named), "XXX")


def activities(a: CompiledPolicy, b: CompiledPolicy) -> tuple[str, ...]:
    """One activity for all that the same spending rules speak of, the default first."""
    rules = [rule for policy in (a, b) for band in policy.bands for rule in band.spending]
    named = sorted({name for rule in rules for name in rule.only or ()})
    found: dict[tuple[bool, ...], str] = {}
    for name in (a.default_activity, *named, OTHER_ACTIVITY):
        found.setdefault(tuple(speaks(rule, name) for rule in rules), name)
    return tuple(found.values())


def speaks(rule: SpendingRule, activity: str) -> bool:
    """Whether a rule speaks of what is bought for an activity."""
    return rule.only is None or activity in rule.only


def refutations(arena: Arena) -> Iterator[Counterexample | Undecided]:
    """For each spending rule of the second that the first does not keep, a purchase; or that this is undecided."""
    for rule in dict.fromkeys(rule for band in arena.theirs for rule in band.spending if rule not in arena.kept):
        found = arena.first(_purchases(arena, rule), rule.origin)
        if found is not None:
            yield found
        elif not all(_decided(arena, rule)):
            yield arena.undecided(rule.origin)


def _purchases(arena: Arena, rule: SpendingRule) -> Iterator[Asked]:
    noon = (arena.day[0] + arena.day[1]) // 2
    names = [name for name in activities(arena.a, arena.b) if speaks(rule, name)]
    for name in names:
        limits = (rule.per_purchase, rule.per_day, rule.per_month)
        amounts = [(limit + 1, rule.currency) for limit in sorted(one for one in limits if one is not None)]
        amounts += ((1, money) for money in currencies(arena.a, arena.b) if money != rule.currency)
        for amount, money in amounts:
            if _lets(arena, name, amount, money):
                yield arena.purchase(amount, money, name, noon)
        for limit, at, had in _filled(arena, rule, name, names):
            if had.reaches(limit):
                parts = enumerate(had.parts)
                before = (Purchase(f"p{n}", part.start, part.amount, rule.currency, part.kind[0]) for n, part in parts)
                yield arena.purchase(1, rule.currency, name, at, tuple(before))


def _lets(arena: Arena, activity: str, amount: int, currency: str) -> bool:
    """Whether the first lets so much be spent when nothing was spent before."""
    rules = (rule for band in arena.mine for rule in band.spending if speaks(rule, activity))
    return all(
        rule.currency == currency
        and all(limit is None or amount <= limit for limit in (rule.per_purchase, rule.per_day, rule.per_month))
        for rule in rules
    )


def _decided(arena: Arena, rule: SpendingRule) -> Iterator[bool]:
    names = [name for name in activities(arena.a, arena.b) if speaks(rule, name)]
    for name in names:
        yield from (had.most < limit for limit, _, had in _filled(arena, rule, name, names))


def _filled(
    arena: Arena, rule: SpendingRule, activity: str, names: list[str]
) -> Iterator[tuple[int, Instant, Allotment]]:
    """For each cap of a day or month: its limit, and what may have been spent before one more at an instant."""
    for at in arena.days_end():
        for period, limit in (("day", rule.per_day), ("month", rule.per_month)):
            if limit is None:
                continue
            days = arena.b.days
            since, _ = days.bounds(period, days.day_of(at))
            kinds: list[Kind] = [(name, "") for name in names]
            counters = list(_counters(arena, activity, rule.currency, at, kinds))
            yield limit, at, allot(kinds, since, at, counters, limit, timed=False)


def _counters(arena: Arena, activity: str, currency: str, at: Instant, kinds: Iterable[Kind]) -> Iterator[Counter]:
    """What the first counts of the money, and leaves of it beside one minor unit more."""
    days = arena.a.days
    for rule in dict.fromkeys(rule for band in arena.mine for rule in band.spending):
        if not speaks(rule, activity):
            continue
        if rule.currency != currency or rule.per_purchase == 0:
            yield Counter(at, frozenset(), -1)
            continue
        counted = frozenset(kind for kind in kinds if speaks(rule, kind[0]))
        for period, limit in (("day", rule.per_day), ("month", rule.per_month)):
            if limit is not None:
                yield Counter(days.bounds(period, days.day_of(at))[0], counted, limit - 1)
