"""A circuit breaker: what keeps failing is left alone for a while, then tried by one."""

from __future__ import annotations

import threading
from collections.abc import Callable

FAILURES = 3
"""In a row, after which nobody waits any more."""
OPEN_SECONDS = 0.5
"""Until one may try again; so a server that is back is in use again a second later at most."""


class Breaker:
    """Closed (all may pass), open (none), half open (one may). Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._opens_at = 0.0

    def allows(self) -> bool:
        """Whether to try. One who may try while it is open must say how it went."""
        if self._failures < FAILURES:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._opens_at:
                return False
            self._opens_at = now + OPEN_SECONDS  # the next one, if this one never comes back
            return True

    def worked(self) -> None:
        """It answered."""
        if self._failures:
            with self._lock:
                self._failures = 0

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failures += 1
            self._opens_at = self._monotonic() + OPEN_SECONDS
