"""What this process last knew of the subjects that it met lately, so that a beat need not load what it just saved."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from minorguard.engine import Course
from minorguard.model.quickly import quickly
from minorguard.model.state import SubjectState

MOST = 8192
"""Subjects; of more, those that were not met for longest are forgotten. Some 5 kB of this process's memory each."""


@quickly
@dataclass(frozen=True, slots=True)
class Known:
    """A subject's memory, the version under which it was stored, and the course that led to it, if any."""

    version: int
    state: SubjectState
    course: Course | None = None


class Recent:
    """By store key, bounded. Safe to share between threads.

    It may be out of date at any time, since other processes write, too: only a compare-and-set on the version, or that
    same version just read from the store, makes it true.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, key: str) -> Known | None:
        """What was last known, if it is remembered."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def get_many(self, keys: Iterable[str]) -> list[Known | None]:
        """What `get` says of each."""
        found = []
        with self._lock:
            for key in keys:
                known = self._known.get(key)
                if known is not None:
                    self._known.move_to_end(key)
                found.append(known)
        return found

    def put(self, key: str, known: Known) -> None:
        """Remember, in place of what was known before."""
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def forget(self, key: str) -> None:
        """Remember nothing of a key."""
        with self._lock:
            self._known.pop(key, None)
