"""Days on which nothing is allowed are passed over, and that changes no answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minorguard.engine import decide, new_state
from minorguard.engine.judge import allowed_again, going_on, judge_time, opening
from minorguard.engine.look import Look
from minorguard.engine.time_rules import Check
from minorguard.model.age import AgeBand
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import compile_policy

NOW = int(datetime.fromisoformat("2026-11-24T12:00:00+08:00").timestamp())
CHILD = new_state(Profile("kid", "shut", band=AgeBand(12, 16)))
OVERLAPPING = ", ".join(
    f'"{hour:02}:{half}-{(hour + 3) % 24:02}:15"' for hour in range(24) for half in ("00", "30")[: 1 + hour % 2]
)
"""36 spans a day, each into the next ones."""
CLOSED = (
    'curfew: ["00:00-24:00"]',
    'curfew: ["00:00-24:00"], sitting: {at_least: 2m}',
    f"curfew: [{OVERLAPPING}]",
    'windows: ["10:00-12:00"], curfew: ["09:00-13:00"]',
    'windows: ["10:00-12:00"], curfew: ["10:02-13:00"], sitting: {at_least: 3m}',
    'windows: [{days: [holiday], span: "10:00-12:00"}]',
    "quota: {daily: 0m}",
    "quota: {daily: {sat: 0m, sun: 0m, otherwise: 1h}}, curfew: [{days: [school_day], span: 00:00-24:00}, 00:00-04:00]",
)


def policy(time: str, *, zone: str = "Asia/Shanghai", starts: str = "00:00") -> CompiledPolicy:
    """One band with these rules of time."""
    top = f'policy: shut\ntimezone: {zone}\nday_starts_at: "{starts}"\n'
    return compile_policy(f"{top}bands:\n  0-18:\n    time: {{{time}}}\n")


@contextmanager
def counted_steps() -> Iterator[list[Instant]]:
    """Where a check was asked when it allows again."""
    steps: list[Instant] = []
    really = Check.first_allowed

    def counting(self: Check, *asked: Any) -> Instant:
        steps.append(asked[2])
        return really(self, *asked)

    with patch.object(Check, "first_allowed", counting):
        yield steps


@pytest.mark.parametrize("time", CLOSED)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("starts", ["00:00", "04:00"])
def test_what_never_opens_is_not_walked_through(time: str, zone: str, starts: str) -> None:
    """There is no next time within the look-ahead, and that takes a few steps, not some for each of 400 days."""
    shut = policy(time, zone=zone, starts=starts)
    with counted_steps() as steps:
        answer = decide(shut, CHILD, TimeQuestion(), NOW)
    assert (answer.allowed, answer.again) == (False, None)
    assert len(steps) < 40


@pytest.mark.parametrize("daily", ["24h", "{holiday: 2h, otherwise: 24h}"])
def test_a_quota_that_is_never_reached_is_not_walked_through(daily: str) -> None:
    """What leaves whole days, or limits days that no calendar knows, is looked at for today and at the horizon."""
    look = Look(policy(f"quota: {{daily: {daily}}}"), CHILD, None, None)
    assert judge_time(look, NOW).until is None
    assert len(look._quotas) <= 3


def test_a_quota_of_a_whole_day_is_reached_on_a_longer_one() -> None:
    """Where clocks go back a day has 25 hours, and 24 of them are used up an hour before it ends."""
    look = Look(policy("quota: {daily: 24h}", zone="America/New_York"), CHILD, None, None)
    assert judge_time(look, NOW - 60 * DAY).until == int(
        datetime.fromisoformat("2026-11-02T04:00:00+00:00").timestamp()
    )
    assert judge_time(look, NOW).until == int(datetime.fromisoformat("2027-11-08T04:00:00+00:00").timestamp())


def stepwise(look: Look, checks: Sequence[Check], at: Instant, until: Instant) -> Instant | None:
    """`allowed_again` without any short way."""
    while at < until:
        later = at
        for check in checks:
            later = check.first_allowed(look, look.counted(check.bound.rule), later, until)
        if later == at:
            return at
        at = later
    return None


CLOCK = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
LONG = st.tuples(st.sampled_from(["00:00", "00:30", "04:00"]), st.sampled_from(["24:00", "23:30", "04:30", "05:00"]))
SPAN = st.one_of(LONG, st.tuples(CLOCK, CLOCK)).filter(lambda edges: edges[0] != edges[1])
DAYS = st.lists(
    st.sampled_from(["school_day", "weekend", "holiday", "sun", "tue"]), min_size=1, max_size=3, unique=True
)
ENTRY = st.tuples(SPAN, st.none() | DAYS).map(
    lambda entry: f'{{span: "{"-".join(entry[0])}"' + (f", days: [{', '.join(entry[1])}]}}" if entry[1] else "}")
)
LIST = st.lists(ENTRY, min_size=1, max_size=4, unique=True).map(", ".join)
QUOTA = st.sampled_from(["0m", "1m", "40m", "{weekend: 0m, otherwise: 40m}", "{weekend: 60m, otherwise: 0m}"])


@st.composite
def bands(draw: st.DrawFn) -> str:
    """Up to two bands with rules that close most of the day."""
    made = []
    for band in draw(st.sampled_from([("0-18",), ("0-14", "14-18")])):
        parts = [f"curfew: [{draw(LIST)}]"] if draw(st.booleans()) else []
        parts += [f"windows: [{draw(LIST)}]"] if draw(st.booleans()) else []
        parts += [f"quota: {{daily: {draw(QUOTA)}}}"] if draw(st.booleans()) else []
        parts += (
            [f"sitting: {{at_least: {draw(st.sampled_from(['1m', '31m', '61m']))}}}"] if draw(st.booleans()) else []
        )
        made.append(f"  {band}: {{time: {{{', '.join(parts)}}}}}\n")
    return "".join(made)


@st.composite
def states(draw: st.DrawFn) -> SubjectState:
    """A child that may have a birthday in the time that is looked at, and extra time."""
    age = draw(
        st.sampled_from([{"band": AgeBand(12, 16)}, {}, {"born": date(2012, 12, 3)}, {"born": date(2008, 12, 3)}])
    )
    state = new_state(Profile("kid", "shut", **age))
    days = draw(st.lists(st.integers(0, 20), max_size=2, unique=True))
    grants = tuple(Grant(f"g{day}", date(2026, 11, 24) + timedelta(days=day), 1800) for day in days)
    return SubjectState(profile=state.profile, grants=grants)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    bands(),
    states(),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(["00:00", "04:00"]),
    st.integers(0, 20 * DAY),
)
def test_passing_over_days_changes_no_answer(
    text: str, state: SubjectState, zone: str, starts: str, later: int
) -> None:
    """Over 40 days, with weekends, birthdays, changed clocks, extra time and least sittings, it is the same."""
    top = f'policy: shut\ntimezone: {zone}\nday_starts_at: "{starts}"\nguardian: {{may_extend: {{daily: 60m}}}}\n'
    look, at = Look(compile_policy(f"{top}bands:\n{text}"), state, None, None), NOW + later
    for checks in (going_on(look), opening(look)):
        assert stepwise(look, checks, at, at + 40 * DAY) == allowed_again(look, checks, at, at + 40 * DAY)
