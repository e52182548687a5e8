"""The engine and the oracle count the same purchases and notifications, and must agree after each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import event, given, note

from minorguard.engine import decide, new_state, reduce, settle
from minorguard.errors import Conflict
from minorguard.model.decisions import Decision
from minorguard.model.events import NotificationSent, PurchaseMade, SubjectPut
from minorguard.model.questions import NotificationQuestion, SpendQuestion
from minorguard.model.state import SubjectState
from tests.engine.counted_strategies import Buy, Happening, Notify, Purse, Put, purses
from tests.engine.strategies import ACTIVITIES, HOURS, MINUTES, QUARTERS, SECONDS, cases
from tests.oracle.counted import Counted, Said
from tests.oracle.world import World

COUNTED = ("spending.", "notification.")


def seen(instant: int | None, world: World) -> int | None:
    """An instant as the oracle would see it: nothing after the world's end."""
    return None if instant is None or instant >= world.instant(world.ticks) else instant


def lifted(decision: Decision, world: World) -> dict[tuple[str, str], int | None]:
    """The denials of a decision, each once, and when each alone is lifted."""
    if decision.allowed:
        return {}
    found = {}
    for reason in decision.reasons:
        assert reason.origin is not None
        at = reason.data["allowed_at"]
        key = (reason.code, reason.origin.rule)
        assert key not in found
        found[key] = None if at is None else seen(int(datetime.fromisoformat(at).timestamp()), world)
    return found


def expect(said: Said, decision: Decision, world: World) -> None:
    """Compare everything."""
    note(f"  oracle: {said}\n  engine: {decision}")
    event(decision.reason.code)
    assert said.why == lifted(decision, world)
    assert (said.until, said.again) == (seen(decision.until, world), seen(decision.again, world))
    assert said.left == dict(decision.remaining)


class Both:
    """The engine and the oracle, side by side."""

    def __init__(self, case: Purse) -> None:
        self.case = case
        self.oracle = Counted(case.policy, case.profile, case.world)
        self.state = new_state(case.profile)
        self.made: dict[int, Buy | Notify] = {}

    def tell(self, number: int, now: int, happening: Happening) -> None:
        """Something happens; its number is its id."""
        note(f"{now}: {happening}")
        if isinstance(happening, Put):
            self.oracle.put(happening.profile)
            self.state = reduce(self.case.policy, self.state, SubjectPut(happening.profile), now).state
        elif happening.again is not None and happening.again in self.made:
            self.retry(happening.again, now, happening)
        else:
            self.first(number, now, happening)

    def first(self, number: int, now: int, happening: Buy | Notify) -> None:
        """A fact that is new to both."""
        if isinstance(happening, Buy):
            said = self.oracle.buy(happening.amount, happening.currency, happening.activity, now)
            fact: Any = PurchaseMade(f"id-{number}", happening.amount, happening.currency, happening.activity)
        else:
            said = self.oracle.send(now)
            fact = NotificationSent(f"id-{number}")
        outcome = reduce(self.case.policy, self.state, fact, now)
        assert outcome.decision is not None
        expect(said, outcome.decision, self.case.world)
        if said.why:
            assert outcome.state is self.state
        elif isinstance(happening, Buy) or outcome.state.notifications != self.state.notifications:
            self.made[number] = happening
        self.state = outcome.state

    def retry(self, number: int, now: int, happening: Buy | Notify) -> None:
        """The same fact again counts nothing and is allowed; another one under its id is refused."""
        made = self.made[number]
        if isinstance(made, Buy):
            assert isinstance(happening, Buy)
            other = PurchaseMade(f"id-{number}", made.amount + 1, made.currency, made.activity)
            with pytest.raises(Conflict):
                reduce(self.case.policy, self.state, other, now)
            fact: Any = PurchaseMade(f"id-{number}", made.amount, made.currency, made.activity)
        else:
            fact = NotificationSent(f"id-{number}")
        outcome = reduce(self.case.policy, self.state, fact, now)
        assert outcome.state is self.state
        assert outcome.decision is not None
        assert outcome.decision.effect == "allow"

    def ask(self, now: int) -> None:
        """Every question at an instant, of the memory as it is and in its shortest form."""
        policy, world = self.case.policy, self.case.world
        for state in (self.state, settle.settle(policy, self.state, now)):
            expect(self.oracle.may_send(now), decide(policy, state, NotificationQuestion(), now), world)
            for activity in (None, *ACTIVITIES):
                for amount, currency in ((1, "CNY"), (600, "CNY"), (5_000, "USD")):
                    question = SpendQuestion(amount, currency, activity)
                    note(f"{now}: {question}")
                    said = self.oracle.may_spend(amount, currency, activity, now)
                    expect(said, decide(policy, state, question, now), world)


def agree(case: Purse) -> SubjectState:
    """Both live through the case."""
    note(str(case.policy))
    both = Both(case)
    for number, (now, happening) in enumerate(case.events):
        both.tell(number, now, happening)
    both.ask(case.end)
    return both.state


@cases(0.05)
@given(purses(SECONDS))
def test_counting_agrees_second_by_second(case: Purse) -> None:
    """Within an hour about a change of clocks, what is counted, denied and left is what the oracle says."""
    agree(case)


@cases(0.05)
@given(purses(MINUTES))
def test_counting_agrees_minute_by_minute(case: Purse) -> None:
    """Over two days: hours of the wall, quiet spans and days about a change of clocks."""
    agree(case)


@cases(0.1)
@given(purses(QUARTERS))
def test_counting_agrees_over_days(case: Purse) -> None:
    """Over twenty-four days: weeks, birthdays, effective dates, sums of days long past."""
    agree(case)


@cases(0.1)
@given(purses(HOURS))
def test_counting_agrees_over_months(case: Purse) -> None:
    """Over two months: what was spent before a birthday, or by other rules, counts until the month is over."""
    agree(case)


@cases(0.03)
@given(purses(MINUTES))
def test_sums_by_the_hour_count_as_what_they_sum(case: Purse) -> None:
    """When all but the newest notification are folded into hours at once, every answer is the same."""
    new = tuple((at, Notify() if isinstance(one, Notify) else one) for at, one in case.events)
    with patch.object(settle, "MAX_SENT", 1):
        agree(replace(case, events=new))
