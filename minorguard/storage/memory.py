"""A store in this process's memory, for tests and simulations; gone when the process ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from minorguard.errors import VersionConflict
from minorguard.storage.announce import Announcer, LocalAnnouncer
from minorguard.storage.base import ABSENT, Meanwhile, Stored, Write
from minorguard.storage.versions import next_version


class MemoryStore:
    """Keeps every promise of `StateStore` but durability. Threads may share it; processes do not.

    >>> store = MemoryStore()
    >>> version = store.save("s/kid-1", b"...", expected=0)
    >>> store.load("s/kid-1").version == version
    True
    """

    def __init__(self) -> None:
        self.url = "memory://"
        self._lock = threading.Lock()
        self._cells: dict[str, Stored] = {}
        self._announcer = LocalAnnouncer()

    def load(self, key: str) -> Stored | None:
        """The newest blob, or None."""
        with self._lock:
            return self._cells.get(key)

    def load_many(self, keys: Sequence[str]) -> list[Stored | None]:
        """The newest blobs, as of one instant."""
        with self._lock:
            return [self._cells.get(key) for key in keys]

    def save(
        self,
        key: str,
        blob: bytes,
        expected: int,
        *,
        durable: bool = False,  # noqa: ARG002 - no replicas
        meanwhile: Meanwhile | None = None,
    ) -> int:
        """Write if the version is still `expected`; returns the new one. Raises `VersionConflict`."""
        if meanwhile is not None:
            meanwhile()
        with self._lock:
            version = next_version(self._compare(key, expected))
            self._cells[key] = Stored(bytes(blob), version)
            return version

    def save_many(self, writes: Sequence[Write]) -> list[int | VersionConflict]:
        """What `save` would return or raise for each."""
        return [self._try(write) for write in writes]

    def delete(self, key: str, expected: int, *, durable: bool = False) -> None:  # noqa: ARG002 - as in `save`
        """Remove under the same condition. Raises `VersionConflict`."""
        with self._lock:
            self._compare(key, expected)
            self._cells.pop(key, None)

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in order, as they are now."""
        with self._lock:
            return iter(sorted(key for key in self._cells if key.startswith(prefix)))

    def check(self) -> None:
        """Memory always answers."""

    def announcer(self) -> Announcer:
        """Within this process."""
        return self._announcer

    def close(self) -> None:
        """Nothing to let go of."""

    def _try(self, write: Write) -> int | VersionConflict:
        try:
            return self.save(write.key, write.blob, write.expected)
        except VersionConflict as conflict:
            return conflict

    def _compare(self, key: str, expected: int) -> int:
        cell = self._cells.get(key)
        version = cell.version if cell else ABSENT
        if version != expected:
            raise VersionConflict(key, known=True, current=cell)
        return version
