"""The course of a session: what a decision about use that goes on says of every later instant, until something turns.

While one session runs on under the same policy and nothing else is told of its subject, the set of use that a rule will
have counted stays the same from beat to beat: what was used before, and then everything. So the instant of the next
stop, the rule that makes it and the reasons stay as they are, and what is left shrinks second by second. A beat inside
such a stretch needs no rule to be asked again. A course is a value: whoever keeps it hands it back with the very state
that it was drawn for; with any other one it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from minorguard.engine.binding import Binding
from minorguard.engine.look import Look
from minorguard.engine.settle import settled_until
from minorguard.model.decisions import Decision, Effect, Lease
from minorguard.model.events import HeartbeatReceived
from minorguard.model.ids import Instant
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy, SittingRule
from minorguard.model.state import DeviceRecord, SessionRecord, SubjectState

Row = TypeVar("Row")
STANDS = "uses"
"""What is left of this does not shrink as time passes."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One session's decision, and how long it can be carried on; compared by identity.

    INVARIANT: for every instant in ``[at, turns_at)`` up to the end of the lease, the whole computation would say the
    same as `decision`, but for the seconds that have passed.
    """

    policy: CompiledPolicy
    state: SubjectState
    """The memory after the beat that it was drawn at."""
    session: int
    """The place of its record in `state.sessions`."""
    device: int
    """Likewise in `state.devices`."""
    at: Instant
    """When it was drawn."""
    until: Instant
    """The next stop."""
    turns_at: Instant
    """The next stop, warning, reminder, midnight, birthday or change of rules, or when memory is to be tidied."""
    decision: Decision
    """As at `at`, without a lease and without what only that beat was told."""
    binding: Binding
    """What holds for the subject; it does not change along the course."""


@quickly
@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What was drawn, carried to the memory after the last beat."""

    drawn: Drawn
    state: SubjectState
    """Compared by identity. INVARIANT: but for lease and last contact of one session, it is as when it was drawn."""

    def holds(
        self, policy: CompiledPolicy, state: SubjectState, session: str | None, now: Instant
    ) -> SessionRecord | None:
        """The record of a session that this course is of, if it says something about `now`."""
        drawn = self.drawn
        if self.state is not state or drawn.policy is not policy or not drawn.at <= now < drawn.turns_at:
            return None
        record = state.sessions[drawn.session]
        return record if record.id == session and now <= record.end else None

    def lives(self, policy: CompiledPolicy, state: SubjectState, now: Instant) -> bool:
        """Whether it says something about `now`, and its session's lease runs on."""
        drawn = self.drawn
        if self.state is not state or drawn.policy is not policy or not drawn.at <= now < drawn.turns_at:
            return False
        return now < state.sessions[drawn.session].end

    def decided(self, now: Instant, lease: Lease | None = None) -> Decision:
        """The decision at an instant at which the course holds."""
        return carried(self.drawn.decision, now, lease)


def carried(drawn: Decision, now: Instant, lease: Lease | None = None) -> Decision:
    """An allowed decision as it is later, while nothing turns: less time is left, and as much of all else."""
    passed = now - drawn.decided
    return Decision(
        drawn.effect,
        drawn.reasons,
        drawn.policy,
        drawn.zone,
        now,
        drawn.until,
        None,
        {name: left if name == STANDS else left - passed for name, left in drawn.remaining.items()},
        (),
        drawn.advice,
        lease,
        drawn.enforcement,
        drawn.observed_effect,
    )


def draw(look: Look, state: SubjectState, record: SessionRecord, decision: Decision, now: Instant) -> Course | None:
    """The course from an allowed beat on, if it has one; `state` is what is remembered after the beat.

    `decision` is without a lease, and without what only this beat was told.
    """
    if not freely(decision) or decision.until is None:
        return None
    device = next(place for place, known in enumerate(state.devices) if known.id == record.device)
    turns = _turns(look, state, state.devices[device], decision.until, now)
    if turns <= now:
        return None
    session = next(place for place, known in enumerate(state.sessions) if known.id == record.id)
    return Course(Drawn(look.policy, state, session, device, now, decision.until, turns, decision, look.binding), state)


def freely(decision: Decision) -> bool:
    """Whether the rules allow, and not only `observe` or grace."""
    return decision.effect is Effect.ALLOW and decision.observed_effect in {None, Effect.ALLOW}


def go_on(
    course: Course, policy: CompiledPolicy, state: SubjectState, event: HeartbeatReceived, now: Instant
) -> tuple[SubjectState, Decision, Course] | None:
    """An allowed beat inside the course, without asking a rule; None: it is not inside."""
    record = course.holds(policy, state, event.session, now)
    slice_seconds, seq = policy.slice, event.seq
    if (
        record is None
        or seq <= record.seq
        or now < state.devices[course.drawn.device].last_contact  # the clock went back
        or (event.activity is not None and event.activity != record.activity)
    ):
        return None
    drawn = course.drawn
    end = min(now + slice_seconds, drawn.until)
    beaten = SessionRecord(record.id, record.device, record.activity, record.start, end, seq)
    told = state.devices[drawn.device]
    device = DeviceRecord(told.id, now, drawn.until - now, told.reminded_at)
    after = SubjectState(
        state.profile,
        _put(state.sessions, drawn.session, beaten),
        state.ledger,
        state.days,
        _put(state.devices, drawn.device, device),
        state.uses,
        state.grants,
        state.purchases,
        state.notifications,
        state.items,
    )
    lease = Lease(record.id, seq, end, min(slice_seconds // 2, end - now))
    return after, carried(drawn.decision, now, lease), Course(drawn, after)


def follow(course: Course, state: SubjectState) -> Course | None:
    """The course at a memory that beats elsewhere led to; its `state` is equal to that. None: it is not on the course.

    Beats on a course leave nothing but a lease and a last contact, so the memory shows whether there was anything else.
    """
    drawn, before = course.drawn, course.state
    if len(state.sessions) <= drawn.session or len(state.devices) <= drawn.device:
        return None
    at, known, told = (
        state.devices[drawn.device].last_contact,
        before.sessions[drawn.session],
        before.devices[drawn.device],
    )
    if not drawn.at <= at < drawn.turns_at:
        return None
    end, seq = min(at + drawn.policy.slice, drawn.until), state.sessions[drawn.session].seq
    after = SubjectState(
        before.profile,
        _put(
            before.sessions, drawn.session, SessionRecord(known.id, known.device, known.activity, known.start, end, seq)
        ),
        before.ledger,
        before.days,
        _put(before.devices, drawn.device, DeviceRecord(told.id, at, drawn.until - at, told.reminded_at)),
        before.uses,
        before.grants,
        before.purchases,
        before.notifications,
        before.items,
    )
    return Course(drawn, after) if after == state else None


def _put(rows: tuple[Row, ...], place: int, row: Row) -> tuple[Row, ...]:
    return (row,) if len(rows) == 1 else (*rows[:place], row, *rows[place + 1 :])


def _turns(look: Look, state: SubjectState, device: DeviceRecord, until: Instant, now: Instant) -> Instant:
    """The first instant at which anything but the seconds that have passed would be said or done."""
    day_ends = look.policy.days.day_at(now)[2]
    edges = [until, day_ends, look.binding.adult_from, settled_until(look.policy, state, now)]
    edges += (edge for band in look.binding.bands for edge in (band.start, band.end) if edge > now)
    edges += (edge for bound in look.rules for edge in (bound.start, bound.end) if edge > now)
    edges += _warnings(look, until, now)
    edges += _reminders(look, device, now)
    return min(edges)


def _warnings(look: Look, until: Instant, now: Instant) -> Iterator[Instant]:
    for band in look.binding.bands_at(now):
        yield from (until - seconds for seconds in band.warn_before if seconds < until - now)


def _reminders(look: Look, device: DeviceRecord, now: Instant) -> Iterator[Instant]:
    """When each rule's reminder of a rest is due; now, where it is due and was not told."""
    for bound in look.rules:
        rule = bound.rule
        if isinstance(rule, SittingRule) and rule.remind_after is not None and bound.holds(now):
            sitting = look.sitting(rule, now)
            told = device.reminded_at is not None and sitting.began is not None and device.reminded_at >= sitting.began
            if sitting.used < rule.remind_after:
                yield now + rule.remind_after - sitting.used
            elif not told:
                yield now
