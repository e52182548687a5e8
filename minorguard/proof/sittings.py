"""Refuting sittings: can the second ask for a break while the first lets use go on?

A sitting of the first that begins no later, ends no earlier and asks for no shorter break covers one of the second; so
does a quota that any such sitting fills, since a sitting that reaches back beyond the start of its period must be kept
alive within it. Else histories are tried: in one go, in pieces whose gaps end sittings here and not there, and breaks
that are kept from ending by a second of use. If none of them refutes, the rule is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import Devices, QuotaRule, SittingRule, TimeRule
from minorguard.model.state import Intervals
from minorguard.proof.arena import DEVICE, Arena
from minorguard.proof.counterexample import Asked, Counterexample, Undecided
from minorguard.proof.quotas import allowance, chained, moved

_MOST_PIECES = 300
"""How many stretches a history is made of at most."""


def refute_sitting(arena: Arena, rule: SittingRule, activity: str) -> Counterexample | Undecided | None:
    """A case in which the second asks for a break and the first lets go on; None: there is none."""
    if rule.break_after is None or not arena.open(activity):
        return None
    mine = arena.my_rules(activity)
    if any(sits_as_long(arena, one, rule) or _filled(arena, one, rule, activity) for one in mine):
        return None
    return arena.first(_sat(arena, rule, activity), rule.origin) or arena.undecided(rule.origin)


def _filled(arena: Arena, mine: TimeRule, rule: SittingRule, activity: str) -> bool:
    """Whether a quota of the first is full whenever a break is due: at the first open instant of each of its days.

    A sitting that began in the quota's period has filled it with all its use. One that began before has a second of use
    in it at least once in each longest gap, and the more the later it is.
    """
    if not isinstance(mine, QuotaRule) or mine.devices is Devices.EACH or not _counts_all(arena, mine, rule):
        return False
    gap = max(rule.break_for, rule.resets_after)
    for at in arena.first_open(activity):
        limit = allowance(arena.a, mine, at)
        since, _ = arena.a.days.bounds(mine.period.value, arena.a.days.day_of(at))
        if limit is None or min(rule.break_after or 0, (at - since) // gap) < limit + mine.raise_at_most:
            return False
    return True


def _counts_all(arena: Arena, mine: TimeRule, rule: SittingRule) -> bool:
    return all(mine.binds(name) for name in arena.activities if rule.binds(name))


def sits_as_long(arena: Arena, mine: TimeRule, rule: SittingRule) -> bool:
    """Whether a sitting rule of the first asks for its break whenever that of the second does.

    Its sittings must not end within one of the second: no gap that goes on there (shorter than `resets_after`, or
    than `break_for` once the break is due) may end one here.
    """
    if not isinstance(mine, SittingRule) or mine.break_after is None or rule.break_after is None:
        return False
    if not _counts_all(arena, mine, rule):
        return False
    same = (mine.break_after, mine.break_for, mine.resets_after, mine.only, mine.exempt)
    if same == (rule.break_after, rule.break_for, rule.resets_after, rule.only, rule.exempt):
        return True
    if mine.break_after == 1:
        return mine.break_for >= rule.break_for and mine.resets_after >= 1
    return (
        mine.break_after <= rule.break_after
        and mine.resets_after >= rule.resets_after
        and mine.break_for >= max(rule.break_for, rule.resets_after)
    )


def _sat(arena: Arena, rule: SittingRule, activity: str) -> Iterator[Asked]:
    """Histories that bring a break about, each with the instant to ask at."""
    names = [name for name in dict.fromkeys((activity, *arena.activities)) if rule.binds(name)]
    for at in _instants(arena, activity, rule):
        for spans in _sittings(arena, rule, activity, at):
            if spans and spans[-1][1] <= at:
                for device, name in ((DEVICE, name) for name in names):
                    yield arena.time(activity, at, [(device, name, spans)])


def _instants(arena: Arena, activity: str, rule: SittingRule) -> Iterator[Instant]:
    """When to ask: as soon as the day's open time has held the use, at either end of each opening, and between."""
    length = rule.break_after or 0
    shown = arena.open(activity)
    for start, end in shown:
        if start + length < end:
            yield start + length
    for start, end in shown:
        yield from dict.fromkeys((start, end - 1, min(start + 1, end - 1), min(start + rule.break_for - 1, end - 1)))


def _sittings(arena: Arena, rule: SittingRule, activity: str, at: Instant) -> Iterator[Intervals]:
    """Use that has the second ask for its break at `at`: in one go, and in all ways that may end a sitting here."""
    need = rule.break_after or 0
    yield ((at - need, at),)
    mine = [r for r in arena.my_rules(activity) if isinstance(r, SittingRule) and r.break_after is not None]
    gaps = {rule.resets_after - 1, rule.break_for - 1, *(r.resets_after for r in mine), *(r.break_for for r in mine)}
    lengths = {1, need - 1, *((r.break_after or 1) - 1 for r in mine), *(r.break_after or 1 for r in mine)}
    lengths |= {need - length for length in lengths}
    ends = sorted({0, rule.break_for - 1, *(gap for gap in gaps if gap < rule.break_for)})
    within = sorted(gap for gap in gaps if 0 < gap < rule.resets_after)
    for rest in ends:
        end = at - rest
        yield ((end - need, end),)
        for gap in within:
            for length in sorted(one for one in lengths if 0 < one < need):
                first = end - length - gap
                yield ((first - (need - length), first), (end - length, end))
            for length in sorted(one for one in lengths if 0 < one < need):
                chain = chained(0, need, length, gap)
                yield moved(chain, end - chain[-1][1]) if chain else ()
    yield from _prolonged(arena, activity, rule, need, at)
    yield from _preceded(rule, mine, need, at)


def _touches(arena: Arena, activity: str, step: Seconds, at: Instant) -> Iterator[int]:
    """How many touches lead back to just before the periods of the first's quotas, or after."""
    days = arena.a.days
    for rule in arena.my_rules(activity):
        if isinstance(rule, QuotaRule):
            since, _ = days.bounds(rule.period.value, days.day_of(at))
            times = (at - since) // step
            yield from (more for more in (times, times + 1) if 0 < more < _MOST_PIECES)


def _prolonged(arena: Arena, activity: str, rule: SittingRule, need: Seconds, at: Instant) -> Iterator[Intervals]:
    """A break that never comes to an end: a second of use just before each would be over."""
    step = rule.break_for
    if step < 2:
        return
    for times in sorted({1, 2, 4, 12, 36, 72, *_touches(arena, activity, step, at)}):
        touches = [(at - index * step, at - index * step + 1) for index in range(times, 0, -1)]
        begun = touches[0][0] - (step - 1)
        yield ((begun - need, begun), *touches)


def _preceded(rule: SittingRule, mine: list[SittingRule], need: Seconds, at: Instant) -> Iterator[Intervals]:
    """A sitting that had begun before here, so that it ends in the midst of the other's."""
    for other in mine:
        for gap in (rule.resets_after, rule.break_for, other.resets_after - 1):
            for inner in (other.break_for, other.resets_after):
                if not 0 < inner < rule.resets_after or gap < 1 or need < 2:
                    continue
                for before in dict.fromkeys((other.break_after or 1, 1, need)):
                    for tail in dict.fromkeys((1, need - 1, need // 2)):
                        second = (at - tail - inner - (need - tail), at - tail - inner)
                        yield ((second[0] - gap - before, second[0] - gap), second, (at - tail, at))
