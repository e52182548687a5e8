"""Moving house between stores of any kind."""

from unittest.mock import patch

import pytest

from minorguard.errors import Conflict, InvalidInput, StoreUnavailable, VersionConflict
from minorguard.storage.base import ABSENT, Write
from minorguard.storage.contract import ODD_KEYS
from minorguard.storage.copying import Copied, copy, digest
from minorguard.storage.memory import MemoryStore
from minorguard.storage.redis import RedisStore
from minorguard.storage.sqlite import SqliteStore

NUMBER = 450


@pytest.fixture
def old(tmp_path):
    """A house that was lived in."""
    store = SqliteStore(tmp_path / "old.db")
    store.save_many([Write(f"subject/a/{number}", b"%d" % number * 9, ABSENT) for number in range(NUMBER)])
    store.save_many([Write(key, key.encode(), ABSENT) for key in ODD_KEYS])
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "redis", "cluster"])
def new(request, tmp_path, prefix, one_server, on_a_cluster):
    """An empty house of each kind."""
    match request.param:
        case "memory":
            store = MemoryStore()
        case "sqlite":
            store = SqliteStore(tmp_path / "new.db")
        case "redis":
            store = RedisStore(f"{one_server.url}&prefix={prefix}")
        case "cluster":
            store = RedisStore(f"{on_a_cluster.url}&prefix={prefix}")
    yield store
    store.close()


def test_copy__there_and_back__holds_the_same(old, new, tmp_path):
    """Every key and blob arrives, whatever the engines, and comes back the same."""
    told = []
    there = copy(old, new, progress=lambda what, number: told.append((what, number)))
    assert (there.written, there.same, there.removed, there.verified) == (NUMBER + len(ODD_KEYS), 0, 0, True)
    assert ("copied", NUMBER + len(ODD_KEYS)) in told
    back = SqliteStore(tmp_path / "back.db")
    assert copy(new, back).target == digest(old)
    back.close()


def test_copy__again__writes_nothing(old, new):
    """A copy that was broken off is finished by doing it again; what is there is not written twice."""
    copy(old, new)
    new.delete("subject/a/7", new.load("subject/a/7").version)
    done = copy(old, new)
    assert (done.written, done.same, done.verified) == (1, NUMBER + len(ODD_KEYS) - 1, True)


def test_copy__onto_something_else__is_refused__unless_told(old, new):
    """What differs, and what is not in the first store, is neither overwritten nor deleted by surprise."""
    new.save("zebra", b"", ABSENT)
    with pytest.raises(Conflict, match=r"`zebra` is not in the store to copy from; .*`--replace`"):
        copy(old, new)
    new.delete("zebra", new.load("zebra").version)
    stale = new.save("subject/a/7", b"other", ABSENT)
    with pytest.raises(Conflict, match="`subject/a/7` holds something else"):
        copy(old, new)
    assert new.load("subject/a/7").blob == b"other"
    new.save("zebra", b"", ABSENT)
    done = copy(old, new, replace=True)
    assert (done.removed, done.verified) == (1, True)
    with pytest.raises(VersionConflict):
        new.save("subject/a/7", b"stale", stale)


def test_copy__from_an_empty_store__empties_nothing(old):
    """A url that was mistyped must not cost a store all that it holds, though `replace` was said."""
    before = digest(old)
    with pytest.raises(InvalidInput, match="the store to copy from is empty"):
        copy(MemoryStore(), old, replace=True)
    assert digest(old) == before


def test_copy__removes_much__rewrites_the_file_once(old, tmp_path):
    """What only the target had is gone, bytes and all, and the file was compacted once and not for each key."""
    target = SqliteStore(tmp_path / "used.db")
    target.save_many([Write(f"subject/b/{number}", b"left behind", ABSENT) for number in range(20)])
    with patch.object(target, "compact", side_effect=target.compact) as compact:
        assert copy(old, target, replace=True).removed == 20
    target.close()
    assert compact.call_count == 1
    assert b"left behind" not in (tmp_path / "used.db").read_bytes()


def test_copy__while_serving__then_the_rest__is_the_whole(old, new):
    """The second copy writes what changed since the first, deletes what was erased, and nothing else."""
    copy(old, new)
    old.save("subject/a/1", b"changed", old.load("subject/a/1").version)
    old.delete("subject/a/2", old.load("subject/a/2").version)
    old.save("subject/b/1", b"born", ABSENT)
    rest = copy(old, new, replace=True)
    assert (rest.written, rest.removed, rest.verified) == (2, 1, True)
    assert new.load_many(["subject/a/2"]) == [None]


def test_copy__written_meanwhile__is_not_verified(old):
    """A store that changes under the copy is found out by the comparison at the end."""

    class Busy(MemoryStore):
        def save_many(self, writes):
            stored = old.load("subject/a/0")
            old.save("subject/a/0", stored.blob + b"+", stored.version)
            return super().save_many(writes)

    assert not copy(old, Busy()).verified


def test_copy__onto_itself__is_refused(old, tmp_path):
    """Two doors of one house are told apart from two houses."""
    again = SqliteStore(tmp_path / "old.db")
    with pytest.raises(InvalidInput, match="the same store"):
        copy(old, again)
    again.close()


def test_copy__from_one_prefix_to_another__is_a_move(one_server, prefix):
    """Two prefixes of one Redis are two stores."""
    stores = [RedisStore(f"{one_server.url}&prefix={prefix}-{name}") for name in ("test", "live")]
    stores[0].save("k", b"x", ABSENT)
    assert copy(*stores).verified
    assert stores[1].load("k").blob == b"x"
    for store in stores:
        store.close()


def test_copy__store_fails__can_be_taken_up(old):
    """An error ends the copy, and the next one goes on where it was."""

    class Failing(MemoryStore):
        left = 2

        def save_many(self, writes):
            self.left -= 1
            if self.left == 0:
                raise StoreUnavailable(self.url, "gone")
            return super().save_many(writes)

    new = Failing()
    with pytest.raises(StoreUnavailable):
        copy(old, new)
    done = copy(old, new)
    assert 0 < done.same < NUMBER
    assert isinstance(done, Copied)
    assert done.verified


def test_digest__differs_for_any_difference():
    """Moving a byte from one key to the next is no way to the same digest."""
    digests = set()
    for cells in ({}, {"a": b""}, {"a": b"b"}, {"ab": b""}, {"a": b"", "b": b""}, {"b": b""}):
        store = MemoryStore()
        store.save_many([Write(key, blob, ABSENT) for key, blob in cells.items()])
        digests.add(digest(store).sha256)
    assert len(digests) == 6
