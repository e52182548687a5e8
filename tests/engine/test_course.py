"""A course carried from beat to beat says what the whole computation says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import currently_in_test_context, given, note
from hypothesis import event as seen

from minorguard.engine import Course, Outcome, carry, decide, new_state, reduce
from minorguard.errors import Conflict, NotFound
from minorguard.model.events import Event, HeartbeatReceived, SessionOpened, SubjectPut
from minorguard.model.questions import FeatureQuestion, Question, TimeQuestion
from minorguard.model.rules import (
    CompiledPolicy,
    Enforcement,
    FeatureLayer,
    FeaturePeriod,
    FeatureRule,
    Layer,
    Origin,
    Verdict,
)
from minorguard.model.state import SubjectState
from tests.build import Life, child
from tests.build import policy as written
from tests.engine.strategies import HOURS, MINUTES, QUARTERS, SECONDS, Case, cases, stories

LIMITED = FeatureRule(Origin("/f", Layer.PRODUCT, "policy"), "comment", Verdict.ALLOW, 3)
USABLE = tuple(FeatureLayer(None, (replace(LIMITED, period=period),)) for period in FeaturePeriod)
"""A limited feature in every band, so that questions about it meet all of time's answers; counted by each period."""
BEATS_ON = 3
"""Beats that follow each fact, on time and within the same lease."""


def with_features(policy: CompiledPolicy, number: int) -> CompiledPolicy:
    """The policy with a feature in every band, counted by one of the periods."""
    usable = USABLE[number % len(USABLE)]
    return replace(policy, bands=tuple(replace(band, features=(usable,)) for band in policy.bands))


def tell(
    policy: CompiledPolicy, state: SubjectState, happening: Event, now: int, course: Course | None
) -> Outcome | None:
    """One fact told twice, once with the course: both must say and remember the same."""
    try:
        whole = reduce(policy, state, happening, now)
    except (NotFound, Conflict) as refused:
        try:
            reduce(policy, state, happening, now, course)
        except type(refused):
            return None
        raise AssertionError("the course hides a refusal") from refused
    carried = reduce(policy, state, happening, now, course)
    if currently_in_test_context():
        note(f"{now}: {happening}\n  whole: {whole}\n  carried: {carried}")
        if course is not None and carried.course is not None and carried.course.drawn is course.drawn:
            seen("carried on")
    assert whole.decision == carried.decision
    assert whole.state == carried.state
    return carried


def ask(policy: CompiledPolicy, state: SubjectState, now: int, course: Course | None) -> None:
    """Every question about every session, with the course and without."""
    for session in state.sessions:
        questions: tuple[Question, ...] = (
            TimeQuestion(session=session.id),
            TimeQuestion("game", session=session.id),
            FeatureQuestion("comment", 1, session.id),
        )
        for question in questions:
            answer = decide(policy, state, question, now)
            assert answer == decide(policy, state, question, now, course)
            alone = None if course is None else carry(policy, state, question, now, course)
            assert alone is None or alone.whole() == answer


def beats(case: Case, state: SubjectState, now: int, waits: Sequence[int]) -> list[tuple[int, Event]]:
    """The next beats of the session that was told of last, so many seconds apart."""
    if not state.sessions:
        return []
    last = max(state.sessions, key=lambda one: (one.end, one.seq))
    return [(now + wait, HeartbeatReceived(last.id, last.seq + turn)) for turn, wait in enumerate(waits, 1)]


def policy_of(case: Case) -> CompiledPolicy:
    """The policy of a life with features, and in one life of five one that only observes."""
    policy = with_features(case.policy, len(case.events))
    return replace(policy, enforcement=Enforcement.OBSERVE) if len(case.events) % 5 == 4 else policy


def step_of(policy: CompiledPolicy) -> int:
    """Seconds between beats on time."""
    return max(1, policy.slice // 2)


def waits_after(case: Case, policy: CompiledPolicy, place: int) -> list[int]:
    """Seconds from an event to the beats on time that lie before the next one."""
    now = case.events[place][0]
    later = case.events[place + 1][0] if place + 1 < len(case.events) else case.end
    step = step_of(policy)
    return [wait for wait in range(step, step * BEATS_ON + 1, step) if now + wait <= later]


def live(case: Case) -> None:
    """A life told twice, with beats on time between its events."""
    policy = policy_of(case)
    state, course = new_state(case.profile), None
    for place, (now, happening) in enumerate(case.events):
        if isinstance(happening, SubjectPut):
            state = replace(state, profile=happening.profile)
            continue
        following = waits_after(case, policy, place)
        for instant, fact in [(now, happening), *beats_after(case, policy, state, happening, now, following)]:
            outcome = tell(policy, state, fact, instant, course)
            if outcome is not None:
                state, course = outcome.state, outcome.course
            ask(policy, state, instant + step_of(policy) // 2, course)


def beats_after(
    case: Case, policy: CompiledPolicy, state: SubjectState, happening: Event, now: int, waits: Sequence[int]
) -> list[tuple[int, Event]]:
    """The beats that follow a fact."""
    try:
        return beats(case, reduce(policy, state, happening, now).state, now, waits)
    except (NotFound, Conflict):
        return []


def test_a_course_is_carried_to_the_next_warning_and_drawn_anew_there() -> None:
    """Beats on time keep the course that an opening drew; the beat at which a warning is due draws another."""
    limits = written("quota: {daily: 40m}\nwarn_before: [10m]")
    life = Life(limits)
    start = life.at("2026-11-24 16:00")
    outcome = reduce(limits, life.state, SessionOpened("kid~s-------", "tablet"), start)
    drawn = []
    for turn in range(1, 63):
        beat = HeartbeatReceived("kid~s-------", turn)
        outcome = reduce(limits, outcome.state, beat, start + 30 * turn, outcome.course)
        assert outcome.course is not None
        drawn.append(outcome.course.drawn.at - start)
    assert sorted(set(drawn)) == [0, 1800]


TURNS = {
    "warnings": ("quota: {daily: 40m}\nwarn_before: [20m, 10m, 1m]", "2026-11-24 16:00", child()),
    "reminder": ("sitting: {remind_after: 20m, break_after: 30m, break_for: 10m}", "2026-11-24 16:00", child()),
    "two reminders": (
        "sitting: {remind_after: 20m, break_after: 45m, break_for: 5m}\nquota: {daily: 2h}",
        "2026-11-24 16:00",
        child(),
    ),
    "curfew and grace": ('curfew: ["16:30-17:00"]\ngrace: 60s', "2026-11-24 16:00", child()),
    "midnight": ("quota: {daily: {weekend: 60m, otherwise: 40m}}", "2026-11-27 23:40", child()),
    "week and month": ("quota: {weekly: 50m, monthly: 55m}", "2026-11-29 23:45", child()),
    "a year that nobody knows": ("quota: {daily: 40m}", "2026-12-31 23:45", child()),
    "adult": ("quota: {daily: 40m}", "2026-11-24 23:45", child(born=date(2008, 11, 24))),
}


@pytest.mark.parametrize("name", sorted(TURNS))
@pytest.mark.parametrize("step", [20, 59, 60])
def test_an_hour_of_beats_says_the_same_through_every_turn(name: str, step: int) -> None:
    """What ends a course ends it on the second: told with it or without, each beat is answered and remembered alike."""
    time, begins, state = TURNS[name]
    limits = written(time, top="calendar: CN")
    now, course = Life(limits).at(begins), None
    facts: list[Event] = [SessionOpened("kid~s-------", "tablet")]
    facts += [HeartbeatReceived("kid~s-------", seq) for seq in range(1, 3600 // step)]
    for fact in facts:
        outcome = tell(limits, state, fact, now, course)
        assert outcome is not None
        state, course = outcome.state, outcome.course
        ask(limits, state, now + step // 2, course)
        now += step


def test_a_beat_on_its_course_keeps_all_that_it_does_not_touch() -> None:
    """Every other field of the memory is the same object after the beat, also one that is added tomorrow."""
    limits = written("quota: {daily: 40m}")
    now = Life(limits).at("2026-11-24 16:00")
    opened = reduce(limits, child(), SessionOpened("kid~s-------", "tablet"), now)
    beaten = reduce(limits, opened.state, HeartbeatReceived("kid~s-------", 1), now + 30, opened.course)
    touched = {
        field.name
        for field in fields(SubjectState)
        if getattr(beaten.state, field.name) is not getattr(opened.state, field.name)
    }
    assert touched == {"sessions", "devices"}
    assert [field.name for field in fields(SubjectState)][:5] == ["profile", "sessions", "ledger", "days", "devices"]


def test_a_clock_that_goes_back_is_met_in_full() -> None:
    """A beat before the last one is no part of a course: the clock, not the child, went back."""
    limits = written("quota: {daily: 40m}")
    state, course, now = child(), None, Life(limits).at("2026-11-24 16:00")
    for seq, back in enumerate((0, -30, -30, 45, -70, 400), 0):
        now -= back
        fact = HeartbeatReceived("kid~s-------", seq) if seq else SessionOpened("kid~s-------", "tablet")
        outcome = tell(limits, state, fact, now, course)
        assert outcome is not None
        state, course = outcome.state, outcome.course


def test_a_course_says_nothing_of_another_state_policy_or_session() -> None:
    """Equal is not enough: a memory that was read anew, or a policy compiled anew, is asked about in full."""
    limits = written("quota: {daily: 40m}")
    life = Life(limits)
    start = life.at("2026-11-24 16:00")
    outcome = reduce(limits, life.state, SessionOpened("kid~s-------", "tablet"), start)
    course, state = outcome.course, outcome.state
    assert course is not None
    assert course.holds(limits, state, "kid~s-------", start + 60) is not None
    assert course.holds(limits, replace(state), "kid~s-------", start + 60) is None
    assert course.holds(replace(limits), state, "kid~s-------", start + 60) is None
    assert course.holds(limits, state, "kid~t-------", start + 60) is None
    assert course.holds(limits, state, "kid~s-------", start + 61) is None
    assert course.holds(limits, state, "kid~s-------", start - 1) is None


@cases(0.02)
@given(stories(SECONDS))
def test_a_course_says_what_the_rules_say_second_by_second(case: Case) -> None:
    """Near a change of clocks, a carried course gives the states and decisions of the whole computation."""
    live(case)


@cases(0.03)
@given(stories(MINUTES))
def test_a_course_says_what_the_rules_say_minute_by_minute(case: Case) -> None:
    """Over two days, a carried course gives the states and decisions of the whole computation."""
    live(case)


@cases(0.03)
@given(stories(QUARTERS))
def test_a_course_says_what_the_rules_say_over_days(case: Case) -> None:
    """Over eight days, with folding, a carried course gives what the whole computation gives."""
    live(case)


@cases(0.02)
@given(stories(HOURS))
def test_a_course_says_what_the_rules_say_over_weeks(case: Case) -> None:
    """Over forty days, a carried course gives what the whole computation gives."""
    live(case)
