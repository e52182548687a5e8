"""Replicas: writes that wait for them, primaries that die, and listeners that learn of it."""

import contextlib
import os
import queue
import signal
import time

import pytest

from minorguard.errors import NotReplicated, StoreError, StoreUnavailable
from minorguard.storage.base import ABSENT, Stored, Write
from minorguard.storage.redis import RedisStore
from tests.storage import servers

PATIENCE_SECONDS = 20
ANSWER_SECONDS = 1.0


@pytest.fixture
def watched(program, tmp_path):
    """A primary and a replica behind a sentinel, for a test that stops them."""
    with servers.sentinels(program, tmp_path) as found:
        yield found


@contextlib.contextmanager
def stopped(server):
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def eventually(call):
    """The result of a call, once the store is healed."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except StoreError:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_durable__replica_does_not_answer__is_refused_in_time(watched):
    """A write that must survive is not acknowledged by the primary alone; others are."""
    store = RedisStore(watched.url)
    version = store.save("grant", b"one", ABSENT, durable=True)
    with stopped(watched.replica):
        begin = time.perf_counter()
        with pytest.raises(NotReplicated) as refusal:
            store.save("grant", b"two", version, durable=True)
        assert time.perf_counter() - begin < ANSWER_SECONDS
        assert (refusal.value.wanted, refusal.value.acknowledged) == (1, 0)
        assert store.save("beat", b"", ABSENT)
    current = store.load("grant")
    assert current.blob == b"two"
    assert eventually(lambda: store.save("grant", b"two", current.version, durable=True)) > current.version
    store.close()


def test_durable__erasing_again_what_is_gone__waits_too(watched):
    """An erasure that was refused as not replicated is tried again, and its success means what it says."""
    store = RedisStore(f"{watched.url}&timeout_ms=1000")
    version = store.save("kid", b"x", ABSENT, durable=True)
    with stopped(watched.replica):
        with pytest.raises(NotReplicated):
            store.delete("kid", version, durable=True)
        with pytest.raises(NotReplicated):
            store.delete("kid", ABSENT, durable=True)
    eventually(lambda: store.delete("kid", ABSENT, durable=True))
    assert watched.replica.ask("EXISTS", "mg:{kid}") == 0
    store.close()


def test_sentinel__primary_killed__the_store_heals__and_durable_writes_are_there(watched):
    """Whatever was acknowledged as durable before the primary died is on the one that took its place."""
    store = RedisStore(f"{watched.url}&timeout_ms=1000")
    grants = {f"grant/{number}": store.save(f"grant/{number}", b"x", ABSENT, durable=True) for number in range(20)}
    watched.primary.kill()
    with pytest.raises(StoreUnavailable):
        store.load("grant/0")
    assert list(grants.values()) == [found.version for found in eventually(lambda: store.load_many(list(grants)))]
    assert eventually(lambda: store.save("beat", b"", ABSENT))
    assert watched.replica.ask("ROLE")[0] == b"master"
    store.close()


def test_cluster__primary_killed__the_store_heals__and_durable_writes_are_there(program, tmp_path):
    """Keys of the dead shard are served by its replica; the other shards never stopped."""
    with servers.cluster(program, tmp_path) as found:
        store = RedisStore(f"{found.url}&timeout_ms=1000")
        grants = {f"grant/{number}": store.save(f"grant/{number}", b"x", ABSENT, durable=True) for number in range(60)}
        found.servers[0].kill()
        answers = [answered(store, key) for key in grants]
        assert {True, False} == set(answers)
        assert list(grants.values()) == [one.version for one in eventually(lambda: store.load_many(list(grants)))]
        assert all(isinstance(one, int) for one in store.save_many([Write(f"n/{n}", b"", ABSENT) for n in range(60)]))
        assert sorted(grants) == list(store.keys("grant/"))
        store.close()


def answered(store, key):
    try:
        return store.load(key) is not None
    except StoreUnavailable:
        return False


def test_cluster__slot_moved__is_followed(on_a_cluster, prefix):
    """A key whose slot goes to another server is asked for there, during the move and after it."""
    key = f"moving with {prefix}"
    store = RedisStore(f"{on_a_cluster.url}&prefix={prefix}")
    version = store.save(key, b"one", ABSENT)
    name = f"{prefix}:{{{key}}}"
    slot = on_a_cluster.servers[0].ask("CLUSTER", "KEYSLOT", name)
    source = next(one for one in on_a_cluster.servers[:3] if one.ask("CLUSTER", "COUNTKEYSINSLOT", slot) == 1)
    target = next(one for one in on_a_cluster.servers[:3] if one is not source)
    id_of_source, id_of_target = (one.ask("CLUSTER", "MYID").decode() for one in (source, target))
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", id_of_source)
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", id_of_target)
    source.ask("MIGRATE", "127.0.0.1", target.port, name, 0, 5000)
    assert store.load(key) == Stored(b"one", version)
    version = store.save(key, b"two", version)
    for one in (target, source):
        one.ask("CLUSTER", "SETSLOT", slot, "NODE", id_of_target)
    assert store.load(key) == Stored(b"two", version)
    assert store.save_many([Write(key, b"three", version)])[0] > version
    store.close()


def test_announcements__connection_lost__listeners_reread_and_hear_again(program, tmp_path):
    """What may have been missed while the server was away is read again, and then announcements come anew."""
    with servers.running(servers.Server(program, tmp_path / "one")) as (one,):
        store, told = RedisStore(one.url), queue.Queue()
        stop = store.announcer().subscribe(
            lambda topic, message: told.put((topic, message)), lambda: told.put("reread")
        )
        assert told.get(timeout=PATIENCE_SECONDS) == "reread"
        other = RedisStore(one.url)
        other.announcer().publish("revoked", b"kid")
        assert told.get(timeout=PATIENCE_SECONDS) == ("revoked", b"kid")
        one.kill()
        assert told.get(timeout=PATIENCE_SECONDS) == "reread"
        one.start()
        while told.get(timeout=PATIENCE_SECONDS) != ("revoked", b"kid 2"):
            with contextlib.suppress(StoreUnavailable):
                other.announcer().publish("revoked", b"kid 2")
        stop()
        other.close()
        store.close()
