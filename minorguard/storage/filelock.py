"""An exclusive lock between processes, taken in turns and waited for only so long."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.0005

_NEVER = threading.Lock()
_NEVER.acquire()


class LockTimeout(Exception):
    """The lock was not free within the time given."""


class FileLock:
    """A lock on two files that are made beside what they guard, mode 0600, and stay.

    Whoever wants `<path>.lock` first takes `<path>.turn.lock`, and gives that up once it has the lock. So a holder
    that wants the lock again queues behind one who is waiting already, and two busy writers take turns. The kernel
    frees both locks when a process dies. Threads exclude each other too; not reentrant.
    """

    def __init__(self, path: str) -> None:
        self._paths = f"{path}.turn.lock", f"{path}.lock"

    @contextmanager
    def held(self, timeout_seconds: float) -> Iterator[None]:
        """Hold the lock. Raises `LockTimeout` after `timeout_seconds` of waiting, `OSError` if no file can be made.

        Waits are counted, not clocked, so a frozen clock in a test cannot hang or shorten them.
        """
        turn, lock = (_Handle(path) for path in self._paths)
        with lock:
            with turn:
                lock.take(turn.take(timeout_seconds))
            yield


class _Handle:
    """One lock file, opened at its first use: a lock belongs to its open file, so each taking opens its own.

    A process forked meanwhile thus never shares a lock that it did not take itself.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    def take(self, patience: float) -> float:
        """Wait for the lock at most `patience` seconds; returns what is left of them."""
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        while not _try_lock(self._fd):
            if patience <= 0:
                raise LockTimeout
            _NEVER.acquire(timeout=POLL_SECONDS)  # a sleep that no frozen clock stops, cheaper than an event
            patience -= POLL_SECONDS
        return patience

    def __enter__(self) -> _Handle:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._fd >= 0:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            os.close(self._fd)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
