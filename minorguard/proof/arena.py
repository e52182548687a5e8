"""Two policies at one age on one day: what binds, when the first is open, and a history put to both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from minorguard.engine import decide
from minorguard.engine.day_limits import limit_on
from minorguard.engine.metering import clip, union
from minorguard.engine.periods import period_at
from minorguard.engine.time_rules import closed, opened
from minorguard.model.calendar import DAY, wall_instants
from minorguard.model.decisions import Effect
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import (
    ContentQuestion,
    FeatureQuestion,
    NotificationQuestion,
    SpendQuestion,
    TimeQuestion,
)
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    FeaturePeriod,
    Origin,
    Period,
    QuotaRule,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import (
    Grant,
    Interval,
    Intervals,
    Profile,
    Purchase,
    Sent,
    SessionRecord,
    SubjectState,
    Use,
)
from minorguard.proof.cases import AgeCase, DayCase
from minorguard.proof.counterexample import Asked, Counterexample, Undecided

DEVICE, OTHER_DEVICE = "phone", "tablet"
SESSION = "child~comparison"
OTHER_ACTIVITY = "other-activity"
_IDLE: Seconds = 86_400
"""A session that lapsed so long ago is in no grace."""


class Exhausted(Exception):
    """More had to be tried than was allowed."""


Stop = Callable[[], bool]
"""Asked at every step whether a comparison ends here; once it says so it says so again."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Budget:
    """How much work a comparison may be: cases looked at and histories put to both policies."""

    most: int
    stop: Stop = _never
    spent: int = 0

    def spend(self) -> None:
        """One more. Raises `Exhausted`."""
        self.spent += 1
        if self.spent > self.most or self.stop():
            raise Exhausted


@dataclass(slots=True)
class Arena:
    """The first policy (`a`) is asked to deny whatever a rule of the second (`b`) denies."""

    a: CompiledPolicy
    b: CompiledPolicy
    age: AgeCase
    case: DayCase
    on: date
    activities: tuple[str, ...]
    budget: Budget
    broken: bool = False
    """Whether a rule was refuted here already, so that what follows from it need not be told as well."""
    kept: frozenset[object] = frozenset()
    """Rules of the second that the first has itself."""
    mine: tuple[BandPolicy, ...] = field(init=False)
    """The bands of the first that hold."""
    theirs: tuple[BandPolicy, ...] = field(init=False)
    """The bands of the second that hold."""
    _open: dict[str, Intervals] = field(default_factory=dict)
    _rules: dict[str, tuple[TimeRule, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mine, self.theirs = self.age.bands(self.a), self.age.bands(self.b)

    def my_rules(self, activity: str) -> tuple[TimeRule, ...]:
        """The time rules of the first that bind an activity."""
        found = self._rules.get(activity)
        if found is None:
            found = tuple(rule for band in self.mine for rule in band.time if rule.binds(activity))
            self._rules[activity] = found
        return found

    @property
    def day(self) -> Interval:
        """The policy day of the second that is looked at; of a birthday its date, at whatever time days begin."""
        if not self.age.on_birthday:
            return self.b.days.bounds("day", self.case.day)
        start, end = (wall_instants(self.b.days.zone, self.case.day, second)[0] for second in (0, DAY))
        return start, end

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

    def last_open(self, activity: str) -> Iterator[Instant]:
        """The last second at which the first lets an activity go on, in each day of either that this day touches."""
        yield from (spans[-1][1] - 1 for spans in self._open_by_day(activity))

    def first_open(self, activity: str) -> Iterator[Instant]:
        """The first such second of each day."""
        yield from (spans[0][0] for spans in self._open_by_day(activity))

    def days_end(self) -> Iterator[Instant]:
        """The last second of the day, and of each day of either policy that ends in it."""
        yield from (edge - 1 for edge in self._ends())

    def hours(self) -> Iterator[Interval]:
        """The day, cut wherever an hour or a day of either policy begins."""
        starts = {at for policy in (self.a, self.b) for at in _hours(policy, *self.day)}
        yield from pairwise(sorted({*starts, *self.day}))

    def _open_by_day(self, activity: str) -> Iterator[Intervals]:
        start = self.day[0]
        for edge in self._ends():
            if spans := clip(self.open(activity), start, edge):
                yield spans
            start = edge

    def _ends(self) -> list[Instant]:
        start, end = self.day
        both = (self.a.days, self.b.days)
        edges = {end, *(days.bounds("day", days.day_of(at))[1] for days in both for at in (start, end - 1))}
        return sorted(edge for edge in edges if edge <= end)

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
        *,
        opening: bool = False,
    ) -> Asked:
        """May a session that lapsed long ago go on, or a sitting be opened? `used` are devices, activities, stretches.

        A grant is of the day that the first is in: where the second is in another day, its quota stays as it is.
        """
        idle = () if opening else (SessionRecord(SESSION, DEVICE, activity, at - _IDLE, at - _IDLE),)
        ledger = tuple(sorted(((device, name), spans) for device, name, spans in used if spans))
        grants = self._granted(at, granted)
        history = SubjectState(self.child().profile, sessions=idle, ledger=ledger, grants=grants)
        return Asked(history, TimeQuestion(activity, DEVICE, None if opening else SESSION), at)

    def feature(
        self,
        name: str,
        activity: str,
        at: Instant,
        uses: tuple[Use, ...] = (),
        *,
        granted: Seconds = 0,
        begun: Seconds = 0,
    ) -> Asked:
        """May a feature be used once, by a session that was opened so many seconds ago?"""
        live = SessionRecord(SESSION, DEVICE, activity, at - begun, at + 1)
        grants = self._granted(at, granted)
        history = SubjectState(self.child().profile, sessions=(live,), uses=uses, grants=grants)
        return Asked(history, FeatureQuestion(name, 1, SESSION), at)

    def _granted(self, at: Instant, granted: Seconds) -> tuple[Grant, ...]:
        day = self.a.days.day_of(at)
        return (Grant(f"grant-{day}", day, granted),) if granted else ()

    def most_granted(self, activity: str) -> Seconds:
        """The most that a grant may add to any quota of the first."""
        rules = self.my_rules(activity)
        return max((rule.raise_at_most for rule in rules if isinstance(rule, QuotaRule)), default=0)

    def purchase(
        self, amount: int, currency: str, activity: str, at: Instant, before: tuple[Purchase, ...] = ()
    ) -> Asked:
        """May so much be spent, after some purchases?"""
        history = SubjectState(self.child().profile, purchases=before)
        return Asked(history, SpendQuestion(amount, currency, activity), at)

    def notification(self, at: Instant, before: tuple[Sent, ...] = ()) -> Asked:
        """May a notification be sent, after some others?"""
        return Asked(SubjectState(self.child().profile, notifications=before), NotificationQuestion(), at)

    def content(self, question: ContentQuestion) -> Asked:
        """What becomes of an item or a text at noon, under a live lease: nothing that was used matters."""
        at = (self.day[0] + self.day[1]) // 2
        live = SessionRecord(SESSION, DEVICE, self.a.default_activity, at, at + 1)
        return Asked(SubjectState(self.child().profile, sessions=(live,)), question, at)

    def refutes(self, asked: Asked, rule: Origin | None) -> bool:
        """Whether the first policy allows what this rule of the second denies; None: its silence.

        Raises `Exhausted`.
        """
        self.budget.spend()
        mine = decide(self.a, asked.state, asked.question, asked.at)
        if mine.effect is not Effect.ALLOW:
            return False
        other = decide(self.b, asked.state, asked.question, asked.at)
        return other.effect is Effect.DENY and rule in [reason.origin for reason in other.reasons]

    def lets(self, asked: Asked) -> bool:
        """Whether the first policy allows something."""
        return decide(self.a, asked.state, asked.question, asked.at).effect is Effect.ALLOW

    def refutes_any(self, asked: Asked) -> bool:
        """Whether the first policy allows what the second denies, by whichever of its rules. Raises `Exhausted`."""
        self.budget.spend()
        policies = (self.a, self.b)
        effects = [decide(policy, asked.state, asked.question, asked.at).effect for policy in policies]
        return effects == [Effect.ALLOW, Effect.DENY]

    def goes_on(self, opening: Asked) -> bool:
        """Whether the second would let a session go on where an opening is asked about."""
        activity = opening.question.activity if isinstance(opening.question, TimeQuestion) else None
        used = ((*track, spans) for track, spans in opening.state.ledger)
        asked = self.time(activity or self.a.default_activity, opening.at, used)
        return decide(self.b, asked.state, asked.question, asked.at).effect is Effect.ALLOW

    def counterexample(self, asked: Asked, rule: Origin) -> Counterexample:
        """The case as it is told."""
        return Counterexample(self.age, rule, self.b.days.zone, self.on, asked, self.case)

    def undecided(self, rule: Origin) -> Undecided:
        """Nothing was found, and nothing was proved."""
        return Undecided(rule, self.on, self.age, self.case)

    def first(self, tries: Iterable[Asked], rule: Origin) -> Counterexample | None:
        """The first of several histories that refutes."""
        return next((self.counterexample(asked, rule) for asked in tries if self.refutes(asked, rule)), None)


def _hours(policy: CompiledPolicy, start: Instant, end: Instant) -> Iterator[Instant]:
    at = start
    while at < end:
        _, after = period_at(policy.days, FeaturePeriod.HOUR, at)
        _, over = policy.days.bounds("day", policy.days.day_of(at))
        at = min(after, over)
        if at < end:
            yield at


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
