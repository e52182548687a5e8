"""The engine and the oracle live through the same events and must agree after each of them.

The long run: ``MINORGUARD_CASES=200000 pytest tests/engine/test_oracle_sequences.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import event, given, note
from hypothesis import strategies as st

from minorguard.engine import decide, forecast, new_state, reduce
from minorguard.errors import Conflict, NotFound
from minorguard.model.age import AgeBand
from minorguard.model.decisions import Decision, Effect
from minorguard.model.events import Event, HeartbeatReceived, SessionOpened, SubjectPut
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import BandPolicy, CompiledPolicy, DayLimits, Devices, Layer, Origin, Period, QuotaRule
from minorguard.model.state import Profile, SubjectState
from tests.engine.strategies import (
    ACTIVITIES,
    DEVICES,
    HOURS,
    MINUTES,
    QUARTERS,
    SECONDS,
    SUBJECT,
    Case,
    cases,
    stories,
)
from tests.oracle.model import Answer, Oracle
from tests.oracle.world import World

PLENTY = 3_600 * 10**5
TIME_CODES = {"quota.exhausted", "curfew.closed", "window.closed", "sitting.break"}
SESSION_ENDED = {("session.ended", "")}
MODE_OFF = "mode.off"


class Met:
    """What is compared, with the world's end standing for everything after it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def instant(self, found: int | None, horizon: int) -> int | None:
        """An instant as the oracle would see it."""
        return None if found is None or found >= horizon else found

    def reasons(self, reasons: Any) -> set[tuple[str, str]]:
        """The rules that deny; that a sitting would be too short is told only where nothing else denies."""
        found = {(one.code, one.origin.rule) for one in reasons if one.code in TIME_CODES}
        return found or {(one.code, "") for one in reasons if one.code == "sitting.too_short"}

    def told(self, decision: Decision) -> list[tuple[int, int]]:
        """The warnings of a decision."""
        return sorted(
            (one.data["threshold_seconds"], one.data["left_seconds"])
            for one in decision.advice
            if one.code == "time.ending"
        )


def expect(world: World, answer: Answer, decision: Decision, reach: int) -> None:
    """Compare one answer: effect, rules, instants, what remains, lease."""
    met = Met(world)
    again_reach = world.instant(reach)
    end = world.instant(world.ticks)
    assert answer.effect == decision.effect.value
    if answer.effect == "allow":
        assert answer.until == met.instant(decision.until, end)
    else:
        assert answer.deniers == met.reasons(decision.reasons)
    if answer.effect == "deny":
        assert answer.again == met.instant(decision.again, again_reach)
    remaining = dict(decision.remaining)
    if answer.effect == "limited":
        remaining.pop("time_left_seconds", None)
    if answer.effect == "allow" and answer.until is None:
        beyond = remaining.pop("time_left_seconds", PLENTY)
        assert beyond >= end - decision.decided
    assert answer.remaining == remaining
    assert answer.lease == (None if decision.lease is None else decision.lease.until)
    if decision.lease is not None:
        assert answer.seq == decision.lease.seq


def expect_told(answer: Answer, decision: Decision, world: World) -> None:
    """Compare warnings and the reminder."""
    if answer.effect != "allow":
        return
    assert answer.warnings == Met(world).told(decision)
    if answer.reminder is not None:
        assert answer.reminder == any(one.code == "rest.reminder" for one in decision.advice)


def brief(decision: Decision | None) -> str:
    """What is compared of a decision, for the eye."""
    if decision is None:
        return "no decision"
    reasons = [(one.code, one.origin.rule if one.origin else "") for one in decision.reasons]
    lease = None if decision.lease is None else decision.lease.until
    told = [(one.code, dict(one.data)) for one in decision.advice]
    return (
        f"{decision.effect} {reasons} until={decision.until} again={decision.again} "
        f"remaining={dict(decision.remaining)} lease={lease} told={told}"
    )


def follow(case: Case) -> tuple[SubjectState, Oracle]:
    """Let both live through the events of a case; compare after each."""
    oracle = Oracle(case.policy, case.profile, case.world)
    state = new_state(case.profile)
    for now, happening in case.events:
        state = step(case, oracle, state, now, happening)
    return state, oracle


def expect_unknown(oracle: Oracle, unknown: NotFound) -> None:
    """A session that is not found was never opened, or is long over."""
    assert unknown.id not in oracle.sessions


def step(case: Case, oracle: Oracle, state: SubjectState, now: int, happening: Event) -> SubjectState:
    """One event, for both."""
    for name in [name for name in oracle.sessions if oracle.forgettable(name, now)]:
        oracle.forget(name)
    try:
        outcome = reduce(case.policy, state, happening, now)
    except NotFound as unknown:
        expect_unknown(oracle, unknown)
        return state
    except Conflict as conflict:
        answer = oracle.apply(happening, now)
        note(f"{now}: {happening}\n  oracle: {answer}\n  engine: {conflict}")
        assert answer is not None
        assert answer.conflict
        return state
    answer = oracle.apply(happening, now)
    decision = outcome.decision
    note(f"{now}: {happening}\n  oracle: {answer}\n  engine: {brief(decision)}")
    if answer is None:  # a subject or a grant
        return outcome.state
    if answer.deniers == SESSION_ENDED:
        assert decision is not None
        assert {(one.code, "") for one in decision.reasons[:1]} == SESSION_ENDED
        assert decision.effect is Effect.DENY
    elif not answer.silent:
        assert decision is not None
        activity = activity_of(oracle, happening)
        reach = world_reach(oracle, activity, opening=not isinstance(happening, HeartbeatReceived))
        expect(case.world, answer, decision, reach)
        expect_told(answer, decision, case.world)
        event(f"{type(happening).__name__} {answer.effect}")
    return outcome.state


def activity_of(oracle: Oracle, happening: Any) -> str:
    """The activity that an event asks for, after the oracle has seen it."""
    if happening.activity is not None:
        return str(happening.activity)
    session = oracle.sessions.get(happening.session)
    return oracle.policy.default_activity if session is None else session.activity


def world_reach(oracle: Oracle, activity: str, *, opening: bool) -> int:
    """The tick before which the oracle can tell."""
    return oracle.reach(activity) if opening else oracle.world.ticks


def expect_answers(case: Case, state: SubjectState, oracle: Oracle) -> None:
    """Compare `decide` for every device and activity, and for a device that is not known."""
    for activity in ACTIVITIES:
        for device in (None, *DEVICES):
            question = TimeQuestion(activity, device)
            answer = oracle.ask(question, case.end)
            decision = decide(case.policy, state, question, case.end)
            note(f"{case.end}: {question}\n  oracle: {answer}\n  engine: {brief(decision)}")
            expect(case.world, answer, decision, oracle.reach(activity))


def expect_sessions(case: Case, state: SubjectState, oracle: Oracle) -> None:
    """Compare `decide` for each session: whether it may go on, for which there is no `at_least`."""
    now = case.world.index(case.end)
    known = {session.id for session in state.sessions}
    for name, session in oracle.sessions.items():
        if name not in known:
            continue
        decision = decide(case.policy, state, TimeQuestion(session=name), case.end)
        answer = oracle.judge(session.activity, session.device, now, opening=False)
        note(f"{case.end}: may {name} go on\n  oracle: {answer}\n  engine: {brief(decision)}")
        if session.closed:
            assert {(one.code, "") for one in decision.reasons[:1]} == SESSION_ENDED
        elif answer.effect == "allow":
            assert (answer.effect, answer.until) == (
                decision.effect.value,
                Met(case.world).instant(decision.until, case.world.instant(case.world.ticks)),
            )
        else:
            assert answer.deniers == Met(case.world).reasons(decision.reasons)


def expect_forecast(case: Case, state: SubjectState, oracle: Oracle, activity: str, device: str | None) -> None:
    """Compare the forecast as far as the world goes."""
    days = case.scale.forecast_days
    windows, gaps, end = oracle.forecast(case.end, days, activity, device)
    found = forecast(case.policy, state, case.end, days=days, activity=activity, device=device)
    note(f"forecast of {activity} on {device} until {end}\n  oracle: {windows} {gaps}\n  engine: {found}")
    assert (case.end, case.end + days * 86_400) == (found.start, found.end)
    assert [(low, high) for low, high, _ in windows] == [
        (one.start, min(one.end, end)) for one in found.windows if one.start < end
    ]
    last = case.world.instant(case.world.ticks)
    for (low, _, allowance), one in zip(windows, found.windows, strict=False):
        assert allowance == (one.allowance if low + one.allowance < last else None)
    met = Met(case.world)
    seen = [(one.start, min(one.end, end), met.reasons(one.reasons)) for one in found.gaps if one.start < end]
    if (
        gaps and seen and found.gaps[len(seen) - 1].end > end
    ):  # it runs on where the oracle can't see: more may deny there
        (*gaps, (low, high, why)), (*seen, (first, last_end, reasons)) = gaps, seen
        assert (low, high) == (first, last_end)
        assert why <= reasons or why == {("sitting.too_short", "")}
    assert gaps == seen


def probe(policy: CompiledPolicy, used: Mapping[Period, int]) -> CompiledPolicy:
    """A policy that leaves one tick after so much use of a day, week or month, of each device by itself."""
    rules = tuple(
        QuotaRule(
            origin=Origin(f"/{period}", Layer.PRODUCT, "probe"),
            slot=f"quota.{period}",
            period=period,
            limits=DayLimits.flat(seconds),
            devices=Devices.EACH,
        )
        for period, seconds in used.items()
    )
    return replace(policy, bands=(BandPolicy(AgeBand(0, 18), rules),))


def expect_usage(case: Case, state: SubjectState, oracle: Oracle) -> None:
    """Compare what was used in the day, the week and the month of a case's end: by each device, and in all."""
    tick = case.world.tick
    unknown = Profile(SUBJECT, case.policy.id)
    state = replace(state, profile=unknown)
    seen = Oracle(probe(case.policy, dict.fromkeys(Period, PLENTY)), unknown, case.world)
    seen.tracks, seen.sessions = oracle.tracks, oracle.sessions
    for device in (None, *DEVICES):
        left = seen.remaining("general", device, case.world.index(case.end), None)
        used = {period: PLENTY - left[f"{period}_seconds"] + tick for period in Period}
        found = decide(probe(case.policy, used), state, TimeQuestion("general", device), case.end).remaining
        note(f"used by {device}: {used}, and left {found}")
        for period in Period:
            assert tick == found[f"{period}_seconds"]


def agree(case: Case) -> None:
    """Everything at once."""
    note(str(case.policy))
    state, oracle = follow(case)
    expect_answers(case, state, oracle)
    expect_sessions(case, state, oracle)
    expect_usage(case, state, oracle)
    turn = len(case.events)
    expect_forecast(case, state, oracle, ACTIVITIES[turn % 3], (None, *DEVICES)[turn % 4])


@cases(0.1)
@given(stories(SECONDS))
def test_engine_agrees_second_by_second(case: Case) -> None:
    """Within an hour and a half about a change of clocks, the engine answers as the oracle does, to the second."""
    agree(case)


@cases(0.3)
@given(stories(MINUTES))
def test_engine_agrees_minute_by_minute(case: Case) -> None:
    """Over two days about a change of clocks, the engine answers as the oracle does."""
    agree(case)


@cases(0.4)
@given(stories(QUARTERS))
def test_engine_agrees_over_days(case: Case) -> None:
    """Over eight days with forecasts of fourteen, the engine answers as the oracle does; old days are folded."""
    agree(case)


@cases(0.2)
@given(stories(HOURS))
def test_engine_agrees_over_weeks(case: Case) -> None:
    """Over forty days, weeks and months are counted as the oracle counts them, long after the days are folded."""
    agree(case)


@cases(0.1)
@given(stories(MINUTES), stories(MINUTES), st.integers(1, 4))
def test_engine_agrees_where_policies_change_in_mid_life(case: Case, other: Case, every: int) -> None:
    """Under policies with other bands, rules, grace and slices by turns, what was used before counts on."""
    policies = itertools.cycle((replace(other.policy, days=case.policy.days), case.policy))
    oracle, state = Oracle(case.policy, case.profile, case.world), new_state(case.profile)
    for number, (now, happening) in enumerate(case.events, 1):
        if number % every == 0:
            case = replace(case, policy=next(policies))
            oracle = oracle.under(case.policy)
        state = step(case, oracle, state, now, happening)
    expect_answers(case, state, oracle)
    expect_sessions(case, state, oracle)
    expect_usage(case, state, oracle)


@cases(0.02)
@given(stories(QUARTERS))
def test_nothing_is_denied_where_the_mode_is_off(case: Case) -> None:
    """With the minor mode off every answer is yes, whatever the rules, and says that this is why."""
    state = new_state(replace(case.profile, mode_on=False))
    for now, happening in case.events:
        if isinstance(happening, SubjectPut):
            continue
        try:
            outcome = reduce(case.policy, state, happening, now)
        except (NotFound, Conflict):
            continue
        state = outcome.state
        if isinstance(happening, SessionOpened) and outcome.decision is not None:
            closed = any(one.id == happening.session and one.closed for one in state.sessions)
            assert outcome.decision.effect is (Effect.DENY if closed else Effect.ALLOW)
    decision = decide(case.policy, state, TimeQuestion(), case.end)
    assert (decision.effect, [one.code for one in decision.reasons]) == (Effect.ALLOW, [MODE_OFF])
