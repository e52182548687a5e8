"""Turns between the threads of a process: first come, first served; jobs that stand one behind another may share one.

Whoever has the turn may take the next in line along, do their jobs with its own, and wake them when all is done. So
what a turn costs is paid once for all that had gathered while the turn before lasted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from minorguard.storage.filelock import LockTimeout

Kind = TypeVar("Kind", bound="Job")


class Job:
    """What one thread wants done in a turn, used once. `size` counts against the bound of a turn that is shared."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.failure: Exception | None = None
        """What to raise in its own thread, if another did it and failed."""
        self._leads = False
        self._bell = threading.Lock()
        self._bell.acquire()


class Turns:
    """A queue of jobs, of which the first has the turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._taken = False

    def enter(self, job: Job, timeout_seconds: float, meanwhile: Callable[[], None] | None = None) -> bool:
        """Wait until the job has the turn (True: its thread must `leave`), or until another has done it (False).

        `meanwhile` is called if it has to wait. Raises `LockTimeout` after `timeout_seconds` in the queue; then it will
        not be done. A job that was taken along in time is waited for as long again; raised then, it may be done yet.
        """
        with self._lock:
            if not self._taken:
                self._taken = job._leads = True
                return True
            self._waiting.append(job)
        try:
            if meanwhile is not None:
                meanwhile()
            self._wait(job, timeout_seconds)
        except BaseException:
            self._give_up(job)
            raise
        return job._leads

    def along(self, kind: type[Kind], most: int) -> list[Kind]:
        """Take along those who stand next, up to the first of another kind, or with which they would exceed `most`."""
        taken: list[Kind] = []
        with self._lock:
            while self._waiting and isinstance(heir := self._waiting[0], kind) and heir.size <= most:
                taken.append(heir)
                self._waiting.popleft()
                most -= heir.size
        return taken

    def leave(self, done: Sequence[Job] = ()) -> None:
        """Give the turn to the next in line, and wake those who were taken along."""
        with self._lock:
            self._taken = bool(self._waiting)
            if self._taken:
                heir = self._waiting.popleft()
                heir._leads = True
                heir._bell.release()
        for job in done:
            job._bell.release()

    @contextmanager
    def alone(self, timeout_seconds: float) -> Iterator[None]:
        """A turn that is not shared. Raises `LockTimeout`."""
        self.enter(Job(), timeout_seconds)
        try:
            yield
        finally:
            self.leave()

    def _wait(self, job: Job, timeout_seconds: float) -> None:
        if job._bell.acquire(timeout=timeout_seconds):
            return
        if self._withdraw(job) or not job._bell.acquire(timeout=timeout_seconds):
            raise LockTimeout

    def _withdraw(self, job: Job) -> bool:
        """Whether the job was still in the queue."""
        with self._lock:
            found = job in self._waiting
            if found:
                self._waiting.remove(job)
            return found

    def _give_up(self, job: Job) -> None:
        """Whatever ended the waiting, the turn is not left with one who does not use it."""
        if not self._withdraw(job) and job._leads:
            self.leave()
