"""Telling other processes that something changed. What changed is in the store; an announcement only says: look now.

Announcements may be lost, doubled or late, so nothing may rest on one alone. A listener is told to `reread` whenever
some may have been missed: at the start, after a connection came back, and where nothing can be pushed, now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from minorguard.errors import StoreError

POLL_SECONDS = 0.5
"""How often a listener rereads where nothing can be pushed."""

Heard = Callable[[str, bytes], None]
"""Told of a topic and a message."""
Reread = Callable[[], None]
"""Told that announcements may have been missed."""
Stop = Callable[[], None]
"""Ends a subscription; afterwards nothing is told any more."""


class Announcer(Protocol):
    """Both callbacks run on a thread of the announcer's; a `StoreError` of theirs is told again by a reread."""

    def publish(self, topic: str, message: bytes) -> None:
        """Tell all listeners that can be reached, in this process too. Raises `StoreUnavailable`."""
        ...

    def subscribe(self, heard: Heard, reread: Reread) -> Stop:
        """Listen to all topics; in each process of its own, so after a fork."""
        ...


class Subscribers:
    """The listeners in this process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listening: dict[object, tuple[Heard, Reread]] = {}

    def add(self, heard: Heard, reread: Reread) -> Stop:
        """Keep a listener until it is stopped."""
        token = object()
        with self._lock:
            self._listening[token] = heard, reread
        return lambda: self._drop(token)

    def tell(self, topic: str, message: bytes) -> None:
        """Pass an announcement on; a listener that could not follow it rereads."""
        for heard, reread in self._all():
            try:
                heard(topic, message)
            except StoreError:
                with suppress(StoreError):
                    reread()

    def none(self) -> bool:
        """Whether nobody listens."""
        return not self._all()

    def reread(self) -> None:
        """Tell all that announcements may have been missed."""
        for _, reread in self._all():
            with suppress(StoreError):
                reread()

    def _all(self) -> list[tuple[Heard, Reread]]:
        with self._lock:
            return list(self._listening.values())

    def _drop(self, token: object) -> None:
        with self._lock:
            self._listening.pop(token, None)


class LocalAnnouncer:
    """Within one process: announcements reach every listener before `publish` returns."""

    def __init__(self) -> None:
        self._subscribers = Subscribers()

    def publish(self, topic: str, message: bytes) -> None:
        """Tell the listeners of this process."""
        self._subscribers.tell(topic, message)

    def subscribe(self, heard: Heard, reread: Reread) -> Stop:
        """Listen; `reread` is told at once."""
        stop = self._subscribers.add(heard, reread)
        reread()
        return stop


class PollingAnnouncer:
    """For engines that push nothing: this process is told at once, the others reread every `every` seconds."""

    def __init__(self, every: float = POLL_SECONDS) -> None:
        self._every = every
        self._subscribers = Subscribers()

    def publish(self, topic: str, message: bytes) -> None:
        """Tell the listeners of this process; those of others find out."""
        self._subscribers.tell(topic, message)

    def subscribe(self, heard: Heard, reread: Reread) -> Stop:
        """Listen, on a thread of the listener's own."""
        drop, over = self._subscribers.add(heard, reread), threading.Event()
        threading.Thread(target=_poll, args=(reread, over, self._every), name="minorguard-poll", daemon=True).start()

        def stop() -> None:
            drop()
            over.set()

        return stop


def _poll(reread: Reread, over: threading.Event, every: float) -> None:
    while True:
        with suppress(StoreError):
            reread()
        if over.wait(every):
            return
