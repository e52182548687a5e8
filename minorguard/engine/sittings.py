"""Sittings: unbroken use, as a rule sees it in a set of time, and the breaks that it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from minorguard.engine.metering import FOREVER, since
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import SittingRule
from minorguard.model.state import Interval, Intervals

DEFAULT_GAP: Seconds = 300
"""The gap that ends a sitting where no rule says one."""


def sitting_breaks(rule: SittingRule, used: Intervals, at: Instant, spare: Seconds = 0) -> list[Interval]:
    """From when each sitting leaves no more than `spare` until it is over; those that were over by `at` may lack."""
    if rule.break_after is None:
        return []
    if rule.break_after <= spare:
        return [(-FOREVER, FOREVER)]
    stretches: list[Interval] = []
    due: Instant | None = None
    total, last = 0, 0
    for start, end in used[_sure_break(rule, used, at) :]:
        if total and start - last >= _gap(rule, total):
            if due is not None:
                stretches.append((due, last + _gap(rule, total)))
            due, total = None, 0
        if due is None and total + end - start >= rule.break_after - spare:
            due = start + rule.break_after - spare - total
        total, last = total + end - start, end
    if due is not None:
        stretches.append((due, last + _gap(rule, total)))
    return stretches


@quickly
@dataclass(frozen=True, slots=True)
class Sitting:
    """The unbroken use that an instant belongs to."""

    used: Seconds
    """Use so far; 0 when there is no sitting."""
    began: Instant | None
    over: Instant
    """When it will be over if nothing but the leases on record is used."""


def sitting_at(rule: SittingRule, used: Intervals, at: Instant) -> Sitting:
    """The sitting at an instant, of use on record (leases may run on after `at`)."""
    total: Seconds = 0
    began: Instant | None = None
    last: Instant = at
    past = used[: since(used, at)]
    if len(past) < len(used) and used[len(past)][0] < at:
        past = used[: len(past) + 1]
    for start, end in past[_sure_break(rule, past, at) :]:
        if began is None or start - last >= _gap(rule, total):
            total, began = 0, start
        total += min(end, at) - start
        last = min(end, at)
    if began is None or at - last >= _gap(rule, total):
        return Sitting(0, None, at)
    ahead, last = total + max(0, past[-1][1] - at), past[-1][1]
    for start, end in used[len(past) :]:
        if start - last >= _gap(rule, ahead):
            break
        ahead, last = ahead + end - start, end
    return Sitting(total, began, last + _gap(rule, ahead))


def _sure_break(rule: SittingRule, used: Intervals, at: Instant) -> int:
    """The index of the first interval after the last gap before `at` that ended any sitting."""
    longest = max(rule.resets_after, rule.break_for)
    index = since(used, at - longest)
    while index and (index == len(used) or used[index][0] - used[index - 1][1] < longest):
        index -= 1
    return index


def _gap(rule: SittingRule, used: Seconds) -> Seconds:
    return rule.break_for if rule.break_after is not None and used >= rule.break_after else rule.resets_after
