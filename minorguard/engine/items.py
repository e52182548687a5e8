"""Recommended items: so many a sitting, so many a day. What was shown counts, whichever list or page it was on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from minorguard.engine.binding import Held
from minorguard.engine.demands import Demand
from minorguard.engine.features import sitting_changes, sitting_span
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER
from minorguard.engine.periods import period_at
from minorguard.engine.sittings import DEFAULT_GAP
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, FeaturePeriod, RecommendationRule, SittingRule
from minorguard.model.state import Interval

HOUR: Seconds = 3600
_PERIODS = {FeaturePeriod.SITTING: "items_per_sitting", FeaturePeriod.DAY: "items_per_day"}


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """One number of a rule: the most items of a sitting or a day, and how many were shown."""

    held: Held[RecommendationRule]
    period: FeaturePeriod
    limit: int
    used: int
    span: Interval
    """The sitting, as far as it goes by what is on record, or the day."""

    @property
    def key(self) -> str:
        """Its key in a policy: `items_per_sitting` or `items_per_day`."""
        return _PERIODS[self.period]

    @property
    def left(self) -> int:
        """How many more may be shown, never below 0."""
        return max(0, self.limit - self.used)


def are_counted(policy: CompiledPolicy) -> bool:
    """Whether any rule limits their number, of whichever band: ages change, and are corrected."""
    rules = (rule for band in policy.bands for rule in band.recommendations)
    return any(rule.items_per_sitting is not None or rule.items_per_day is not None for rule in rules)


def item_totals(look: Look, now: Instant) -> tuple[ItemTotal, ...]:
    """The totals of all rules in force, the tightest first."""
    found = [total for held in look.binding.recommendations if held.holds(now) for total in _totals(look, held, now)]
    return tuple(sorted(found, key=lambda total: total.left))


def item_demands(look: Look, amount: int, now: Instant) -> tuple[Demand, ...]:
    """What the totals demand of a list of so many items."""
    every = (total for held in look.binding.recommendations for total in _totals(look, held, now))
    return tuple(_demand(look, total, amount, now) for total in every)


def _totals(look: Look, held: Held[RecommendationRule], now: Instant) -> Iterator[ItemTotal]:
    for period, key in _PERIODS.items():
        limit = getattr(held.rule, key)
        if limit is not None:
            yield _total(look, held, period, limit, now)


def _total(look: Look, held: Held[RecommendationRule], period: FeaturePeriod, limit: int, at: Instant) -> ItemTotal:
    start, end = _span(look, period, at)
    used = sum(shown.amount for shown in look.state.items if start <= shown.at < end)
    return ItemTotal(held, period, limit, used, (start, end))


def _span(look: Look, period: FeaturePeriod, now: Instant) -> Interval:
    if period is not FeaturePeriod.SITTING:
        return period_at(look.policy.days, period, now)
    start, end = sitting_span(look, now)
    return _lists(look, start, now) if end is None else (start, end)


def _lists(look: Look, since: Instant, now: Instant) -> Interval:
    """Between sittings, or where no session tells of any, lists are signs of use themselves: a gap ends those, too."""
    rules = (bound.rule for bound in look.rules if bound.holds(now) and isinstance(bound.rule, SittingRule))
    gap = max((max(rule.resets_after, rule.break_for) for rule in rules), default=DEFAULT_GAP)
    start = now
    shown = sorted((one for one in look.state.items if since <= one.at), key=lambda one: -one.at)
    for one in shown:
        if start - one.at >= gap + (0 if one.id else HOUR):  # a sum stands for lists of the hour before it
            break
        start = min(start, one.at)
    return start, (shown[0].at if shown else now) + gap


def _demand(look: Look, total: ItemTotal, amount: int, now: Instant) -> Demand:
    rule, full = total.held.rule, tuple(_full(look, total, amount, now))

    def unmet(at: Instant, until: Instant) -> Iterable[Interval]:
        return ((start, end) for start, end in full if start < until and end > at)

    def why(allowed_at: str | None) -> Reason:
        data = {
            "period": total.period.value,
            "limit": total.limit,
            "used": total.used,
            "amount": amount,
            "allowed_at": allowed_at,
        }
        return Reason("items.exhausted", rule.origin, data, {"change": "raise", "to": total.used + amount})

    return Demand(total.held.times, unmet, why)


def _full(look: Look, total: ItemTotal, amount: int, at: Instant) -> Iterator[Interval]:
    """From `at` on, the stretches without room.

    What was shown after a sitting's use goes on where the sitting is over, and rules come and go in the midst of it.
    """
    if amount > total.limit:
        yield 0, FOREVER
        return
    while amount > total.left and (end := min((total.span[1], *sitting_changes(look, at)))) > at:
        yield at, end
        total, at = _total(look, total.held, total.period, total.limit, end), end
