"""`reduce`: a fact in, the state after it and a decision out. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from minorguard.engine.counting import count
from minorguard.engine.course import Course, draw, go_on
from minorguard.engine.decide import decide, decide_going_on, decide_opening, find_session, grace_limit
from minorguard.engine.look import Look
from minorguard.engine.metering import clip, union
from minorguard.engine.settle import MAX_DEVICES, MAX_GRANTS, MAX_TRACKS, RAW, into_ledger, settle
from minorguard.errors import Conflict, InvalidInput, NotFound
from minorguard.model.decisions import Decision, Effect, Lease, Note
from minorguard.model.events import (
    Event,
    FeatureUsed,
    GrantGiven,
    HeartbeatReceived,
    ItemsRecommended,
    NotificationSent,
    OfflineUseReported,
    PurchaseMade,
    SessionEnded,
    SessionOpened,
    SubjectPut,
)
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import TimeQuestion
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy, SittingRule
from minorguard.model.state import DeviceRecord, Profile, SessionRecord, SubjectState, Track


@quickly
@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fact leads to. An unchanged state is the same object, and need not be written."""

    state: SubjectState
    decision: Decision | None = None
    course: Course | None = None
    """Handed back with `state` and the next fact or question, it spares asking every rule again."""


def new_state(profile: Profile) -> SubjectState:
    """The memory of a subject of whom nothing is known yet."""
    return SubjectState(profile)


def reduce(
    policy: CompiledPolicy, state: SubjectState, event: Event, now: Instant, course: Course | None = None
) -> Outcome:
    """The state after a fact, and the decision that goes with it; the same with the course that led here, and sooner.

    Raises `NotFound` for a session that is not remembered, `Conflict` for an id used again for something else.
    """
    match event:
        case SubjectPut():
            return Outcome(replace(state, profile=event.profile))
        case SessionOpened():
            return _open(policy, state, event, now)
        case HeartbeatReceived():
            on = None if course is None else go_on(course, policy, state, event, now)
            return _beat(policy, state, event, now) if on is None else Outcome(*on)
        case SessionEnded():
            return _end(policy, state, event, now)
        case OfflineUseReported():
            return _offline(policy, state, event, now)
        case FeatureUsed() | PurchaseMade() | NotificationSent() | ItemsRecommended():
            return Outcome(*count(policy, state, event, now))
        case GrantGiven():
            return _grant(policy, state, event, now)
        case _:
            assert_never(event)


def _open(policy: CompiledPolicy, state: SubjectState, event: SessionOpened, now: Instant) -> Outcome:
    state = settle(policy, state, now)
    known = find_session(state, event.session)
    if known is not None:
        return _opened_before(policy, state, known, event, now)
    look = Look(policy, state, event.activity, event.device)
    _check_room(state, (event.device, look.activity))
    decision = decide(policy, state, TimeQuestion(event.activity, event.device), now)
    if not decision.allowed:
        return Outcome(state, decision)
    record = SessionRecord(event.session, event.device, look.activity, now, _lease_end(policy, decision, now))
    return _told(look, _remember(state, (*state.sessions, record), state.devices), record, decision, now)


def _check_room(state: SubjectState, track: Track) -> None:
    """Raises `Conflict` for more than anybody has: invented names would make memory grow without a bound."""
    tracks = {track for track, _ in state.ledger} | {(s.device, s.activity) for s in state.sessions}
    if track not in tracks and len(tracks) >= MAX_TRACKS:
        raise Conflict("device", f"{MAX_TRACKS} devices and activities were used in three days; give them stable names")


def _opened_before(
    policy: CompiledPolicy, state: SubjectState, known: SessionRecord, event: SessionOpened, now: Instant
) -> Outcome:
    if event.device != known.device or (known.seq == 0 and event.activity not in {None, known.activity}):
        raise Conflict("session", "this id was used to open a session of another device or activity; use a new one")
    look = Look(policy, state, known.activity, known.device)
    decision = decide_going_on(look, known, now)
    return Outcome(state, replace(decision, lease=_lease(policy, decision, known, now)))


def _beat(policy: CompiledPolicy, state: SubjectState, event: HeartbeatReceived, now: Instant) -> Outcome:
    state_before, state = state, settle(policy, state, now)
    record = find_session(state, event.session)
    if record is None:
        raise NotFound("session", event.session)
    look = Look(policy, state, event.activity or record.activity, record.device)
    _check_room(state, (record.device, look.activity))
    decision = decide_going_on(look, record, now)
    if record.closed or event.seq <= record.seq:
        return Outcome(state_before, replace(decision, lease=_lease(policy, decision, record, now)))
    if not decision.allowed:
        grace_until = None if record.grace_until is None else min(record.grace_until, now)
        stopped = replace(record, end=_given_back(state, record, now), seq=event.seq, grace_until=grace_until)
        if stopped.end == record.end:  # it was given back before
            return _told(look, _with_session(state, stopped), stopped, decision, now)
        return _stop(look, state, stopped, now)
    going_on = SessionRecord(
        id=record.id,
        device=record.device,
        activity=look.activity,
        start=record.start,
        end=_lease_end(policy, decision, now),
        seq=event.seq,
        grace_until=grace_limit(look, record, now) if decision.effect is Effect.LIMITED else None,
    )
    went_back = now < _device(state, record.device, now).last_contact  # the clock, not the child
    if now > record.end or look.activity != record.activity or went_back:
        state = into_ledger(state, (record.device, record.activity), record.start, _given_back(state, record, now))
        going_on = replace(going_on, start=now)
    return _told(look, _with_session(state, going_on), going_on, decision, now)


def _stop(look: Look, state: SubjectState, stopped: SessionRecord, now: Instant) -> Outcome:
    """The lease is given back; when it may go on again is judged without it."""
    state = _with_session(state, stopped)
    after = Look(look.policy, state, look.activity, stopped.device)
    return _told(after, state, stopped, decide_going_on(after, stopped, now), now)


def _given_back(state: SubjectState, record: SessionRecord, now: Instant) -> Instant:
    """Where an interval ends that stops now: what is left of its lease is given back.

    A clock that went back unsays nothing: what lies before the device's last contact has passed.
    """
    passed = max(now, _device(state, record.device, now).last_contact)
    return max(record.start, min(record.end, passed))


def _lease_end(policy: CompiledPolicy, decision: Decision, now: Instant) -> Instant:
    end = now + policy.slice
    return end if decision.until is None else min(end, decision.until)


def _end(policy: CompiledPolicy, state: SubjectState, event: SessionEnded, now: Instant) -> Outcome:
    state = settle(policy, state, now)
    record = find_session(state, event.session)
    if record is None:
        raise NotFound("session", event.session)
    if not record.closed:
        end = _given_back(state, record, now)
        state = into_ledger(state, (record.device, record.activity), record.start, end)
        over = max(end, now)  # not when the lease lapsed: a retry of this call must find the session
        state = _with_session(state, replace(record, start=over, end=over, closed=True))
        state = _with_device(state, replace(_device(state, record.device, now), last_contact=now))
    return Outcome(state, decide_opening(Look(policy, state, record.activity, record.device), now))


def _offline(policy: CompiledPolicy, state: SubjectState, event: OfflineUseReported, now: Instant) -> Outcome:
    state = settle(policy, state, now)
    known = next((device for device in state.devices if device.id == event.device), None)
    went_back = known is not None and known.last_contact > now + 1  # an end is rounded up to the second
    earliest = now - RAW if known is None or went_back else max(known.last_contact, now - RAW)
    activity = event.activity or policy.default_activity
    for number, (start, end) in enumerate(event.intervals):
        if end < start:
            raise InvalidInput(f"/intervals/{number}", "ends before it starts; give server instants in order")
    _check_room(state, (event.device, activity))
    for start, end in clip(union([(interval,) for interval in event.intervals]), earliest, now):
        state = into_ledger(state, (event.device, activity), start, end)
    return Outcome(state, decide_opening(Look(policy, state, activity, event.device), now))


def _grant(policy: CompiledPolicy, state: SubjectState, event: GrantGiven, now: Instant) -> Outcome:
    state = settle(policy, state, now)
    known = next((grant for grant in state.grants if grant.id == event.grant.id), None)
    if known is None:
        if len(state.grants) >= MAX_GRANTS:
            raise Conflict("grant", f"{MAX_GRANTS} grants are remembered, and no more; give a retry the same id")
        state = replace(state, grants=tuple(sorted((*state.grants, event.grant), key=lambda g: (g.day, g.id))))
    elif replace(known, given_at=event.grant.given_at) != event.grant:
        raise Conflict("id", "this id was used for another grant; use a new one")
    return Outcome(state)


def _with_session(state: SubjectState, record: SessionRecord) -> SubjectState:
    sessions = tuple([record if s.id == record.id else s for s in state.sessions])
    return _remember(state, sessions, state.devices)


def _remember(
    state: SubjectState, sessions: tuple[SessionRecord, ...], devices: tuple[DeviceRecord, ...]
) -> SubjectState:
    """The state with other sessions and devices; spelled out, as every beat passes here twice."""
    return SubjectState(
        state.profile,
        sessions,
        state.ledger,
        state.days,
        devices,
        state.uses,
        state.grants,
        state.purchases,
        state.notifications,
        state.items,
    )


def _device(state: SubjectState, device: str, now: Instant) -> DeviceRecord:
    return next((known for known in state.devices if known.id == device), DeviceRecord(device, now))


def _with_device(state: SubjectState, device: DeviceRecord) -> SubjectState:
    others = [known for known in state.devices if known.id != device.id]
    kept = sorted(others, key=lambda known: -known.last_contact)[: MAX_DEVICES - 1]
    return _remember(state, state.sessions, tuple(sorted((*kept, device), key=lambda known: known.id)))


def _lease(policy: CompiledPolicy, decision: Decision, record: SessionRecord, now: Instant) -> Lease | None:
    """The lease as recorded; one that has lapsed ends now, and the next beat is due at once."""
    if not decision.allowed:
        return None
    until = max(record.end, now)
    return Lease(record.id, record.seq, until, min(policy.slice // 2, until - now))


def _told(look: Look, state: SubjectState, record: SessionRecord, decision: Decision, now: Instant) -> Outcome:
    """The decision with its lease and what the device is to be told now, and the memory that it was told."""
    device = _device(state, record.device, now)
    going_on = decision.effect is Effect.ALLOW
    left = decision.remaining.get("time_left_seconds") if going_on else None  # a stop: whatever comes next is told anew
    warnings = _warnings(look, device, left, now) if going_on else ()
    reminder = _reminder(look, device, now) if going_on else ()
    device = DeviceRecord(device.id, now, left, now if reminder else device.reminded_at)
    advice = (*warnings, *reminder, *decision.advice)
    state = _with_device(state, device)
    told = replace(decision, advice=advice, lease=_lease(look.policy, decision, record, now))
    return Outcome(state, told, draw(look, state, record, decision, now))


def _warnings(look: Look, device: DeviceRecord, left: Seconds | None, now: Instant) -> tuple[Note, ...]:
    if left is None:
        return ()
    thresholds = {seconds for band in look.binding.bands_at(now) for seconds in band.warn_before}
    return tuple(
        Note("time.ending", {"threshold_seconds": threshold, "left_seconds": left})
        for threshold in sorted(thresholds, reverse=True)
        if left <= threshold and (device.left is None or threshold < device.left)
    )


def _reminder(look: Look, device: DeviceRecord, now: Instant) -> tuple[Note, ...]:
    for bound in look.rules:
        rule = bound.rule
        if isinstance(rule, SittingRule) and rule.remind_after is not None and bound.holds(now):
            sitting = look.sitting(rule, now)
            told = device.reminded_at is not None and sitting.began is not None and device.reminded_at >= sitting.began
            if sitting.used >= rule.remind_after and not told:
                return (Note("rest.reminder", {"used_seconds": sitting.used}),)
    return ()
