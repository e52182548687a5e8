"""What the service writes to last, through a failover."""

from __future__ import annotations

from typing import Any

import pytest

from minorguard.storage.memory import MemoryStore
from minorguard_service.keys import create_api_key, revoke_api_key
from minorguard_service.signing import SigningKeys

NOON = 1_790_000_000


class Noting(MemoryStore):
    """Notes which writes are durable."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[bool] = []

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        self.noted.append(durable)
        return super().save(key, blob, expected, **more)


@pytest.fixture
def store() -> Noting:
    return Noting()


def test_api_keys__made_and_revoked__are_durable(store: Noting) -> None:
    """A revoked key does not come back with an older replica."""
    _, key = create_api_key(store, tenant="shop", roles=["app"], live=False, name="shop", now=NOON)
    revoke_api_key(store, key.id)
    assert store.noted == [True, True]


def test_signing_keys__staged_and_dropped__are_durable(store: Noting) -> None:
    """Nor does a signing key, and starting a worker over a ring that is there writes nothing."""
    ring = SigningKeys(store)
    ring.ensure(NOON)
    ring.ensure(NOON)
    ring.drop(ring.stage(NOON).kid)
    assert store.noted == [True] * 3
