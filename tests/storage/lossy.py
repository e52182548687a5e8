"""A TCP proxy that loses what a test tells it to lose."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

Fault = Callable[[bytes], str | None]
"""Told of bytes on their way; says `drop` (nothing comes), `cut` (the connection ends instead) or None (they pass)."""


def nothing(_: bytes) -> str | None:
    """All passes."""
    return None


class Lossy:
    """Listens on a free loopback port and passes bytes on, both ways, but for what the faults say."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: Fault = nothing
        self.replies: Fault = nothing
        self._port = port
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def close(self) -> None:
        """End all connections."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            _end(one)
        self._accepting.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            threading.Thread(target=self._join, args=(near, far), daemon=True).start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        self._open += [near, far]
        with contextlib.suppress(OSError):
            if self._tls is not None:
                near = self._tls.wrap_socket(near, server_side=True)
                self._open.append(near)
            for source, target, which in ((near, far, "requests"), (far, near, "replies")):
                threading.Thread(target=self._pass, args=(source, target, which), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, which: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                match getattr(self, which)(data):
                    case "cut":
                        break
                    case "drop":
                        continue
                target.sendall(data)
        _end(source)
        _end(target)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
