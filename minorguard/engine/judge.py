"""Judging time at an instant: what denies, until when it is allowed, when it is allowed again, what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from minorguard.engine.binding import Binding, Bound
from minorguard.engine.look import Look
from minorguard.engine.shut import past_shut_days
from minorguard.engine.time_rules import LOOK_AHEAD, Check, quota_used
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import CurfewRule, QuotaRule, SittingRule, TimeRule, WindowRule

_BY_CLOCK = (CurfewRule, WindowRule)


@quickly
@dataclass(frozen=True, slots=True)
class TimeAnswer:
    """What the time rules say at an instant."""

    denying: tuple[Check, ...]
    """The checks that deny, in the order in which their families speak."""
    until: Instant | None = None
    """If none denies: when the first one will, use going on; None: not within the look-ahead."""
    limiting: Bound[TimeRule] | None = None
    """The rule that will."""


def judge_time(look: Look, now: Instant) -> TimeAnswer:
    """Whether use may go on at `now`, and until which exact instant."""
    until, limiting = now + LOOK_AHEAD, None
    denying: list[Check] = []
    for check in going_on(look):
        at = check.first_denied(look, look.ahead(check.bound.rule, now), now, until)
        if at == now:
            denying.append(check)
        elif at is not None:
            until, limiting = at, check.bound
    if denying:
        return TimeAnswer(tuple(denying))
    return TimeAnswer((), None if limiting is None else until, limiting)


def going_on(look: Look) -> tuple[Check, ...]:
    """What is asked of use that goes on."""
    return _going_on(look.binding, look.activity)


def opening(look: Look) -> tuple[Check, ...]:
    """What is asked of a new sitting: every rule also leaves as much as the sitting rules want at least."""
    return _opening(look.binding, look.activity)


@lru_cache(maxsize=8192)
def _going_on(binding: Binding, activity: str) -> tuple[Check, ...]:
    return tuple(Check(bound) for bound in binding.for_activity(activity))


@lru_cache(maxsize=8192)
def _opening(binding: Binding, activity: str) -> tuple[Check, ...]:
    rules = binding.for_activity(activity)
    return (
        *_going_on(binding, activity),
        *(
            Check(bound, asking.rule.at_least - 1, asking)
            for asking in rules
            if isinstance(asking.rule, SittingRule) and asking.rule.at_least > 1
            for bound in rules
        ),
    )


def judge_opening(look: Look, now: Instant) -> TimeAnswer:
    """Whether a sitting may be opened at `now`."""
    answer = judge_time(look, now)
    if answer.denying:
        return answer
    short = [check for check in opening(look) if check.asking and _denies(look, check, now)]
    return TimeAnswer(tuple(short)) if short else answer


def _denies(look: Look, check: Check, at: Instant) -> bool:
    return check.first_denied(look, look.counted(check.bound.rule), at, at + 1) is not None


def allowed_again(look: Look, checks: Sequence[Check], at: Instant, until: Instant) -> Instant | None:
    """The first instant from `at` on at which no check denies, if nothing but the leases on record is used."""
    soon = at + 2 * DAY  # most denials are over by then, and whole days that are shut are not worth looking for
    while at < until:
        later, stop = at, min(until, look.policy.days.day_at(at)[2])
        for check in checks:
            if later < stop:
                later = check.first_allowed(look, look.counted(check.bound.rule), later, stop)
        if later == at:
            return at
        at = later if later < max(stop, soon) else past_shut_days(look, checks, later, until)
    return None


def denied_from(look: Look, checks: Sequence[Check], at: Instant, until: Instant) -> Instant:
    """The first instant from `at` on at which some check denies, if nothing but the leases on record is used."""
    for check in checks:
        until = _or(check.first_denied(look, look.counted(check.bound.rule), at, until), until)
    return until


def _or(instant: Instant | None, otherwise: Instant) -> Instant:
    return otherwise if instant is None else instant


def first_where(look: Look, at: Instant, until: Instant, next_try: Callable[[Instant], Instant]) -> Instant | None:
    """The first instant at which time is allowed and `next_try` gives the very instant that it was asked about."""
    checks = going_on(look)
    while at < until:
        allowed = allowed_again(look, checks, at, until)
        if allowed is None:
            return None
        at = next_try(allowed)
        if at == allowed:
            return at
    return None


def leaves(look: Look, bound: Bound[TimeRule], at: Instant) -> Seconds | None:
    """How much use a rule leaves at an instant; None: it sets no limit there."""
    rule = bound.rule
    if isinstance(rule, _BY_CLOCK):
        edge = Check(bound).first_denied(look, (), at, at + LOOK_AHEAD)
        return None if edge is None else edge - at
    if not bound.holds(at):
        return None
    if isinstance(rule, QuotaRule):
        limit = look.quota(rule, at).limit
        return None if limit is None else max(0, limit - quota_used(look, rule, at))
    if rule.break_after is None:
        return None
    return max(0, rule.break_after - look.sitting(rule, at).used)


def left_key(rule: TimeRule) -> str | None:
    """Under which name is said what a rule leaves, the least of all rules of that name; None: it says none."""
    if isinstance(rule, QuotaRule):
        return f"{rule.period.value}_seconds"
    return "sitting_seconds" if isinstance(rule, SittingRule) else None


def remaining(look: Look, now: Instant, answer: TimeAnswer) -> dict[str, Seconds]:
    """What is left now: the least by period and for the sitting, and until the next stop."""
    left: dict[str, Seconds] = {}
    for bound in look.rules:
        key = left_key(bound.rule)
        seconds = None if key is None else leaves(look, bound, now)
        if key is not None and seconds is not None:
            left[key] = min(seconds, left.get(key, seconds))
    if answer.denying:
        left["time_left_seconds"] = 0
    elif answer.until is not None:
        left["time_left_seconds"] = answer.until - now
    return left
