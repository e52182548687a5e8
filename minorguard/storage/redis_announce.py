"""Announcements by Redis's publish and subscribe: pushed to every process, and lost while a connection is down."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError, ResponseError

from minorguard.errors import StoreError
from minorguard.storage.announce import Heard, Reread, Stop, Subscribers
from minorguard.storage.redis_node import Link, Unanswered, read, send
from minorguard.storage.redis_router import Ask, Router

QUIET_SECONDS = 1.0
"""After so long a silence a listener asks whether the server still hears it, and waits as long for the answer."""
AGAIN_SECONDS = 0.5
"""Between two tries to connect; each listener rereads as often meanwhile."""
_END = b"\0"
"""Of a topic; the message follows."""


class RedisAnnouncer:
    """One connection and one thread while somebody listens. In a cluster any server passes announcements to all."""

    def __init__(self, router: Router, prefix: str) -> None:
        self._router = router
        self._channel = f"{prefix}:announce".encode()
        self._subscribers = Subscribers()
        self._lock = threading.Lock()
        self._listener: _Listener | None = None

    def publish(self, topic: str, message: bytes) -> None:
        """Tell all listeners of all processes. Raises `StoreUnavailable`."""
        told = topic.encode() + _END + message
        self._router.run([Ask(self._channel, [("PUBLISH", self._channel, told)])])

    def subscribe(self, heard: Heard, reread: Reread) -> Stop:
        """Listen; `reread` is told as soon as nothing more can be missed, and after each gap."""
        drop = self._subscribers.add(heard, reread)
        with self._lock:
            if self._listener is None or not self._listener.is_alive():  # a forked child has none
                self._listener = _Listener(self._router, self._channel, self._subscribers)
                self._listener.start()
            else:
                self._listener.begin_anew()
        return lambda: self._stop(drop)

    def close(self) -> None:
        """End the thread and its connection."""
        with self._lock:
            if self._listener is not None:
                self._listener.end()
                self._listener = None

    def _stop(self, drop: Stop) -> None:
        drop()
        if self._subscribers.none():
            self.close()


class _Listener(threading.Thread):
    def __init__(self, router: Router, channel: bytes, subscribers: Subscribers) -> None:
        super().__init__(name="minorguard-announcements", daemon=True)
        self._router = router
        self._channel = channel
        self._subscribers = subscribers
        self._over = threading.Event()
        self._link: Link | None = None

    def run(self) -> None:
        """Connect, listen until the connection breaks, and so on until the end."""
        while not self._over.is_set():
            with suppress(Unanswered, StoreError, RedisError, OSError, ValueError):  # the last: it was closed meanwhile
                self._listen(self._connect())
            self._hang_up()
            if not self._over.wait(AGAIN_SECONDS):
                self._subscribers.reread()

    def begin_anew(self) -> None:
        """Connect again: whoever came last may have missed something before it came."""
        self._hang_up()

    def end(self) -> None:
        """Soon."""
        self._over.set()
        self._hang_up()

    def _connect(self) -> Link:
        node = self._router.topology.route(self._channel, self._router.deadline())
        try:
            return node.connect(QUIET_SECONDS)
        except Unanswered:
            self._router.topology.doubt()
            raise

    def _listen(self, link: Link) -> None:
        self._link = link
        send(link, [("SUBSCRIBE", self._channel)], QUIET_SECONDS)
        if isinstance(reply := read(link, QUIET_SECONDS), ResponseError):
            raise reply
        self._subscribers.reread()
        while not self._over.is_set():
            if link.speaks(QUIET_SECONDS):
                self._pass_on(read(link, QUIET_SECONDS))
            else:
                send(link, [("PING",)], QUIET_SECONDS)
                self._pass_on(read(link, QUIET_SECONDS))

    def _pass_on(self, reply: Any) -> None:  # noqa: ANN401 - what redis-py makes of a push
        if reply[0] == b"message":
            topic, _, message = reply[2].partition(_END)
            self._subscribers.tell(topic.decode(), message)

    def _hang_up(self) -> None:
        link = self._link
        if link is not None and link.socket is not None:
            with suppress(OSError):
                link.socket.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                link.socket.close()
