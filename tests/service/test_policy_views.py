"""What a worker sees of what is published: how often it looks, and what it does when it can't see or understand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from minorguard.errors import StoreUnavailable
from minorguard.model.state import Profile
from minorguard.storage import Stored
from minorguard.storage.codec import decode_json, encode_json
from minorguard.storage.memory import MemoryStore
from minorguard_service.policy_library import MOST_COMPILED
from minorguard_service.policy_views import LOOK_SECONDS, Published
from tests.service.office import Office, text_of
from tests.service.test_failures import FailingStore
from tests.service.test_logs_and_metrics import count
from tests.service.world import World, book


class Counting(FailingStore):
    """A store that counts what is read of policies."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = 0
        self.revisions = 0

    def load(self, key: str) -> Stored | None:
        self.heads += key.startswith("policies/") and key.endswith("/head")
        self.revisions += "/revision/" in key
        return super().load(key)


@dataclass
class Monotonic:
    """A monotonic clock that stands still."""

    at: float = 100.0

    def __call__(self) -> float:
        return self.at


def a_worker(store: MemoryStore, told: list[Any] | None = None) -> tuple[Published, Monotonic]:
    """Another worker's sight of the same store."""
    clock = Monotonic()
    report = (lambda *what: told.append(what)) if told is not None else (lambda *_: None)
    return Published(store, book(), report, clock), clock


def revision_of(worker: Published) -> int | None:
    """What decides for a child of the test subjects."""
    found = worker.view("acme.test").choose(Profile("kid", "short-video"))
    return None if found is None else found.revision


def rewrite(store: MemoryStore, number: int, **change: Any) -> None:
    """Change a revision in the store, as if an upgrade had changed what it means."""
    key = f"policies/acme.test/revision/short-video/{number}"
    stored = store.load(key)
    assert stored is not None
    body = {**decode_json(key, "policy-revision", stored.blob), **change}
    store.save(key, encode_json("policy-revision", body), stored.version)


def test_a_worker_looks_twice_a_second_and_no_more() -> None:
    """An unchanged head costs one read in half a second, and its revisions none at all."""
    store = Counting()
    Office(World.make(store=store)).publish(text_of(30))
    worker, clock = a_worker(store)
    store.heads = store.revisions = 0
    assert [revision_of(worker) for _ in range(50)] == [2] * 50
    assert (store.heads, store.revisions) == (1, 1)
    for _ in range(10):
        clock.at += LOOK_SECONDS
        assert [revision_of(worker) for _ in range(50)] == [2] * 50
    assert (store.heads, store.revisions) == (11, 1)


def test_a_change_is_seen_at_the_next_look() -> None:
    """Until then the worker keeps to what it saw, whole."""
    store = Counting()
    office = Office(World.make(store=store))
    worker, clock = a_worker(store)
    before = worker.view("acme.test")
    assert revision_of(worker) == 1
    office.publish(text_of(30))
    clock.at += LOOK_SECONDS - 0.01
    assert worker.view("acme.test") is before
    clock.at += 0.01
    assert revision_of(worker) == 2
    assert before.choose(Profile("kid", "short-video")) is book()["short-video"]


def test_what_another_worker_just_published_is_known() -> None:
    """A first publishing, and a new revision, hold for subjects that are put at once, whichever worker is asked."""
    store = MemoryStore()
    office, other = Office(World.make(store=store), id="board-game"), World.make(store=store)
    other.service.published._monotonic = Monotonic()  # it never looks by itself again
    other.put("first")
    office.put(text_of(15, id="board-game"))
    office.send()
    assert other.put("ann", policy="board-game").json["policy"] == "board-game"
    assert other.open("ann").json["decision"]["policy"] == office.world.open("ann").json["decision"]["policy"]
    office.publish(text_of(30, id="board-game"))
    assert other.put("ben", policy="board-game", policy_revision=3).json["policy_revision"] == 3
    assert Office(other, id="board-game").left("ben") == (3, 30)


def test_what_is_nowhere_costs_one_more_look() -> None:
    """An unknown policy is refused after a look at the head, and so is a revision that nobody published."""
    store = Counting()
    world = World.make(store=store)
    world.service.published._monotonic = Monotonic()
    world.put()
    for body in ({"policy": "board-game"}, {"policy": "short-video", "policy_revision": 9}):
        store.heads = 0
        assert world.call("PUT", "/v1/subjects/ann", body).status_code == 422
        assert store.heads == 1


def test_a_view_without_a_change_is_the_same_object() -> None:
    """A look that finds nothing new makes nothing new."""
    store = Counting()
    Office(World.make(store=store)).publish(text_of(30))
    worker, clock = a_worker(store)
    before = worker.view("acme.test")
    clock.at += 10
    assert worker.view("acme.test") is before


def test_a_store_that_is_down_denies() -> None:
    """What was seen may have been taken back: after half a second without the store nothing is decided."""
    store = Counting()
    Office(World.make(store=store)).publish(text_of(30))
    worker, clock = a_worker(store)
    assert revision_of(worker) == 2
    store.error = StoreUnavailable("x://", "gone")
    assert revision_of(worker) == 2
    clock.at += LOOK_SECONDS
    with pytest.raises(StoreUnavailable):
        revision_of(worker)
    store.error = None
    assert revision_of(worker) == 2


def test_a_revision_that_no_longer_compiles_leaves_the_one_before() -> None:
    """After an upgrade that refuses it: the list says so, it is counted and logged once, and the service is ready."""
    store, before = MemoryStore(), count("minorguard_policy_refused_total")
    office = Office(World.make(store=store))
    office.publish(text_of(30))
    office.publish(text_of(20))
    rewrite(store, 3, text="policy: short-video\nunknown: 1\n")
    world = World.make(store=store)
    world.put()
    after = Office(world)
    assert after.left() == after.left() == (2, 30)
    (row,) = [one for one in world.call("GET", "/v1/policies").json["policies"] if one["id"] == "short-video"]
    assert row["revision"] == 3
    assert "revision 3 does not compile here" in row["problem"]
    assert row["digest"] == after.call("GET", "revisions/2").json["digest"]
    assert world.call("GET", "/readyz").status_code == 200
    assert count("minorguard_policy_refused_total") == before + 1
    assert [one["revision"] for one in world.lines() if one["event"] == "policy.refused"] == [3]
    assert after.call("GET", "revisions/3").json["text"].endswith("unknown: 1\n")


def test_a_running_worker_keeps_the_last_that_it_could_compile() -> None:
    """Two revisions that an old worker does not understand leave it with the one it had."""
    store, told = MemoryStore(), []
    office = Office(World.make(store=store))
    office.publish(text_of(30))
    worker, clock = a_worker(store, told)
    assert revision_of(worker) == 2
    for number in (3, 4):
        office.publish(text_of(number))
        rewrite(store, number, text="[")
    clock.at += LOOK_SECONDS
    assert revision_of(worker) == 2
    assert [(id, number) for _, id, number, _ in told] == [("short-video", 4)]


def test_where_nothing_compiles_nothing_is_allowed() -> None:
    """The folder's policy may be laxer than what was published, so it does not step in: 503, and no lease."""
    store = MemoryStore()
    office = Office(World.make(store=store))
    office.publish(text_of(30))
    office.publish(text_of(20))
    for number in (2, 3):
        rewrite(store, number, text="[")
    world = World.make(store=store)
    answer = world.call("PUT", "/v1/subjects/kid", {"policy": "short-video"})
    assert (answer.status_code, answer.json["code"]) in {(422, "invalid-request"), (503, "policy-missing")}
    office.world.put()
    opened = world.open()
    assert (opened.status_code, opened.json["code"]) == (503, "policy-missing")
    assert Office(world).stands()["digest"] is None


def test_a_changed_meaning_is_told() -> None:
    """A preset or a calendar that changed under a text is no failure, but the list says so."""
    store = MemoryStore()
    Office(World.make(store=store)).publish(text_of(30))
    rewrite(store, 2, digest="sha256:other")
    stands = Office(World.make(store=store)).stands()
    assert "means something else than when it was published" in stands["problem"]
    assert stands["revision"] == 2


def test_a_publishing_that_was_cut_short_is_stepped_over() -> None:
    """A revision that was written but never named by the head is no revision, and its number is never used."""
    store = MemoryStore()
    office = Office(World.make(store=store))
    orphan = encode_json("policy-revision", {"text": "never published"})
    store.save("policies/acme.test/revision/short-video/2", orphan, 0)
    assert office.publish(text_of(30)) == 3
    assert office.call("GET", "revisions/2").status_code == 404
    assert [row["revision"] for row in office.call("GET", "revisions").json["revisions"]] == [3, 1]
    assert office.call("POST", "rollback", {"to_revision": 2, "why": "x"}).status_code == 409
    assert (
        office.world.call("PUT", "/v1/subjects/a", {"policy": "short-video", "policy_revision": 2}).status_code == 422
    )


def test_the_memory_of_compiled_revisions_is_bounded() -> None:
    """However many are asked for, a process keeps so many, and answers all."""
    store = MemoryStore()
    office = Office(World.make(store=store))
    office.publish(text_of(30))
    key = "policies/acme.test/revision/short-video/"
    first = store.load(f"{key}2")
    head = store.load("policies/acme.test/head")
    assert first is not None
    assert head is not None
    most = MOST_COMPILED + 10
    for number in range(3, most):
        body = {**decode_json(key, "policy-revision", first.blob), "number": number}
        store.save(f"{key}{number}", encode_json("policy-revision", body), 0)
    body = json.loads(json.dumps(decode_json("head", "policy-head", head.blob)))
    body["slots"]["short-video"]["last"] = most - 1
    store.save("policies/acme.test/head", encode_json("policy-head", body), head.version)
    worker, _ = a_worker(store)
    view = worker.view("acme.test")
    for number in [*range(2, most), 2]:
        policy = view.revision("short-video", number)
        assert policy is not None
        assert policy.revision == number
    assert len(view.library._compiled) == MOST_COMPILED
