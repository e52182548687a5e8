"""Storage adapters: bytes by key, changed by compare-and-set. No rule, no clock, no meaning."""

from minorguard.storage.base import ABSENT, Meanwhile, StateStore, Stored, Write
from minorguard.storage.open import open_store

__all__ = ["ABSENT", "Meanwhile", "StateStore", "Stored", "Write", "open_store"]
