"""Small JSON records in the store, changed by compare-and-set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minorguard.errors import VersionConflict
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import decode_json, encode_json

FRESH_SECONDS = 0.9
"""How long a worker may rely on what it read of keys: a revocation acts everywhere within a second."""

ATTEMPTS = 16


def read(store: StateStore, key: str, kind: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value under a key, or None. Raises `StoreError`."""
    stored = store.load(key)
    return None if stored is None else decode_json(key, kind, stored.blob)


def change(store: StateStore, key: str, kind: str, to: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Write what `to` makes of the value (None: there is none yet) and return it, safe from a failover.

    Unchanged, it is written all the same: what made it may have been refused as not replicated, and is being tried
    again. `to` is called again when another writer was faster. Raises `StoreError`, and whatever `to` raises.
    """
    for _ in range(ATTEMPTS):
        stored = store.load(key)
        before = None if stored is None else decode_json(key, kind, stored.blob)
        after = to(before)
        try:
            store.save(key, encode_json(kind, after), ABSENT if stored is None else stored.version, durable=True)
        except VersionConflict:
            continue
        return after
    raise VersionConflict(key, ATTEMPTS)
