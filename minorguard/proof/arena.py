"""Two policies at one age on one day: what binds, when the first is open, and a history put to both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from minorguard.engine import decide
from minorguard.engine.look import limit_on
from minorguard.engine.metering import clip, union
from minorguard.engine.time_rules import closed, opened
from minorguard.model.decisions import Effect
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    Origin,
    Period,
    QuotaRule,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Grant, Interval, Intervals, Profile, SessionRecord, SubjectState, Use
from minorguard.proof.cases import AgeCase, DayCase
from minorguard.proof.counterexample import Asked, Counterexample

DEVICE, OTHER_DEVICE = "phone", "tablet"
SESSION = "child~comparison"
OTHER_ACTIVITY = "other-activity"
_IDLE: Seconds = 86_400
"""A session that lapsed so long ago is in no grace."""


@dataclass(slots=True)
class Arena:
    """The first policy (`a`) is asked to deny whatever a rule of the second (`b`) denies."""

    a: CompiledPolicy
    b: CompiledPolicy
    age: AgeCase
    case: DayCase
    on: date
    activities: tuple[str, ...]
    _open: dict[str, Intervals] = field(default_factory=dict)

    @property
    def mine(self) -> tuple[BandPolicy, ...]:
        """The bands of the first that hold."""
        return self.age.bands(self.a)

    @property
    def theirs(self) -> tuple[BandPolicy, ...]:
        """The bands of the second that hold."""
        return self.age.bands(self.b)

    def my_rules(self, activity: str) -> tuple[TimeRule, ...]:
        """The time rules of the first that bind an activity."""
        return tuple(rule for band in self.mine for rule in band.time if rule.binds(activity))

    @property
    def day(self) -> Interval:
        """The policy day of the second that is looked at."""
        return self.b.days.bounds("day", self.case.day)

    def closed_by(self, policy: CompiledPolicy, rule: CurfewRule | WindowRule, within: Interval) -> Intervals:
        """When a rule of the clock denies inside a stretch."""
        days = policy.days
        first, last = days.local_date(within[0]) - timedelta(days=1), days.local_date(within[1])
        of_day = closed if isinstance(rule, CurfewRule) else opened
        dates = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        spans = union(of_day(days.zone, policy.calendar, rule.spans, day) for day in dates)
        inside = clip(spans, *within)
        return inside if isinstance(rule, CurfewRule) else without((within,), inside)

    def open(self, activity: str) -> Intervals:
        """When the first policy lets an activity go on today if nothing was used."""
        found = self._open.get(activity)
        if found is None:
            found = self._open[activity] = self._opened(activity)
        return found

    def _opened(self, activity: str) -> Intervals:
        shut: list[Intervals] = []
        for rule in self.my_rules(activity):
            if isinstance(rule, CurfewRule | WindowRule):
                shut.append(self.closed_by(self.a, rule, self.day))
            elif isinstance(rule, QuotaRule) and not rule.raise_at_most:
                shut.append(tuple(self._never(rule)))
        return without((self.day,), union(shut))

    def _never(self, rule: QuotaRule) -> Iterator[Interval]:
        """Where a quota of nothing closes the day; days of the first need not be those of the second."""
        if rule.period is not Period.DAY:
            if dict(rule.limits.seconds)["otherwise"] == 0:
                yield self.day
            return
        days = self.a.days
        for ahead in (-1, 0, 1):
            date_ = self.case.day + timedelta(days=ahead)
            if limit_on(rule.limits, date_, self.a.calendar.kinds(date_)) == 0:
                yield from clip((days.bounds("day", date_),), *self.day)

    # Putting a case to both

    def child(self) -> SubjectState:
        """The child of the case, of whom nothing is known yet."""
        return SubjectState(Profile("child", self.a.id, born=self.age.born(self.case.day)))

    def time(
        self,
        activity: str,
        at: Instant,
        used: Iterable[tuple[str, str, Intervals]] = (),
        granted: Seconds = 0,
    ) -> Asked:
        """May a session that lapsed long ago go on? `used` are devices, activities and what was used of them."""
        idle = SessionRecord(SESSION, DEVICE, activity, at - _IDLE, at - _IDLE)
        ledger = tuple(sorted(((device, name), spans) for device, name, spans in used if spans))
        days = sorted({policy.days.day_of(at) for policy in (self.a, self.b)})
        grants = tuple(Grant(f"grant-{day}", day, granted) for day in days if granted)
        state = self.child()
        history = SubjectState(state.profile, sessions=(idle,), ledger=ledger, grants=grants)
        return Asked(history, TimeQuestion(activity, DEVICE, SESSION), at)

    def feature(self, name: str, amount: int, at: Instant, uses: tuple[Use, ...] = ()) -> Asked:
        """May a feature be used, by a session that has just been opened?"""
        live = SessionRecord(SESSION, DEVICE, self.a.default_activity, at, at + 1)
        history = SubjectState(self.child().profile, sessions=(live,), uses=uses)
        return Asked(history, FeatureQuestion(name, amount, SESSION), at)

    def refutes(self, asked: Asked, rule: Origin | None) -> bool:
        """Whether the first policy allows what this rule of the second denies; None: its silence."""
        other = decide(self.b, asked.state, asked.question, asked.at)
        if other.effect is not Effect.DENY or rule not in [reason.origin for reason in other.reasons]:
            return False
        return decide(self.a, asked.state, asked.question, asked.at).effect is Effect.ALLOW

    def counterexample(self, asked: Asked, rule: Origin) -> Counterexample:
        """The case as it is told."""
        return Counterexample(self.age, rule, self.b.days.zone, self.on, asked, self.case)

    def first(self, tries: Iterable[Asked], rule: Origin) -> Counterexample | None:
        """The first of several histories that refutes."""
        return next((self.counterexample(asked, rule) for asked in tries if self.refutes(asked, rule)), None)


def without(intervals: Intervals, taken: Intervals) -> Intervals:
    """What is left of a set of time when another is taken from it."""
    left: list[Interval] = []
    for start, end in intervals:
        for low, high in clip(taken, start, end):
            if low > start:
                left.append((start, low))
            start = high
        if start < end:
            left.append((start, end))
    return tuple(left)
