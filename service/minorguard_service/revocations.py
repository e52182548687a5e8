"""Revoked session tokens: a log of (epoch, subject) in the store that every worker follows.

An epoch is a number that only grows, so no two clocks have to agree. A session's tokens carry the newest epoch there
was when it was opened, and heartbeats pass it on: a worker that has not heard of a revocation yet can't wash a token
clean. A revocation has a higher epoch than all before it, and refuses its subject's tokens that have lower ones.

Epochs are milliseconds where the clock runs ahead of the last one, so that they grow on when a backup is restored. The
log is cut into segments, each a record changed by compare-and-set; to follow it costs one small read a look.
"""

from __future__ import annotations

import math
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from minorguard.clock import Clock
from minorguard.errors import StoreError, VersionConflict
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import decode_json, encode_json
from minorguard_service import records
from minorguard_service.tokens import LATE_SECONDS, LONGEST_LEASE_SECONDS, Claims, TokenRefused

LOOK_SECONDS = 0.5
"""How old a worker's sight of the log may be when a token is judged."""
SEGMENT = 128
"""Revocations in one record."""
KEPT_MS = (LATE_SECONDS + LONGEST_LEASE_SECONDS + 3_600) * 1_000
"""How long a revocation is remembered: longer than a token from before it serves, but under a test clock that halts."""
ATTEMPTS = 64

_KEY = "revocations"
_KIND = "revocations"
_MARK_BYTES = 12
_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of the log as it was read; `version` is `ABSENT` for one that nobody has begun."""

    number: int
    version: int = ABSENT
    entries: tuple[tuple[int, str], ...] = ()
    over: bool = False
    """Whether all in it has aged out."""

    @property
    def full(self) -> bool:
        return self.over or len(self.entries) >= SEGMENT


class Revocations:
    """What one process knows of the log. Safe to share between threads."""

    def __init__(self, store: StateStore, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._lock, self._revoking = threading.Lock(), threading.Lock()
        self._tail: _Segment | None = None
        self._read_at, self._told_at = -math.inf, -math.inf
        self._newest = 0
        self._revoked: dict[str, int] = {}

    def listen(self) -> None:
        """Be told of revocations as they happen, where the store can push; once in each process, after its fork."""
        self._store.announcer().subscribe(lambda topic, _: self.stale() if topic == _KEY else None, self.stale)

    def check(self, claims: Claims) -> None:
        """Raises `TokenRefused` for a token from before its subject's last revocation.

        Raises `StoreError` when the log can't be read: nobody knows then what was revoked.
        """
        self.look()
        self.judge(claims)

    def judge(self, claims: Claims) -> None:
        """As `check`, by what was read of the log at the last look."""
        if claims.epoch < self._newest and claims.epoch < self._revoked.get(_mark(claims.namespace, claims.subject), 0):
            raise TokenRefused("token-revoked", "the subject's tokens were revoked; open a session anew")

    def newest(self) -> int:
        """The newest epoch there is at this moment: that of a session which is opened now. Raises `StoreError`."""
        with self._lock:
            self._follow()
            return self._newest

    def revoke(self, namespace: str, subject: str) -> int:
        """Refuse all tokens that a subject has: here at once, on every worker within a second. Returns the epoch.

        Raises `StoreError`; the tokens may be refused then, or not.
        """
        mark = _mark(namespace, subject)
        with self._revoking:
            epoch = self._append(mark)
        with suppress(StoreError):  # who is not told looks
            self._store.announcer().publish(_KEY, b"")
        return epoch

    def stale(self) -> None:
        """Look again before the next token is judged: something was announced, or may have been missed."""
        self._told_at = self._monotonic()

    def look(self) -> None:
        """Read the log unless that was done lately. Raises `StoreError`."""
        if self._is_stale():
            with self._lock:  # one looks for all
                if self._is_stale():
                    self._follow()

    def _is_stale(self) -> bool:
        return self._read_at <= self._told_at or self._monotonic() - self._read_at >= LOOK_SECONDS

    def _append(self, mark: str) -> int:
        for _ in range(ATTEMPTS):
            with suppress(VersionConflict):  # another worker was faster
                return self._try_to_append(mark)
        raise VersionConflict(_KEY, ATTEMPTS)

    def _try_to_append(self, mark: str) -> int:
        with self._lock:
            tail = self._follow()
            epoch = max(self._newest + 1, self._now_ms())
        into = _Segment(tail.number + 1) if tail.full else tail
        entries = (*into.entries, (epoch, mark))
        version = self._store.save(
            _key(into.number), encode_json(_KIND, {"entries": entries}), into.version, durable=True
        )
        with self._lock:
            self._learn(_Segment(into.number, version, entries))
        if into is not tail:
            with suppress(VersionConflict):  # another worker does it
                self._forget_what_aged_out(into.number)
        return epoch

    def _follow(self) -> _Segment:
        """Read what was appended; returns the last segment. INVARIANT: `_lock` is held."""
        at = self._monotonic()
        known = self._tail
        tail = self._load(self._first() if known is None else known.number)
        if tail.version == ABSENT and known is not None and known.version != ABSENT:
            tail = self._load(self._first())  # the store is an older copy: what was revoked since stays so here
        self._learn(tail)
        while tail.full and (following := self._load(tail.number + 1)).version != ABSENT:
            tail = following
            self._learn(tail)
        self._read_at = at
        return tail

    def _learn(self, segment: _Segment) -> None:
        if segment is self._tail:
            return
        for epoch, mark in segment.entries:
            self._revoked[mark] = max(epoch, self._revoked.get(mark, 0))
        self._newest = max([self._newest, *(epoch for epoch, _ in segment.entries)])
        if self._tail is not None and segment.number != self._tail.number:
            oldest = self._now_ms() - KEPT_MS
            self._revoked = {mark: epoch for mark, epoch in self._revoked.items() if epoch >= oldest}
        self._tail = segment

    def _load(self, number: int) -> _Segment:
        stored = self._store.load(_key(number))
        if stored is None:
            return _Segment(number)
        if self._tail is not None and (number, stored.version) == (self._tail.number, self._tail.version):
            return self._tail
        body = decode_json(_key(number), _KIND, stored.blob)
        entries = tuple((epoch, mark) for epoch, mark in body["entries"])
        return _Segment(number, stored.version, entries, body.get("over", False))

    def _first(self) -> int:
        """The first segment that is kept."""
        head = records.read(self._store, _KEY, _KIND)
        return 0 if head is None else int(head["first"])

    def _forget_what_aged_out(self, tail: int) -> None:
        """Empty the segments whose last entry nobody needs; they are not deleted, since that is dear on SQLite."""
        first, oldest = self._first(), self._now_ms() - KEPT_MS
        while first < tail and (segment := self._load(first)).full:
            if segment.entries and segment.entries[-1][0] >= oldest:
                break
            if not segment.over:
                self._store.save(_key(first), encode_json(_KIND, {"entries": [], "over": True}), segment.version)
            first += 1
        records.change(self._store, _KEY, _KIND, lambda head: {"first": max(first, head["first"] if head else 0)})

    def _now_ms(self) -> int:
        return self._clock.now_ns() // _MILLISECOND


def _key(number: int) -> str:
    return f"{_KEY}/{number:08d}"


@lru_cache(maxsize=8192)
def _mark(namespace: str, subject: str) -> str:
    """A name for a subject that outlives its erasure without telling who it was."""
    return urlsafe_b64encode(sha256(f"{namespace}\0{subject}".encode()).digest()[:_MARK_BYTES]).decode()
