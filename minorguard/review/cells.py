"""Records in the store that several processes change at once, each by compare-and-set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from minorguard.errors import VersionConflict
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import decode_json, encode_json

ATTEMPTS = 64
_STRIPES = 64
_LOCKS = tuple(threading.Lock() for _ in range(_STRIPES))
"""Threads of one process take turns, so that compare-and-set is lost only to other processes."""

Body = dict[str, Any]


class Cells:
    """JSON objects of one kind of use, below one prefix. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, prefix: str, kind: str) -> None:
        self._store = store
        self._prefix = prefix
        self._kind = kind

    def read(self, name: str) -> Body | None:
        """The object of a name, or None."""
        key = self._key(name)
        stored = self._store.load(key)
        return None if stored is None else self._decoded(key, stored.blob)

    def read_many(self, names: Sequence[str]) -> list[Body | None]:
        """The object of each name, or None, in fewer round trips."""
        keys = [self._key(name) for name in names]
        found = zip(keys, self._store.load_many(keys), strict=True)
        return [None if stored is None else self._decoded(key, stored.blob) for key, stored in found]

    def change(self, name: str, to: Callable[[Body | None], Body | None], *, durable: bool = False) -> Body | None:
        """Write what `to` makes of an object (None: there is none) and return it; what is unchanged is not written.

        `to` is called again when another writer was faster, and may raise. A `durable` change also survives the loss of
        the machine that took it; it is written even if nothing changes, since the write before may not have got so far.
        """
        key = self._key(name)
        with _LOCKS[hash(key) % _STRIPES]:
            for _ in range(ATTEMPTS):
                stored = self._store.load(key)
                before = None if stored is None else self._decoded(key, stored.blob)
                after = to(before)
                if after == before and not (durable and after is not None):
                    return after
                version = ABSENT if stored is None else stored.version
                try:
                    if after is None:
                        self._store.delete(key, version, durable=durable)
                    else:
                        self._store.save(key, encode_json(self._kind, after), version, durable=durable)
                except VersionConflict:
                    continue
                return after
        raise VersionConflict(key, ATTEMPTS)

    def delete(self, name: str) -> None:
        """Forget an object."""
        self.change(name, lambda _: None)

    def _decoded(self, key: str, blob: bytes) -> Body:
        body: Body = decode_json(key, self._kind, blob)
        return body

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"
