"""One Redis server: its connections, and whether it is left alone for a while.

Commands go through redis-py's connections (handshake, login, TLS) and hiredis, and not through its clients: those
retry writes by themselves, and know no deadline for a whole call.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from hiredis import Reader, pack_command
from redis.backoff import NoBackoff
from redis.connection import Connection, DefaultParser
from redis.exceptions import AuthenticationError, InvalidResponse, RedisError, ResponseError
from redis.retry import Retry

from minorguard.errors import StoreUnavailable
from minorguard.storage.breaker import Breaker
from minorguard.storage.redis_url import Address

Command = tuple[bytes | str | int, ...]
Reply = Any
"""What redis-py makes of a reply; an error reply is a `ResponseError`."""

IDLE_SECONDS = 1.0
"""After so long a connection is looked at before it is used: its server may have ended it."""
LEAST_SECONDS = 0.005
"""A socket waits at least so long, even at the end of a call's time; and bounds of its waits are multiples of this."""
SPARED_SECONDS = 0.02
"""A bound that would end a wait so much too early is left as it is: to tell the kernel another one takes time."""

_TIME = struct.Struct("@ll")  # a `struct timeval`
_READ_BYTES = 65_536


class Unanswered(Exception):
    """No reply came: what was sent may have been done (`sent`), or never arrived.

    It is the server's fault (`grave`) if it takes no connection or says nothing; a connection that ended may just have
    been idle for too long.
    """

    def __init__(self, problem: str, *, sent: bool, grave: bool = True) -> None:
        super().__init__(problem)
        self.sent = sent
        self.grave = grave


class Link(Connection):
    """A connection whose waits can be bounded anew for each exchange."""

    def __init__(self, address: Address, tls: ssl.SSLContext | None, seconds: float, **login: Any) -> None:  # noqa: ANN401
        host, port = address
        super().__init__(
            host=host,
            port=port,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **login,
        )
        self.seconds = seconds
        """How long it waited to be connected."""
        self.idle_since = 0.0
        self._bound = -1.0
        self._tls = tls
        self._replies: Any = None
        self.socket: socket.socket | None = None

    def _connect(self) -> socket.socket:
        raw: socket.socket = super()._connect()
        if self._tls is not None:
            try:
                raw = self._tls.wrap_socket(raw, server_hostname=self.host)
            except BaseException:
                raw.close()
                raise
        self.socket = raw
        return raw

    def connect(self) -> None:
        """Connect and log in, as redis-py does. Raises its errors."""
        super().connect()
        self._replies = Reader(protocolError=InvalidResponse, replyError=DefaultParser.parse_error)

    def speaks(self, seconds: float = 0) -> bool:
        """Whether a reply, or the end, can be read within so long."""
        assert self.socket is not None
        if self._replies.has_data() or (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
            return True
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def wait_at_most(self, seconds: float) -> None:
        """Bound each of the next waits for the server; a little shorter, so that the socket need seldom be told."""
        if seconds - SPARED_SECONDS <= self._bound <= seconds:
            return
        assert self.socket is not None
        self._bound = max(seconds // LEAST_SECONDS, 1) * LEAST_SECONDS
        if self._tls is not None:
            self.socket.settimeout(self._bound)
            return
        self.socket.settimeout(None)  # the kernel's own bounds spare a poll before each call
        bound = _TIME.pack(*divmod(round(self._bound * 1_000_000), 1_000_000))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)

    def reply(self) -> Reply:
        """The next reply. Raises `RedisError` for what is none, and `OSError`."""
        assert self.socket is not None
        while (reply := self._replies.gets()) is False:
            data = self.socket.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("Connection closed by server")
            self._replies.feed(data)
        if isinstance(reply, RedisError) and not isinstance(reply, ResponseError):
            raise reply
        return reply


class Node:
    """A server by its address. Safe to share between threads; a forked child makes its own connections."""

    def __init__(
        self,
        address: Address,
        *,
        tls: ssl.SSLContext | None,
        login: dict[str, Any],
        monotonic: Callable[[], float],
        greet: Callable[[Link], None] | None = None,
    ) -> None:
        self.address = address
        self.breaker = Breaker(monotonic)
        self._tls = tls
        self._login = login
        self._greet = greet
        self._monotonic = monotonic
        self._idle: deque[Link] = deque()
        self._pid = os.getpid()
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return "{}:{}".format(*self.address)

    def take(self, seconds: float) -> Link:
        """A connection, an idle one if there is one; made within `seconds`. Raises `Unanswered`."""
        if self._pid != os.getpid():
            self._adopt()
        while self._idle:
            try:
                link = self._idle.pop()
            except IndexError:
                break
            if self._monotonic() - link.idle_since < IDLE_SECONDS or not link.speaks():
                return link
            link.disconnect()  # the server closed it, or says what nobody asked for
        return self.connect(seconds)

    def connect(self, seconds: float) -> Link:
        """A new connection. Raises `Unanswered`, and `StoreUnavailable` for a wrong password."""
        link = Link(self.address, self._tls, seconds, **self._login)
        try:
            link.connect()
            if self._greet is not None:
                self._greet(link)
        except AuthenticationError as error:
            raise _locked_out(link, error) from None
        except (RedisError, OSError) as error:
            link.disconnect()
            if isinstance(error.__context__, ssl.SSLCertVerificationError):
                problem = f"TLS failed ({error.__context__.verify_message}); correct `ca` or the host's name"
                raise StoreUnavailable(str(self), problem) from None
            raise Unanswered(f"{self} does not answer ({_said(error)})", sent=False) from None
        return link

    def give(self, link: Link) -> None:
        """Keep a connection for the next one, if nothing is outstanding on it."""
        if self._pid == os.getpid():
            link.idle_since = self._monotonic()
            self._idle.append(link)

    def exchange(self, commands: Sequence[Command], deadline: float) -> list[Reply]:
        """Send commands and read a reply to each, until `deadline` (monotonic). Raises `Unanswered`."""
        link = self.take(deadline - self._monotonic())
        send(link, commands, deadline - self._monotonic())
        replies = [read(link, deadline - self._monotonic()) for _ in commands]
        self.give(link)
        return replies

    def forget(self) -> None:
        """Close all idle connections: where one broke, the others probably did."""
        if self._pid != os.getpid():
            self._adopt()
        while self._idle:
            try:
                self._idle.pop().disconnect()
            except IndexError:
                return

    def _adopt(self) -> None:
        """In a forked child: the parent's connections stay the parent's."""
        with self._lock:
            if self._pid != os.getpid():
                self._idle, self._pid = deque(), os.getpid()


def send(link: Link, commands: Sequence[Command], seconds: float) -> None:
    """Send commands. Raises `Unanswered`."""
    try:
        link.wait_at_most(seconds)
        assert link.socket is not None
        link.socket.sendall(pack(commands))
    except (TimeoutError, BlockingIOError):
        link.disconnect()
        raise Unanswered("timeout writing to socket", sent=True) from None
    except OSError as error:
        link.disconnect()
        raise Unanswered(f"error while writing to socket ({error})", sent=True, grave=False) from None


def pack(commands: Sequence[Command]) -> bytes:
    """Commands in Redis's protocol, in one piece: it goes out in one call."""
    return b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]  # of any length


def read(link: Link, seconds: float) -> Reply:
    """The next reply. Raises `Unanswered`, and `StoreUnavailable` without a login; the connection is closed then."""
    try:
        link.wait_at_most(seconds)
        return link.reply()
    except AuthenticationError as error:
        link.disconnect()
        raise _locked_out(link, error) from None
    except (TimeoutError, BlockingIOError):
        link.disconnect()
        raise Unanswered("timeout reading from socket", sent=True) from None
    except (RedisError, OSError) as error:
        link.disconnect()
        raise Unanswered(_said(error), sent=True, grave=False) from None


def _locked_out(link: Link, error: AuthenticationError) -> StoreUnavailable:
    return StoreUnavailable(f"{link.host}:{link.port}", f"refused the login ({error}); correct user and password")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
