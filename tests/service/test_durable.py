"""What the service writes to last, through a failover."""

from __future__ import annotations

from typing import Any

import pytest

from minorguard.review import ReviewDesk, Rules
from minorguard.storage.memory import MemoryStore
from minorguard_service.content_lists import ListStore
from minorguard_service.keys import create_api_key, revoke_api_key
from minorguard_service.policy_records import Who
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


def test_lists__put_removed_and_gone_back_to__are_durable(store: Noting) -> None:
    """A list does not fall back to an older one, nor its head point to terms that are lost."""
    lists, by = ListStore(store, "shop.live"), Who("k1", "ann")
    lists.put("words", [{"term": "badword", "category": "abuse"}], by=by, why="", at=NOON)
    lists.remove("words")
    lists.go_back("words", 1)
    lists.add_sample("you badword you", "review", by=by, at=NOON)
    assert store.noted == [True] * 5


def test_reviews__rules_and_what_is_held__are_durable(store: Noting) -> None:
    """What must not be shown is not shown again by a failover."""
    desk = ReviewDesk(store, "shop.live")
    desk.set_rules(Rules(two_persons=frozenset({"drugs"})))
    desk.topics.begin("topic", hold=True)
    assert store.noted == [True] * 2
