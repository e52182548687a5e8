"""From a URL to a store."""

import pytest

from minorguard.errors import InvalidInput
from minorguard.storage.memory import MemoryStore
from minorguard.storage.open import open_store
from minorguard.storage.sqlite import SqliteStore


def test_memory__is_empty_and_its_own():
    """Two stores in memory share nothing."""
    one, two = open_store("memory://"), open_store("memory://")
    assert isinstance(one, MemoryStore)
    one.save("k", b"", 0)
    assert two.load("k") is None


def test_sqlite__three_slashes__is_relative(tmp_path, monkeypatch):
    """`sqlite:///state.db` is a file in the working folder."""
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///state.db")
    assert isinstance(store, SqliteStore)
    assert tmp_path / "state.db" == store.path
    store.close()


def test_sqlite__four_slashes__is_absolute(tmp_path):
    """`sqlite:////folder/state.db` is an absolute path, and the store's url leads back to it."""
    store = open_store(f"sqlite:///{tmp_path}/a b%20?#.db")
    assert tmp_path / "a b%20?#.db" == store.path
    assert store.path.exists()
    assert f"sqlite:///{store.path}" == store.url
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "state.db",
        "postgres://root:s3cret@db/x",
        "root:s3cret@db",
        "s3cret://",
        "SQLITE:///s3cret",
        "sqlite://",
        "sqlite:///",
        "sqlite://s3cret@host/x.db",
        "sqlite:///:memory:",
        "memory://s3cret",
    ],
)
def test_any_other_url__is_refused__with_the_way_and_without_the_url(url):
    """The refusal says what to write and repeats nothing that may be a password."""
    with pytest.raises(InvalidInput) as refusal:
        open_store(url)
    assert refusal.value.where == "store"
    assert "memory://" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_unknown_scheme__says_which_are_known():
    """The known schemes are named."""
    with pytest.raises(InvalidInput, match="known are `memory`, `sqlite`"):
        open_store("postgres://db")
