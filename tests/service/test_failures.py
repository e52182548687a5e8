"""When something is down: fail closed, say so, and come back."""

from typing import Any

import pytest

from minorguard.errors import StateCorrupt, StateTooNew, StoreUnavailable
from minorguard.policy import PolicyBook
from minorguard.storage import Stored
from minorguard.storage.memory import MemoryStore
from tests.service.world import World, book


class FailingStore(MemoryStore):
    """A store that can be switched off."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None

    def _on(self) -> None:
        if self.error is not None:
            raise self.error

    def load(self, key: str) -> Stored | None:
        self._on()
        return super().load(key)

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        self._on()
        return super().save(key, blob, expected, durable=durable, **more)

    def check(self) -> None:
        self._on()


@pytest.fixture
def world() -> World:
    """A world on a store that can fail."""
    world = World.make(store=FailingStore())
    world.put()
    return world


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("x://", "gone"), "store-unavailable"),
        (StateCorrupt("subject/kid", "checksum differs"), "state-unreadable"),
        (StateTooNew("subject/kid", 2, 1), "state-unreadable"),
    ],
)
def test_a_store_that_is_down_gives_no_lease(world: World, error: Exception, code: str) -> None:
    """Way 17: 503 with no token, for opens, beats, checks and uses; all is well when it is back."""
    token = world.open().json["token"]
    world.store.error = error
    answers = [
        world.open(),
        world.beat(token, 1),
        world.call("POST", "/v1/heartbeats", {"seq": 1}, key=token),
        world.call("POST", "/v1/checks", {"subject_id": "kid", "question": {"type": "time"}}),
        world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"}),
    ]
    assert [(one.status_code, one.json["code"], one.headers["Retry-After"]) for one in answers] == [
        (503, code, "1")
    ] * 5
    assert not any("token" in one.json for one in answers)
    world.store.error = None
    assert world.beat(token, 1).status_code == 200


def test_readiness_names_what_fails(world: World) -> None:
    """Alive, but not ready."""
    assert world.call("GET", "/readyz").status_code == 200
    world.store.error = StoreUnavailable("redis://secret@host", "gone")
    answer = world.call("GET", "/readyz")
    assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["check"]) == (503, "not-ready", "store")
    assert "secret" not in answer.text
    assert world.call("GET", "/livez").status_code == 200


def test_no_policies_no_readiness() -> None:
    """A service without policies decides nothing."""
    world = World.make(policies=PolicyBook())
    assert [one["check"] for one in world.call("GET", "/readyz").json["errors"]] == ["policies"]


def test_a_policy_that_is_gone_denies(world: World) -> None:
    """The subject's policy is not loaded any more: 503, and no lease."""
    other = World.make(store=world.store, policies=PolicyBook.of(book()["calendared"]))
    answers = [other.open(), other.call("GET", "/v1/subjects/kid/usage")]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(503, "policy-missing")] * 2


def test_the_unforeseen_is_a_500_without_internals(world: World) -> None:
    """The log has the traceback, the caller a request id."""
    world.store.error = RuntimeError("subject kid at /srv/minorguard.db")
    answer = world.open()
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "minorguard.db" not in answer.text
    (line,) = [one for one in world.lines() if one["event"] == "unexpected"]
    assert answer.json["request_id"] == line["request_id"]
    assert "RuntimeError" in line["exception"]
