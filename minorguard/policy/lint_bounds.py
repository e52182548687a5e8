"""How much use the rules of a band can ever leave: upper bounds, so that what is above one is never reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minorguard.model.calendar import DAY
from minorguard.model.ids import Seconds
from minorguard.model.rules import BandPolicy, CurfewRule, Devices, Period, QuotaRule, SittingRule, TimeRule, WindowRule
from minorguard.policy.lint_days import Day, crossing, longest_open
from minorguard.policy.lint_ground import Ground

_WEEKS_OF_A_MONTH = 6
"""How many weeks a month can touch."""
_SHORTEST = {Period.DAY: 21 * 3600, Period.WEEK: 7 * DAY - 3 * 3600, Period.MONTH: 28 * DAY - 3 * 3600}
"""Less than the seconds of any period, wherever clocks change: a quota of more may never end use."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds on the use of some activities together, under the rules that bind each of them."""

    ground: Ground
    rules: tuple[TimeRule, ...]

    @classmethod
    def of(cls, ground: Ground, piece: BandPolicy, activities: frozenset[str]) -> Bounds:
        """The bounds for use of these activities, one after another or at once."""
        return cls(ground, tuple(rule for rule in ground.time(piece) if activities <= ground.bound(rule)))

    @property
    def hours(self) -> tuple[TimeRule, ...]:
        """Its curfews and windows."""
        return tuple(rule for rule in self.rules if isinstance(rule, CurfewRule | WindowRule))

    @property
    def quotas(self) -> tuple[QuotaRule, ...]:
        """Its quotas."""
        return tuple(rule for rule in self.rules if isinstance(rule, QuotaRule))

    def ends(self) -> bool:
        """Whether any rule ever ends use."""
        breaks = (rule.break_after is not None for rule in self.rules if isinstance(rule, SittingRule))
        return bool(self.hours or self.quotas or any(breaks))

    def left(self) -> Seconds | None:
        """The most time that can be left to one device before some rule ends use; None: no bound."""
        return min(self._left(), default=None)

    def _left(self) -> Iterator[Seconds]:
        yield from self._together(self.quotas, gap=0)
        for rule in self.rules:
            if isinstance(rule, SittingRule) and rule.break_after is not None:
                yield rule.break_after

    def at_opening(self) -> Seconds | None:
        """The most that each rule by itself can leave when use is opened, as `at_least` has it; None: no bound."""
        longest = longest_open(self.hours, self.ground.days)
        quotas = (most_in_a_period(rule, self.ground.days) for rule in self.quotas)
        breaks = (rule.break_after for rule in self.rules if isinstance(rule, SittingRule))
        return min((bound for bound in (longest, *quotas, *breaks) if bound is not None), default=None)

    def sitting(self, gap: Seconds) -> Seconds | None:
        """The most use in one sitting, on all devices, that a gap of `gap` ends; None: no bound."""
        quotas = tuple(rule for rule in self.quotas if rule.devices is Devices.UNION)
        return min(self._together(quotas, gap=gap), default=None)

    def _together(self, quotas: tuple[QuotaRule, ...], *, gap: Seconds) -> Iterator[Seconds]:
        days = self.ground.days
        longest = longest_open(self.hours, days, gap=gap)
        if longest is not None:
            yield longest
        twice = crossing(self.hours, days, self.ground.scheme.starts_at, gap=gap)
        for rule in quotas:
            most = most_in_a_period(rule, days)
            if most is not None and not (twice and most >= _SHORTEST[rule.period]):
                yield most * 2 if twice else most  # what is left of one period, and the whole of the next


def most_in_a_period(rule: QuotaRule, days: tuple[Day, ...]) -> Seconds | None:
    """The most that a quota allows in one of its periods, extra time included; None: some day has no limit."""
    limits = [limit for day in days if (limit := day.limit(rule.limits)) is not None]
    if rule.period is not Period.DAY:
        return limits[0]
    return max(limits) + rule.raise_at_most if len(limits) == len(days) else None


def most_in_longer(rule: QuotaRule, period: Period, days: tuple[Day, ...]) -> Seconds | None:
    """The most that a quota of days or weeks lets be used in a longer period, extra time included; None: no bound."""
    if (rule.period, period) == (Period.WEEK, Period.MONTH):
        return _WEEKS_OF_A_MONTH * rule.limits.seconds[0][1]
    if rule.period is not Period.DAY or period is Period.DAY or most_in_a_period(rule, days) is None:
        return None
    by_weekday = [
        rule.raise_at_most + max(day.limit(rule.limits) or 0 for day in days if day.weekday == weekday)
        for weekday in range(7)
    ]
    if period is Period.WEEK:
        return sum(by_weekday)
    return 4 * sum(by_weekday) + max(sum((by_weekday * 2)[first : first + 3]) for first in range(7))
