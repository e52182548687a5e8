"""The store in one SQLite file, within one process. Other processes: test_sqlite_processes.py.

A test never opens a store's files with `open` while the store is open: closing such a file drops SQLite's locks on it.
"""

import contextlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

from minorguard.errors import InvalidInput, StateCorrupt, StateTooNew, StoreUnavailable, VersionConflict
from minorguard.storage.contract import DurableStoreContract
from minorguard.storage.filelock import FileLock
from minorguard.storage.sqlite import SqliteStore

NOBODY = 65534
SEED = 5  # one that leaves copies, if nothing wipes them


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def store(path):
    store = SqliteStore(path, timeout_seconds=0.2)
    yield store
    store.close()


class TestSqliteStore(DurableStoreContract):
    """Everything that every durable store promises."""

    @pytest.fixture
    def store(self, path):
        store = SqliteStore(path)
        yield store
        store.close()

    @pytest.fixture
    def reopen(self, path):
        return lambda: SqliteStore(path)


# Files


def test_open__new_file__is_private(store, path):
    """A child's data can be read by the owner of the file only, the log and the locks included."""
    store.save("k", b"", 0)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    names = {"state.db", "state.db-wal", "state.db-shm", "state.db.lock", "state.db.turn.lock"}
    assert dict.fromkeys(names, 0o600) == modes


def test_settings__are_those_of_a_store_that_loses_nothing(store):
    """Write-ahead log, synced at each commit, deleted bytes overwritten; the reader cannot write."""
    names = "journal_mode", "synchronous", "secure_delete"
    with store._db.exclusive() as db:
        found = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    assert found == ["wal", 2, 1]
    with pytest.raises(StoreUnavailable, match="readonly"):
        store._db.read("DELETE FROM state")


def test_close__leaves_one_sound_file_without_log(store, path):
    """After a clean close the file alone holds everything."""
    store.save("k", b"one", 0)
    store.close()
    assert {"state.db", "state.db.lock", "state.db.turn.lock"} == {file.name for file in path.parent.iterdir()}
    shutil.copy(path, path.parent / "copy.db")
    copy = SqliteStore(path.parent / "copy.db")
    assert copy.load("k").blob == b"one"
    copy.close()


def test_close__twice__is_fine_and_use_afterwards_is_refused(store):
    """A closed store says so."""
    store.close()
    store.close()
    for use in (lambda: store.load("k"), lambda: store.save("k", b"", 0), store.check, lambda: list(store.keys(""))):
        with pytest.raises(StoreUnavailable, match="was closed"):
            use()


def test_store_that_is_dropped__is_closed(path):
    """A store that nobody closed is closed when it is collected."""
    SqliteStore(path).save("k", b"", 0)
    assert not path.with_name("state.db-wal").exists()


def test_symlink__is_locked_like_its_target(store, path):
    """Two names of one file share one lock."""
    path.with_name("link.db").symlink_to(path)
    other = SqliteStore(path.with_name("link.db"))
    assert store.url == other.url
    other.close()


# Refusals


def assert_refused(path, error, match):
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=match):
        SqliteStore(path, timeout_seconds=0.2)
    if before is not None:
        assert before == path.read_bytes()


def make(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_open__folder__is_refused(tmp_path):
    """A folder is not a database."""
    assert_refused(tmp_path, StoreUnavailable, "is a folder; name a file in it")


def test_open__missing_folder__is_refused(tmp_path):
    """A folder is not made by accident."""
    assert_refused(tmp_path / "no" / "state.db", StoreUnavailable, "there is no folder")


def test_open__not_a_database__is_refused(path):
    """A file of something else is left as it is."""
    path.write_bytes(b"policy: short-video\n" * 500)
    assert_refused(path, StateCorrupt, "file is not a database")


@pytest.mark.parametrize("statement", ["CREATE TABLE t (x)", "PRAGMA user_version = 3", "PRAGMA application_id = 5"])
def test_open__another_programs_database__is_refused(path, statement):
    """A foreign database is left as it is."""
    make(path, statement)
    assert_refused(path, StoreUnavailable, "another program's database; name a new file")


def test_open__newer_schema__is_refused(store, path):
    """A file that a newer MinorGuard made is not touched."""
    store.close()
    make(path, "PRAGMA user_version = 2")
    with pytest.raises(StateTooNew, match="upgrade MinorGuard") as refusal:
        SqliteStore(path)
    assert (refusal.value.found, refusal.value.known) == (2, 1)


def test_open__empty_file__is_taken(path):
    """An empty file, such as one made by `touch` or an installer, becomes a store."""
    path.touch()
    store = SqliteStore(path)
    store.save("k", b"", 0)
    store.close()


def damaged(path, place, length=64):
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * length)


def test_open__damaged_page__is_refused(store, path):
    """Damage is found when the store is opened, not when a child's row is met."""
    for number in range(200):
        store.save(f"k{number:04d}", b"x" * 500, 0)
    store.close()
    damaged(path, 4096 * 10)
    assert_refused(path, StateCorrupt, "restore it from a backup")


def test_open__cut_file__is_refused(store, path):
    """A file that lost its end is not a store with fewer children."""
    for number in range(200):
        store.save(f"k{number:04d}", b"x" * 500, 0)
    store.close()
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StateCorrupt):
        SqliteStore(path)


@contextlib.contextmanager
def plain_user():
    """Without root's right to write everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("read_only", ["file", "folder"])
def test_open__read_only__is_refused(read_only):
    """A store that cannot write does not open, and says what must be writable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        SqliteStore(path).close()
        for file in path.parent.iterdir():
            file.chmod(0o666)
        path.chmod(0o444 if read_only == "file" else 0o666)
        path.parent.chmod(0o777 if read_only == "file" else 0o555)
        with plain_user(), pytest.raises(StoreUnavailable, match="let this user"):
            SqliteStore(path, timeout_seconds=0.2)
        path.parent.chmod(0o700)


def test_open__files_of_another_user__is_refused():
    """Files that a command run as root has made are closed to the service; it says what must be writable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        SqliteStore(path).close()
        for file in path.parent.iterdir():
            file.chmod(0o000)
        path.parent.chmod(0o777)
        with plain_user(), pytest.raises(StoreUnavailable, match="let this user"):
            SqliteStore(path, timeout_seconds=0.2)


# Trouble in use


def test_lock_held_elsewhere__writes_are_refused_in_time_and_reads_go_on(store, path):
    """A writer that hangs stops writes, with a bound, and no read."""
    version = store.save("k", b"one", 0)
    with FileLock(str(path)).held(1):
        with pytest.raises(StoreUnavailable, match="locked by another writer"):
            store.save("k", b"two", version)
        assert store.load("k").blob == b"one"
    store.save("k", b"two", version)


def test_another_program_writes__is_unavailable_not_wrong(store, path):
    """A program that does not take our lock makes writes fail, and only while it writes."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another program holds the file"):
            store.check()
        other.execute("ROLLBACK")
    store.check()


def test_disk_full__is_unavailable_and_keeps_what_was_there(store):
    """A write that does not fit changes nothing, and smaller ones go on."""
    version = store.save("k", b"one", 0)
    with store._db.exclusive() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreUnavailable, match="full; free some disk space"):
        store.save("k", b"x" * 100_000, version)
    assert (store.load("k").blob, store.load("k").version) == (b"one", version)
    store.save("k", b"two", version)


def test_file_replaced_while_open__is_refused(store, path):
    """A backup moved over a store in use must not swallow writes or meet the other's log."""
    version = store.save("k", b"one", 0)
    store.backup(path.with_name("backup.db"))
    path.with_name("backup.db").replace(path)
    for use in (lambda: store.load("k"), lambda: store.save("k", b"two", version), store.check):
        with pytest.raises(StoreUnavailable, match="replaced while open; restart"):
            use()


def test_file_removed_while_open__is_refused(store, path):
    """A store whose file is gone is not an empty store."""
    store.save("k", b"one", 0)
    path.unlink()
    with pytest.raises(StoreUnavailable):
        store.load("k")
    with pytest.raises(StoreUnavailable):
        store.save("j", b"", 0)


def test_error_inside_a_transaction__undoes_it(store):
    """Nothing of a write that fails midway is seen, and the store goes on."""
    with pytest.raises(StoreUnavailable, match="UNIQUE"), store._db.transaction() as db:
        db.executemany("INSERT INTO state VALUES (?, 1, x'00')", [("k",), ("k",)])
    assert store.load("k") is None
    store.save("k", b"", 0)


# Backup


def test_backup__is_a_store_with_the_same_contents(store, path):
    """A copy made while the store is in use opens as a store, versions included."""
    version = store.save("k", b"one", 0)
    store.backup(path.with_name("copy.db"))
    store.save("k", b"two", version)
    assert path.with_name("copy.db").stat().st_mode & 0o777 == 0o600
    copy = SqliteStore(path.with_name("copy.db"))
    assert (copy.load("k").blob, copy.load("k").version) == (b"one", version)
    copy.close()


def test_backup__over_a_file__is_refused(store, path):
    """A backup never replaces a file, the store's own least of all."""
    with pytest.raises(InvalidInput, match="exists; name a new file"):
        store.backup(path)
    with pytest.raises(InvalidInput, match="cannot be made"):
        store.backup(path.parent / "no" / "copy.db")


# Erasure


def all_bytes(path):
    """Everything in the store's files, read by another process."""
    return subprocess.run(["cat", *path.parent.iterdir()], capture_output=True, check=True).stdout


def test_delete__bytes_are_gone_from_every_file(store, path):
    """Of a deleted child nothing is left: not the key, not the newest blob, not an older one."""
    version = 0
    for number in range(5):
        version = store.save("who/kid-7", b"secret-%d" % number * 2000, version)
    kept = store.save("who/kept", b"kept" * 100, 0)
    assert b"secret" in all_bytes(path)
    store.delete("who/kid-7", version)
    left = all_bytes(path)
    assert b"secret" not in left
    assert b"kid-7" not in left
    assert (store.load("who/kept").blob, store.load("who/kept").version) == (b"kept" * 100, kept)


def churn(store, dice, steps):
    """Make, replace and delete rows of all sizes; returns the keys that were deleted."""
    versions, deleted = {}, set()
    for number in range(steps):
        action = dice.random()
        key = f"kid-{number:05d}-{dice.randrange(10**8):08d}" if action < 0.4 else dice.choice([*versions, "kid"])
        if action < 0.85 and key != "kid":
            blob = key.encode() * dice.randint(1, dice.choice((3, 30, 300)))
            versions[key] = store.save(key, blob, versions.get(key, 0))
        elif key in versions:
            store.delete(key, versions.pop(key))
            deleted.add(key.encode())
    return deleted


@pytest.mark.parametrize("when", ["at each delete", "later"])
def test_delete__in_a_file_whose_rows_move__leaves_no_copy(path, when):
    """Copies that SQLite leaves in its pages when it moves rows go too, at once or with `compact`."""
    store = SqliteStore(path, compact_on_delete=when == "at each delete")
    deleted = churn(store, random.Random(SEED), 800)
    if when == "later":
        store.compact()
    left = set(re.findall(rb"kid-\d{5}-\d{8}", all_bytes(path)))
    assert len(deleted) > 50
    assert not left & deleted
    store.close()


def test_delete__while_a_long_read_runs__says_so_and_is_finished_later(store, path):
    """A backup in progress may keep deleted bytes; the caller is told, and the next delete wipes them."""
    version = store.save("k", b"secret" * 100, 0)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM state").fetchall()
        with pytest.raises(StoreUnavailable, match="long read"):
            store.delete("k", version)
        reader.execute("COMMIT")
    assert store.load("k") is None
    assert b"secret" in all_bytes(path)
    store.delete("k", 0)
    assert b"secret" not in all_bytes(path)


def test_open__after_a_delete_that_was_cut_short__finishes_it(path):
    """A process killed between deleting and wiping leaves the wiping to the next one."""
    store = SqliteStore(path, compact_on_delete=False)
    store.delete("k", store.save("k", b"secret" * 100, 0))
    store.close()
    again = SqliteStore(path)
    assert again._db.read("SELECT erased FROM upkeep") == [(0,)]
    again.close()


def test_save__conflict__leaves_no_trace_of_the_refused_bytes(store, path):
    """What was not written is in no file."""
    store.save("k", b"one", 0)
    with pytest.raises(VersionConflict):
        store.save("k", b"secret" * 100, 0)
    assert b"secret" not in all_bytes(path)
