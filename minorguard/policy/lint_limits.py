"""Doubts about quotas, sittings and warnings: those that never come, since use always ends before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from minorguard.model.calendar import DayKind
from minorguard.model.ids import Seconds
from minorguard.model.rules import BandPolicy, Period, QuotaRule, SittingRule
from minorguard.policy.fields import spoken
from minorguard.policy.lint_bounds import Bounds, most_in_a_period, most_in_longer
from minorguard.policy.lint_days import Day
from minorguard.policy.lint_ground import Doubt, Ground, Written

_KEYS = {Period.DAY: "daily", Period.WEEK: "weekly", Period.MONTH: "monthly"}


def lint_limits(ground: Ground) -> Iterator[Doubt]:
    """Every doubt about limits that other limits always come before."""
    for band in ground.timed:
        for check in (_quotas, _sitting, _warnings):
            yield from band.in_every_piece(partial(check, ground, band))
        yield from _order(band)


def _quotas(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    own = [rule for rule in piece.time if isinstance(rule, QuotaRule) and ground.own(rule.origin)]
    for rule in own:
        first = next((other for other in own if _before(ground, other, rule)), None)
        if first is not None:
            of = "" if first.only is None else f" of `{min(first.only)}`"
            message = f"`{_KEYS[first.period]}`{of} is always reached first, so this never binds; lower it or remove it"
            yield Doubt(rule.origin.rule, "quota.never_binds", message)
    if any(most_in_a_period(rule, ground.days) == 0 and _counts_all(ground, piece, rule) for rule in own):
        for key in ("sitting", "warn_before"):
            if band.part("time").get(key):
                message = "the quota leaves no use at all; remove this, or raise the quota"
                yield Doubt(band.at("time", key), "quota.zero", message)


def _counts_all(ground: Ground, piece: BandPolicy, quota: QuotaRule) -> bool:
    """Whether a quota binds every activity that any rule of the band binds."""
    return all(ground.bound(rule) <= ground.bound(quota) for rule in piece.time)


def _before(ground: Ground, first: QuotaRule, rule: QuotaRule) -> bool:
    """Whether `first` denies whenever `rule` does: it counts what the other counts, and allows no more of it."""
    if first is rule or not ground.bound(rule) <= ground.bound(first):
        return False
    if first.period is rule.period:
        return first.only is None and rule.only is not None and _no_more(ground.days, first, rule)
    if rule.period is Period.DAY:
        return _within_a_day(ground.days, first, rule)
    most = most_in_longer(first, rule.period, ground.days)
    return most is not None and most <= rule.limits.seconds[0][1]


def _within_a_day(days: tuple[Day, ...], first: QuotaRule, rule: QuotaRule) -> bool:
    """Whether what a quota gives for a week or month is no more than another gives for any one day."""
    most, limits = first.limits.seconds[0][1] + first.raise_at_most, [day.limit(rule.limits) for day in days]
    return all(limit is not None and most <= limit for limit in limits)


def _no_more(days: tuple[Day, ...], first: QuotaRule, rule: QuotaRule) -> bool:
    limits = [(day.limit(first.limits), day.limit(rule.limits)) for day in days]
    return all(one is not None and other is not None and one <= other for one, other in limits)


def _sitting(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    rule = next((rule for rule in piece.time if isinstance(rule, SittingRule) and ground.own(rule.origin)), None)
    if rule is None:
        return
    most = Bounds.of(ground, piece, ground.bound(rule)).sitting(rule.resets_after)
    if most != 0:
        yield from _breaks(band, rule, most)
    if rule.at_least:
        yield from _opening(ground, band, piece, rule)


def _breaks(band: Written, rule: SittingRule, most: Seconds | None) -> Iterator[Doubt]:
    after, remind = rule.break_after, rule.remind_after
    if after is not None and most is not None and after >= most:
        message = f"after `{spoken(after)}` a break is due, but use ends after `{spoken(most)}` at most; lower it"
        yield Doubt(band.at("time", "sitting", "break_after"), "sitting.break_never", message)
    end = min((bound for bound in (most, after) if bound is not None), default=None)
    if remind is not None and end is not None and remind >= end:
        message = f"after `{spoken(remind)}` a reminder is due, but use ends after `{spoken(end)}` at most; lower it"
        yield Doubt(band.at("time", "sitting", "remind_after"), "reminder.never", message)


def _opening(ground: Ground, band: Written, piece: BandPolicy, rule: SittingRule) -> Iterator[Doubt]:
    at = band.at("time", "sitting", "at_least")
    bounds = [Bounds.of(ground, piece, frozenset({name})) for name in sorted(ground.bound(rule))]
    most = [bound.at_opening() for bound in bounds]
    least = spoken(rule.at_least)
    if all(left is not None and 0 < left < rule.at_least for left in most):
        left = spoken(max(left for left in most if left is not None))
        yield Doubt(at, "sitting.never_opens", f"`{least}` must be left to open, but `{left}` is the most; lower it")
        return
    never = [f"`{kind}`" for kind in DayKind if all(_too_short(ground, bound, kind, rule.at_least) for bound in bounds)]
    if never:
        message = f"`{least}` must be left to open, which the quota of {', '.join(never)} never leaves; lower it"
        yield Doubt(at, "sitting.never_opens", message)


def _too_short(ground: Ground, bounds: Bounds, kind: DayKind, at_least: Seconds) -> bool:
    """Whether a daily quota leaves something, but never enough to open, on every day of a kind."""
    days = [day for day in ground.days if day.kind is kind]
    return bool(days) and any(
        all(0 < (day.limit(rule.limits) or 0) + rule.raise_at_most < at_least for day in days)
        for rule in bounds.quotas
        if rule.period is Period.DAY and all(day.limit(rule.limits) is not None for day in days)
    )


def _warnings(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    bounds = [Bounds.of(ground, piece, frozenset({name})) for name in ground.activities]
    ending = [bound for bound in bounds if bound.ends()]
    left = [bound.left() for bound in ending]
    most = max((one for one in left if one is not None), default=0)
    for index, before in enumerate(band.part("time").get("warn_before", ())):
        at = band.at("time", "warn_before", index)
        if not ending:
            yield Doubt(at, "warning.never", "nothing ever ends use here, so there is nothing to warn of; remove it")
        elif None not in left and 0 < most <= before:
            message = f"`{spoken(most)}` is the most that is ever left, so `{spoken(before)}` is told at every opening"
            yield Doubt(at, "warning.at_once", f"{message}; lower it")


def _order(band: Written) -> Iterator[Doubt]:
    written: list[Seconds] = band.part("time").get("warn_before", [])
    order = sorted(set(written), reverse=True)
    if written != order:
        should = ", ".join(map(spoken, order))
        message = f"warnings are told largest first, each once; write `[{should}]`"
        yield Doubt(band.at("time", "warn_before"), "warning.order", message)
