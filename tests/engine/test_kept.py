"""An answer that is kept and moved with the clock says what the whole computation says, to the field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import currently_in_test_context, given, note
from hypothesis import event as seen
from hypothesis import strategies as st

from minorguard.engine import Course, decide, kept, new_state, reduce
from minorguard.engine.binding import bind
from minorguard.engine.decide import decide_feature, decide_going_on, decide_opening, find_session
from minorguard.engine.look import Look
from minorguard.engine.time_rules import LOOK_AHEAD
from minorguard.errors import Conflict, NotFound
from minorguard.model.decisions import Decision
from minorguard.model.events import (
    Event,
    FeatureUsed,
    HeartbeatReceived,
    PurchaseMade,
    SessionEnded,
    SessionOpened,
    SubjectPut,
)
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard.model.rules import CompiledPolicy, FeatureLayer, Verdict
from minorguard.model.state import SubjectState
from minorguard.policy import compile_policy, with_guardian
from tests.build import Life, child
from tests.build import policy as written
from tests.engine.strategies import HOURS, MINUTES, QUARTERS, SECONDS, Case, cases, stories
from tests.engine.test_course import LIMITED, beats_after, policy_of, step_of, waits_after, with_features

Asked = TimeQuestion | FeatureQuestion
QUESTIONS: tuple[Asked, ...] = (
    TimeQuestion(),
    TimeQuestion("game", "phone"),
    FeatureQuestion("comment"),
    FeatureQuestion("comment", 3),
    FeatureQuestion("gift"),
)
TURNS = 3
"""How many times an answer is asked for again where it turned."""


@dataclass(frozen=True)
class Asking:
    """What is asked about, and the course that led there."""

    policy: CompiledPolicy
    state: SubjectState
    course: Course | None = None

    def questions(self) -> Iterator[Asked]:
        """What may be asked, of every session too."""
        yield from QUESTIONS
        for session in self.state.sessions[-2:]:
            yield TimeQuestion(session=session.id)
            yield FeatureQuestion("comment", 1, session.id)

    def anew(self, question: Asked, now: int) -> Decision:
        """Every rule is asked."""
        if isinstance(question, FeatureQuestion):
            return decide_feature(self.policy, self.state, question, now)
        session = find_session(self.state, question.session)
        if session is None:
            return decide_opening(Look(self.policy, self.state, question.activity, question.device), now)
        activity = question.activity or session.activity
        return decide_going_on(Look(self.policy, self.state, activity, session.device), session, now)

    def known(self, question: Asked, now: int) -> kept.Kept | None:
        """What is kept, if it says something about `now`."""
        found = kept._KNOWN.get((id(self.policy), self.state.profile.subject, question))
        return found if found is not None and found.holds(self.policy, self.state, now, self.course) else None

    def check(self, question: Asked, now: int) -> kept.Kept | None:
        """One question, answered and asked anew."""
        known = self.known(question, now)
        anew = self.anew(question, now)
        if currently_in_test_context():
            note(f"{now} {question}: {known}")
            if known is not None:
                seen(f"{anew.effect}, {anew.reason.code}, {'memory' if known.drawn is None else 'along'}")
        for _ in range(2):  # what is asked once is not kept
            assert anew == decide(self.policy, self.state, question, now, self.course)
        return self.known(question, now)

    def walk(self, question: Asked, now: int, waits: Sequence[int]) -> None:
        """From turn to turn: what is kept is asked for anywhere up to its end, and there anew."""
        for _ in range(TURNS):
            known = self.check(question, now)
            last = (now + 3600 if known is None or known.lasts is None else known.lasts.until) - 1
            for at in sorted({now + 1, last - 1, last, *(now + wait % (last - now + 1) for wait in waits)}):
                if now < at <= last:
                    self.check(question, at)
            now = last + 1


def live(case: Case, waits: Sequence[int]) -> None:
    """A life with beats on time and uses between its events, and questions after each."""
    policy = policy_of(case)
    policy = replace(policy, require_lease=len(case.events) % 4 == 3)
    state, course = new_state(case.profile), None
    asking = Asking(policy, state)
    for place, (now, happening) in enumerate(case.events):
        if isinstance(happening, SubjectPut):
            state = replace(state, profile=happening.profile)
            continue
        beats = waits_after(case, policy, place)
        facts: list[tuple[int, Event]] = [(now, happening), *beats_after(case, policy, state, happening, now, beats)]
        if place % 3 == 1:
            facts.insert(1, (now, FeatureUsed(f"use-{place}", "comment")))
        for at, fact in facts:
            try:
                outcome = reduce(policy, state, fact, at, course)
            except (NotFound, Conflict):
                continue
            state, course = outcome.state, outcome.course
            asking = Asking(policy, state, course)
            step = step_of(policy)
            for question in asking.questions():
                asking.check(question, at + min(1, step - 1))
                asking.check(question, at + step // 2)
        for question in asking.questions():
            asking.walk(question, at, waits)
    kept._KNOWN.clear()


RULES = {
    "quota": "quota: {daily: 40m}",
    "quota before a curfew": 'quota: {daily: 40m}\ncurfew: ["18:00-19:00"]',
    "quota over midnight": "quota: {daily: {weekend: 60m, otherwise: 40m}, weekly: 2h}",
    "quotas that overtake each other": "quota: {daily: 60m, per_activity: {game: {daily: 50m}}}",
    "the same before a curfew": 'quota: {daily: 60m, per_activity: {game: {daily: 50m}}}\ncurfew: ["16:40-17:00"]',
    "window": 'windows: ["15:00-20:00"]\nquota: {daily: 90m}',
    "sitting": "sitting: {remind_after: 20m, break_after: 30m, break_for: 10m, at_least: 2m}\nquota: {daily: 2h}",
    "too short": 'sitting: {break_after: 30m, break_for: 10m, at_least: 10m}\ncurfew: ["17:00-18:00"]',
    "never open": 'windows: ["15:00-16:00"]\nquota: {daily: 0m}',
    "shut for good": "quota: {daily: 0m}",
    "no rule of time": "{}",
    "curfew and grace": 'curfew: ["16:30-06:00"]\ngrace: 60s',
}


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("running", [False, True])
def test_a_day_of_questions_is_answered_the_same(name: str, running: bool) -> None:
    """From a sitting until past midnight, whatever stops next, at rest or while another session goes on."""
    limits = with_features(written(RULES[name], top="calendar: CN"), 2)
    start = Life(limits).at("2026-11-27 16:00")
    state, course, now = child(), None, start
    facts: list[Event] = [
        SessionOpened("kid~s-------", "phone", "video"),
        SessionOpened("kid~t-------", "tablet", "game"),
    ]
    facts += [HeartbeatReceived("kid~s-------", seq) for seq in range(1, 80 if running else 4)]
    facts += [SessionEnded("kid~t-------"), SessionEnded("kid~s-------")]
    for fact in facts:
        with suppress(NotFound):
            outcome = reduce(limits, state, fact, now, course)
            state, course = outcome.state, outcome.course
        asking = Asking(limits, state, course)
        for question in asking.questions():
            for wait in (0, 17):
                asking.check(question, now + wait)
        now += 30
    for question in asking.questions():
        for wait in range(0, 36_000, 397):
            asking.check(question, now + wait)
            asking.check(question, now + wait + 1)


BANDS = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-16":
    time: {time_young}
    features: {{default: {young}}}
  "16-18":
    time: {time_old}
    features: {{default: {old}}}
"""


@pytest.mark.parametrize("young", ["allow", "deny"])
@pytest.mark.parametrize(
    ("time_young", "time_old"), [("{quota: {daily: 0m}}", "{}"), ("{}", "{quota: {daily: 0m}}"), ("{}", "{}")]
)
def test_what_comes_within_the_look_ahead_is_said_on_the_second(young: str, time_young: str, time_old: str) -> None:
    """A birthday 400 days away opens or shuts what had no end in sight; it is seen from the same instant on."""
    old = "deny" if young == "allow" else "allow"
    limits = compile_policy(BANDS.format(young=young, old=old, time_young=time_young, time_old=time_old))
    asking = Asking(limits, child(born=date(2011, 3, 1)))
    edge = bind(limits, asking.state.profile).changes(0)[0] - LOOK_AHEAD
    assert Life(limits).local(edge + LOOK_AHEAD)[:10] == "2027-03-01"
    answers: dict[Asked, set[int | None]] = {}
    for question in QUESTIONS:
        for wait in (-40_000, -3600, -1, 0, 1, 3600, 90_000):
            for shift in (0, 1):
                asking.check(question, edge + wait + shift)
            decision = asking.anew(question, edge + wait)
            answers.setdefault(question, set()).add(decision.until or decision.again)
    assert any(len(found) > 1 for found in answers.values())


def test_guardians_settings_and_extra_time_are_moved_like_all_else() -> None:
    """A guardian's tighter curfew and a grant for the day: answers through the evening are those asked anew."""
    top = "guardian: {may_extend: {daily: 30m, per_day: 60m}, may_exempt: [study]}"
    limits = written('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]\ngrace: 60s', top=top)
    laid = {"time": {"curfew": ["20:00-07:00"], "quota": {"daily": "30m"}}, "exempt": ["study"]}
    life = Life(with_guardian(limits, laid))
    life.play("2026-11-24 16:00", "2026-11-24 16:20")
    life.grant("2026-11-24 16:30", 600, "2026-11-24")
    start = life.at("2026-11-24 16:30")
    asking = Asking(life.policy, life.state)
    for question in (*QUESTIONS, TimeQuestion("study"), TimeQuestion("study", "tablet")):
        for wait in range(0, 60_000, 1801):
            asking.check(question, start + wait)
            asking.check(question, start + wait + 59)


def test_a_date_at_which_a_features_rule_comes_or_goes_turns_answers_within_a_policy_day() -> None:
    """Dates begin at midnight, policy days at four: what is said of a feature changes between, on the second."""
    day = date(2026, 11, 25)
    lasts = replace(LIMITED, origin=replace(LIMITED.origin, effective_to=day))
    comes = replace(LIMITED, feature="gift", origin=replace(LIMITED.origin, effective_from=day))
    limits = written("quota: {daily: 40m}")
    layer = FeatureLayer(replace(LIMITED, feature="*", limit=None, verdict=Verdict.DENY), (lasts, comes))
    bands = tuple(replace(band, features=(layer,)) for band in limits.bands)
    limits = replace(limits, days=replace(limits.days, starts_at=4 * 3600), bands=bands)
    life = Life(limits)
    asking = Asking(limits, life.state)
    for question in QUESTIONS:
        for at in (22, 23, 24, 25, 26, 27, 28, 29):
            for shift in (-1, 0, 1, 600, 1799):
                asking.check(question, life.at("2026-11-24 00:00") + at * 3600 + shift)
    codes = [
        asking.anew(FeatureQuestion("gift"), life.at(when)).reason.code
        for when in ("2026-11-24 23:59", "2026-11-25 00:00")
    ]
    assert codes == ["feature.denied", "feature.allowed"]


@pytest.mark.parametrize("number", range(4))
def test_what_was_asked_before_a_session_began_is_asked_anew_when_it_has(number: int) -> None:
    """A clock that goes back meets use that is still to come; nothing said then, or as it begins, is moved into it."""
    quota = "quota: {daily: 2h, per_activity: {game: {daily: 0m}}}"
    limits = with_features(written(f"sitting: {{break_after: 30m, break_for: 10m, at_least: 2m}}\n{quota}"), number)
    life = Life(limits)
    life.play("2026-11-24 15:00", "2026-11-24 15:10")
    life.use("2026-11-24 15:20", "comment")
    life.open("2026-11-24 16:00", activity="video")
    life.offline("2026-11-24 16:02", "phone", ("2026-11-24 16:01", "2026-11-24 16:02"))
    asking, begin = Asking(limits, life.state), life.at("2026-11-24 16:00")
    for question in asking.questions():
        for wait in (-60, -59, -1, 0, 1, 20, 59, 60, 61, 90, 119, 120, 121, 400):
            asking.check(question, begin + wait)


def test_a_denial_is_moved_and_not_asked_for_again() -> None:
    """A night has one stretch: a later question gets the first answer, with the instant that it is asked about."""
    limits = written('curfew: ["22:00-06:00"]')
    state, start = child(), Life(limits).at("2026-11-24 22:10")
    _, first, later = (decide(limits, state, TimeQuestion(), start + wait) for wait in (0, 0, 6000))
    known = kept._KNOWN[id(limits), "kid", TimeQuestion()]
    assert known.decision is first
    assert known.lasts is not None
    assert known.lasts.until == Life(limits).at("2026-11-25 00:00")
    assert later.again == first.again == Life(limits).at("2026-11-25 06:00")
    assert later.reason.lift == {"change": "allow_at", "at": "2026-11-24T23:50:00+08:00"}


def test_an_answer_outlives_the_beats_of_a_session_on_its_course() -> None:
    """A question that names no session is drawn once, and moved over the memories of many beats."""
    limits = written('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]')
    start = Life(limits).at("2026-11-24 16:00")
    outcome = reduce(limits, child(), SessionOpened("kid~s-------", "tablet"), start)
    answers = []
    for seq in range(1, 11):
        outcome = reduce(
            limits, outcome.state, HeartbeatReceived("kid~s-------", seq), start + 30 * seq, outcome.course
        )
        answers.append(decide(limits, outcome.state, TimeQuestion(), start + 30 * seq + 7, outcome.course))
    assert kept._KNOWN[id(limits), "kid", TimeQuestion()].decision is answers[1]
    assert [answer.remaining["day_seconds"] for answer in answers] == [2363 - 30 * turn for turn in range(10)]
    assert {answer.until for answer in answers} == {start + 2400}


def test_what_was_said_of_one_memory_says_nothing_of_another() -> None:
    """Equal is not enough: another memory or policy is asked about in full."""
    limits = written("quota: {daily: 40m}")
    state, start = child(), Life(limits).at("2026-11-24 16:00")
    assert decide(limits, state, TimeQuestion(), start) == decide(limits, state, TimeQuestion(), start)
    known = kept._KNOWN[id(limits), "kid", TimeQuestion()]
    assert known.holds(limits, state, start + 60)
    assert not known.holds(limits, replace(state, profile=replace(state.profile)), start + 60)
    assert not known.holds(replace(limits), state, start + 60)
    assert not known.holds(limits, state, start - 1)


def test_what_a_question_is_not_about_may_change() -> None:
    """A purchase or notification turns no kept answer, a use of a feature only those about features."""
    limits = with_features(written("quota: {daily: 40m}"), 1)
    state, start = child(), Life(limits).at("2026-11-24 16:00")
    about_time, about_feature = TimeQuestion(), FeatureQuestion("comment")
    for question in (about_time, about_feature) * 2:
        decide(limits, state, question, start)
    bought = reduce(limits, state, PurchaseMade("buy-1", 600, "CNY"), start).state
    used = reduce(limits, bought, FeatureUsed("use-1", "comment"), start).state
    assert bought.purchases
    assert used.uses
    found = {
        (question, name): Asking(limits, memory).known(question, start + 60) is not None
        for question in (about_time, about_feature)
        for name, memory in (("bought", bought), ("used", used))
    }
    assert [about for about, known in found.items() if not known] == [(about_feature, "used")]


def test_a_subject_is_kept_once_per_question_and_all_of_them_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memories that follow one another take each other's place; when there are too many subjects, all are forgotten."""
    monkeypatch.setattr(kept, "_MOST", 3)
    kept._KNOWN.clear()
    limits = written("quota: {daily: 40m}")
    start = Life(limits).at("2026-11-24 16:00")
    for subject in ("a", "b", "c"):
        for _ in range(3):
            decide(limits, new_state(replace(child().profile, subject=subject)), TimeQuestion(), start)
    assert [subject for _, subject, _ in kept._KNOWN] == ["a", "b", "c"]
    decide(limits, new_state(replace(child().profile, subject="d")), TimeQuestion(), start)
    assert [subject for _, subject, _ in kept._KNOWN] == ["d"]


WAITS = st.lists(st.integers(2, 100_000), min_size=2, max_size=4)


@cases(0.01)
@given(stories(SECONDS), WAITS)
def test_kept_answers_second_by_second(case: Case, waits: list[int]) -> None:
    """Near a change of clocks."""
    live(case, waits)


@cases(0.01)
@given(stories(MINUTES), WAITS)
def test_kept_answers_minute_by_minute(case: Case, waits: list[int]) -> None:
    """Over two days."""
    live(case, waits)


@cases(0.01)
@given(stories(QUARTERS), WAITS)
def test_kept_answers_over_days(case: Case, waits: list[int]) -> None:
    """Over eight days, with folding."""
    live(case, waits)


@cases(0.005)
@given(stories(HOURS), WAITS)
def test_kept_answers_over_weeks(case: Case, waits: list[int]) -> None:
    """Over forty days."""
    live(case, waits)
