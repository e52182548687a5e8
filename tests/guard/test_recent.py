"""What a process remembers of subjects saves loads, and never answers for the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from minorguard import ManualClock, MinorGuard, PolicyBook, TimeQuestion
from minorguard.errors import NotFound
from minorguard.model.state import Profile, SubjectState
from minorguard.recent import Known, Recent
from minorguard.storage import Stored, Write
from minorguard.storage.memory import MemoryStore
from tests.build import at, policy

POLICY = policy("quota: {daily: 40m}", features="{default: deny, limit: {comment: 2/day}}")
START = at("2026-11-24 16:00")


class Counting(MemoryStore):
    """A store that counts its commands."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[str] = []

    def load(self, key: str) -> Stored | None:
        self.commands.append("load")
        return super().load(key)

    def load_many(self, keys: Sequence[str]) -> list[Stored | None]:
        self.commands.append("load_many")
        return super().load_many(keys)

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        self.commands.append("save")
        return super().save(key, blob, expected, durable=durable, **more)

    def save_many(self, writes: Sequence[Write]) -> list[int | Exception]:
        before = len(self.commands)
        answers = super().save_many(writes)
        self.commands[before:] = ["save_many"]
        return answers

    def counted(self) -> list[str]:
        """The commands since the last count."""
        counted, self.commands = self.commands, []
        return counted


class Two:
    """Two processes over one store: each has a guard and a memory of its own."""

    def __init__(self) -> None:
        self.store = Counting()
        self.clock = ManualClock(START)
        self.one = MinorGuard(self.store, PolicyBook.of(POLICY), clock=self.clock)
        self.other = MinorGuard(self.store, PolicyBook.of(POLICY), clock=self.clock)
        self.one.put_subject("kid", policy="test", age_band="12-16")
        self.session = self.one.open_session("kid", device="tablet").session_id
        self.clock.advance(30)
        self.store.counted()


@pytest.fixture
def two() -> Two:
    """A subject that plays, as the first process knows it."""
    return Two()


def test_a_warm_beat_is_one_command(two: Two) -> None:
    """The process that saved last tries its compare-and-set at once."""
    for seq in (1, 2, 3):
        assert two.one.heartbeat(two.session, seq=seq).allowed
        two.clock.advance(30)
    assert two.store.counted() == ["save", "save", "save"]


def test_a_cold_beat_is_two_commands(two: Two) -> None:
    """A process that does not know the subject loads it first."""
    two.other.heartbeat(two.session, seq=1)
    assert two.store.counted() == ["load", "save"]


def test_a_conflict_is_two_commands(two: Two) -> None:
    """The refusal says what stands there, so that it need not be loaded."""
    two.other.heartbeat(two.session, seq=1)
    two.store.counted()
    two.clock.advance(30)
    decision = two.one.heartbeat(two.session, seq=2)
    assert two.store.counted() == ["save", "save"]
    assert decision.lease is not None
    assert decision.lease.seq == 2


def test_a_question_is_one_command_and_never_answered_from_memory(two: Two) -> None:
    """What another process has counted is in the next answer of this one."""
    assert two.one.ask("kid", TimeQuestion(session=two.session)).remaining["day_seconds"] == 2370
    two.store.counted()
    two.other.set_guardian("kid", {"time": {"quota": {"daily": "10m"}}})
    two.store.counted()
    assert two.one.ask("kid", TimeQuestion(session=two.session)).remaining["day_seconds"] == 570
    assert two.store.counted() == ["load"]


def test_a_beat_that_changes_nothing_is_answered_from_the_store(two: Two) -> None:
    """A repeated beat is not written, so no compare-and-set would prove an old memory wrong."""
    two.one.heartbeat(two.session, seq=1)
    two.other.heartbeat(two.session, seq=2)
    two.store.counted()
    decision = two.one.heartbeat(two.session, seq=1)
    assert two.store.counted() == ["load"]
    assert decision.lease is not None
    assert decision.lease.seq == 2


def test_a_use_denied_by_memory_is_judged_by_the_store(two: Two) -> None:
    """A refusal writes nothing either: it comes from what is stored, such as a tablet's uses given back by erasure."""
    for number in (1, 2):
        assert two.one.use("kid", "comment", use_id=f"use-{number}").allowed
    two.other.delete_subject("kid")
    two.other.put_subject("kid", policy="test", age_band="12-16")
    assert two.one.use("kid", "comment", use_id="use-3").allowed


def test_a_session_that_another_process_opened_is_found(two: Two) -> None:
    """What is missing in memory is looked for in the store before it is said not to be there."""
    session = two.other.open_session("kid", device="phone").session_id
    assert two.one.heartbeat(session, seq=1).allowed
    with pytest.raises(NotFound):
        two.one.heartbeat("kid~not-there", seq=1)


def test_an_erased_subject_is_not_brought_back_from_memory(two: Two) -> None:
    """Versions never come back, so the beat of a process that did not hear of it writes nothing."""
    two.other.delete_subject("kid")
    with pytest.raises(NotFound):
        two.one.heartbeat(two.session, seq=1)
    assert two.store.load("subject/default/kid") is None


def test_both_processes_together_count_as_one(two: Two) -> None:
    """Beats that alternate between processes leave what one process would have left."""
    for seq in range(1, 21):
        (two.one if seq % 2 else two.other).heartbeat(two.session, seq=seq)
        two.clock.advance(30)
    assert two.one.usage("kid")["used_seconds"] == 21 * 30
    assert two.one.usage("kid") == two.other.usage("kid")


def test_the_least_recent_subject_is_forgotten_first() -> None:
    """The memory is bounded, and what was met last stays."""
    recent = Recent(most=2)
    known = {name: Known(1, SubjectState(Profile(name, "test"))) for name in "abc"}
    recent.put("a", known["a"])
    recent.put("b", known["b"])
    recent.get("a")
    recent.put("c", known["c"])
    assert [recent.get(name) for name in "abc"] == [known["a"], None, known["c"]]
