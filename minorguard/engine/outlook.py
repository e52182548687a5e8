"""What lies ahead and what lies behind: the forecast of allowed windows, usage by rule, a day as intervals."""

from __future__ import annotations

from datetime import date
from typing import Any

from minorguard.engine.decide import exempt
from minorguard.engine.judge import allowed_again, denied_from, going_on, judge_opening, judge_time, opening
from minorguard.engine.look import Look
from minorguard.engine.metering import add, clip, measure, union
from minorguard.engine.reasons import denial, time_reasons
from minorguard.engine.time_rules import LOOK_AHEAD, quota_used
from minorguard.model.calendar import DAY
from minorguard.model.decisions import Forecast, ForecastGap, ForecastWindow, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, QuotaRule
from minorguard.model.state import Intervals, SubjectState, Track


def forecast(
    policy: CompiledPolicy,
    state: SubjectState,
    now: Instant,
    *,
    days: int = 14,
    activity: str | None = None,
    device: str | None = None,
) -> Forecast:
    """When a sitting may be opened in the `days` × 24 h from `now`, if nothing is used before, and why not between."""
    look = Look(policy, state, activity, device)
    end = now + days * DAY
    windows: list[ForecastWindow] = []
    gaps: list[ForecastGap] = []
    at = now
    while at < end:
        opens = _opens(look, at, end)
        if opens > at:
            gaps.append(ForecastGap(at, opens, _why(look, at, opens)))
        if opens < end:
            closes = _closes(look, opens, end)
            windows.append(ForecastWindow(opens, closes, _allowance(look, opens)))
            opens = closes
        at = opens
    return Forecast(policy.days.zone, now, end, tuple(windows), tuple(gaps))


def _opens(look: Look, at: Instant, end: Instant) -> Instant:
    if exempt(look, at):
        return at
    adult = min(end, max(at, look.binding.adult_from))
    opens = allowed_again(look, opening(look), at, adult)
    return adult if opens is None else opens


def _closes(look: Look, at: Instant, end: Instant) -> Instant:
    return end if exempt(look, at) else denied_from(look, opening(look), at, end)


def _why(look: Look, start: Instant, end: Instant) -> tuple[Reason, ...]:
    """Every rule that denies somewhere in a gap, as it begins to; where none does, why a sitting would be too short."""
    found = [
        (since, check)
        for check in going_on(look)
        if (since := check.first_denied(look, look.counted(check.bound.rule), start, end)) is not None
    ]
    if not found:
        return time_reasons(look, judge_opening(look, start), start)
    return tuple(denial(look, check, since) for since, check in sorted(found, key=lambda pair: pair[0]))


def _allowance(look: Look, at: Instant) -> Seconds:
    if exempt(look, at):
        return LOOK_AHEAD
    until = judge_time(look, at).until
    return LOOK_AHEAD if until is None else until - at


def usage(policy: CompiledPolicy, state: SubjectState, now: Instant) -> dict[str, Any]:
    """What was used so far: by policy day and activity, and by every quota that holds now."""
    look = Look(policy, state, None, None)
    day = policy.days.day_of(now)
    start, end = policy.days.bounds("day", day)
    zone = policy.days.zone
    return {
        "day": {"date": day.isoformat(), "start": iso(start, zone), "end": iso(end, zone)},
        "used_seconds": measure(union(by_activity(state, start, now).values()), start, now),
        "by_activity": {name: measure(used, start, now) for name, used in by_activity(state, start, now).items()},
        "quotas": [
            _quota(look, b.rule, now) for b in look.binding.time if isinstance(b.rule, QuotaRule) and b.holds(now)
        ],
    }


def _quota(look: Look, rule: QuotaRule, now: Instant) -> dict[str, Any]:
    period, used = look.quota(rule, now), quota_used(look, rule, now)
    limit = max(
        (limit for about in _asking(look, rule) if (limit := about.quota(rule, now).limit) is not None), default=None
    )
    zone = look.policy.days.zone
    return {
        "rule": rule.origin.rule,
        "document": rule.origin.document,
        "layer": rule.origin.layer.value,
        "period": rule.period.value,
        "activities": sorted(rule.only) if rule.only else None,
        "start": iso(period.start, zone),
        "end": iso(period.end, zone),
        "limit_seconds": limit,
        "used_seconds": used,
        "remaining_seconds": None if limit is None else max(0, limit - used),
    }


def _asking(look: Look, rule: QuotaRule) -> list[Look]:
    """Who may ask about a quota: extra time for an activity that it names raises it for that activity."""
    return [Look(look.policy, look.state, name, None) for name in sorted(rule.only or ())] or [look]


def by_activity(state: SubjectState, start: Instant, end: Instant) -> dict[str, Intervals]:
    """The use inside ``[start, end)`` by activity, all devices united."""
    found: dict[str, list[Intervals]] = {}
    for (_, activity), intervals in tracks(state):
        found.setdefault(activity, []).append(clip(intervals, start, end))
    return {activity: used for activity, parts in sorted(found.items()) if (used := union(parts))}


def tracks(state: SubjectState) -> tuple[tuple[Track, Intervals], ...]:
    """The ledger with the running intervals of the sessions in it."""
    found = dict(state.ledger)
    for record in state.sessions:
        track = (record.device, record.activity)
        found[track] = add(found.get(track, ()), record.start, record.end)
    return tuple(sorted(found.items()))


def timeline(policy: CompiledPolicy, state: SubjectState, day: date, now: Instant) -> dict[str, Any]:
    """One policy day as intervals: what was used up to `now`, where; only totals are kept of days long past."""
    start, end = policy.days.bounds("day", day)
    zone = policy.days.zone
    upto = min(end, max(now, start))
    totals = [folded for folded in state.days if folded.start < end and folded.end > start]
    return {
        "day": {"date": day.isoformat(), "start": iso(start, zone), "end": iso(end, zone)},
        "intervals": [
            {"start": iso(s, zone), "end": iso(e, zone), "device": device, "activity": activity}
            for s, e, device, activity in sorted(
                (s, e, device, activity)
                for (device, activity), intervals in tracks(state)
                for s, e in clip(intervals, start, upto)
            )
        ],
        "used_seconds": measure(union(intervals for _, intervals in tracks(state)), start, upto)
        + sum(seconds for folded in totals for _, seconds in folded.atoms),
        "exact": not totals,
    }
