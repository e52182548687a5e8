"""A store in one SQLite file: nothing to install or start, several processes and threads at once.

Durable through a power cut (WAL, synchronous FULL), on a local disk; not on a network file system.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from minorguard.errors import InvalidInput, StateCorrupt, StoreUnavailable, VersionConflict
from minorguard.storage.announce import Announcer, PollingAnnouncer
from minorguard.storage.base import ABSENT, Meanwhile, Stored, Write, changed
from minorguard.storage.sqlite_connections import Connections
from minorguard.storage.sqlite_groups import LOAD, Saving

TIMEOUT_SECONDS = 5.0
PAGE = 1000
"""Keys read at once; between pages no snapshot is held, so a long listing never keeps a log from being cut."""

_LOAD_MANY = "SELECT key, blob, version FROM state WHERE key IN ({})"
_VERSION = "SELECT version FROM state WHERE key = ?"
_DELETE = "DELETE FROM state WHERE key = ?"
_FROM = "SELECT key FROM state WHERE key >= ? ORDER BY key LIMIT ?"
_AFTER = "SELECT key FROM state WHERE key > ? ORDER BY key LIMIT ?"
_PROBE = "UPDATE upkeep SET checks = checks + 1"
_ERASED = "SELECT erased FROM upkeep"
_COUNT_ERASED = "UPDATE upkeep SET erased = erased + 1"
_CLEAR_ERASED = "UPDATE upkeep SET erased = 0"


class SqliteStore:
    """`StateStore` over the file at `path`, which is made (mode 0600) if it is not there.

    Beside it live `-wal` and `-shm` while it is open, and `.lock` and `.turn.lock`, by which writers take turns;
    programs that write the file without them (SQLite's command line) must not run at the same time. A write waits at
    most `timeout_seconds` for this process's other threads, and as long again for other processes; writes of threads
    that wait together share a transaction. Processes may fork: parent and child both go on.

    Opening reads the whole file once to see that it is sound. Raises `StoreUnavailable` if it is not a file, cannot be
    written or belongs to another program, `StateTooNew` if a newer MinorGuard made it, and `StateCorrupt`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        compact_on_delete: bool = True,
    ) -> None:
        self.path = Path(path).resolve()
        self.url = f"sqlite:///{self.path}"
        self._compact_on_delete = compact_on_delete
        self._announcer = PollingAnnouncer()
        self._refuse_non_file()
        self._db = Connections(str(self.path), self.url, timeout_seconds)
        self._finalizer = weakref.finalize(self, self._db.close)  # also when the interpreter exits
        try:
            self._quick_check()
            self.check()
            self._finish_erasing()
        except BaseException:
            self.close()
            raise

    def load(self, key: str) -> Stored | None:
        """The newest acknowledged blob, or None; an open store never waits for a writer."""
        for blob, version in self._db.read(LOAD, (key,)):
            return Stored(blob, version)
        return None

    def load_many(self, keys: Sequence[str]) -> list[Stored | None]:
        """The newest acknowledged blobs; each thousand as of one instant."""
        found: dict[str, Stored] = {}
        for start in range(0, len(keys), PAGE):
            page = tuple(keys[start : start + PAGE])
            rows = self._db.read(_LOAD_MANY.format(",".join("?" * len(page))), page)
            found.update((key, Stored(blob, version)) for key, blob, version in rows)
        return [found.get(key) for key in keys]

    def load_changed(self, keys: Sequence[str], known: Sequence[int]) -> list[Stored | int | None]:
        """What `load_many` says, with the version alone where it is still the one that is known."""
        return changed(self.load_many(keys), known)

    def save(
        self,
        key: str,
        blob: bytes,
        expected: int,
        *,
        durable: bool = False,  # noqa: ARG002 - always is
        meanwhile: Meanwhile | None = None,
    ) -> int:
        """Write if the version is still `expected`; returns the new one, and then it is on the disk.

        Raises `VersionConflict` and writes nothing if it is not. After `StoreUnavailable` it may have been written.
        """
        (answer,) = self._db.save(Saving([Write(key, blob, expected)], meanwhile))
        if isinstance(answer, VersionConflict):
            raise answer
        return answer

    def save_many(self, writes: Sequence[Write]) -> list[int | VersionConflict]:
        """What `save` would return or raise for each, in one transaction: all of them are on the disk, or none."""
        return self._db.save(Saving(writes))

    def delete(self, key: str, expected: int, *, durable: bool = False) -> None:  # noqa: ARG002 - as in `save`
        """Remove under the same condition, then the bytes from the file and its log. Raises `VersionConflict`.

        Rewrites the file (about 7 ms a megabyte), since rows that SQLite once moved leave copies in its pages. With
        `compact_on_delete=False` those copies stay until `compact`, and only the row and the log are wiped.

        Raises `StoreUnavailable` if the bytes could not be wiped, because of a full disk or of a long read such as a
        backup: the key is then deleted, and its bytes go with the next delete or opening.
        """
        with self._db.transaction() as db:
            if _compare(db, key, expected) != ABSENT:
                db.execute(_DELETE, (key,))
                db.execute(_COUNT_ERASED)
        if not self._finish_erasing():
            self._cut_log()

    def compact(self) -> None:
        """Rewrite the file without the room, and without the bytes, of what was deleted; writers wait meanwhile.

        Raises `StoreUnavailable` if a long read keeps the log.
        """
        with self._db.exclusive() as db:
            db.execute("VACUUM")
            self._truncate_log(db)
            db.execute(_CLEAR_ERASED)

    @contextmanager
    def compacting_once(self) -> Iterator[None]:
        """For many deletes: inside they wipe rows and log, and the file is rewritten once, when the block ends."""
        before, self._compact_on_delete = self._compact_on_delete, False
        try:
            yield
        finally:
            self._compact_on_delete = before
            self._finish_erasing()

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in order of code points; keys that come or go meanwhile may be missed."""
        page = self._page(_FROM, prefix)
        while page:
            for key in page:
                if not key.startswith(prefix):
                    return
                yield key
            page = self._page(_AFTER, page[-1])

    def check(self) -> None:
        """Raises `StoreUnavailable` unless a row can be read and durably written."""
        with self._db.transaction() as db:
            db.execute(_PROBE)

    def announcer(self) -> Announcer:
        """Announcements reach this process at once; other processes reread twice a second."""
        return self._announcer

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Write a sound copy, as of one instant, into a new file (mode 0600) while the store stays in use.

        Raises `InvalidInput` if there is such a file already. It holds no log; move it to the store's place only while
        no process has that open.
        """
        target = Path(path).resolve()
        try:
            os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise InvalidInput("backup", f"`{target}` exists; name a new file") from None
        except OSError as error:
            raise InvalidInput("backup", f"`{target}` cannot be made: {error.strerror}") from None
        try:
            self._db.copy_to(target)
        except BaseException:
            target.unlink()
            raise

    def close(self) -> None:
        """Checkpoint, and let go of the file. Using the store afterwards raises `StoreUnavailable`."""
        self._finalizer()

    def _page(self, sql: str, key: str) -> list[str]:
        return [key for (key,) in self._db.read(sql, (key, PAGE))]

    def _finish_erasing(self) -> bool:
        """Compact if keys were deleted since the last time and nobody wants to do it later."""
        due = self._compact_on_delete and self._db.read(_ERASED) != [(0,)]
        if due:
            self.compact()
        return due

    def _cut_log(self) -> None:
        with self._db.exclusive() as db:
            self._truncate_log(db)

    def _truncate_log(self, db: sqlite3.Connection) -> None:
        busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreUnavailable(self.url, "a long read, such as a backup, keeps deleted bytes in the log; try again")

    def _refuse_non_file(self) -> None:
        if self.path.is_dir():
            raise StoreUnavailable(self.url, "is a folder; name a file in it, such as `minorguard.db`")
        if not self.path.parent.is_dir():
            raise StoreUnavailable(self.url, f"there is no folder `{self.path.parent}`; make it first")

    def _quick_check(self) -> None:
        ((found,),) = self._db.read("PRAGMA quick_check(1)")
        if found != "ok":
            raise StateCorrupt(str(self.path), found)


def _compare(db: sqlite3.Connection, key: str, expected: int) -> int:
    row = db.execute(_VERSION, (key,)).fetchone()
    version: int = row[0] if row else ABSENT
    if version != expected:
        current = next((Stored(*found) for found in db.execute(LOAD, (key,))), None)
        raise VersionConflict(key, known=True, current=current)
    return version
