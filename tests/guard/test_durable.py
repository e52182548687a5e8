"""Which writes must survive a failover, and that a write which was refused as not replicated is tried again."""

from __future__ import annotations

from typing import Any

import pytest

from minorguard import FeatureQuestion, ManualClock, MinorGuard, PolicyBook
from minorguard.errors import NotReplicated
from minorguard.storage.memory import MemoryStore
from tests.build import at, policy

POLICY = policy(
    """
    quota: {daily: 40m}
    """,
    top="""
    guardian: {may_tighten: all, may_extend: {daily: 30m, per_day: 60m}}
    """,
)


class Replicated(MemoryStore):
    """Notes which writes are durable; while its replica is away it takes them and does not acknowledge them."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[bool] = []
        self.away = False

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        version = super().save(key, blob, expected, **more)
        self._note(durable)
        return version

    def delete(self, key: str, expected: int, *, durable: bool = False) -> None:
        super().delete(key, expected)
        self._note(durable)

    def _note(self, durable: bool) -> None:
        self.noted.append(durable)
        if durable and self.away:
            raise NotReplicated(self.url, wanted=1, acknowledged=0)


@pytest.fixture
def store() -> Replicated:
    return Replicated()


@pytest.fixture
def guard(store: Replicated) -> MinorGuard:
    """A guard with a child whose session is open."""
    guard = MinorGuard(store, PolicyBook.of(POLICY), clock=ManualClock(at("2026-11-24 16:00")))
    guard.put_subject("kid", policy="test", age_band="12-16")
    return guard


def test_what_people_decided__is_durable(store: Replicated, guard: MinorGuard) -> None:
    """Registration, settings, grants, purchases and erasure survive the loss of a machine."""
    guard.set_guardian("kid", {})
    guard.give_grant("kid", seconds=600, grant_id="g")
    guard.purchase("kid", 100, "CNY", purchase_id="p")
    guard.delete_subject("kid")
    assert store.noted == [True] * 6


def test_what_the_next_beat_puts_right__is_not(store: Replicated, guard: MinorGuard) -> None:
    """Sessions, beats, uses and notifications wait for nobody."""
    store.noted.clear()
    opened = guard.open_session("kid", device="tablet")
    guard.heartbeat(opened.session_id, seq=1)
    guard.use("kid", "comment")
    guard.notify("kid")
    guard.end_session(opened.session_id)
    guard.ask("kid", FeatureQuestion("comment"))
    assert store.noted == [False] * 3


def test_a_grant_that_was_not_replicated__is_not_taken_for_given(store: Replicated, guard: MinorGuard) -> None:
    """The same grant again is refused until a replica has it, and is given once all the same."""
    store.away = True
    for _ in range(2):
        with pytest.raises(NotReplicated):
            guard.give_grant("kid", seconds=600, grant_id="g")
    store.away = False
    assert guard.give_grant("kid", seconds=600, grant_id="g").remaining["day_seconds"] == 3000


def test_an_erasure_that_was_not_replicated__is_not_taken_for_done(store: Replicated, guard: MinorGuard) -> None:
    """Erasing again what is gone already waits for the replica, too."""
    store.away = True
    for _ in range(2):
        with pytest.raises(NotReplicated):
            guard.delete_subject("kid")
    store.away = False
    guard.delete_subject("kid")
    assert list(store.keys("")) == []
