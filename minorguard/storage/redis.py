"""A store in Redis (or Valkey): one server, one behind Sentinel, or a cluster; any number of processes and machines.

A write is one compare-and-set by a small script, and on the last known version it is one round trip. Writes are told
apart by their versions, so a write whose reply was lost is neither lost, nor doubled, nor taken for somebody else's.
See docs/adr/0008-redis.md.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

from minorguard.errors import NotReplicated, StoreUnavailable, VersionConflict
from minorguard.storage.announce import Announcer
from minorguard.storage.base import ABSENT, Caution, Meanwhile, Stored, Write
from minorguard.storage.redis_announce import RedisAnnouncer
from minorguard.storage.redis_cell import Attempt, Fate, Names, mark, packed, stored, version_of
from minorguard.storage.redis_node import Command
from minorguard.storage.redis_router import Ask, Router
from minorguard.storage.redis_scan import scan
from minorguard.storage.redis_start import begin, cautions, check, everyone
from minorguard.storage.redis_topology import topology
from minorguard.storage.redis_url import RedisUrl, parse

_SCRIPT = files("minorguard.storage").joinpath("cas.lua").read_text("ascii")
_DONE = 1
"""What the script says; anything else is what stands there instead."""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class RedisStore:
    """`StateStore` over the Redis that a URL names. Safe to share between threads; processes may fork.

    Opening looks whether Redis can keep what is written, and refuses one that can't. Raises `InvalidInput` for a wrong
    URL, `StoreUnavailable` with what to change, and `StateTooNew` for keys that a newer MinorGuard made. Any call ends
    within the URL's `timeout_ms` (200) and raises `StoreUnavailable` then; after a few failures in a row it does so at
    once, until a try succeeds.
    """

    def __init__(self, url: str | RedisUrl, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._where = parse(url) if isinstance(url, str) else url
        self.url = str(self._where)
        self._names = Names(self._where.prefix)
        self._router = Router(topology(self._where, monotonic), self.url, self._where.timeout_seconds, monotonic)
        self._wait: Command = ("WAIT", self._where.replicas, int(self._where.timeout_seconds * 1000))
        self._announcer = RedisAnnouncer(self._router, self._where.prefix)
        self._closed = False
        try:
            begin(self._router, self._where)
        except BaseException:
            self.close()
            raise

    def load(self, key: str) -> Stored | None:
        """The newest acknowledged blob, from the primary, or None."""
        (found,) = self.load_many((key,))
        return found

    def load_many(self, keys: Sequence[str]) -> list[Stored | None]:
        """The newest acknowledged blobs; the keys of one server in one round trip."""
        return list(map(stored, keys, self._get(keys)))

    def load_changed(self, keys: Sequence[str], known: Sequence[int]) -> list[Stored | int | None]:
        """What `load_many` says, with the version alone where it is still the one that is known."""
        held = self._get(keys)
        return [
            version if found is not None and version_of(found) == version else stored(key, found)
            for key, version, found in zip(keys, known, held, strict=True)
        ]

    def save(
        self, key: str, blob: bytes, expected: int, *, durable: bool = False, meanwhile: Meanwhile | None = None
    ) -> int:
        """Write if the version is still `expected`; returns the new one. Raises `VersionConflict`.

        A `durable` write raises `NotReplicated` unless the URL's number of `replicas` acknowledge it in time.
        """
        attempt = Attempt.at(expected)
        ask = self._scripted(key, attempt.arguments(blob), durable=durable)
        self._run((ask,), meanwhile)
        made = self._outcome(key, attempt, ask)
        if isinstance(made, VersionConflict):
            raise made
        if durable and ask.reply != _DONE:
            return self._again(key, blob, made)
        if durable:
            self._replicated(ask)
        return made

    def save_many(self, writes: Sequence[Write]) -> list[int | VersionConflict]:
        """What `save` would return or raise for each; the writes of one server in one round trip."""
        attempts = [Attempt.at(write.expected) for write in writes]
        asks = [
            self._scripted(write.key, attempt.arguments(write.blob))
            for write, attempt in zip(writes, attempts, strict=True)
        ]
        self._run(asks)
        return [
            self._outcome(write.key, attempt, ask) for write, attempt, ask in zip(writes, attempts, asks, strict=True)
        ]

    def delete(self, key: str, expected: int, *, durable: bool = False) -> None:
        """Remove under the same condition. Raises `VersionConflict`, and `NotReplicated` as `save` does.

        The bytes stay in Redis's log until it is rewritten: see `compact`.
        """
        ask = self._scripted(key, (packed(expected),), durable=durable)
        self._run([ask])
        if ask.reply != _DONE and not (ask.unsure and ask.reply is None):
            raise VersionConflict(key, known=True, current=stored(key, ask.reply))
        if durable and ask.reply != _DONE:  # done by a try whose reply was lost: see `_again`
            self.delete(key, ABSENT, durable=True)
        elif durable:
            self._replicated(ask)

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in order, from all primaries; held in memory meanwhile.

        Keys that come or go meanwhile may be missed, but those that stay are not, even if the cluster moves them.
        """
        self._open()
        names = scan(self._router, self._names.pattern(prefix)) - {mark(self._where.prefix)}
        return iter(sorted(key for key in map(self._names.key, names) if key.startswith(prefix)))

    def check(self) -> None:
        """Raises `StoreUnavailable` unless every primary answers and would lose nothing, and one can be written."""
        self._open()
        check(self._router, self._where)

    def cautions(self) -> tuple[Caution, ...]:
        """What a Redis that is fit may lose all the same. Raises `StoreUnavailable`."""
        self._open()
        return cautions(self._router, self._where)

    def compact(self) -> None:
        """Let every server rewrite its log, in the background, without the bytes of what was deleted.

        Raises `StoreUnavailable` if a server that has them, a replica too, cannot be told; one that is rewriting its
        log already refuses: tell it again when it is done.
        """
        self._open()
        for node in everyone(self._router):
            self._router.tell(node, ("BGREWRITEAOF",))

    def announcer(self) -> Announcer:
        """By publishing and subscribing."""
        return self._announcer

    def close(self) -> None:
        """Let go of all connections. Using the store afterwards raises `StoreUnavailable`."""
        self._closed = True
        self._announcer.close()
        self._router.topology.close()

    def _get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """What stands under each key: by one command where one server has them all, else by one each."""
        names = list(map(self._names.of, keys))
        if self._router.topology.whole and len(names) > 1:
            ask = Ask(names[0], [("MGET", *names)])
            self._run([ask])
            found: list[bytes | None] = ask.reply
            return found
        asks = [Ask(name, [("GET", name)]) for name in names]
        self._run(asks)
        return [ask.reply for ask in asks]

    def _again(self, key: str, blob: bytes, version: int) -> int:
        """Write once more what was done by a try whose reply was lost: one can wait only for one's own write."""
        try:
            return self.save(key, blob, version, durable=True)
        except VersionConflict:
            raise NotReplicated(self.url, self._where.replicas, 0) from None

    def _scripted(self, key: str, arguments: tuple[bytes, ...], *, durable: bool = False) -> Ask:
        name = self._names.of(key)
        commands: list[Command] = [("EVALSHA", _SHA, 1, name, *arguments)]
        if durable and self._where.replicas:
            commands.append(self._wait)
        return Ask(name, commands, plain=("EVAL", _SCRIPT, 1, name, *arguments))

    def _outcome(self, key: str, attempt: Attempt, ask: Ask) -> int | VersionConflict:
        if ask.reply == _DONE:
            return attempt.version
        if ask.unsure:
            match attempt.fate(ask.reply):
                case Fate.DONE:
                    return attempt.version
                case Fate.UNKNOWN:
                    raise StoreUnavailable(self.url, "the reply to a write was lost, and too much was written since")
                case _:
                    pass
        return VersionConflict(key, known=True, current=stored(key, ask.reply))

    def _replicated(self, ask: Ask) -> None:
        wanted = self._where.replicas
        if wanted and not (isinstance(ask.replies[-1], int) and ask.replies[-1] >= wanted):
            acknowledged = ask.replies[-1] if isinstance(ask.replies[-1], int) else 0
            raise NotReplicated(self.url, wanted, acknowledged)

    def _run(self, asks: Sequence[Ask], meanwhile: Meanwhile | None = None) -> None:
        self._open()
        self._router.run(asks, meanwhile)

    def _open(self) -> None:
        if self._closed:
            raise StoreUnavailable(self.url, "this store was closed; open it again")
