"""Publishing at the same moment, and publishing that is cut short: wholly, or not at all."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from minorguard.errors import StoreUnavailable
from minorguard.storage.memory import MemoryStore
from minorguard_service.policy_desk import Desk
from minorguard_service.policy_records import Retry, Who
from minorguard_service.policy_store import PolicyStore
from minorguard_service.policy_views import Published
from minorguard_service.problems import Problem
from tests.service.office import text_of
from tests.service.world import NOON, book

PEOPLE = 8
ID = "short-video"


class Breaking(MemoryStore):
    """A store that dies after so many writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes_left: int | None = None

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise StoreUnavailable("x://", "gone")
            self.writes_left -= 1
        return super().save(key, blob, expected, durable=durable, **more)


def desk(store: MemoryStore, name: str) -> Desk:
    """Somebody's desk, in a process of their own."""
    published = Published(store, book(), lambda *_: None)
    view = lambda: published.view("acme.test", fresh=True)  # noqa: E731
    return Desk(PolicyStore(store, "acme.test"), view, lambda: NOON, Who(name, name))


def draft(store: MemoryStore, minutes: int) -> str:
    """A draft by the editor: its digest."""
    editor = desk(store, "ed")
    known = PolicyStore(store, "acme.test").draft(ID)
    base = editor.view().head.slots[ID].newest if ID in editor.view().head.slots else 1
    replaces = None if known is None else known.edit
    editor.put_draft(ID, text_of(minutes), tests=None, base=base, replaces=replaces)
    policy = editor.review(ID)[1].policy
    assert policy is not None
    return policy.digest


def active(store: MemoryStore) -> tuple[int, int, int]:
    """The active revision, the minutes that it gives, and how many changes there were, as a new process sees them."""
    view = desk(store, "somebody").view()
    slot, policy = view.head.slots.get(ID), view.get(ID)
    assert policy is not None
    (rule,) = policy.bands[0].time
    numbers = [change.number for change in PolicyStore(store, "acme.test").history(ID, slot)] if slot else []
    assert numbers == list(range(len(numbers), 0, -1))
    return policy.revision, dict(rule.limits.seconds)["otherwise"] // 60, len(numbers)


def test_tries_of_one_call_that_overlap_are_one_change() -> None:
    """Whoever sends it again before the first is answered is told of the same change, and not of a conflict."""
    store = MemoryStore()
    for turn in range(1, 6):
        digest = draft(store, turn)

        def publish(_: int, digest: str = digest, turn: int = turn) -> int:
            retry = Retry(f"try-{turn}", "body")
            return desk(store, "pat").publish(ID, digest=digest, why="because", retry=retry)[0].number

        with ThreadPoolExecutor(PEOPLE) as pool:
            assert set(pool.map(publish, range(PEOPLE))) == {turn}


def test_many_publish_the_same_draft_and_one_does() -> None:
    """Of eight people at once one publishes it; the others are told of a conflict, or that there is no draft."""
    store = MemoryStore()
    for turn in range(1, 6):
        digest = draft(store, turn)

        def publish(person: int, digest: str = digest) -> str:
            try:
                desk(store, f"pat-{person}").publish(ID, digest=digest, why="because")
            except Problem as problem:
                return problem.code
            return "published"

        with ThreadPoolExecutor(PEOPLE) as pool:
            ends = list(pool.map(publish, range(PEOPLE)))
        assert ends.count("published") == 1
        assert set(ends) <= {"published", "conflict", "not-found"}
        assert active(store)[1:] == (turn, turn)


@pytest.mark.parametrize("writes", range(7))
def test_publishing_that_is_cut_short_is_whole_or_nothing(writes: int) -> None:
    """Whichever write is the last, the old or the new holds, and publishing goes on from there."""
    store = Breaking()
    desk(store, "pat").publish(ID, digest=draft(store, 10), why="first")
    digest = draft(store, 20)
    store.writes_left = writes
    try:
        desk(store, "pat").publish(ID, digest=digest, why="second")
        done = True
    except StoreUnavailable:
        done = False
    store.writes_left = None
    revision, minutes, changes = active(store)
    assert (minutes, changes) in {(10, 1), (20, 2)}
    assert (minutes == 20) >= done
    desk(store, "pat").publish(ID, digest=draft(store, 30), why="third")
    again = active(store)
    assert (again[1], again[2]) == (30, changes + 1)
    assert again[0] > revision


def test_the_numbers_of_a_publishing_that_was_cut_short_stay_empty() -> None:
    """Such a revision is not there for anybody, now and after the next one."""
    store = Breaking()
    digest = draft(store, 10)
    store.writes_left = 1
    with pytest.raises(StoreUnavailable):
        desk(store, "pat").publish(ID, digest=digest, why="cut short")
    store.writes_left = None
    view = desk(store, "pat").view()
    assert view.revision(ID, 2) is None
    change, slot = desk(store, "pat").publish(ID, digest=digest, why="again")
    assert (change.revision, slot.void) == (3, (2,))
    assert desk(store, "pat").view().revision(ID, 2) is None
    assert desk(store, "pat").view().revision(ID, 3) is not None


def test_a_change_between_reading_and_saving_is_a_conflict() -> None:
    """What was decided on an older state is not written over a newer one."""
    store = MemoryStore()
    desk(store, "pat").publish(ID, digest=draft(store, 10), why="first")
    late = desk(store, "pat")
    seen = late.view()
    desk(store, "eve").rollback(ID, 1, why="meanwhile")
    stale = Desk(late.store, lambda: seen, late.now, late.who)
    with pytest.raises(Problem) as refused:
        stale.rollback(ID, 1, why="late")
    assert refused.value.code == "conflict"
    assert active(store)[2] == 2


def test_the_page_on_publishing_runs() -> None:
    """Its Python example, as it stands."""
    text = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "publishing.md", "exec"), {})
