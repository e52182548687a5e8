"""The preview: for a child of some age and with some use, what is allowed when, day by day. Pure; from the engine.

`preview` asks the same rules that decide, with the same stretches: at every instant its status is the answer of
`engine.decide` to a `TimeQuestion` about the same state (under `observe`: to what it would have been).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from minorguard.engine.binding import Bound
from minorguard.engine.judge import going_on, opening
from minorguard.engine.look import Look
from minorguard.engine.metering import clip, measure, union
from minorguard.engine.outlook import tracks
from minorguard.engine.time_rules import closed, opened
from minorguard.errors import InvalidInput
from minorguard.model.age import birthday
from minorguard.model.decisions import PolicyRef
from minorguard.model.ids import Instant, Seconds, check_word
from minorguard.model.rules import CompiledPolicy, CurfewRule, Period, QuotaRule, Span, TimeRule, WindowRule
from minorguard.model.state import Grant, Interval, SubjectState
from minorguard.simulate.marks import marks
from minorguard.simulate.other_rules import feature_lines, section_lines, section_rules
from minorguard.simulate.rule_lines import RuleLine
from minorguard.simulate.rule_words import FAMILIES, rule_data, rule_words
from minorguard.simulate.stretches import Stretch, segments, stretches
from minorguard.simulate.week import Clocked, DayPreview, Kind, Preview, QuotaLine, Segment, UsedPiece

T = TypeVar("T")
MOST_DAYS = 62
"""The most days of one preview."""
YEARS = range(2000, 2100)
"""The years that may be previewed, as in the HTTP contract."""


def preview(
    policy: CompiledPolicy,
    state: SubjectState,
    start: date,
    *,
    days: int = 7,
    activity: str | None = None,
    device: str | None = None,
    now: Instant | None = None,
) -> Preview:
    """What is allowed on `days` policy days from `start` on, after the use and the grants that the state holds.

    Use may lie before, in and after those days; each instant sees what was used before it. `activity` is what is asked
    about (None: the policy's default), `device` where (None: not known, so that the use of all devices counts). `now`
    only marks an instant. Raises `InvalidInput` for days or names that cannot be.
    """
    _check(start, days, activity, device)
    return _Week(policy, state, Look(policy, state, activity, device), start, days).preview(now)


def _check(start: date, days: int, activity: str | None, device: str | None) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("days", f"`{days}` must be 1 to {MOST_DAYS}")
    if start.year not in YEARS or (start + timedelta(days=days)).year not in YEARS:
        raise InvalidInput("start", f"`{start}` must be a date of the years {YEARS[0]} to {YEARS[-1]}")
    for where, word in (("activity", activity), ("device", device)):
        if word is not None:
            check_word(where, word)


@dataclass(frozen=True, slots=True)
class _Week:
    """The days that are asked about, and everything that their making looks at."""

    policy: CompiledPolicy
    state: SubjectState
    look: Look
    first: date
    count: int

    @property
    def start(self) -> Instant:
        return self.policy.days.day_start(self.first)

    @property
    def end(self) -> Instant:
        return self.policy.days.day_start(self.first + timedelta(days=self.count))

    def preview(self, now: Instant | None) -> Preview:
        policy, profile, binding = self.policy, self.state.profile, self.look.binding
        off = not profile.mode_on
        days = tuple(self.days())
        if not days:
            raise InvalidInput("start", f"`{self.first}` is skipped by `{policy.days.zone}`; name another date")
        return Preview(
            PolicyRef(policy.id, policy.revision, policy.digest),
            policy.enforcement,
            policy.days.zone,
            policy.days.starts_at,
            self.start,
            self.end,
            profile,
            _age(profile.born, self.first),
            self.look.activity,
            self.look.device,
            now,
            days,
            tuple(_rule_line(number, rule) for number, rule in enumerate(self.rules(), 1)),
            () if off else feature_lines(binding, self.start, self.end),
            () if off else section_lines(policy, binding, self.start, self.end),
        )

    def rules(self) -> tuple[TimeRule, ...]:
        """The time rules that bind the activity somewhere, each once, in the order in which they speak."""
        if not self.state.profile.mode_on:
            return ()
        return tuple(dict.fromkeys(bound.rule for bound in self.look.rules if _meets(bound, self.start, self.end)))

    def days(self) -> Iterator[DayPreview]:
        checks = opening(self.look)
        found = stretches(self.look, checks, self.start, self.end)
        clocks = [check for check in going_on(self.look) if isinstance(check.bound.rule, CurfewRule | WindowRule)]
        by_clock = stretches(self.look, clocks, self.start, self.end)
        bare = self.ungranted()
        without = found if bare is self.look else stretches(bare, opening(bare), self.start, self.end)
        numbers = {rule: number for number, rule in enumerate(self.rules(), 1)}
        for index in range(self.count):
            day = self.first + timedelta(days=index)
            start, end = self.policy.days.bounds("day", day)
            if start < end:  # a date that a zone skips has no day
                shown = tuple(segments(self.look, found, without, start, end, bare))
                yield self.day(day, start, end, shown, tuple(_clock(self.look, by_clock, start, end)), numbers)

    def ungranted(self) -> Look:
        """The same situation without grants; the very same object where no grant falls on these days."""
        last = self.first + timedelta(days=self.count)
        if not any(self.first <= grant.day < last for grant in self.state.grants):
            return self.look
        return Look(self.policy, replace(self.state, grants=()), self.look.activity, self.look.device)

    def day(
        self,
        day: date,
        start: Instant,
        end: Instant,
        shown: tuple[Segment, ...],
        by_clock: tuple[Segment, ...],
        numbers: dict[TimeRule, int],
    ) -> DayPreview:
        rules = [bound for bound in self.look.rules if bound.rule in numbers and _meets(bound, start, end)]
        used = tuple(self.used(start, end))
        return DayPreview(
            day,
            self.policy.calendar.kinds(day),
            start,
            end,
            tuple(dict.fromkeys(str(one.rule.band) for one in self.look.binding.bands if _meets(one, start, end))),
            shown,
            by_clock,
            curfews=tuple(_spans(self.policy, rules, CurfewRule, start, end)),
            windows=tuple(_spans(self.policy, rules, WindowRule, start, end)),
            quiet=tuple(self.quiet(start, end)),
            quotas=tuple(self.quotas(rules, day, end)),
            used=used,
            used_seconds=measure(union(((piece.start, piece.end),) for piece in used), start, end),
            grants=tuple(grant for grant in self.state.grants if grant.day == day),
            rules=tuple(dict.fromkeys(numbers[bound.rule] for bound in rules)),
            marks=marks(self.policy, self.state.profile, self.look, day, start, end),
        )

    def used(self, start: Instant, end: Instant) -> Iterator[UsedPiece]:
        pieces = (
            UsedPiece(low, high, device, activity)
            for (device, activity), intervals in tracks(self.state)
            for low, high in clip(intervals, start, end)
        )
        yield from sorted(pieces, key=lambda piece: (piece.start, piece.end, piece.device, piece.activity))

    def quotas(self, rules: Sequence[Bound[TimeRule]], day: date, end: Instant) -> Iterator[QuotaLine]:
        for rule in dict.fromkeys(bound.rule for bound in rules):
            if isinstance(rule, QuotaRule):
                yield self.quota(rule, day, end)

    def quota(self, rule: QuotaRule, day: date, end: Instant) -> QuotaLine:
        period = self.look.quota(rule, self.policy.days.day_start(day))
        granted = self.granted(rule, day) if period.limit is not None else 0
        used = period.folded + measure(self.look.counted(rule), period.start, end)
        only = None if rule.only is None else tuple(sorted(rule.only))
        return QuotaLine(rule.origin, rule.period.value, period.start, period.end, period.limit, granted, used, only)

    def granted(self, rule: QuotaRule, day: date) -> Seconds:
        if rule.period is not Period.DAY:
            return 0
        return min(rule.raise_at_most, sum(grant.seconds for grant in self.state.grants if self._counts(grant, day)))

    def _counts(self, grant: Grant, day: date) -> bool:
        return grant.day == day and grant.activity in {None, self.look.activity}

    def quiet(self, start: Instant, end: Instant) -> Iterator[Clocked]:
        if not self.state.profile.mode_on:
            return
        for _, rule, low, high in section_rules(self.policy, self.look.binding, start, end):
            spans: tuple[Span, ...] = getattr(rule, "quiet", ())
            for left, right in _around(self.policy, spans, CurfewRule, low, high):
                yield Clocked(left, right, rule.origin)


def _age(born: date | None, on: date) -> int | None:
    """Whole years on a date; None: not known, or not born yet."""
    if born is None or on < born:
        return None
    years = on.year - born.year
    return years if birthday(born, years) <= on else years - 1


def _meets(bound: Bound[T], start: Instant, end: Instant) -> bool:
    return bound.start < end and bound.end > start


def _rule_line(number: int, rule: TimeRule) -> RuleLine:
    return RuleLine(number, FAMILIES[type(rule)], rule.origin, rule_words(rule), rule_data(rule))


def _clock(look: Look, found: Sequence[Stretch], start: Instant, end: Instant) -> Iterator[Segment]:
    for segment in segments(look, found, found, start, end, look):
        yield segment if segment.kind is not Kind.OPEN else replace(segment, allowance=None)


def _spans(
    policy: CompiledPolicy, rules: Sequence[Bound[TimeRule]], family: type, start: Instant, end: Instant
) -> Iterator[Clocked]:
    """The curfews, or windows, as they fall on a day."""
    for bound in rules:
        if isinstance(bound.rule, family) and isinstance(bound.rule, CurfewRule | WindowRule):
            low, high = max(start, bound.start), min(end, bound.end)
            for left, right in _around(policy, bound.rule.spans, family, low, high):
                yield Clocked(left, right, bound.rule.origin)


def _around(
    policy: CompiledPolicy, spans: tuple[Span, ...], family: type, start: Instant, end: Instant
) -> Iterator[Interval]:
    """What of spans falls into ``[start, end)``; those that wrap midnight began the day before."""
    fall = closed if family is CurfewRule else opened
    zone = policy.days.zone
    day, last = policy.days.local_date(start) - timedelta(days=1), policy.days.local_date(end)
    found: list[Interval] = []
    while day <= last:
        found += fall(zone, policy.calendar, spans, day)
        day += timedelta(days=1)
    yield from clip(tuple(found), start, end)
