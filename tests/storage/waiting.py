"""Waiting for what other threads do."""

import fcntl
import threading
from pathlib import Path

PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.0005


def until(holds):
    """Return as soon as `holds()`; an error if it never does."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / _PAUSE_SECONDS)):
        if holds():
            return
        pause.wait(_PAUSE_SECONDS)
    raise AssertionError("waited in vain")


def is_locked(path):
    """Whether somebody holds a lock file."""
    with Path(path).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
