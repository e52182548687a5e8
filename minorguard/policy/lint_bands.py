"""Doubts about bands: a younger child who may do more than an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from minorguard.model.ids import Seconds
from minorguard.model.rules import BandPolicy, Period, QuotaRule, SittingRule
from minorguard.policy.fields import spoken
from minorguard.policy.lint_bands_more import MORE
from minorguard.policy.lint_bounds import most_in_a_period, most_in_longer
from minorguard.policy.lint_days import Day, before, clock_of, open_minutes
from minorguard.policy.lint_ground import Doubt, Ground, Looser, Written

_WORDS = {Period.DAY: ("daily", "a day"), Period.WEEK: ("weekly", "a week"), Period.MONTH: ("monthly", "a month")}


def lint_bands(ground: Ground) -> Iterator[Doubt]:
    """Every kind of rule by which some band is looser than an older one that the document writes.

    What only a preset makes stricter for the older is none of the document's doing and not told. Of several older bands
    the youngest is named.
    """
    for index, younger in enumerate(ground.timed):
        told = set()
        for older in ground.timed[index + 1 :]:
            for looser in _looser(ground, younger, older):
                if looser.path not in told:
                    told.add(looser.path)
                    message = f"`{younger.band}` {looser.more}, `{older.band}` {looser.less}"
                    way_out = "tighten the younger band or loosen the older"
                    yield Doubt(younger.at(*looser.path), "band.younger_looser", f"{message}; {way_out}")


def _looser(ground: Ground, younger: Written, older: Written) -> Iterator[Looser]:
    for mine, other in product(younger.pieces, older.pieces):
        if ground.closed(mine):
            continue
        for compare in (_quotas, _hours, _breaks, *MORE):
            yield from compare(ground, mine, other)


def _quotas(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    own = {rule.only for rule in older.time if isinstance(rule, QuotaRule) and ground.own(rule.origin)}
    for only, period in product(sorted(own, key=lambda names: sorted(names or ())), Period):
        activity = ground.policy.default_activity if only is None else min(only)
        days = ground.days if period is Period.DAY else ground.days[:1]
        limits = {day: _limits(ground, younger, older, activity, period, day) for day in days}
        looser = {day: (more, less) for day, (more, less) in limits.items() if less is not None and _above(more, less)}
        if looser:
            yield _quota(only, period, looser, everywhere=len(looser) == len(days))


def _quota(
    only: frozenset[str] | None, period: Period, looser: dict[Day, tuple[Seconds | None, Seconds]], *, everywhere: bool
) -> Looser:
    day, (more, less) = next(iter(looser.items()))
    key, word = _WORDS[period]
    what = "it" if only is None else f"`{min(only)}`"
    on = "" if everywhere else f" on `{day.kind}`"
    has = "without end" if more is None else f"for `{spoken(more)}`"
    path = ("time", "quota", key) if only is None else ("time", "quota", "per_activity", min(only), key)
    return Looser(path, f"may use {what} {has} {word}{on}", f"only for `{spoken(less)}`")


def _above(more: Seconds | None, less: Seconds) -> bool:
    return more is None or more > less


def _limits(
    ground: Ground, younger: BandPolicy, older: BandPolicy, activity: str, period: Period, day: Day
) -> tuple[Seconds | None, Seconds | None]:
    """The most that the younger can have, and the limit of the older where the document itself makes it."""
    theirs = [rule for rule in _binding(ground, older, activity) if rule.period is period]
    written = [(limit, not ground.own(rule.origin)) for rule in theirs if (limit := day.limit(rule.limits)) is not None]
    less, foreign = min(written, default=(None, True))
    mine = (_most(ground, rule, period, day) for rule in _binding(ground, younger, activity))
    return min((most for most in mine if most is not None), default=None), None if foreign else less


def _binding(ground: Ground, piece: BandPolicy, activity: str) -> Iterator[QuotaRule]:
    for rule in ground.time(piece):
        if isinstance(rule, QuotaRule) and rule.binds(activity):
            yield rule


def _most(ground: Ground, rule: QuotaRule, period: Period, day: Day) -> Seconds | None:
    """The most that a quota leaves of a period, extra time apart."""
    if rule.period is period:
        return day.limit(rule.limits)
    return most_in_longer(replace(rule, raise_at_most=0), period, ground.days)


def _hours(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    activity = ground.policy.default_activity
    mine = [rule for rule in ground.time(younger) if rule.binds(activity)]
    theirs = [rule for rule in ground.time(older) if rule.binds(activity)]
    others = [rule for rule in theirs if not ground.own(rule.origin)]
    for day in ground.days:
        for eve in before(day, ground.days):
            open_to_all = open_minutes(mine, day, eve) & open_minutes(others, day, eve)
            more = open_to_all & ~open_minutes(theirs, day, eve)
            if more:
                first = (more & -more).bit_length() - 1
                yield Looser(("time",), f"may use it at `{clock_of(first)}` on `{day.kind}`", "may not")
                return


def _breaks(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    activity = ground.policy.default_activity
    theirs = [rule for rule in ground.time(older) if isinstance(rule, SittingRule) and rule.binds(activity)]
    most = min(_on_end(ground, younger, activity), default=None)
    due = [(rule.break_after, not ground.own(rule.origin)) for rule in theirs if rule.break_after is not None]
    least, foreign = min(due, default=(None, True))
    if least is not None and not foreign and _above(most, least):
        has = "without a break" if most is None else f"for `{spoken(most)}` on end"
        yield Looser(("time", "sitting"), f"may use it {has}", f"only for `{spoken(least)}`")


def _on_end(ground: Ground, piece: BandPolicy, activity: str) -> Iterator[Seconds]:
    """What ends unbroken use within a day: each break, and each daily quota."""
    for rule in ground.time(piece):
        if isinstance(rule, SittingRule) and rule.binds(activity) and rule.break_after is not None:
            yield rule.break_after
    for quota in _binding(ground, piece, activity):
        most = most_in_a_period(quota, ground.days) if quota.period is Period.DAY else None
        if most is not None:
            yield most - quota.raise_at_most
