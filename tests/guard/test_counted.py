"""The façade on money and notifications: checked, counted and stored in one step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from minorguard import ManualClock, MinorGuard, PolicyBook
from minorguard.errors import Conflict, InvalidInput, NotFound
from minorguard.model.questions import NotificationQuestion, SpendQuestion
from minorguard.policy import compile_policy
from tests.build import at, codes

BOOK = PolicyBook.of(
    compile_policy(
        """
policy: test
timezone: Asia/Shanghai
bands:
  "0-18":
    spending: {currency: CNY, per_purchase: 50.00, per_day: 80.00}
    notifications: {quiet: ["21:00-08:00"], at_most: 2/day}
"""
    )
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(at("2026-11-24 16:00"))


@pytest.fixture(params=["memory", "sqlite"])
def guard(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[MinorGuard]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/guard.db"
    guard = MinorGuard.open(url, policies=BOOK, clock=clock)
    guard.put_subject("kid-1", policy="test")
    yield guard
    guard.close()


def test_money_is_asked_about_and_spent(guard: MinorGuard, clock: ManualClock) -> None:
    """A question counts nothing, a purchase does, once, and midnight brings new money."""
    assert guard.ask("kid-1", SpendQuestion(5_000, "CNY")).remaining["spend_day_minor"] == 8_000
    assert guard.purchase("kid-1", 5_000, "CNY", "game", "order-1").remaining["spend_day_minor"] == 3_000
    assert guard.purchase("kid-1", 5_000, "CNY", "game", "order-1").remaining["spend_day_minor"] == 3_000
    assert codes(guard.purchase("kid-1", 5_000, "CNY")) == ["spending.per_day"]
    with pytest.raises(Conflict):
        guard.purchase("kid-1", 4_000, "CNY", "game", "order-1")
    clock.advance(8 * 3_600)
    assert guard.purchase("kid-1", 5_000, "CNY").allowed


def test_notifications_are_asked_about_and_sent(guard: MinorGuard, clock: ManualClock) -> None:
    """Two a day, the same one once, and none after nine."""
    assert guard.notify("kid-1", "push-1").remaining == {"notifications": 1}
    assert guard.notify("kid-1", "push-1").remaining == {"notifications": 1}
    assert guard.notify("kid-1").remaining == {"notifications": 0}
    assert codes(guard.ask("kid-1", NotificationQuestion())) == ["notification.exhausted"]
    clock.advance(5 * 3_600)
    assert codes(guard.notify("kid-1")) == ["notification.quiet", "notification.exhausted"]


def test_threads_spend_no_more_than_there_is(guard: MinorGuard) -> None:
    """Of sixteen purchases of ten yuan at once, eight fit into eighty."""
    effects: list[str] = []

    def buy(number: int) -> None:
        effects.append(guard.purchase("kid-1", 1_000, "CNY", None, f"order-{number}").effect)

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(effects) == ["allow"] * 8 + ["deny"] * 8


def test_what_is_wrong_is_refused_with_its_place(guard: MinorGuard) -> None:
    """Amounts, currencies, activities, ids and subjects that are none."""
    wrong = (
        (("kid-1", 0, "CNY"), "amount"),
        (("kid-1", 10**12 + 1, "CNY"), "amount"),
        (("kid-1", 6.0, "CNY"), "amount"),
        (("kid-1", True, "CNY"), "amount"),
        (("kid-1", "6", "CNY"), "amount"),
        (("kid-1", 1, "yuan"), "currency"),
        (("kid-1", 1, "CNY", "no game!"), "activity"),
        (("kid-1", 1, "CNY", None, ""), "purchase_id"),
        (("kid-1", 1, "CNY", None, "x" * 129), "purchase_id"),
    )
    for call, where in wrong:
        with pytest.raises(InvalidInput) as refused:
            guard.purchase(*call)
        assert refused.value.where == where
    for fen in (6.0, True, "6"):
        with pytest.raises(InvalidInput):
            guard.ask("kid-1", SpendQuestion(fen, "CNY"))
    with pytest.raises(InvalidInput):
        guard.notify("kid-1", "")
    with pytest.raises(NotFound):
        guard.notify("kid-2")
    assert guard.ask("kid-1", SpendQuestion(1, "CNY")).remaining["spend_day_minor"] == 8_000


def test_a_revision_is_remembered_with_the_subject(guard: MinorGuard) -> None:
    """What a subject is held to is stored, and putting it anew without one lets it follow again."""
    assert guard.put_subject("kid-1", policy="test", policy_revision=1).revision == 1
    assert guard.get_subject("kid-1").revision == 1
    guard.put_subject("kid-1", policy="test")
    assert guard.get_subject("kid-1").revision is None
