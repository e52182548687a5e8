"""A course that other workers carried on is still a course here: two workers take turns at one memory."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import currently_in_test_context, given
from hypothesis import event as seen

from minorguard.engine import Course, follow, new_state, reduce
from minorguard.model.events import Event, FeatureUsed, HeartbeatReceived, SessionEnded, SessionOpened, SubjectPut
from minorguard.model.state import SubjectState
from tests.build import Life, child
from tests.build import policy as written
from tests.engine.strategies import HOURS, MINUTES, QUARTERS, SECONDS, Case, cases, stories
from tests.engine.test_course import ask, beats_after, policy_of, step_of, tell, waits_after

SESSION = "kid~s-------"


class Worker:
    """Remembers the last course that it met, and reads what others wrote."""

    def __init__(self) -> None:
        self.course: Course | None = None

    def read(self, state: SubjectState) -> tuple[SubjectState, Course | None]:
        """The memory as it is read, equal and never the same, and the course at it."""
        read = replace(state)
        self.course = None if self.course is None else follow(self.course, read)
        if self.course is None:
            return read, None
        assert self.course.state == read
        if currently_in_test_context():
            seen("followed")
        return self.course.state, self.course


def live(case: Case) -> None:
    """A life whose facts and questions come to two workers in turn, so that each meets what the other wrote."""
    policy = policy_of(case)
    state, workers, turn = new_state(case.profile), (Worker(), Worker()), 0
    for place, (now, happening) in enumerate(case.events):
        if isinstance(happening, SubjectPut):
            state = replace(state, profile=happening.profile)
            continue
        following = waits_after(case, policy, place)
        for instant, fact in [(now, happening), *beats_after(case, policy, state, happening, now, following)]:
            turn += 1
            worker = workers[turn % 3 % 2]
            known, course = worker.read(state)
            outcome = tell(policy, known, fact, instant, course)
            if outcome is not None:
                state, worker.course = outcome.state, outcome.course
            for other in workers:
                ask(policy, *_with_instant(other, state, instant + step_of(policy) // 2))


def _with_instant(worker: Worker, state: SubjectState, now: int) -> tuple[SubjectState, int, Course | None]:
    known, course = worker.read(state)
    return known, now, course


@cases(0.03)
@given(stories(SECONDS))
def test_a_followed_course_says_what_the_rules_say_second_by_second(case: Case) -> None:
    """Near a change of clocks."""
    live(case)


@cases(0.03)
@given(stories(MINUTES))
def test_a_followed_course_says_what_the_rules_say_minute_by_minute(case: Case) -> None:
    """Over two days."""
    live(case)


@cases(0.03)
@given(stories(QUARTERS))
def test_a_followed_course_says_what_the_rules_say_over_days(case: Case) -> None:
    """Over eight days, with folding."""
    live(case)


@cases(0.02)
@given(stories(HOURS))
def test_a_followed_course_says_what_the_rules_say_over_weeks(case: Case) -> None:
    """Over forty days."""
    live(case)


LIMITS = written("quota: {daily: 40m}\nwarn_before: [10m]", features="{default: allow, limit: {comment: 2/day}}")


def after(*facts: tuple[int, Event]) -> tuple[SubjectState, Course | None]:
    """The memory and course after an opening, a beat, and more facts so many seconds after the opening."""
    state, course, start = child(), None, Life(LIMITS).at("2026-11-24 16:00")
    for wait, fact in [(0, SessionOpened(SESSION, "tablet")), (30, HeartbeatReceived(SESSION, 1)), *facts]:
        outcome = reduce(LIMITS, state, fact, start + wait, course)
        state, course = outcome.state, outcome.course
    return state, course


def test_any_number_of_beats_is_followed() -> None:
    """Also more than one lease of them, since the memory shows that there was no gap."""
    _, course = after()
    assert course is not None
    beats = [(30 * seq, HeartbeatReceived(SESSION, seq)) for seq in range(2, 9)]
    state, there = after(*beats)
    found = follow(course, replace(state))
    assert found is not None
    assert there is not None
    assert found.state == there.state
    assert found.drawn is course.drawn
    shared = [field.name for field in fields(SubjectState) if field.name not in {"sessions", "devices"}]
    assert all(getattr(found.state, name) is getattr(course.state, name) for name in shared)


@pytest.mark.parametrize(
    "facts",
    [
        [(45, SessionEnded(SESSION))],
        [(200, HeartbeatReceived(SESSION, 2))],
        [(45, HeartbeatReceived(SESSION, 2, "study"))],
        [(45, FeatureUsed("use-0001", "comment", 1, SESSION))],
        [(45, SessionOpened("kid~t-------", "phone"))],
        [(45, SessionOpened("kid~a-------", "a-phone"))],
        [(30 * seq, HeartbeatReceived(SESSION, seq)) for seq in range(2, 61)],
    ],
    ids=["ended", "after a gap", "another activity", "a use", "a session more", "a device before", "past a warning"],
)
def test_whatever_else_was_told_is_no_course(facts: list[tuple[int, Event]]) -> None:
    """An end, a gap, another activity, a use, another session, a turn: every rule is to be asked."""
    _, course = after()
    assert course is not None
    assert follow(course, after(*facts)[0]) is None
    assert follow(course, child()) is None
