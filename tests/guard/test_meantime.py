"""What is prepared while a beat is being stored: of the outcome that was stored, and of no other."""

from __future__ import annotations

from typing import Any

import pytest

from minorguard import ManualClock, MinorGuard, PolicyBook
from minorguard.errors import StoreUnavailable, VersionConflict
from minorguard.model.decisions import Decision
from minorguard.model.state import Profile
from minorguard.storage.memory import MemoryStore
from tests.build import at, policy

POLICY = policy("quota: {daily: 40m}")


class Slow(MemoryStore):
    """A store that writes only when what is to be done meanwhile is over, and in which others may be faster."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Any] = []
        """What happens before each of the next writes."""

    def save(self, key: str, blob: bytes, expected: int, *, meanwhile: Any = None, **more: Any) -> int:
        if meanwhile is not None:
            meanwhile()
        if self.before:
            self.before.pop(0)()
        return super().save(key, blob, expected, **more)


class Beats:
    """A session that beats, and what was prepared for each beat."""

    def __init__(self) -> None:
        self.store, self.clock = Slow(), ManualClock(at("2026-11-24 16:00"))
        self.guard = MinorGuard(self.store, PolicyBook.of(POLICY), clock=self.clock)
        self.guard.put_subject("kid", policy="test", age_band="12-16")
        self.session = self.guard.open_session("kid", device="tablet").session_id
        self.prepared: list[tuple[str, int]] = []

    def beat(self, seq: int) -> tuple[Decision, int]:
        """The next beat, half a minute later."""
        self.clock.advance(30)
        return self.guard.beat(self.session, seq=seq, prepare=self.prepare)

    def prepare(self, decision: Decision, profile: Profile) -> int:
        """Note what of, and give a number."""
        assert decision.lease is not None
        self.prepared.append((profile.subject, decision.lease.until))
        return len(self.prepared)


def test_it_is_prepared_before_the_write_is_over() -> None:
    """The store has the write under way while the answer is made."""
    beats, order = Beats(), []
    beats.store.before = [lambda: order.append(len(beats.prepared))]
    decision, prepared = beats.beat(1)
    assert decision.allowed
    assert (prepared, order) == (1, [1])


def test_what_was_prepared_for_a_lost_write_is_not_given() -> None:
    """Another process was faster: the answer is made again, of what follows from what that wrote."""
    beats = Beats()

    def somebody_else() -> None:
        (key,) = beats.store.keys("subject/")
        stands = beats.store.load(key)
        assert stands is not None
        beats.store.save(key, stands.blob, stands.version)
        beats.clock.advance(7)

    beats.store.before = [somebody_else]
    decision, prepared = beats.beat(1)
    assert prepared == len(beats.prepared) == 2
    assert decision.lease is not None
    assert beats.prepared[-1] == ("kid", decision.lease.until)
    assert beats.prepared[0] != beats.prepared[1]


def test_a_beat_that_changes_nothing_is_prepared_too() -> None:
    """The same beat again is answered with what holds, although nothing is written."""
    beats = Beats()
    beats.beat(1)
    assert beats.guard.beat(beats.session, seq=1, prepare=beats.prepare)[1] == len(beats.prepared)


def test_an_error_of_what_is_prepared_is_told_and_the_beat_counts() -> None:
    """As when the answer was made afterwards: the child's time was used, whoever can't sign for it."""
    beats = Beats()

    def broken(_decision: Decision, _profile: Profile) -> None:
        raise StoreUnavailable("x://", "no key to sign with")

    beats.clock.advance(30)
    with pytest.raises(StoreUnavailable, match="no key to sign with"):
        beats.guard.beat(beats.session, seq=1, prepare=broken)
    stored = beats.guard._shell.load("kid")
    assert stored.sessions[0].seq == 1


def test_nothing_prepared_gets_out_of_a_write_that_failed() -> None:
    """Where the store fails, the caller gets the failure and nothing else."""
    beats = Beats()

    def down() -> None:
        raise StoreUnavailable("x://", "gone")

    beats.store.before = [down]
    with pytest.raises(StoreUnavailable, match="gone"):
        beats.beat(1)

    def lost() -> None:
        raise VersionConflict("kid")

    beats.store.before = [lost] * 64
    with pytest.raises(VersionConflict):
        beats.beat(2)
