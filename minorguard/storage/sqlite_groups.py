"""Compare-and-sets of many threads in one transaction: one sync for all of them, and each judged on its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from minorguard.errors import VersionConflict
from minorguard.storage.base import ABSENT, Meanwhile, Stored, Write
from minorguard.storage.turns import Job
from minorguard.storage.versions import next_version

MOST = 256
"""Writes in a group; a longer batch goes alone."""

LOAD = "SELECT blob, version FROM state WHERE key = ?"
_MAKE = "INSERT INTO state (version, blob, key) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING"
_REPLACE = "UPDATE state SET version = ?, blob = ? WHERE key = ? AND version = ?"


@dataclass(frozen=True, slots=True)
class _Statement:
    """One write, ready to be run: what a group waits for is SQLite only."""

    sql: str
    parameters: tuple[int, bytes, str] | tuple[int, bytes, str, int]


class Saving(Job):
    """The writes of one caller, to be written all or none, and what came of each."""

    def __init__(self, writes: Sequence[Write], meanwhile: Meanwhile | None = None) -> None:
        super().__init__(len(writes))
        self._meanwhile = meanwhile
        self.answers: list[int | VersionConflict] = []
        self._statements = [_statement(write) for write in writes]

    def meanwhile(self) -> None:
        """Do the caller's other work, unless that was done already."""
        work, self._meanwhile = self._meanwhile, None
        if work is not None:
            work()

    def run(self, db: sqlite3.Connection) -> None:
        """Write, and note the answers."""
        self.answers = [_run(db, statement) for statement in self._statements]


def save_group(db: sqlite3.Connection, group: Sequence[Saving]) -> None:
    """Write all that the group asks for; when it returns, that is on the disk.

    What SQLite cannot write at the moment fails them all, and none is written. Where a write itself is at fault, such
    as a key that is no text, its caller alone is told (`Job.failure`).
    """
    try:
        _commit(db, group)
    except sqlite3.OperationalError:
        raise
    except Exception:
        if len(group) == 1:
            raise
        for one in group:
            _commit_alone(db, one)


def _commit(db: sqlite3.Connection, group: Sequence[Saving]) -> None:
    if len(group) == 1 == group[0].size:
        group[0].run(db)  # a statement alone is a transaction
        return
    with transaction(db):
        for one in group:
            one.run(db)


def _commit_alone(db: sqlite3.Connection, one: Saving) -> None:
    try:
        _commit(db, [one])
    except Exception as error:
        one.failure = error


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Durable when the block ends well, undone when it raises."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _statement(write: Write) -> _Statement:
    key, blob, expected = write.key, write.blob, write.expected
    version = next_version(expected)
    if expected == ABSENT:
        return _Statement(_MAKE, (version, blob, key))
    return _Statement(_REPLACE, (version, blob, key, expected))


def _run(db: sqlite3.Connection, statement: _Statement) -> int | VersionConflict:
    version, _, key, *_ = statement.parameters
    if db.execute(statement.sql, statement.parameters).rowcount == 1:
        return version
    current = next((Stored(*found) for found in db.execute(LOAD, (key,))), None)
    return VersionConflict(key, known=True, current=current)
