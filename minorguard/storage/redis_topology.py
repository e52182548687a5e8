"""Which server has a key: one server, the primary that Sentinel names, or the shards of a cluster."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from redis.crc import key_slot
from redis.exceptions import MovedError, ReadOnlyError, ResponseError

from minorguard.errors import StoreUnavailable
from minorguard.storage.redis_node import Link, Node, Unanswered, read, send
from minorguard.storage.redis_url import CLUSTER, SENTINEL, Address, RedisUrl

SLOTS = 16_384
AGAIN_SECONDS = 0.1
"""Between two looks at who is where, unless a server itself said that it changed."""

_CLUSTERED = "is part of a cluster; begin the url with `redis+cluster://`"
_SILENT = "no server of the cluster answers"


class Topology(Protocol):
    """Safe to share between threads."""

    whole: bool
    """Whether one server has all keys, so that one command may name any of them."""

    def route(self, name: bytes, deadline: float) -> Node:
        """The primary that has a key. Raises `StoreUnavailable` and `Unanswered`."""
        ...

    def primaries(self, deadline: float) -> Sequence[Node]:
        """All servers that have keys."""
        ...

    def moved(self, error: MovedError) -> None:
        """A server said that a slot is elsewhere."""
        ...

    def at(self, address: Address) -> Node:
        """The server at an address."""
        ...

    def doubt(self) -> None:
        """A server did not answer as a primary: look again who is."""
        ...

    def close(self) -> None:
        """Close all idle connections."""
        ...


def topology(url: RedisUrl, monotonic: Callable[[], float]) -> Topology:
    """The topology that a URL names; nothing is connected yet."""
    nodes = Nodes(url, monotonic)
    if url.kind == CLUSTER:
        return Cluster(url, nodes, monotonic)
    return Sentinel(url, nodes, monotonic) if url.kind == SENTINEL else One(url, nodes)


class Nodes:
    """Servers by address, each made once."""

    def __init__(
        self, url: RedisUrl, monotonic: Callable[[], float], greet: Callable[[Link], None] | None = None
    ) -> None:
        self._greet = greet
        self._known: dict[Address, Node] = {}
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._tls = tls_context(url)
        self._login: dict[str, Any] = {"username": url.username, "password": url.password, "db": url.database}

    def at(self, address: Address) -> Node:
        """The server at an address."""
        node = self._known.get(address)
        if node is None:
            with self._lock:
                node = self._known.setdefault(address, self.make(address, self._login, self._greet))
        return node

    def make(self, address: Address, login: dict[str, Any], greet: Callable[[Link], None] | None = None) -> Node:
        """A server with a login of its own; `greet` looks at each new connection."""
        return Node(address, tls=self._tls, login=login, monotonic=self._monotonic, greet=greet)

    def close(self) -> None:
        """Close all idle connections."""
        for node in list(self._known.values()):
            node.forget()


def tls_context(url: RedisUrl) -> ssl.SSLContext | None:
    """Made once: it reads files. Raises `StoreUnavailable` for files that are no certificates."""
    if not url.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=url.ca)
        if url.cert is not None:
            context.load_cert_chain(url.cert, url.key)
    except (ssl.SSLError, OSError) as error:
        raise StoreUnavailable(str(url), f"`ca`, `cert` or `key` holds no PEM ({error})") from None
    return context


class One:
    """One server, for ever."""

    whole = True

    def __init__(self, url: RedisUrl, nodes: Nodes) -> None:
        self._nodes = nodes
        self._node = nodes.at(url.hosts[0])

    def route(self, name: bytes, deadline: float) -> Node:  # noqa: ARG002 - all keys are there
        """The server."""
        return self._node

    def primaries(self, deadline: float) -> Sequence[Node]:  # noqa: ARG002
        """The server."""
        return (self._node,)

    def moved(self, error: MovedError) -> None:
        """It is one shard of a cluster."""
        raise StoreUnavailable(
            str(self._node), "is part of a cluster; begin the url with `redis+cluster://`"
        ) from error

    def at(self, address: Address) -> Node:
        """The server at an address."""
        return self._nodes.at(address)

    def doubt(self) -> None:
        """There is no other."""

    def close(self) -> None:
        """Close all idle connections."""
        self._nodes.close()


class Sentinel:
    """The primary that the first sentinel to answer names."""

    whole = True

    def __init__(self, url: RedisUrl, nodes: Nodes, monotonic: Callable[[], float]) -> None:
        login = {"username": url.sentinel_username, "password": url.sentinel_password}
        self._url = url
        self._nodes = nodes
        self._primaries = Nodes(url, monotonic, _primary_only)
        self._monotonic = monotonic
        self._sentinels = [nodes.make(address, login) for address in url.hosts]
        self._primary: Node | None = None

    def route(self, name: bytes, deadline: float) -> Node:  # noqa: ARG002 - all keys are there
        """The primary."""
        primary = self._primary
        if primary is None:
            primary = self._primary = self._primaries.at(self._ask(deadline))
        return primary

    def primaries(self, deadline: float) -> Sequence[Node]:
        """The primary."""
        return (self.route(b"", deadline),)

    def moved(self, error: MovedError) -> None:
        """It is one shard of a cluster."""
        raise StoreUnavailable(str(self._url), _CLUSTERED) from error

    def at(self, address: Address) -> Node:
        """The server at an address."""
        return self._nodes.at(address)

    def doubt(self) -> None:
        """Ask the sentinels again."""
        self._primary = None

    def close(self) -> None:
        """Close all idle connections."""
        self._nodes.close()
        self._primaries.close()
        for sentinel in self._sentinels:
            sentinel.forget()

    def _ask(self, deadline: float) -> Address:
        question = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._url.service)
        problem = "no sentinel answers"
        for node in self._sentinels:
            try:
                (found,) = node.exchange([question], _share(deadline, self._monotonic(), len(self._sentinels)))
            except Unanswered:
                continue
            if isinstance(found, list):
                self._sentinels = [node, *(other for other in self._sentinels if other is not node)]
                return found[0].decode(), int(found[1])
            problem = f"the sentinels know no service `{self._url.service}`; correct the url"
        raise StoreUnavailable(str(self._url), problem)


def _primary_only(link: Link) -> None:
    """Sentinels may be behind: a server that has become a replica would answer reads with what once was."""
    send(link, [("ROLE",)], link.seconds)
    role = read(link, link.seconds)
    if isinstance(role, list) and role[0] != b"master":  # who may not ask finds out when it writes
        raise ReadOnlyError("it is a replica now")


class Cluster:
    """A map from slots to primaries, read again when a server says that it is wrong."""

    whole = False

    def __init__(self, url: RedisUrl, nodes: Nodes, monotonic: Callable[[], float]) -> None:
        self._url = url
        self._nodes = nodes
        self._monotonic = monotonic
        self._seeds = [nodes.at(address) for address in url.hosts]
        self._lock = threading.Lock()
        self._map: list[Node | None] = []
        self._members: tuple[Node, ...] = ()
        self._stale = True
        self._read_at: float | None = None

    def route(self, name: bytes, deadline: float) -> Node:
        """The primary of a key's slot."""
        if self._stale:
            self._refresh(deadline)
        node = self._map[key_slot(name)]
        if node is None:
            raise StoreUnavailable(str(self._url), "no server has all slots; run `redis-cli --cluster check`")
        return node

    def primaries(self, deadline: float) -> Sequence[Node]:
        """Every primary that has slots."""
        if self._stale:
            self._refresh(deadline)
        return tuple(dict.fromkeys(node for node in self._map if node is not None))

    def moved(self, error: MovedError) -> None:
        """Believe it at once, and read the whole map at the next call."""
        if error.host:  # without one it is a server whose name we know under another address
            self._map[error.slot_id] = self._nodes.at((error.host, error.port))
        self._stale = True
        self._read_at = None

    def at(self, address: Address) -> Node:
        """The server at an address."""
        return self._nodes.at(address)

    def doubt(self) -> None:
        """Read the map again."""
        self._stale = True

    def close(self) -> None:
        """Close all idle connections."""
        self._nodes.close()

    def _refresh(self, deadline: float) -> None:
        if not self._lock.acquire(timeout=max(deadline - self._monotonic(), 0)):
            raise StoreUnavailable(str(self._url), _SILENT)
        try:
            now = self._monotonic()
            if not self._stale or (self._read_at is not None and now - self._read_at < AGAIN_SECONDS and self._map):
                return
            self._stale = False
            try:
                self._read(deadline)
            except BaseException:
                self._stale = True
                raise
            self._read_at = self._monotonic()
        finally:
            self._lock.release()

    def _read(self, deadline: float) -> None:
        asked = list(dict.fromkeys((*self._members, *self._seeds)))
        problem = _SILENT
        for node in asked:
            if not node.breaker.allows():
                continue
            try:
                (rows,) = node.exchange([("CLUSTER", "SLOTS")], _share(deadline, self._monotonic(), len(asked)))
            except Unanswered:
                node.breaker.failed()
                node.forget()
                continue
            node.breaker.worked()
            if isinstance(rows, ResponseError):
                problem = f"{node} is not part of a cluster ({rows}); begin the url with `redis://`"
            elif rows:
                self._learn(rows, node)
                return
        raise StoreUnavailable(str(self._url), problem)

    def _learn(self, rows: Iterable[Any], told_by: Node) -> None:
        known: list[Node | None] = [None] * SLOTS
        members: dict[Node, None] = {}
        for first, last, primary, *replicas in rows:
            nodes = [self._nodes.at(_address(one, told_by)) for one in (primary, *replicas)]
            known[first : last + 1] = [nodes[0]] * (last + 1 - first)
            members.update(dict.fromkeys(nodes))
        self._map, self._members = known, tuple(members)


def _address(row: Sequence[Any], told_by: Node) -> Address:
    return (row[0].decode() if row[0] else told_by.address[0]), int(row[1])


def _share(deadline: float, now: float, parts: int) -> float:
    """An earlier deadline, so that one server that hangs leaves time for the others."""
    return now + max((deadline - now) / min(parts, 3), 0.01)
