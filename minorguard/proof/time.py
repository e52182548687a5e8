"""Refuting time rules: does the first policy deny whenever this rule of the second does, whatever was used before?

A rule of the clock needs no history, so its question is one of sets of time. For a quota or a sitting there is a rule
of the first that denies earlier (`covers`), or a history is built that keeps clear of every rule of the first and is
put to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import (
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    Devices,
    Period,
    QuotaRule,
    SittingRule,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Intervals
from minorguard.proof.arena import DEVICE, OTHER_DEVICE, Arena, without
from minorguard.proof.counterexample import Asked, Counterexample

_MOST_PIECES = 300
"""How many stretches a history is made of at most."""
History = list[tuple[str, str, Intervals]]


def refute(arena: Arena, rule: TimeRule) -> Counterexample | None:
    """A case in which the first policy lets go on what this rule of the second stops."""
    for activity in arena.activities:
        if rule.binds(activity) and (found := _refute(arena, rule, activity)) is not None:
            return found
    return None


def _refute(arena: Arena, rule: TimeRule, activity: str) -> Counterexample | None:
    match rule:
        case CurfewRule() | WindowRule():
            return _clock(arena, rule, activity)
        case QuotaRule():
            return _quota(arena, rule, activity)
        case SittingRule():
            return _sitting(arena, rule, activity)


# The clock


def _clock(arena: Arena, rule: CurfewRule | WindowRule, activity: str) -> Counterexample | None:
    shut = arena.closed_by(arena.b, rule, arena.day)
    left_open = without(shut, without(shut, arena.open(activity)))
    raises = {0, *(r.raise_at_most for r in arena.my_rules(activity) if isinstance(r, QuotaRule))}
    tries = (arena.time(activity, start, granted=more) for start, _ in left_open for more in sorted(raises))
    return arena.first(tries, rule.origin)


# Quotas


def _quota(arena: Arena, rule: QuotaRule, activity: str) -> Counterexample | None:
    if rule.period is Period.DAY and _limit(arena.b, rule.limits, arena) is None:
        return None
    if any(_covers(arena, mine, rule) for mine in arena.my_rules(activity)):
        return None
    return arena.first(_spent(arena, rule, activity), rule.origin)


def _limit(policy: CompiledPolicy, limits: DayLimits, arena: Arena) -> Seconds | None:
    day = arena.case.day
    return limits.on(day, policy.calendar.kinds(day))


def _covers(arena: Arena, mine: TimeRule, rule: QuotaRule) -> bool:
    """Whether a quota of the first is full whenever that of the second is, by what both count and allow."""
    if not isinstance(mine, QuotaRule) or arena.a.days != arena.b.days:
        return False
    if mine.period is not rule.period and rule.period is not Period.DAY:
        return False
    if mine.devices is Devices.EACH and rule.devices is Devices.UNION:
        return False
    if not all(mine.binds(name) for name in arena.activities if rule.binds(name)):
        return False
    least, most = _allowance(arena.a, mine, arena), _allowance(arena.b, rule, arena)
    if least is None or most is None:
        return most is None
    steps = (0, mine.raise_at_most, rule.raise_at_most)
    return all(least + min(step, mine.raise_at_most) <= most + min(step, rule.raise_at_most) for step in steps)


def _allowance(policy: CompiledPolicy, rule: QuotaRule, arena: Arena) -> Seconds | None:
    if rule.period is Period.DAY:
        return _limit(policy, rule.limits, arena)
    return dict(rule.limits.seconds)["otherwise"]


def _spent(arena: Arena, rule: QuotaRule, activity: str) -> Iterator[Asked]:
    """Histories that fill a quota, the most natural first, each with the instant to ask at."""
    limit = _allowance(arena.b, rule, arena)
    if limit is None:
        return
    raises = sorted({0, rule.raise_at_most, *_raises(arena, activity)})
    for granted in raises:
        total = limit + min(granted, rule.raise_at_most)
        for device, shares in _shares(arena, rule, activity, total):
            for spans, at in _layouts(arena, rule, activity, total):
                yield arena.time(activity, at, _shared(spans, shares, device), granted)


def _raises(arena: Arena, activity: str) -> Iterator[Seconds]:
    yield from (mine.raise_at_most for mine in arena.my_rules(activity) if isinstance(mine, QuotaRule))


Shares = list[tuple[str, Seconds]]


def _shares(arena: Arena, rule: QuotaRule, activity: str, total: Seconds) -> Iterator[tuple[str, Shares]]:
    """Which activities the use was, and on which device: those that the first policy counts least."""
    counted = [name for name in (activity, *arena.activities) if rule.binds(name)]
    names = list(dict.fromkeys(counted))
    for device in (DEVICE, OTHER_DEVICE):
        if device == OTHER_DEVICE and rule.devices is Devices.EACH:
            return
        for name in names:
            yield device, [(name, total)]
        for order in permutations(names[:4]):
            yield device, list(_packed(arena, activity, order, total))


def _packed(arena: Arena, activity: str, order: tuple[str, ...], total: Seconds) -> Iterator[tuple[str, Seconds]]:
    """As much of each activity in turn as no daily quota of the first minds."""
    room = {
        rule: (_allowance(arena.a, rule, arena) or 0) - 1
        for rule in arena.my_rules(activity)
        if isinstance(rule, QuotaRule) and _allowance(arena.a, rule, arena) is not None
    }
    for name in order:
        mine = [rule for rule in room if rule.binds(name)]
        most = max(0, min((room[rule] for rule in mine), default=total))
        taken = min(most, total)
        if taken:
            yield name, taken
        total -= taken
        for rule in mine:
            room[rule] -= taken


def _shared(spans: Intervals, shares: Shares, device: str) -> History:
    """Stretches of use dealt out to activities in turn."""
    history: History = []
    left = list(spans)
    for name, seconds in shares:
        mine = []
        while seconds and left:
            start, end = left.pop(0)
            cut = min(end, start + seconds)
            mine.append((start, cut))
            seconds -= cut - start
            if cut < end:
                left.insert(0, (cut, end))
        history.append((device, name, tuple(mine)))
    return _joined(history)


def _joined(history: History) -> History:
    merged: dict[tuple[str, str], Intervals] = {}
    for device, name, spans in history:
        merged[device, name] = (*merged.get((device, name), ()), *spans)
    return [(device, name, tuple(sorted(spans))) for (device, name), spans in merged.items()]


def _layouts(arena: Arena, rule: QuotaRule, activity: str, total: Seconds) -> Iterator[tuple[Intervals, Instant]]:
    """Where use of some length may lie in the quota's period, and an instant after it at which the first is open."""
    shown = arena.open(activity)
    if not shown:
        return
    start, _ = arena.b.days.bounds(rule.period.value, arena.case.day)
    last = shown[-1][1] - 1
    natural = _along(shown, total)
    pause, piece = _pause(arena, activity)
    if natural is not None:
        end = natural[-1][1] if natural else shown[0][0]
        for at in (end, end + pause):
            if any(low <= at < high for low, high in shown):
                yield natural, at
        if (opens := next((low for low, _ in shown if low >= end + pause), None)) is not None:
            yield natural, opens
    if total and start + total <= last:
        for at in (last, *(low for low, _ in reversed(shown) if low >= start + total)):
            yield ((start, start + total),), at
            yield ((at - total, at),), at
    for gap, length in piece:
        chain = _chain(start, total, length, gap)
        if chain and chain[-1][1] <= last:
            yield chain, last
            yield _moved(chain, last - chain[-1][1]), last
    yield from _spread(arena, total, start, last)


def _along(shown: Intervals, total: Seconds) -> Intervals | None:
    """The first `total` seconds of the open time; None if there is less."""
    spans = []
    for start, end in shown:
        if total <= 0:
            break
        spans.append((start, min(end, start + total)))
        total -= spans[-1][1] - start
    return tuple(spans) if total <= 0 else None


def _spread(arena: Arena, total: Seconds, start: Instant, last: Instant) -> Iterator[tuple[Intervals, Instant]]:
    """The same length on each day before, as for a quota of a week."""
    days = (arena.day[0] - start) // DAY
    if days < 1:
        return
    each = -(-total // days)
    if each <= DAY - 2:
        spans = [(start + index * DAY, start + index * DAY + min(each, total - index * each)) for index in range(days)]
        yield tuple(span for span in spans if span[0] < span[1]), last


def _pause(arena: Arena, activity: str) -> tuple[Seconds, list[tuple[Seconds, Seconds]]]:
    """The rest that ends every sitting of the first, and pieces (gap, length) that none of its sittings minds."""
    sittings = [r for r in arena.my_rules(activity) if isinstance(r, SittingRule) and r.break_after is not None]
    rest = max((max(rule.break_for, rule.resets_after) for rule in sittings), default=0)
    gap = max((rule.resets_after for rule in sittings), default=0)
    length = min((rule.break_after or DAY for rule in sittings), default=0) - 1
    return rest, [(gap, length), (rest, length + 1)] if length > 0 else []


def _chain(start: Instant, total: Seconds, length: Seconds, gap: Seconds) -> Intervals:
    """Use in pieces of some length with gaps between; empty if there would be too many."""
    pieces = -(-total // length) if length > 0 else _MOST_PIECES + 1
    if pieces > _MOST_PIECES:
        return ()
    begins = [start + index * (length + gap) for index in range(pieces)]
    return tuple((low, low + min(length, total - index * length)) for index, low in enumerate(begins))


def _moved(spans: Intervals, by: Seconds) -> Intervals:
    return tuple((start + by, end + by) for start, end in spans)


# Sittings


def _sitting(arena: Arena, rule: SittingRule, activity: str) -> Counterexample | None:
    if rule.break_after is None:
        return None
    if any(_sits_as_long(arena, mine, rule) for mine in arena.my_rules(activity)):
        return None
    return arena.first(_sat(arena, rule, activity), rule.origin)


def _sits_as_long(arena: Arena, mine: TimeRule, rule: SittingRule) -> bool:
    """Whether a sitting rule of the first asks for its break whenever that of the second does.

    Its sittings must not end within one of the second: no gap that goes on there (shorter than `resets_after`, or
    than `break_for` once the break is due) may end one here.
    """
    if not isinstance(mine, SittingRule) or mine.break_after is None or rule.break_after is None:
        return False
    if not all(mine.binds(name) for name in arena.activities if rule.binds(name)):
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
                chain = _chain(0, need, length, gap)
                yield _moved(chain, end - chain[-1][1]) if chain else ()
    yield from _prolonged(rule, need, at)
    yield from _preceded(rule, mine, need, at)


def _prolonged(rule: SittingRule, need: Seconds, at: Instant) -> Iterator[Intervals]:
    """A break that never comes to an end: a second of use just before each would be over."""
    step = rule.break_for
    if step < 2:
        return
    for times in (1, 2, 4, 12, 36, 72, 144, _MOST_PIECES - 1):
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
