"""Virtual time for QA: a clock that stands still until told, kept in the store, so that all processes agree on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from minorguard.errors import Conflict, InvalidInput, NotFound, VersionConflict
from minorguard.model.ids import Instant, Seconds, check_word
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import decode_json, encode_json

MAX_SUBJECTS = 1000
ATTEMPTS = 64
EARLIEST: Instant = 946_684_800  # 2000-01-01T00:00:00Z
LATEST: Instant = 7_258_118_400  # 2200-01-01T00:00:00Z
_KIND = "test-clock"


@dataclass(frozen=True, slots=True)
class TestClock:
    """A virtual clock and the subjects that live by it."""

    __test__ = False  # not a pytest class

    id: str
    now: Instant
    subjects: tuple[str, ...] = ()


class TestClocks:
    """The test clocks of one namespace."""

    __test__ = False

    def __init__(self, store: StateStore, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    def create(self, id: str, now: Instant) -> TestClock:
        """A new clock that shows `now`. Raises `Conflict` if the id is taken by a clock at another time."""
        clock = TestClock(check_word("test_clock", id), _check_now("now", now))
        with suppress(VersionConflict):  # somebody was faster, perhaps with the same
            if self._store.load(self._key(id)) is None:
                self._store.save(self._key(id), encode_json(_KIND, _body(clock)), ABSENT)
                return clock
        known, _ = self._load(id)
        if known.now != now:
            raise Conflict("test_clock", f"`{id}` exists; advance it, delete it, or choose another id")
        return known

    def get(self, id: str) -> TestClock:
        """Raises `NotFound`."""
        return self._load(id)[0]

    def now(self, id: str) -> Instant:
        """What the clock shows. Raises `NotFound`."""
        return self.get(id).now

    def set(self, id: str, now: Instant) -> TestClock:
        """Move the clock forward to `now`. Raises `InvalidInput` for the past: what was used can't be unused."""

        def moved(clock: TestClock) -> TestClock:
            if now < clock.now:
                raise InvalidInput("to", "lies before the clock's present; a test clock only moves forward")
            return replace(clock, now=_check_now("to", now))

        return self._change(id, moved)

    def advance(self, id: str, seconds: Seconds) -> TestClock:
        """Move the clock forward by whole seconds; of two moves at once, both count."""
        if seconds < 0:
            raise InvalidInput("seconds", "must not be negative; a test clock only moves forward")
        return self._change(id, lambda clock: replace(clock, now=_check_now("seconds", clock.now + seconds)))

    def attach(self, id: str, subject: str) -> TestClock:
        """Let a subject live by the clock."""

        def attached(clock: TestClock) -> TestClock:
            if subject in clock.subjects:
                return clock
            if len(clock.subjects) >= MAX_SUBJECTS:
                raise InvalidInput("test_clock", f"holds {MAX_SUBJECTS} subjects already; create another clock")
            return replace(clock, subjects=(*clock.subjects, subject))

        return self._change(id, attached)

    def detach(self, id: str, subject: str) -> None:
        """Forget a subject that was erased; a clock that is gone is no error."""
        with suppress(NotFound):
            self._change(id, lambda clock: _without(clock, subject))

    def delete(self, id: str) -> None:
        """Remove the clock. Raises `Conflict` while subjects live by it: made anew, it could show them the past."""
        clock, version = self._load(id)
        if clock.subjects:
            raise Conflict("test_clock", f"{len(clock.subjects)} subject(s) live by `{id}`; erase them first")
        self._store.delete(self._key(id), version)

    def _key(self, id: str) -> str:
        return f"clock/{self._namespace}/{id}"

    def _load(self, id: str) -> tuple[TestClock, int]:
        stored = self._store.load(self._key(check_word("test_clock", id)))
        if stored is None:
            raise NotFound("test clock", id)
        body: dict[str, Any] = decode_json(self._key(id), _KIND, stored.blob)
        return TestClock(id, body["now"], tuple(body["subjects"])), stored.version

    def _change(self, id: str, change: Callable[[TestClock], TestClock]) -> TestClock:
        for _ in range(ATTEMPTS):
            clock, version = self._load(id)
            changed = change(clock)
            if changed is clock:
                return clock
            try:
                self._store.save(self._key(id), encode_json(_KIND, _body(changed)), version)
            except VersionConflict:
                continue
            return changed
        raise VersionConflict(self._key(id), ATTEMPTS)


def _without(clock: TestClock, subject: str) -> TestClock:
    if subject not in clock.subjects:
        return clock
    return replace(clock, subjects=tuple(known for known in clock.subjects if known != subject))


def _check_now(where: str, now: Instant) -> Instant:
    if not EARLIEST <= now < LATEST:
        raise InvalidInput(where, "must lie between the years 2000 and 2200")
    return now


def _body(clock: TestClock) -> dict[str, Any]:
    return {"now": clock.now, "subjects": list(clock.subjects)}
