"""Small JSON records by key, changed by compare-and-set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minorguard.errors import VersionConflict
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import decode_json, encode_json

ATTEMPTS = 64
"""How often a lost compare-and-set is tried again."""


def load_json(store: StateStore, key: str, kind: str) -> Any:  # noqa: ANN401 - any JSON value
    """The record's value; None if there is none. Raises `StoreError`."""
    stored = store.load(key)
    return None if stored is None else decode_json(key, kind, stored.blob)


def change_json(store: StateStore, key: str, kind: str, change: Callable[[Any], Any]) -> None:
    """Load, change and save until nobody was faster; `change` is given None where there is no record.

    A value that stays the same is not written. Raises `StoreError`, and whatever `change` raises.
    """
    for _ in range(ATTEMPTS):
        stored = store.load(key)
        before = None if stored is None else decode_json(key, kind, stored.blob)
        after = change(before)
        if after == before:
            return
        try:
            store.save(key, encode_json(kind, after), ABSENT if stored is None else stored.version)
        except VersionConflict:
            continue
        return
    raise VersionConflict(key, ATTEMPTS)


def erase_json(store: StateStore, key: str) -> None:
    """Remove the record, safe from a failover; one that is not there is no error. Raises `StoreError`."""
    for _ in range(ATTEMPTS):
        stored = store.load(key)
        try:
            return store.delete(key, ABSENT if stored is None else stored.version, durable=True)
        except VersionConflict:
            continue
    raise VersionConflict(key, ATTEMPTS)
