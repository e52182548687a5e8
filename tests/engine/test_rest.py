"""An answer about a subject at rest, moved with the clock, says what the whole computation says."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import currently_in_test_context, given, note
from hypothesis import event as seen

from minorguard.engine import decide, new_state, reduce, rest
from minorguard.engine.decide import decide_feature, decide_opening
from minorguard.engine.look import Look
from minorguard.errors import Conflict, NotFound
from minorguard.model.events import SessionEnded, SessionOpened, SubjectPut
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard.model.rules import CompiledPolicy, Enforcement
from minorguard.model.state import SubjectState
from tests.build import Life, child
from tests.build import policy as written
from tests.engine.strategies import HOURS, MINUTES, QUARTERS, SECONDS, Case, cases, stories
from tests.engine.test_course import with_features

STEPS = (0, 1, 29, 30, 240, 59, 1500, 1801, 3599, 14_000, 43_200, 100_000)
"""Seconds from question to question."""
QUESTIONS = (TimeQuestion(), TimeQuestion("game", "phone"), FeatureQuestion("comment"), FeatureQuestion("comment", 2))


def ask(policy: CompiledPolicy, state: SubjectState, begin: int, steps: tuple[int, ...] = STEPS) -> None:
    """Each question time and again, moved and anew."""
    for question in QUESTIONS:
        for now in accumulate(steps, initial=begin):
            known = rest._KNOWN.get((id(policy), id(state), question))
            moved = known is not None and known.holds(policy, state, now)
            if isinstance(question, TimeQuestion):
                anew = decide_opening(Look(policy, state, question.activity, question.device), now)
            else:
                anew = decide_feature(policy, state, question, now)
            if currently_in_test_context():
                note(f"{now} {question}: {known if moved else None}")
                seen(f"{'moved' if moved else 'anew'}, {'slides' if moved and known.slides else 'stands'}")
            assert anew == decide(policy, state, question, now)


def live(case: Case) -> None:
    """A life, and questions after each event of it."""
    policy = with_features(case.policy, len(case.events))
    if len(case.events) % 5 == 4:
        policy = replace(policy, enforcement=Enforcement.OBSERVE)
    state = new_state(case.profile)
    ask(policy, state, case.events[0][0] - 1000 if case.events else case.end)
    for place, (now, happening) in enumerate(case.events):
        if isinstance(happening, SubjectPut):
            state = replace(state, profile=happening.profile)
            continue
        try:
            state = reduce(policy, state, happening, now).state
        except (NotFound, Conflict):
            continue
        ask(policy, state, now, STEPS[place % 5 :])
    rest._KNOWN.clear()


RULES = {
    "quota": "quota: {daily: 40m}",
    "quota before a curfew": 'quota: {daily: 40m}\ncurfew: ["18:00-19:00"]',
    "quota over midnight": "quota: {daily: {weekend: 60m, otherwise: 40m}, weekly: 2h}",
    "window": 'windows: ["15:00-20:00"]\nquota: {daily: 90m}',
    "sitting": "sitting: {remind_after: 20m, break_after: 30m, break_for: 10m, at_least: 2m}\nquota: {daily: 2h}",
    "too short": 'sitting: {break_after: 30m, break_for: 10m, at_least: 10m}\ncurfew: ["17:00-18:00"]',
    "game only": "quota: {daily: 2h, per_activity: {game: {daily: 30m}}}",
}


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("step", [37, 60])
def test_a_day_of_questions_is_answered_the_same(name: str, step: int) -> None:
    """From before a sitting until past midnight, whatever stops next: moved answers equal those that are asked anew."""
    limits = with_features(written(RULES[name], top="calendar: CN"), 2)
    start = Life(limits).at("2026-11-27 16:00")
    opened = reduce(limits, child(), SessionOpened("kid~s-------", "phone", "game"), start - 600).state
    state = reduce(limits, opened, SessionEnded("kid~s-------"), start - 560).state
    ask(limits, state, start - 560, (step,) * (32_000 // step))
    assert rest._KNOWN


def test_an_answer_is_moved_and_not_asked_for_again() -> None:
    """A free afternoon has one stretch: a later question gets the first answer, moved by the seconds that passed."""
    limits = written("quota: {daily: 40m}")
    state, start = child(), Life(limits).at("2026-11-24 16:00")
    first, later = (decide(limits, state, TimeQuestion(), start + wait) for wait in (0, 3600))
    assert [one.until - one.decided for one in (first, later) if one.until] == [2400, 2400]
    known = rest._KNOWN[id(limits), id(state), TimeQuestion()]
    assert known.decision is first
    assert known.slides


def test_what_was_said_of_one_memory_says_nothing_of_another() -> None:
    """Equal is not enough: another memory or policy is asked about in full."""
    limits = written("quota: {daily: 40m}")
    state, start = child(), Life(limits).at("2026-11-24 16:00")
    decide(limits, state, TimeQuestion(), start)
    known = rest._KNOWN[id(limits), id(state), TimeQuestion()]
    assert known.holds(limits, state, start + 60)
    assert not known.holds(limits, replace(state), start + 60)
    assert not known.holds(replace(limits), state, start + 60)
    assert not known.holds(limits, state, start - 1)


@cases(0.015)
@given(stories(SECONDS))
def test_answers_at_rest_second_by_second(case: Case) -> None:
    """Near a change of clocks."""
    live(case)


@cases(0.015)
@given(stories(MINUTES))
def test_answers_at_rest_minute_by_minute(case: Case) -> None:
    """Over two days."""
    live(case)


@cases(0.015)
@given(stories(QUARTERS))
def test_answers_at_rest_over_days(case: Case) -> None:
    """Over eight days, with folding."""
    live(case)


@cases(0.005)
@given(stories(HOURS))
def test_answers_at_rest_over_weeks(case: Case) -> None:
    """Over forty days."""
    live(case)
