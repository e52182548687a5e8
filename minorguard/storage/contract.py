"""The suite that every store passes; for those who test an adapter, so it needs pytest.

Subclass it and give one fixture::

    class TestMyStore(StateStoreContract):
        @pytest.fixture
        def store(self):
            store = MyStore(...)      # empty
            yield store
            store.close()
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from minorguard.errors import VersionConflict
from minorguard.storage.base import ABSENT, StateStore, Stored, Write

THREADS = 8
INCREMENTS = 25
PATIENCE_SECONDS = 5.0

ODD_KEYS = (
    "a%b", "a*b", "a[b]", "a_b", "a?b", "a\\b", "a{b}", "a'b", 'a"b', "a b", "a\nb", "aXb", "ab",
    "孩子/1", "孩子/2", "\u00e9", "e\u0301", "\U0001f9d2", "\uffff",
)  # fmt: skip
"""Wildcards of SQL, of globs and of patterns, quotes, white space, and the ends of Unicode's planes."""


class StateStoreContract:
    """What `StateStore` promises of one store, shared by threads. The fixture `store` gives an empty one."""

    def test_load__absent_key__is_none(self, store: StateStore) -> None:
        """A key that was never written is not there."""
        assert store.load("nobody") is None

    def test_save__new_key__is_loaded_back(self, store: StateStore) -> None:
        """What was saved is loaded, with the version that `save` returned."""
        version = store.save("k", b"one", ABSENT)
        assert version > ABSENT
        assert Stored(b"one", version) == store.load("k")

    def test_save__expected_version__replaces(self, store: StateStore) -> None:
        """A write under the newest version wins and has a new version."""
        first = store.save("k", b"one", ABSENT)
        second = store.save("k", b"two", first)
        assert second not in {ABSENT, first}
        assert Stored(b"two", second) == store.load("k")

    def test_save__same_bytes__still_has_a_new_version(self, store: StateStore) -> None:
        """The version tells writes apart, not contents."""
        first = store.save("k", b"same", ABSENT)
        assert store.save("k", b"same", first) != first

    def test_save__stale_version__writes_nothing(self, store: StateStore) -> None:
        """A write under an older version is refused and leaves what is there."""
        first = store.save("k", b"one", ABSENT)
        second = store.save("k", b"two", first)
        with pytest.raises(VersionConflict) as refusal:
            store.save("k", b"three", first)
        assert refusal.value.key == "k"
        assert Stored(b"two", second) == store.load("k")

    def test_save__absent_expected_of_a_present_key__writes_nothing(self, store: StateStore) -> None:
        """A key is made only once."""
        version = store.save("k", b"one", ABSENT)
        with pytest.raises(VersionConflict):
            store.save("k", b"two", ABSENT)
        assert Stored(b"one", version) == store.load("k")

    def test_save__version_expected_of_an_absent_key__writes_nothing(self, store: StateStore) -> None:
        """A write that believes in a key which is gone does not make it again."""
        with pytest.raises(VersionConflict):
            store.save("k", b"one", 7)
        assert store.load("k") is None

    def test_conflict__that_says_what_stands_there__says_the_truth(self, store: StateStore) -> None:
        """A loser that is told the winner's bytes needs no load to try again."""
        first = store.save("k", b"one", ABSENT)
        second = store.save("k", b"two", first)
        for key, stale in (("k", first), ("k", ABSENT), ("gone", first)):
            with pytest.raises(VersionConflict) as refusal:
                store.save(key, b"three", stale)
            current = refusal.value.current if refusal.value.known else store.load(key)
            assert (Stored(b"two", second) if key == "k" else None) == current

    def test_save__durable__is_loaded_back(self, store: StateStore) -> None:
        """A write that must survive more than this machine is a write like any other."""
        first = store.save("k", b"one", ABSENT, durable=True)
        second = store.save("k", b"two", first, durable=True)
        assert Stored(b"two", second) == store.load("k")
        with pytest.raises(VersionConflict):
            store.save("k", b"three", first, durable=True)
        store.delete("k", second, durable=True)
        store.delete("k", ABSENT, durable=True)
        assert store.load("k") is None

    def test_save__work_for_meanwhile__is_done_once_before_it_returns(self, store: StateStore) -> None:
        """Whether the write is done or refused, what was to be prepared meanwhile is there when it is over."""
        done: list[int] = []
        first = store.save("k", b"one", ABSENT, meanwhile=lambda: done.append(1))
        assert done == [1]
        store.save("k", b"two", first, durable=True, meanwhile=lambda: done.append(2))
        assert done == [1, 2]
        with pytest.raises(VersionConflict):
            store.save("k", b"three", first, meanwhile=lambda: done.append(3))
        assert done == [1, 2, 3]

    def test_save__meanwhile__may_use_the_store(self, store: StateStore) -> None:
        """What is prepared may need something that is stored, such as a key to sign with."""
        version = store.save("key", b"secret", ABSENT)
        found: list[Stored | None] = []
        store.save("k", b"one", ABSENT, meanwhile=lambda: found.append(store.load("key")))
        assert [Stored(b"secret", version)] == found

    def test_load_many__in_the_order_asked__gaps_are_none(self, store: StateStore) -> None:
        """Each place of the answer belongs to the key in that place, asked twice or not there."""
        versions = {key: store.save(key, key.encode(), ABSENT) for key in ODD_KEYS}
        asked = ["nobody", *ODD_KEYS, ODD_KEYS[0], "no one"]
        expected = [Stored(key.encode(), versions[key]) if key in versions else None for key in asked]
        assert expected == store.load_many(asked)
        assert store.load_many([]) == []

    def test_save_many__each_on_its_own__says_which_lost(self, store: StateStore) -> None:
        """A write that lost keeps none of the others back, and each answer stands in its write's place."""
        first = store.save("a", b"a1", ABSENT)
        made, lost, replaced, twice = store.save_many(
            [Write("b", b"b1", ABSENT), Write("a", b"a2", ABSENT), Write("a", b"a3", first), Write("a", b"a4", first)]
        )
        assert isinstance(lost, VersionConflict)
        assert isinstance(twice, VersionConflict)
        assert (lost.key, twice.key) == ("a", "a")
        assert [Stored(b"b1", made), Stored(b"a3", replaced)] == store.load_many(["b", "a"])  # type: ignore[arg-type]
        assert store.save_many([]) == []

    def test_save_many__a_thousand__all_are_there(self, store: StateStore) -> None:
        """A long batch is one batch."""
        keys = [f"k/{number}" for number in range(1000)]
        versions = store.save_many([Write(key, key.encode(), ABSENT) for key in keys])
        assert [Stored(k.encode(), v) for k, v in zip(keys, versions, strict=True)] == store.load_many(keys)  # type: ignore[arg-type]

    def test_announce__listener_in_this_process__hears_it(self, store: StateStore) -> None:
        """What is published is heard by one who listens, until it stops listening."""
        heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        ready = threading.Event()
        stop = store.announcer().subscribe(lambda topic, message: heard.put((topic, message)), ready.set)
        assert ready.wait(PATIENCE_SECONDS)
        store.announcer().publish("topic/孩子", b"\0\xff")
        assert heard.get(timeout=PATIENCE_SECONDS) == ("topic/孩子", b"\0\xff")
        stop()
        store.announcer().publish("topic", b"later")
        assert heard.empty()

    def test_delete__expected_version__removes(self, store: StateStore) -> None:
        """A deleted key is not there, nor listed."""
        store.delete("k", store.save("k", b"one", ABSENT))
        assert store.load("k") is None
        assert list(store.keys("")) == []

    def test_delete__stale_version__removes_nothing(self, store: StateStore) -> None:
        """A delete under an older version is refused."""
        first = store.save("k", b"one", ABSENT)
        second = store.save("k", b"two", first)
        for stale in (first, ABSENT):
            with pytest.raises(VersionConflict):
                store.delete("k", stale)
        assert Stored(b"two", second) == store.load("k")

    def test_delete__absent_key__only_under_absent(self, store: StateStore) -> None:
        """Deleting nothing is fine for one who expects nothing, so an erasure may be repeated."""
        store.delete("k", ABSENT)
        with pytest.raises(VersionConflict):
            store.delete("k", 7)

    def test_versions__after_deleting_and_making_anew__never_come_back(self, store: StateStore) -> None:
        """A writer who slept through a delete cannot overwrite the key's next life."""
        seen: set[int] = set()
        for _ in range(20):
            first = store.save("k", b"one", ABSENT)
            second = store.save("k", b"two", first)
            assert seen.isdisjoint({first, second})
            seen |= {first, second}
            store.delete("k", second)
        store.save("k", b"new", ABSENT)
        for stale in seen:
            with pytest.raises(VersionConflict):
                store.save("k", b"stale", stale)

    @pytest.mark.parametrize("blob", [b"", b"\0", bytes(range(256)), b"\xff" * 1_000_000], ids=len)
    def test_blob__any_bytes__come_back_exactly(self, store: StateStore, blob: bytes) -> None:
        """Nothing, zeros, every byte and a megabyte are kept as they are, when made and when replaced."""
        first = store.save("k", blob, ABSENT)
        assert Stored(blob, first) == store.load("k")
        second = store.save("k", blob + b"+", first)
        assert Stored(blob + b"+", second) == store.load("k")

    def test_keys__prefix__in_order(self, store: StateStore) -> None:
        """A listing has exactly the keys that begin with the prefix, in order of code points."""
        for key in ("b/2", "a/2", "a/10", "a", "a/1", "c", "A/1"):
            store.save(key, b"", ABSENT)
        assert list(store.keys("a/")) == ["a/1", "a/10", "a/2"]
        assert list(store.keys("")) == ["A/1", "a", "a/1", "a/10", "a/2", "b/2", "c"]
        assert list(store.keys("a/3")) == []

    def test_keys__odd_characters__mean_themselves(self, store: StateStore) -> None:
        """No character of a key or a prefix is a wildcard, and each odd key has a cell of its own."""
        versions = {key: store.save(key, key.encode(), ABSENT) for key in ODD_KEYS}
        assert sorted(ODD_KEYS) == list(store.keys(""))
        for key in ODD_KEYS:
            assert Stored(key.encode(), versions[key]) == store.load(key)
            assert [other for other in sorted(ODD_KEYS) if other.startswith(key)] == list(store.keys(key))

    def test_keys__more_than_one_page__all(self, store: StateStore) -> None:
        """A listing is complete however long, and the store may be changed while it is read."""
        expected = [f"k/{number:04d}" for number in range(2100)]
        for key in expected:
            store.save(key, b"", ABSENT)
        listed = []
        for key in store.keys("k/"):
            listed.append(key)
            if key.endswith("00"):
                store.save(f"other/{key}", b"", ABSENT)
        assert expected == listed

    def test_check__store_that_works__is_silent(self, store: StateStore) -> None:
        """A check raises nothing and changes no key."""
        store.check()
        assert list(store.keys("")) == []

    def test_url__says_where(self, store: StateStore) -> None:
        """The url names a scheme, for messages."""
        assert "://" in store.url

    def test_threads__increments_by_compare_and_set__none_is_lost(self, store: StateStore) -> None:
        """Each of many racing increments counts once."""
        with ThreadPoolExecutor(THREADS) as pool:
            running = [pool.submit(increment, store, "counter", INCREMENTS) for _ in range(THREADS)]
            for future in running:
                future.result()
        stored = store.load("counter")
        assert stored is not None
        assert int(stored.blob) == THREADS * INCREMENTS


class DurableStoreContract(StateStoreContract):
    """In addition: what a store promises that outlives its process. The fixture `reopen` opens the same store again."""

    def test_reopen__everything__is_still_there(self, store: StateStore, reopen: Callable[[], StateStore]) -> None:
        """Blobs, versions and deletes are what they were."""
        first = store.save("k", b"one", ABSENT)
        second = store.save("k", b"two", first)
        store.delete("gone", store.save("gone", b"", ABSENT))
        store.close()
        again = reopen()
        assert Stored(b"two", second) == again.load("k")
        assert again.load("gone") is None
        assert second < again.save("k", b"three", second)
        again.close()

    def test_two_stores__write_in_one__seen_in_the_other(
        self, store: StateStore, reopen: Callable[[], StateStore]
    ) -> None:
        """A write that was acknowledged is seen at once by every other user of the same store."""
        other = reopen()
        version = ABSENT
        for number in range(20):
            version = store.save("k", b"%d" % number, version)
            assert Stored(b"%d" % number, version) == other.load("k")
        other.close()


def increment(store: StateStore, key: str, times: int) -> None:
    """Add one to the decimal number at `key`, `times` times, trying each again until it wins."""
    done = 0
    while done < times:
        stored = store.load(key) or Stored(b"0", ABSENT)
        try:
            store.save(key, b"%d" % (int(stored.blob) + 1), stored.version)
        except VersionConflict:
            continue
        done += 1
