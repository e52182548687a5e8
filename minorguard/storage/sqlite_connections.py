"""The connections of one process to one SQLite file: one that writes, one that reads.

SQLite before 3.51.3 can corrupt a WAL database when two connections write or checkpoint at the same instant. So
everything that writes (opening, recovery and schema, commits, checkpoints, a closing that checkpoints) happens in
`Connections.exclusive` or `Connections.save`, in a turn of one thread and under a lock between processes. See
docs/adr/0002-sqlite-one-writer.md.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from minorguard.errors import StateCorrupt, StoreUnavailable, VersionConflict
from minorguard.storage.filelock import FileLock, LockTimeout
from minorguard.storage.sqlite_file import make_file, prepare
from minorguard.storage.sqlite_groups import MOST, Saving, save_group, transaction
from minorguard.storage.turns import Job, Turns

BUSY_SECONDS = 1.0
"""How long SQLite itself waits for a program that does not take our lock, such as its command line."""

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_WAYS_OUT = {
    sqlite3.SQLITE_FULL: "free some disk space",
    sqlite3.SQLITE_IOERR: "look at the disk and the space left on it",
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "let this user read and write the file and its folder",
    sqlite3.SQLITE_BUSY: "another program holds the file; end it",
    sqlite3.SQLITE_PROTOCOL: "another program holds the file; end it",
}


class Connections:
    """Opens at first use and again after a fork; refuses a file that is not ours, is newer, or was replaced."""

    def __init__(self, path: str, url: str, timeout_seconds: float) -> None:
        self.path = path
        self.url = url
        self._timeout = timeout_seconds
        self._between_processes = FileLock(path)
        self._writing, self._reading = Turns(), threading.Lock()
        self._suspended: list[Callable[[], None]] = []
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._file = (0, 0)  # device and inode
        self._pid = os.getpid()
        self._closed = False
        _all.add(weakref.ref(self, _all.discard))

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """The writer, alone among all threads and processes. Raises `StoreUnavailable` and `StateCorrupt`."""
        with self._errors(), self._writing.alone(self._timeout), self._between_processes.held(self._timeout):
            yield self._open_writer()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """As `exclusive`, in one transaction: durable when the block ends well, undone when it raises."""
        with self.exclusive() as db, transaction(db):
            yield db

    def save(self, job: Saving) -> list[int | VersionConflict]:
        """What came of the job's writes, on the disk; written with those of other threads that waited meanwhile.

        Raises `StoreUnavailable` and `StateCorrupt`.
        """
        with self._errors():
            if self._writing.enter(job, self._timeout, job.meanwhile):
                self._lead(job)
            if job.failure is not None:
                raise job.failure
            job.meanwhile()
            return job.answers

    def _lead(self, job: Saving) -> None:
        """Do the job and those behind it. INVARIANT: nobody is told of a write before the disk has it."""
        along: list[Saving] = []
        try:
            with self._between_processes.held(self._timeout):
                db = self._open_writer()
                along = self._writing.along(Saving, MOST - job.size)
                save_group(db, [job, *along])
        except BaseException as error:
            for one in along:
                one.failure = self._failure(error)
            raise
        finally:
            self._writing.leave(along)

    def read(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """All rows, from the newest commit of any process; waits for no writer."""
        while True:
            with self._errors(), _held(self._reading, self._timeout):
                if self._reader is not None and self._pid == os.getpid():
                    self._same_file()
                    return self._reader.execute(sql, parameters).fetchall()
            with self.exclusive():
                pass  # opened

    def copy_to(self, path: Path) -> None:
        """Copy the whole database, as of one instant, into an empty file."""
        with self._errors(), closing(self._connect("ro")) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    def close(self) -> None:
        """Checkpoint and close, for good, once running work has ended."""
        self._closed = True
        if self._pid != os.getpid():
            return
        with suppress(LockTimeout), self._writing.alone(self._timeout), _held(self._reading, self._timeout):
            self._close_in_turn()

    def _close_in_turn(self) -> None:
        try:
            with self._between_processes.held(self._timeout):
                self._close(checkpoint=True)
        except (LockTimeout, OSError):
            self._close(checkpoint=False)

    def _close(self, *, checkpoint: bool) -> None:
        """Close both. SQLite checkpoints when the last connection to a file closes, if that one can write it."""
        writer, reader, self._writer, self._reader = self._writer, self._reader, None, None
        for connection in (reader, writer) if checkpoint else (writer, reader):
            if connection is not None:
                connection.close()

    def _open_writer(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreUnavailable(self.url, "this store was closed; open it again")
        if self._pid != os.getpid():
            self._adopt()
        if self._writer is None:
            self._open()
        self._same_file()
        assert self._writer is not None
        return self._writer

    def _open(self) -> None:
        make_file(self.path)
        writer = self._connect("rw")
        try:
            prepare(writer, self.path, self.url)
            reader = self._connect("ro")
            reader.execute("SELECT erased FROM upkeep").fetchall()  # recovers, if anything does
        except BaseException:
            writer.close()
            raise
        self._file = _identity(self.path)
        self._writer, self._reader = writer, reader

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{Path(self.path).as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _same_file(self) -> None:
        """A file put in the place of an open one would lose writes and mix with the old one's log."""
        if _identity(self.path) != self._file:
            raise StoreUnavailable(self.url, "the file was replaced while open; restart every process that uses it")

    # Forks. SQLite keeps what a process has locked in that process's memory, so a connection made in a child beside an
    # inherited one believes in locks that it does not hold, and the log may be deleted beneath it. Hence all
    # connections are closed before a fork, and parent and child open their own.

    def suspend(self) -> None:
        """Before a fork: let running work end, close everything, and let no thread open it until the fork is done.

        Work that does not end in time keeps its connections, and the child refuses to use this store.
        """
        with suppress(LockTimeout):
            self._writing.enter(Job(), self._timeout)
            self._suspended.append(self._writing.leave)
            if not self._reading.acquire(timeout=self._timeout):
                return
            self._suspended.append(self._reading.release)
            if self._pid == os.getpid():
                self._close(checkpoint=False)

    def resume(self) -> None:
        """After a fork, in the parent."""
        while self._suspended:
            self._suspended.pop()()

    def renew(self) -> None:
        """After a fork, in the child, where no thread is left to give back a lock."""
        self._writing, self._reading, self._suspended = Turns(), threading.Lock(), []

    def _adopt(self) -> None:
        if self._writer is not None:
            _inherited.append((self._writer, self._reader))  # never used, never closed
            self._writer = self._reader = None
            self._closed = True
            raise StoreUnavailable(self.url, "it was in use while the process forked; open it after the fork")
        self._pid = os.getpid()

    def _failure(self, error: BaseException) -> StoreUnavailable | StateCorrupt:
        """What to say of an error of SQLite's, or of what ended the thread that wrote for others, too."""
        if not isinstance(error, sqlite3.Error):
            return StoreUnavailable(self.url, f"a write that was under way ended with {error!r}; try again")
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _CORRUPT:
            return StateCorrupt(self.path, str(error))
        way_out = _WAYS_OUT.get(code)
        return StoreUnavailable(self.url, f"{error}; {way_out}" if way_out else str(error))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._failure(error) from error
        except LockTimeout:
            problem = f"locked by another writer for {self._timeout:g} s; end or restart what holds {self.path}.lock"
            raise StoreUnavailable(self.url, problem) from None
        except OSError as error:
            way_out = f"; {_WAYS_OUT[sqlite3.SQLITE_READONLY]}" if isinstance(error, PermissionError) else ""
            raise StoreUnavailable(self.url, f"{error.strerror}: `{error.filename}`{way_out}") from error


@contextmanager
def _held(lock: threading.Lock, timeout_seconds: float) -> Iterator[None]:
    if not lock.acquire(timeout=timeout_seconds):
        raise LockTimeout
    try:
        yield
    finally:
        lock.release()


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116 - on every call; half the price of Path.stat
    return status.st_dev, status.st_ino


_all: set[weakref.ref[Connections]] = set()
_inherited: list[object] = []


def _living() -> list[Connections]:
    return [connections for ref in list(_all) if (connections := ref()) is not None]


def _before_fork() -> None:
    for connections in _living():
        connections.suspend()


def _after_fork_in_parent() -> None:
    for connections in _living():
        connections.resume()


def _after_fork_in_child() -> None:
    for connections in _living():
        connections.renew()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
