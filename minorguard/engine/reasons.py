"""Why: each denial as a code with data, and the smallest change that would lift it."""

from __future__ import annotations

from typing import Any, assert_never

from minorguard.engine.binding import Bound
from minorguard.engine.judge import TimeAnswer, allowed_again, leaves
from minorguard.engine.look import Look
from minorguard.engine.time_rules import LOOK_AHEAD, Check, quota_used
from minorguard.model.calendar import DAY
from minorguard.model.decisions import Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CurfewRule, QuotaRule, SittingRule, Span, TimeRule, WindowRule


def time_reasons(look: Look, answer: TimeAnswer, now: Instant) -> tuple[Reason, ...]:
    """The reasons of a time answer: every rule that denies, or the one that will be the next to."""
    if answer.denying:
        return tuple(denial(look, check, now) for check in answer.denying)
    limiting = answer.limiting
    if limiting is None or answer.until is None:
        return (Reason("time.allowed", None, {}),)
    data = {"until": iso(answer.until, look.policy.days.zone), "then": code_of(limiting.rule)}
    return (Reason("time.allowed", limiting.rule.origin, data),)


def code_of(rule: TimeRule) -> str:
    """The reason code with which a rule denies."""
    match rule:
        case QuotaRule():
            return "quota.exhausted"
        case CurfewRule():
            return "curfew.closed"
        case WindowRule():
            return "window.closed"
        case SittingRule():
            return "sitting.break"
        case _:
            assert_never(rule)


def denial(look: Look, check: Check, now: Instant) -> Reason:
    """Why a check denies at `now`."""
    bound = check.bound
    rule = bound.rule
    if check.asking is not None:
        return _too_short(look, check, check.asking, now)
    lifted = allowed_again(look, (check,), now, now + LOOK_AHEAD)
    allowed_at = None if lifted is None else iso(lifted, look.policy.days.zone)
    match rule:
        case QuotaRule():
            data, lift = _quota(look, rule, now)
        case CurfewRule() | WindowRule():
            data = {"spans": [span_data(span) for span in rule.spans]}
            lift = {"change": "allow_at", "at": iso(now, look.policy.days.zone)}
        case SittingRule():
            used = look.sitting(rule, now).used
            data = {
                "used_seconds": used,
                "break_after_seconds": rule.break_after,
                "break_for_seconds": rule.break_for,
            }
            lift = {"change": "raise", "to_seconds": used + 1}
        case _:
            assert_never(rule)
    return Reason(code_of(rule), rule.origin, {**data, "allowed_at": allowed_at}, lift)


def _quota(look: Look, rule: QuotaRule, now: Instant) -> tuple[dict[str, Any], dict[str, Any]]:
    limit, used = look.quota(rule, now).limit, quota_used(look, rule, now)
    data = {
        "period": rule.period.value,
        "limit_seconds": limit,
        "used_seconds": used,
        "activities": sorted(rule.only) if rule.only else None,
    }
    return data, {"change": "raise", "to_seconds": used + 1}


def _too_short(look: Look, check: Check, asking: Bound[TimeRule], now: Instant) -> Reason:
    left = leaves(look, check.bound, now)
    data = {"left_seconds": left, "at_least_seconds": check.spare + 1, "because": code_of(check.bound.rule)}
    return Reason("sitting.too_short", asking.rule.origin, data, {"change": "lower", "to_seconds": left})


def _wall(seconds: Seconds) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:02}:{minutes:02}" if seconds < DAY else "24:00"


def span_data(span: Span) -> dict[str, Any]:
    """A span as data of a reason."""
    return {
        "span": f"{_wall(span.opens)}-{_wall(span.closes)}",
        "days": sorted(span.days) if span.days is not None else None,
    }
