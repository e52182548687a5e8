"""Writes of many threads that share a transaction. What waits is lined up behind a lock that the test holds."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from minorguard.errors import StoreUnavailable, VersionConflict
from minorguard.storage.base import ABSENT, Stored, Write
from minorguard.storage.filelock import FileLock
from minorguard.storage.sqlite import SqliteStore
from tests.storage.waiting import is_locked, until

THREADS = 8
WRITING = "INSERT", "UPDATE", "DELETE"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def store(path):
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


@pytest.fixture
def told(store):
    """What SQLite is told by the writer, as text."""
    told = []
    with store._db.exclusive() as db:
        db.set_trace_callback(told.append)
    return told


@contextmanager
def lined_up(store, pool, *calls):
    """Let threads make calls in this order; none goes on before the block ends. Gives their futures."""
    with FileLock(str(store.path)).held(5):
        futures = []
        for number, call in enumerate(calls):
            futures.append(pool.submit(call))
            until(lambda number=number: store._db._writing._taken and len(store._db._writing._waiting) == number)
        yield futures


def saving(store, key, blob=b"one", expected=ABSENT):
    return lambda: store.save(key, blob, expected)


def transactions(told):
    """The keys of each transaction, in the order in which they were written."""
    inside, found = None, []
    for statement in told:
        keys = re.findall(r"(?<!x)'(\w+)'", statement) if statement.startswith(WRITING) else []
        if statement.startswith("BEGIN"):
            inside = []
        elif statement == "COMMIT":
            found.append(inside)
            inside = None
        elif inside is not None:
            inside += keys
        elif keys:
            found.append(keys)
    return found


def test_save__alone__is_one_statement(store, told):
    """A write that nobody waits behind costs a single statement, which SQLite commits by itself."""
    second = store.save("k", b"two", store.save("k", b"one", ABSENT))
    assert [statement.split()[0] for statement in told] == ["INSERT", "UPDATE"]
    assert Stored(b"two", second) == store.load("k")


def test_saves__that_wait_together__share_a_commit_in_the_order_in_which_they_came(store, pool, told):
    """Eight threads, one transaction, one sync; first come, first written, and each has its own version."""
    keys = [f"k{number}" for number in range(THREADS)]
    with lined_up(store, pool, *(saving(store, key, key.encode()) for key in keys)) as futures:
        assert told == []
    versions = [future.result() for future in futures]
    assert [keys] == transactions(told)
    assert [Stored(key.encode(), version) for key, version in zip(keys, versions, strict=True)] == store.load_many(keys)


def test_saves__before_the_commit__nobody_is_told(store, pool):
    """No write of a group is acknowledged, or seen by a reader, before all of it is on the disk."""
    committing, go_on = threading.Event(), threading.Event()

    def trace(statement):
        if statement == "COMMIT":
            committing.set()
            assert go_on.wait(10)

    with store._db.exclusive() as db:
        db.set_trace_callback(trace)
    with lined_up(store, pool, saving(store, "a"), saving(store, "b"), saving(store, "c")) as futures:
        pass
    assert committing.wait(10)
    assert not any(future.done() for future in futures)
    assert store.load_many(["a", "b", "c"]) == [None] * 3
    go_on.set()
    assert [future.result() for future in futures] == [one.version for one in store.load_many(["a", "b", "c"])]


def test_saves__that_come_during_a_commit__are_the_next_group(store, pool, told):
    """While one group is being written the next one gathers, however many they are."""
    committing, go_on = threading.Event(), threading.Event()

    def trace(statement):
        told.append(statement)
        if statement == "COMMIT" and not committing.is_set():
            committing.set()
            assert go_on.wait(10)

    with store._db.exclusive() as db:
        db.set_trace_callback(trace)
    with lined_up(store, pool, saving(store, "a"), saving(store, "b")) as first:
        pass
    assert committing.wait(10)
    second = [pool.submit(saving(store, key)) for key in ("c", "d", "e")]
    until(lambda: len(store._db._writing._waiting) == 3)
    go_on.set()
    assert all(future.result() for future in (*first, *second))
    assert [sorted(keys) for keys in transactions(told)] == [["a", "b"], ["c", "d", "e"]]


def test_saves__one_loses__the_others_are_written(store, pool, told):
    """A conflict is its caller's alone, and says what stands there."""
    version = store.save("k", b"here", ABSENT)
    told.clear()
    with lined_up(store, pool, saving(store, "a"), saving(store, "k", b"no"), saving(store, "b")) as futures:
        pass
    with pytest.raises(VersionConflict) as lost:
        futures[1].result()
    assert (lost.value.key, lost.value.known, lost.value.current) == ("k", True, Stored(b"here", version))
    assert [futures[0].result(), futures[2].result()] == [one.version for one in store.load_many(["a", "b"])]
    assert len(transactions(told)) == 1


def test_saves__of_one_key__the_first_wins(store, pool):
    """Of writes under one version in one group exactly one holds, and the others are told of its bytes."""
    version = store.save("k", b"here", ABSENT)
    calls = [saving(store, "k", b"%d" % number, version) for number in range(4)]
    with lined_up(store, pool, *calls) as futures:
        pass
    first, stored = futures[0].result(), store.load("k")
    assert stored == Stored(b"0", first)
    for future in futures[1:]:
        with pytest.raises(VersionConflict) as lost:
            future.result()
        assert stored == lost.value.current


def test_save_many__in_a_group__shares_the_commit(store, pool, told):
    """A batch and single writes go together, each answered in its own form."""
    batch = [Write("b", b"b", ABSENT), Write("a", b"late", ABSENT)]
    with lined_up(store, pool, saving(store, "a"), lambda: store.save_many(batch), saving(store, "c")) as futures:
        pass
    made, lost = futures[1].result()
    assert store.load("b").version == made
    assert isinstance(lost, VersionConflict)
    assert store.load("a").blob == b"one"
    assert len(transactions(told)) == 1


def test_meanwhile__is_done_once_and_while_others_write(store, pool):
    """Who waits for another does its other work then; who writes does it afterwards, when it holds nobody up."""
    done = []
    calls = [lambda key=key: store.save(key, b"", ABSENT, meanwhile=lambda: done.append(key)) for key in "abc"]
    with lined_up(store, pool, *calls) as futures:
        until(lambda: len(done) == 2)
        assert sorted(done) == ["b", "c"]
    assert all(future.result() for future in futures)
    assert sorted(done) == ["a", "b", "c"]


def test_group__is_bounded(store, pool, told):
    """More than 256 writes are more than one transaction, and no batch is torn."""
    batches = [[Write(f"k{batch}{number}", b"", ABSENT) for number in range(100)] for batch in "abcd"]
    calls = [lambda batch=batch: store.save_many(batch) for batch in batches]
    with lined_up(store, pool, *calls) as futures:
        pass
    assert all(len(future.result()) == 100 for future in futures)
    assert [len(keys) for keys in transactions(told)] == [200, 200]


def test_delete__between_saves__keeps_its_place(store, pool, told):
    """What needs the file for itself is neither overtaken nor starved by those who share."""
    version = store.save("k", b"secret", ABSENT)
    told.clear()
    calls = [saving(store, "a"), saving(store, "b"), lambda: store.delete("k", version), saving(store, "c")]
    with lined_up(store, pool, *calls) as futures:
        pass
    for future in futures:
        future.result()
    assert transactions(told)[:2] == [["a", "b"], ["k"]]
    assert ["c"] in transactions(told)[2:]


# Trouble


def assert_refused(futures, match):
    for future in futures:
        with pytest.raises(StoreUnavailable, match=match):
            future.result()


def full(db):
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 4}")


def read_only(db):
    db.execute("PRAGMA query_only = ON")


@pytest.mark.parametrize(
    ("trouble", "match"), [(full, "full; free some disk space"), (read_only, "let this user write")]
)
def test_disk_trouble__reaches_all_of_a_group_and_nothing_is_written(store, pool, trouble, match):
    """Whoever waited for a transaction that failed is refused, and none of it is there."""
    with store._db.exclusive() as db:
        trouble(db)
    calls = [saving(store, "a"), saving(store, "b", b"x" * 100_000), saving(store, "c")]
    with lined_up(store, pool, *calls) as futures:
        pass
    assert_refused(futures, match)
    assert list(store.keys("")) == []
    with store._db.exclusive() as db:
        db.execute("PRAGMA query_only = OFF")
    store.save("a", b"", ABSENT)


def test_write_that_is_at_fault_itself__fails_alone(store, pool):
    """A write that no store could take keeps none of its neighbours back."""
    calls = [
        saving(store, "a"),
        saving(store, "\ud800"),
        lambda: store.save_many([Write("b", b"", 0)]),
        saving(store, "c"),
    ]
    with lined_up(store, pool, *calls) as futures:
        pass
    with pytest.raises(UnicodeEncodeError):
        futures[1].result()
    versions = [futures[0].result(), *futures[2].result(), futures[3].result()]
    assert versions == [one.version for one in store.load_many(["a", "b", "c"])]


def test_leader_interrupted__those_behind_it_are_refused_and_the_store_goes_on(store, pool, monkeypatch):
    """Whatever ends the thread that writes for others, they hear of it and the turn is free."""

    def interrupted(_db, _group):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("minorguard.storage.sqlite_connections.save_group", interrupted)
        with lined_up(store, pool, *(saving(store, key) for key in "abc")) as futures:
            pass
        with pytest.raises(KeyboardInterrupt):
            futures[0].result()
        assert_refused(futures[1:], "a write that was under way ended")
    store.save("a", b"", ABSENT)


def test_close__while_writes_wait__refuses_them_all(store, pool):
    """Closing reaches everyone in the queue, and nothing of theirs is written."""
    with lined_up(store, pool, *(saving(store, key) for key in "abc")) as futures:
        closing = pool.submit(store.close)
        until(lambda: len(store._db._writing._waiting) == 3)
    closing.result()
    assert_refused(futures, "was closed")
    again = SqliteStore(store.path)
    assert list(again.keys("")) == []
    again.close()


def test_lock_held_elsewhere__all_who_wait_are_refused_in_time(path, pool):
    """A writer of another process that hangs ends the waiting of the whole queue, and nobody's write slips in later."""
    store = SqliteStore(path, timeout_seconds=0.2)
    with FileLock(str(path)).held(5):
        futures = [pool.submit(saving(store, key)) for key in "abcde"]
        assert_refused(futures, "locked by another writer")
    store.check()
    assert list(store.keys("")) == []
    store.close()


def test_another_process_that_waits__comes_before_the_next_group(store, pool, path):
    """Threads that always have more to write do not keep the file from other processes."""
    seen, committing, go_on = [], threading.Event(), threading.Event()

    def trace(statement):
        if statement.startswith("INSERT") and "'first'" in statement:
            committing.set()
            assert go_on.wait(10)

    def other_process():
        with FileLock(str(path)).held(10):
            seen.append([store.load(key) is not None for key in ("first", "second")])

    with store._db.exclusive() as db:
        db.set_trace_callback(trace)
    running = [pool.submit(saving(store, "first"))]
    assert committing.wait(10)
    running.append(pool.submit(other_process))
    until(lambda: is_locked(f"{path}.turn.lock"))
    running.append(pool.submit(saving(store, "second")))
    until(lambda: len(store._db._writing._waiting) == 1)
    go_on.set()
    for future in running:
        future.result()
    assert seen == [[True, False]]
