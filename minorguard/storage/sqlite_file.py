"""A MinorGuard SQLite file: made, recognised, and set up so that it loses nothing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from minorguard.errors import StateTooNew, StoreUnavailable

APPLICATION_ID = 0x4D477374
SCHEMA_VERSION = 1
"""Of the file (`PRAGMA user_version`); the blobs carry their own."""

CHECKPOINT_PAGES = 1000

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: fsync alone does not reach the disk
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA secure_delete = ON",
    f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
)


def make_file(path: str) -> None:
    """Make an empty file, mode 0600, unless there is one, and make its name durable."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        folder = os.open(Path(path).parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def prepare(db: sqlite3.Connection, path: str, url: str) -> None:
    """Refuse what is not ours before anything is written, then set up the connection and, once, the schema."""
    new = _is_new(db, path, url)
    if db.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise StoreUnavailable(url, "the file system has no shared memory for SQLite's log; use a local disk")
    for setting in _SETTINGS:
        db.execute(setting)
    if new:
        _make_schema(db)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_new(db: sqlite3.Connection, path: str, url: str) -> bool:
    """Whether the file is empty. Raises `StoreUnavailable` for another program's database, and `StateTooNew`."""
    application, version, tables = (
        db.execute(sql).fetchone()[0]
        for sql in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if (application, version, tables) == (0, 0, 0):
        return True
    if application != APPLICATION_ID:
        raise StoreUnavailable(url, "the file is another program's database; name a new file")
    if version > SCHEMA_VERSION:
        raise StateTooNew(path, found=version, known=SCHEMA_VERSION)
    return False


def _make_schema(db: sqlite3.Connection) -> None:
    try:
        db.executescript(files("minorguard.storage").joinpath("schema.sql").read_text("utf-8"))
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
