"""A real service in this process, for what clients are told by it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from minorguard.clock import ManualClock
from minorguard.policy import PolicyBook
from minorguard.storage.memory import MemoryStore
from minorguard_client import MinorGuardClient
from minorguard_service.app import create_app
from minorguard_service.keys import create_api_key
from minorguard_service.settings import Settings
from tests.client.test_end_to_end import FOUR, POLICY


@pytest.fixture
def client() -> Iterator[MinorGuardClient]:
    """A client with three children, at four in the afternoon."""
    store, clock = MemoryStore(), ManualClock(int(FOUR.timestamp()))
    app = create_app(Settings(), store=store, clock=clock, policies=PolicyBook.load(POLICY))
    key, _ = create_api_key(store, tenant="shop", roles=["app"], live=False, name="tests", now=0)
    with MinorGuardClient("http://guard", key, transport=httpx.WSGITransport(app=app)) as client:
        for name in ("a", "b", "c"):
            client.put_subject(name, policy="short-video", age_band="12-16")
        yield client
