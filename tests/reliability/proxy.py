"""A TCP proxy that treats what passes through it as a bad network would, by chance from a seed."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum


class Fault(StrEnum):
    """What becomes of a request."""

    LOSE_REQUEST = "lose_request"
    """The connection breaks before it arrives."""
    LOSE_REPLY = "lose_reply"
    """It arrives; the connection breaks before the reply does."""
    HANG = "hang"
    """It arrives; the connection stays open, and nothing ever comes back."""
    DELAY = "delay"
    """The reply is late."""
    REPEAT = "repeat"
    """It arrives once more, some time later, over a connection of its own."""


LATEST_SECONDS = 0.08
"""By how much a reply is delayed at most, and a repeated request comes later."""
_PIECE = 1 << 16


class Proxy:
    """Passes bytes on to `target`, a loopback port that may be changed; connections that are open keep theirs."""

    def __init__(self, target: int, dice: random.Random, rates: Mapping[Fault, float] | None = None) -> None:
        self.target = target
        self.rates = dict(rates or {})
        self.met: Counter[Fault] = Counter()
        self._dice = dice
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listening.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def reset(self) -> None:
        """Break all connections that are open."""
        with self._lock:
            broken = list(self._open)
        for one in broken:
            _end(one)

    def close(self) -> None:
        """Break everything and listen no more."""
        _end(self._listening)
        self._accepting.join(5)
        self.reset()

    def draw(self) -> tuple[Fault | None, float]:
        """The next fault, if one is due, and how late something is in seconds."""
        with self._lock:
            at, late = self._dice.random(), self._dice.random() * LATEST_SECONDS
            for fault, rate in self.rates.items():
                at -= rate
                if at < 0:
                    self.met[fault] += 1
                    return fault, late
        return None, late

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            _end(near)
            return
        far.settimeout(None)
        _Joined(self, near, far).run()

    @contextmanager
    def keeping(self, *sockets: socket.socket) -> Iterator[None]:
        """So that `reset` finds them."""
        with self._lock:
            self._open.update(sockets)
        try:
            yield
        finally:
            with self._lock:
                self._open.difference_update(sockets)
            for one in sockets:
                _end(one)


class _Joined:
    """One connection. Requests and replies take turns on it, as they do in HTTP and in Redis."""

    def __init__(self, proxy: Proxy, near: socket.socket, far: socket.socket) -> None:
        self._proxy, self._near, self._far = proxy, near, far
        self._fault: Fault | None = None
        self._late = 0.0

    def run(self) -> None:
        """Until either side ends it."""
        with self._proxy.keeping(self._near, self._far):
            replies = threading.Thread(target=self._replies, daemon=True)
            replies.start()
            with suppress(OSError):
                while data := self._near.recv(_PIECE):
                    if not self._request(data):
                        break
            _end(self._near)
            _end(self._far)
            replies.join(5)

    def _request(self, data: bytes) -> bool:
        fault, late = self._proxy.draw()
        if self._fault is Fault.HANG:
            return True
        self._fault, self._late = fault, late
        if fault is Fault.LOSE_REQUEST:
            return False
        if fault is Fault.REPEAT:
            again = threading.Timer(late, _send_apart, (self._proxy.target, data))
            again.daemon = True
            again.start()
        self._far.sendall(data)
        return True

    def _replies(self) -> None:
        pause = threading.Event()
        with suppress(OSError):
            while data := self._far.recv(_PIECE):
                if self._fault is Fault.HANG:
                    continue
                if self._fault is Fault.LOSE_REPLY:
                    break
                if self._fault is Fault.DELAY:
                    pause.wait(self._late)
                self._near.sendall(data)
        _end(self._near)
        _end(self._far)


def _send_apart(target: int, data: bytes) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", target), timeout=5) as far:
        far.sendall(data)
        far.recv(_PIECE)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
