"""One look at a subject: its policy, its memory, and the activity and device that are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from minorguard.engine.binding import Binding, bind
from minorguard.engine.day_limits import limit_on, next_in_reach
from minorguard.engine.metering import add, continuing, goes_on, union
from minorguard.engine.sittings import Sitting, sitting_at
from minorguard.model.calendar import PolicyDay
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy, Devices, Period, QuotaRule, SittingRule, TimeRule
from minorguard.model.state import Intervals, SubjectState, Track


class Look:
    """A situation to be judged: immutable, and remembering what several rules ask for."""

    __slots__ = (
        "_ahead",
        "_counted",
        "_counting",
        "_day",
        "_quotas",
        "_sittings",
        "activity",
        "binding",
        "device",
        "policy",
        "rules",
        "state",
    )

    def __init__(
        self,
        policy: CompiledPolicy,
        state: SubjectState,
        activity: str | None,
        device: str | None,
        binding: Binding | None = None,
    ) -> None:
        self.policy = policy
        self.state = state
        self.activity = activity or policy.default_activity
        self.device = device
        self.binding = bind(policy, state.profile) if binding is None else binding
        self.rules = self.binding.for_activity(self.activity)
        self._counting: dict[int, Intervals] = {}
        self._counted: dict[object, Intervals] = {}
        self._ahead: dict[tuple[Instant, int], Intervals] = {}
        self._quotas: dict[tuple[int, date], QuotaPeriod] = {}
        self._sittings: dict[tuple[int, Instant], Sitting] = {}
        self._day: PolicyDay | None = None

    def day_of(self, at: Instant) -> date:
        """The policy day that holds an instant."""
        if self._day is None or not self._day[1] <= at < self._day[2]:
            self._day = self.policy.days.day_at(at)
        return self._day[0]

    def counted(self, rule: TimeRule) -> Intervals:
        """The set of time that a rule counts, leases included."""
        found = self._counting.get(id(rule))
        if found is None:
            key = (rule.only, rule.exempt, self._device_of(rule))
            found = self._counted.get(key)
            if found is None:
                found = self._counted[key] = self._union(rule)
            self._counting[id(rule)] = found
        return found

    def ahead(self, rule: TimeRule, now: Instant) -> Intervals:
        """The set that a rule will have counted if use goes on from `now` without an end."""
        counted = self.counted(rule)
        key = (now, id(counted))
        found = self._ahead.get(key)
        if found is None:
            found = self._ahead[key] = continuing(counted, now)
        return found

    def goes_on(self, rule: TimeRule, at: Instant) -> bool:
        """Whether the use that a rule counts goes on after an instant, as it does while a lease runs."""
        return goes_on(self.counted(rule), at)

    def sitting(self, rule: SittingRule, at: Instant) -> Sitting:
        """The sitting at an instant, of what a rule counts."""
        key = (id(rule), at)
        found = self._sittings.get(key)
        if found is None:
            found = self._sittings[key] = sitting_at(rule, self.counted(rule), at)
        return found

    def sitting_over(self, rule: SittingRule, at: Instant) -> Instant | None:
        """When the sitting at an instant will be over; None: there is none, or its use goes on."""
        sitting = None if self.goes_on(rule, at) else self.sitting(rule, at)
        return None if sitting is None or sitting.began is None else sitting.over

    def quota(self, rule: QuotaRule, at: Instant) -> QuotaPeriod:
        """The period that holds an instant, and its limit there."""
        return self._period(rule, self.day_of(at))

    def quotas(self, rule: QuotaRule, at: Instant, until: Instant, spare: Seconds = 0) -> Iterator[QuotaPeriod]:
        """The period that holds an instant, and those that follow, as long as they begin before `until`.

        Later days on which the rule leaves more than `spare` whatever is used may lack.
        """
        day, days = self.day_of(at), self.policy.days
        while (period := self._period(rule, day)).start < until:
            yield period
            day = days.dates(rule.period.value, day)[1]
            if rule.period is Period.DAY:
                day = next_in_reach(days, self.policy.calendar, rule.limits, spare, day, days.day_of(until))

    def _period(self, rule: QuotaRule, day: date) -> QuotaPeriod:
        key = (id(rule), day)
        found = self._quotas.get(key)
        if found is None:
            found = self._quotas[key] = self._quota(rule, day)
        return found

    def _quota(self, rule: QuotaRule, day: date) -> QuotaPeriod:
        known = self._day if rule.period is Period.DAY else None
        if known is not None and known[0] == day:
            start, end = known[1:]
        else:
            start, end = self.policy.days.bounds(rule.period.value, day)
        if rule.period is Period.DAY:
            limit = limit_on(rule.limits, day, self.policy.calendar.kinds(day))
            limit = None if limit is None else limit + self._raised(rule, day)
        else:
            limit = dict(rule.limits.seconds)["otherwise"]
        return QuotaPeriod(start, end, limit, self._folded(rule, start, end))

    def _raised(self, rule: QuotaRule, day: date) -> Seconds:
        if not rule.raise_at_most:
            return 0
        grants = (g for g in self.state.grants if g.day == day and g.activity in {None, self.activity})
        return min(rule.raise_at_most, sum(grant.seconds for grant in grants))

    def _folded(self, rule: TimeRule, start: Instant, end: Instant) -> Seconds:
        """What a rule counts of the folded days that touch ``[start, end)``; a straddling day counts whole."""
        days = self.state.days
        if not days or days[-1].end <= start:
            return 0
        counts = self._counts(rule)
        total = 0
        for folded in reversed(days):
            if folded.end <= start:
                break
            if folded.start < end:
                total += sum(seconds for tracks, seconds in folded.atoms if any(map(counts, tracks)))
        return total

    def _union(self, rule: TimeRule) -> Intervals:
        counts = self._counts(rule)
        used = union([intervals for track, intervals in self.state.ledger if counts(track)])
        for session in self.state.sessions:
            if session.end > session.start and counts((session.device, session.activity)):
                used = add(used, session.start, session.end)
        return used

    def _device_of(self, rule: TimeRule) -> str | None:
        return self.device if isinstance(rule, QuotaRule) and rule.devices is Devices.EACH else None

    def _counts(self, rule: TimeRule) -> Callable[[Track], bool]:
        device = self._device_of(rule)
        return lambda track: (device is None or track[0] == device) and rule.binds(track[1])


@quickly
@dataclass(frozen=True, slots=True)
class QuotaPeriod:
    """A day, week or month of a quota."""

    start: Instant
    end: Instant
    limit: Seconds | None
    """With the day's grants; None: no limit."""
    folded: Seconds
    """What is counted of it in days long past."""
