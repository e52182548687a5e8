"""The one door to time. Nothing else in MinorGuard reads a clock (ruff and the import contracts keep it so)."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]

NANOSECONDS = 1_000_000_000


class Clock(Protocol):
    """Where `now` comes from; read once per request."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock, called through its module so that freezegun and time-machine both work."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, by the machine."""
        return time.time_ns()


class ManualClock:
    """A clock that stands still until told; for tests and simulations.

    >>> clock = ManualClock(1_000)
    >>> clock.advance(30)
    >>> floor_seconds(clock.now_ns())
    1030
    """

    def __init__(self, at: int) -> None:
        self._ns = at * NANOSECONDS

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, as last told."""
        return self._ns

    def advance(self, seconds: int) -> None:
        """Move forward (or back, with a negative number) by whole seconds."""
        self._ns += seconds * NANOSECONDS

    def set(self, at: int) -> None:
        """Jump to an instant (whole seconds since the epoch)."""
        self._ns = at * NANOSECONDS


def floor_seconds(ns: int) -> int:
    """The second that has begun: the `now` of opens, beats and questions."""
    return ns // NANOSECONDS


def ceil_seconds(ns: int) -> int:
    """The second that is ending: the `now` of a clean stop, so that a started second is charged.

    Without it, a client that opens and stops within one second for ever would use time for nothing.
    """
    return -(-ns // NANOSECONDS)
