"""A second judge for comparisons: steps of four hours through every history of a day, sharing no code with the engine.

It knows policies of one band in UTC without a calendar, all of whose numbers are whole steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from minorguard.model.rules import CompiledPolicy, CurfewRule, QuotaRule, SittingRule, TimeRule, WindowRule

STEP = 14_400
STEPS = 6
BEFORE = 2
"""How many steps of the day before a history may hold."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

History = dict[int, str]
"""What was used in each step, counted from the midnight of the day; those of the day before are negative."""


def weaker_at(
    a: CompiledPolicy, b: CompiledPolicy, day: date, activities: tuple[str, ...], grants: tuple[int, ...]
) -> tuple[int, str, History] | None:
    """A step, an activity and a history at which `a` allows and `b` denies; None if there is none on this grid."""
    mine, theirs = a.bands[0].time, b.bands[0].time
    for step in range(STEPS):
        for history in _histories(step, activities):
            for activity, granted in product(activities, grants):
                if _denies(theirs, day, step, activity, history, granted) and not _denies(
                    mine, day, step, activity, history, granted
                ):
                    return step, activity, history
    return None


def _histories(step: int, activities: tuple[str, ...]) -> Iterator[History]:
    slots = range(-BEFORE, step)
    for chosen in product((None, *activities), repeat=len(slots)):
        yield {slot: name for slot, name in zip(slots, chosen, strict=True) if name is not None}


def _denies(rules: tuple[TimeRule, ...], day: date, step: int, activity: str, history: History, granted: int) -> bool:
    return any(_one(rule, day, step, history, granted) for rule in rules if rule.binds(activity))


def _one(rule: TimeRule, day: date, step: int, history: History, granted: int) -> bool:
    used = sorted(slot for slot, name in history.items() if rule.binds(name))
    match rule:
        case CurfewRule():
            return _inside(rule, day, step)
        case WindowRule():
            return not _inside(rule, day, step)
        case QuotaRule():
            limit = _limit(rule, day) + min(granted, rule.raise_at_most)
            return sum(STEP for slot in used if slot >= 0) >= limit
        case SittingRule():
            return _on_break(rule, used, step)


def _limit(rule: QuotaRule, day: date) -> int:
    table = dict(rule.limits.seconds)
    kind = "weekend" if day.weekday() > 4 else "school_day"
    keys = (_WEEKDAYS[day.weekday()], kind, "otherwise")
    return next((table[key] for key in keys if key in table), 1 << 40)


def _inside(rule: CurfewRule | WindowRule, day: date, step: int) -> bool:
    for span in rule.spans:
        for owner, offset in ((day, 0), (day - timedelta(days=1), STEPS)):
            kind = "weekend" if owner.weekday() > 4 else "school_day"
            opens = span.days is None or kind in span.days or _WEEKDAYS[owner.weekday()] in span.days
            length = (span.closes - span.opens) % (STEP * STEPS) or STEP * STEPS
            if opens and span.opens <= (step + offset) * STEP < span.opens + length:
                return True
    return False


def _on_break(rule: SittingRule, used: list[int], step: int) -> bool:
    if rule.break_after is None:
        return False
    sat, last = 0, None
    for slot in [*used, None]:
        begins = step if slot is None else slot
        gap = 0 if last is None else (begins - last) * STEP
        if last is not None and gap and gap >= (rule.break_for if sat >= rule.break_after else rule.resets_after):
            sat = 0
        if slot is not None:
            sat, last = sat + STEP, slot + 1
    return sat >= rule.break_after
