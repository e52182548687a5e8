"""Refuting `at_least`: does the first refuse to open a sitting that would be too short for the second?

Where the first asks for no less, and has a rule no laxer for each rule of the second that could cut the sitting short,
it is proved: such a rule leaves no more. Else sittings shortly before each stop are tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.engine.metering import union
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CurfewRule, Devices, QuotaRule, SittingRule, TimeRule, WindowRule
from minorguard.proof.arena import DEVICE, Arena, without
from minorguard.proof.counterexample import Asked, Counterexample, Undecided
from minorguard.proof.quotas import allowance
from minorguard.proof.sittings import sits_as_long


def refute_opening(arena: Arena, rule: SittingRule, activity: str) -> Counterexample | Undecided | None:
    """A case in which the second would open no sitting since it would be short, and the first does."""
    if rule.at_least <= 1 or not arena.open(activity):
        return None
    stops = [one for band in arena.theirs for one in band.time if one.binds(activity)]
    mine = arena.my_rules(activity)
    asks = max((one.at_least for one in mine if isinstance(one, SittingRule)), default=0)
    if asks >= rule.at_least:
        kept = arena.broken or all(_kept(arena, mine, stop) for stop in stops)
        return None if kept else arena.undecided(rule.origin)
    tries = (asked for stop in stops for asked in _short(arena, stop, rule.at_least, activity))
    found = next((asked for asked in tries if arena.refutes_any(asked) and arena.goes_on(asked)), None)
    return arena.undecided(rule.origin) if found is None else arena.counterexample(found, rule.origin)


def _kept(arena: Arena, mine: tuple[TimeRule, ...], stop: TimeRule) -> bool:
    """Whether the rules of the first leave no more than one of the second, at any instant and after any use."""
    match stop:
        case CurfewRule() | WindowRule():
            clock = [one for one in mine if isinstance(one, CurfewRule | WindowRule)]
            shut = union(arena.closed_by(arena.a, one, arena.day) for one in clock)
            return not without(arena.closed_by(arena.b, stop, arena.day), shut)
        case QuotaRule():
            return any(isinstance(one, QuotaRule) and _counts_no_less(arena, one, stop) for one in mine)
        case SittingRule():
            return stop.break_after is None or any(sits_as_long(arena, one, stop) for one in mine)


def _counts_no_less(arena: Arena, mine: QuotaRule, stop: QuotaRule) -> bool:
    if arena.a.days != arena.b.days or mine.period is not stop.period or mine.raise_at_most > stop.raise_at_most:
        return False
    if mine.devices is Devices.EACH and stop.devices is Devices.UNION:
        return False
    if not all(mine.binds(name) for name in arena.activities if stop.binds(name)):
        return False
    both = (arena.a, mine), (arena.b, stop)
    limits = ([allowance(policy, one, at) for policy, one in both] for at in (arena.day[0], arena.day[1] - 1))
    return all(most is None or (least is not None and least <= most) for least, most in limits)


def _short(arena: Arena, stop: TimeRule, least: Seconds, activity: str) -> Iterator[Asked]:
    """Openings when a rule of the second leaves less than it should, and none of its own use otherwise."""
    spare = min(least - 1, 60)
    if isinstance(stop, CurfewRule | WindowRule):
        open_there = without(arena.open(activity), arena.closed_by(arena.b, stop, arena.day))
        yield from (arena.time(activity, max(low, high - spare), opening=True) for low, high in open_there)
        return
    for at in (*arena.last_open(activity), *_middles(arena, activity)):
        need = allowance(arena.b, stop, at) if isinstance(stop, QuotaRule) else stop.break_after
        if need is not None:
            used = max(0, need - spare)
            yield arena.time(activity, at, [(DEVICE, activity, ((at - used, at),) if used else ())], opening=True)


def _middles(arena: Arena, activity: str) -> Iterator[Instant]:
    yield from ((low + high) // 2 for low, high in arena.open(activity))
