"""Notifications: none in a quiet span, and not more than so many a period. Time and leases say nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minorguard.engine.binding import Held
from minorguard.engine.demands import Answer, Demand, judge
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER
from minorguard.engine.periods import period_at
from minorguard.engine.reasons import span_data
from minorguard.engine.time_rules import in_spans
from minorguard.model.calendar import DAY
from minorguard.model.decisions import Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, FeaturePeriod, NotificationRule
from minorguard.model.state import Interval, Intervals

_LONGEST: Seconds = 9 * DAY
"""Longer than any policy week, whatever clocks do."""


def are_counted(policy: CompiledPolicy) -> bool:
    """Whether any rule limits their number, of whichever band: ages change, and are corrected."""
    return any(rule.at_most is not None for band in policy.bands for rule in band.notifications)


def judge_notification(look: Look, now: Instant) -> Answer:
    """Whether a notification may be sent at `now`."""
    demands = [demand for held in look.binding.notifications for demand in _demands(look, held, now)]
    return judge(look, demands, now)


def left_to_send(look: Look, now: Instant) -> dict[str, int]:
    """The least number that the rules in force leave; nothing where none limits it."""
    left = [room for room, _ in _rooms(look, now)]
    return {"notifications": min(left)} if left else {}


def scarcest(look: Look, now: Instant) -> NotificationRule | None:
    """The rule in force that leaves the fewest."""
    return min(_rooms(look, now), key=lambda pair: pair[0], default=(0, None))[1]


def _rooms(look: Look, now: Instant) -> Iterator[tuple[int, NotificationRule]]:
    for held in look.binding.notifications:
        if held.rule.at_most is not None and held.holds(now):
            limit, period = held.rule.at_most
            yield max(0, limit - _sent(look, period, now)), held.rule


def _sent(look: Look, period: FeaturePeriod, at: Instant) -> int:
    """How many were sent in the period that holds an instant; by a clock that is ahead, too."""
    start, end = period_at(look.policy.days, period, at)
    return sum(sent.amount for sent in look.state.notifications if start <= sent.at < end)


def _demands(look: Look, held: Held[NotificationRule], now: Instant) -> Iterator[Demand]:
    if held.rule.quiet:
        yield _quiet(look, held, now)
    if held.rule.at_most is not None:
        yield _limited(look, held, held.rule.at_most, now)


def _quiet(look: Look, held: Held[NotificationRule], now: Instant) -> Demand:
    """Spans run like curfews: owned by the date on which they open, and where clocks change the longer way."""
    days, calendar, spans = look.policy.days, look.policy.calendar, held.rule.quiet

    def unmet(at: Instant, until: Instant) -> Iterator[Interval]:
        return in_spans(days, calendar, spans, at, until)

    def why(allowed_at: str | None) -> Reason:
        data = {"spans": [span_data(span) for span in spans], "allowed_at": allowed_at}
        return Reason("notification.quiet", held.rule.origin, data, {"change": "allow_at", "at": iso(now, days.zone)})

    return Demand(held.times, unmet, why)


def _limited(look: Look, held: Held[NotificationRule], at_most: tuple[int, FeaturePeriod], now: Instant) -> Demand:
    limit, period = at_most
    full = _full(look, limit, period, now)

    def unmet(at: Instant, until: Instant) -> Iterable[Interval]:
        return ((start, end) for start, end in full if start < until and end > at)

    def why(allowed_at: str | None) -> Reason:
        used = _sent(look, period, now)
        data = {"period": period.value, "limit": limit, "used": used, "allowed_at": allowed_at}
        return Reason("notification.exhausted", held.rule.origin, data, {"change": "raise", "to": used + 1})

    return Demand(held.times, unmet, why)


def _full(look: Look, limit: int, period: FeaturePeriod, since: Instant) -> Intervals:
    """The periods, among those that end after `since`, that have no room left."""
    if limit == 0:
        return ((0, FOREVER),)
    sums: dict[Interval, int] = {}
    for sent in look.state.notifications:
        if sent.at > since - _LONGEST:
            bounds = period_at(look.policy.days, period, sent.at)
            sums[bounds] = sums.get(bounds, 0) + sent.amount
    return tuple(sorted(bounds for bounds, number in sums.items() if number >= limit))
