"""The store in memory."""

import pytest

from minorguard.storage.contract import StateStoreContract
from minorguard.storage.memory import MemoryStore


class TestMemoryStore(StateStoreContract):
    """Everything that every store promises."""

    @pytest.fixture
    def store(self):
        return MemoryStore()


def test_save__buffer_changed_later__keeps_what_was_saved():
    """The store keeps its own copy of the bytes."""
    store, buffer = MemoryStore(), bytearray(b"one")
    store.save("k", buffer, 0)
    buffer[:] = b"two"
    assert store.load("k").blob == b"one"
