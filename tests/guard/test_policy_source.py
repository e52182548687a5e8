"""Where a guard gets its policies from: a book, or anything that chooses one for a subject."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from minorguard import FeatureQuestion, ManualClock, MinorGuard, PolicyBook
from minorguard.errors import InvalidInput, PolicyMissing, VersionConflict
from minorguard.model.events import SessionOpened
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile
from minorguard.storage.memory import MemoryStore
from tests.build import at, policy

OLD = replace(policy("quota: {daily: 40m}"), revision=1)
NEW = replace(policy("quota: {daily: 20m}"), revision=2)


class Shares:
    """The newer policy for those whose name begins with `n`."""

    ids = ("test",)

    def get(self, id: str) -> CompiledPolicy | None:
        return OLD if id == "test" else None

    def choose(self, profile: Profile) -> CompiledPolicy | None:
        return NEW if profile.subject.startswith("n") else self.get(profile.policy)


class Busy(MemoryStore):
    """A store in which somebody else is faster, once."""

    conflicts = 0

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        if self.conflicts:
            self.conflicts -= 1
            raise VersionConflict(key)
        return super().save(key, blob, expected, durable=durable, **more)


def guard_of(source: object, **options: object) -> MinorGuard:
    """A guard over nothing, on Tuesday at four."""
    return MinorGuard(Busy(), source, clock=ManualClock(at("2026-11-24 16:00")), **options)


def test_a_source_chooses_for_each_subject() -> None:
    """Openings, questions and forecasts follow what it chooses."""
    guard = guard_of(Shares())
    for name in ("old", "new"):
        guard.put_subject(name, policy="test")
    assert [guard.ask(name).policy.revision for name in ("old", "new")] == [1, 2]
    assert guard.open_session("new", device="tv").decision.policy.revision == 2
    assert guard.forecast("new").windows[0].allowance == 20 * 60


def test_a_subject_is_held_to_its_revision() -> None:
    """A book has one revision: a subject that is held to another one is refused, or denied when the book changes."""
    guard = guard_of(PolicyBook.of(OLD))
    assert guard.put_subject("kid", policy="test", policy_revision=1).revision == 1
    with pytest.raises(InvalidInput) as refused:
        guard.put_subject("kid", policy="test", policy_revision=2)
    assert (refused.value.where, "no revision 2" in refused.value.problem) == ("policy_revision", True)
    guard.use_policies(PolicyBook.of(NEW))
    with pytest.raises(PolicyMissing, match="`test, revision 1`"):
        guard.ask("kid")
    guard.put_subject("kid", policy="test")
    assert guard.ask("kid").policy.revision == 2


def test_scoped_guards_may_have_policies_of_their_own() -> None:
    """Others are not touched; a source that is empty is a source."""
    guard = guard_of(PolicyBook.of(OLD))
    with pytest.raises(InvalidInput):
        guard.scoped("other", policies=PolicyBook()).put_subject("kid", policy="test")
    other = guard.scoped("other", policies=PolicyBook.of(NEW))
    for one in (guard, other):
        one.put_subject("kid", policy="test")
    assert [one.ask("kid").policy.revision for one in (guard, other)] == [1, 2]


def test_a_witness_is_told_once_with_the_state_before() -> None:
    """Of facts and questions, after they were remembered, however often a write was tried."""
    told = []
    guard = guard_of(PolicyBook.of(OLD), witness=lambda *what: told.append(what))
    guard.put_subject("kid", policy="test")
    guard._shell.store.conflicts = 3
    guard.open_session("kid", device="tv")
    guard.ask("kid")
    guard.ask("kid", FeatureQuestion("comment"))
    kinds = [(type(what), len(state.sessions), now, decision.effect) for state, what, now, decision in told]
    now = at("2026-11-24 16:00")
    assert kinds == [
        (SessionOpened, 0, now, "allow"),
        (TimeQuestion, 1, now, "allow"),
        (FeatureQuestion, 1, now, "allow"),
    ]
