"""Session tokens are refused once they are revoked, on every worker, and none is washed clean."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from minorguard.clock import ManualClock
from minorguard.errors import StoreUnavailable
from minorguard.storage import ABSENT, Stored
from minorguard.storage.announce import LocalAnnouncer
from minorguard.storage.memory import MemoryStore
from minorguard_service import revocations
from minorguard_service.revocations import KEPT_MS, LOOK_SECONDS, SEGMENT, Revocations
from minorguard_service.tokens import Claims, TokenRefused
from tests.service.world import NOON, World


class Ticks:
    """A monotonic clock to turn by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class CountingStore(MemoryStore):
    """Counts its loads, and can be switched off."""

    def __init__(self) -> None:
        super().__init__()
        self.loads, self.down = 0, False

    def load(self, key: str) -> Stored | None:
        self.loads += 1
        if self.down:
            raise StoreUnavailable("x://", "gone")
        return super().load(key)


class Desk:
    """Workers over one store, with one clock each."""

    def __init__(self, workers: int = 2) -> None:
        self.store, self.clock, self.ticks = CountingStore(), ManualClock(NOON), Ticks()
        self.workers = [self.worker() for _ in range(workers)]

    def worker(self) -> Revocations:
        """One more process."""
        return Revocations(self.store, self.clock, self.ticks)


def token(epoch: int, subject: str = "kid") -> Claims:
    """The claims of a token from a session that was opened at an epoch."""
    return Claims(
        subject=subject,
        session="kid~1",
        seq=1,
        device="tablet",
        tenant="acme",
        live=False,
        mode="on",
        bands=(),
        features={},
        policy="x",
        issued_at=NOON,
        expires_at=NOON + 60,
        id="1",
        epoch=epoch,
    )


def refused(worker: Revocations, claims: Claims) -> bool:
    """Whether a worker refuses a token as revoked."""
    try:
        worker.check(claims)
    except TokenRefused as error:
        return error.code == "token-revoked"
    return False


def test_all_that_was_opened_before_is_refused_and_nothing_else() -> None:
    """By number, not by clock: what is opened within the same millisecond afterwards is good."""
    desk = Desk()
    one, two = desk.workers
    before = token(two.newest())
    epoch = one.revoke("acme.test", "kid")
    assert refused(one, before)
    assert not refused(one, token(one.newest()))
    assert not refused(one, token(0, subject="other"))
    assert two.newest() == epoch
    assert refused(two, before)


def test_other_workers_know_within_half_a_second_or_when_told() -> None:
    """Without a push a worker looks when a token is judged and its sight is old."""
    desk = Desk()
    one, two = desk.workers
    assert not refused(two, token(0))
    one.revoke("acme.test", "kid")
    assert not refused(two, token(0))
    desk.ticks.at += LOOK_SECONDS
    assert refused(two, token(0))
    one.revoke("acme.test", "other")
    two.stale()
    assert refused(two, token(0, subject="other"))


def test_a_push_is_heard() -> None:
    """A worker that listens need not wait for its next look."""
    desk = Desk()
    one, two = desk.workers
    two.listen()
    two.check(token(0))
    one.revoke("acme.test", "kid")
    assert refused(two, token(0))


def test_a_warm_check_reads_nothing() -> None:
    """However many tokens are judged, the store is asked once in half a second."""
    desk = Desk(1)
    (worker,) = desk.workers
    worker.revoke("acme.test", "other")
    for _ in range(100):
        worker.check(token(0))
    before = desk.store.loads
    for _ in range(100):
        worker.check(token(0))
    assert desk.store.loads == before
    desk.ticks.at += LOOK_SECONDS
    for _ in range(100):
        worker.check(token(0))
    assert desk.store.loads == before + 1


def test_who_cannot_know_refuses() -> None:
    """With the store down a token is judged by what is known for half a second, and then not at all."""
    desk = Desk(1)
    (worker,) = desk.workers
    worker.check(token(0))
    desk.store.down = True
    desk.ticks.at += LOOK_SECONDS
    with pytest.raises(StoreUnavailable):
        worker.check(token(0))
    desk.store.down = False
    worker.check(token(0))


def test_epochs_grow_though_the_clock_goes_back() -> None:
    """So a token from before is refused whatever the workers' clocks say."""
    desk = Desk()
    first = desk.workers[0].revoke("acme.test", "kid")
    desk.clock.advance(-3600)
    second = desk.workers[1].revoke("acme.test", "kid")
    assert second == first + 1
    assert refused(desk.worker(), token(first))


def test_a_long_log_is_read_whole_by_a_new_worker_and_followed_by_old_ones() -> None:
    """Over several segments, appended to by two workers in turns."""
    desk = Desk(3)
    one, two, reader = desk.workers
    reader.newest()
    names = [f"kid-{number}" for number in range(3 * SEGMENT + 5)]
    epochs = [(one, two)[number % 2].revoke("acme.test", name) for number, name in enumerate(names)]
    assert epochs == sorted(set(epochs))
    desk.ticks.at += LOOK_SECONDS
    for worker in (reader, desk.worker(), one, two):
        assert [refused(worker, token(epoch - 1, name)) for epoch, name in zip(epochs, names, strict=True)] == [
            True
        ] * len(names)
        assert not any(refused(worker, token(epoch, name)) for epoch, name in zip(epochs, names, strict=True))


def test_what_no_token_can_outlive_is_forgotten() -> None:
    """Old segments are emptied when a new one begins; what is young stays, and a reader in between goes on."""
    desk = Desk()
    one, two = desk.workers
    for _ in range(SEGMENT):
        one.revoke("acme.test", "old")
    two.newest()
    desk.clock.advance(KEPT_MS // 1000 + 1)
    young = [one.revoke("acme.test", f"young-{number}") for number in range(SEGMENT + 1)]
    assert len(desk.store.load("revocations/00000000").blob) < 200
    for worker in (one, desk.worker()):
        assert not refused(worker, token(0, "old"))
        assert refused(worker, token(0, "young-0"))
    desk.ticks.at += LOOK_SECONDS
    assert refused(two, token(young[0] - 1, "young-0"))


def test_a_store_that_was_set_back_forgets_nothing_here() -> None:
    """After a failover that lost writes, or a restored backup: who knew goes on refusing, and epochs grow on."""
    desk = Desk(1)
    (worker,) = desk.workers
    epoch = worker.revoke("acme.test", "kid")
    desk.store._cells.clear()
    desk.ticks.at += LOOK_SECONDS
    assert refused(worker, token(epoch - 1))
    assert worker.revoke("acme.test", "other") > epoch
    assert refused(worker, token(epoch, "other"))


def test_a_race_of_workers_loses_no_revocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is overtaken between its read and its write takes a higher epoch."""
    desk = Desk()
    one, two = desk.workers
    save, faster = desk.store.save, [lambda: two.revoke("acme.test", "first")]
    epochs = []

    def overtaken(key: str, blob: bytes, expected: int, *, durable: bool = False) -> int:
        while faster:
            epochs.append(faster.pop()())
        return save(key, blob, expected, durable=durable)

    monkeypatch.setattr(desk.store, "save", overtaken)
    epochs.append(one.revoke("acme.test", "second"))
    assert epochs == sorted(set(epochs))
    late = desk.worker()
    assert [refused(late, token(0, name)) for name in ("first", "second")] == [True, True]


def test_the_log_names_nobody() -> None:
    """A subject's id can't be read from it, so that it may outlive an erasure for a day."""
    desk = Desk(1)
    desk.workers[0].revoke("acme.test", "somebodys-child")
    assert all(b"somebodys-child" not in cell.blob for cell in desk.store._cells.values())


def test_nothing_is_written_by_looking() -> None:
    """An empty log is no record at all."""
    desk = Desk(1)
    assert desk.workers[0].newest() == 0
    desk.workers[0].check(token(0))
    assert desk.store.load(revocations._key(0)) is None
    assert ABSENT == 0


@pytest.fixture
def world() -> World:
    """A service with a child."""
    world = World.make()
    world.put()
    return world


def code(answer: Any) -> tuple[int, str]:
    """What the problem was."""
    return answer.status_code, answer.json["code"]


REVOKED = (401, "token-revoked")


def test_a_revoked_token_serves_for_nothing(world: World) -> None:
    """Beats, checks, uses and the end, by key and by the token itself; a session opened anew is good."""
    opened = world.open().json
    old = opened["token"]
    assert world.call("POST", "/v1/subjects/kid/revocations").status_code == 200
    question = {"question": {"type": "time"}}
    answers = [
        world.beat(old, 1),
        world.call("POST", "/v1/heartbeats", {"seq": 1}, key=old),
        world.call("POST", "/v1/checks", {"token": old, **question}),
        world.call("POST", "/v1/checks", question, key=old),
        world.call("POST", "/v1/uses", {"token": old, "feature": "comment"}),
        world.call("POST", f"/v1/sessions/{opened['session_id']}/end", key=old),
    ]
    assert [code(answer) for answer in answers] == [REVOKED] * len(answers)
    batch = world.call("POST", "/v1/heartbeats/batch", {"heartbeats": [{"token": old, "seq": 1}]})
    assert batch.json["answers"][0]["problem"]["code"] == "token-revoked"
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="minorguard", error="invalid_token"'
    assert world.beat(world.open(device="phone").json["token"], 1).status_code == 200


def test_heartbeats_pass_their_epoch_on(world: World) -> None:
    """A worker that has not heard of a revocation gives a fresh token that is refused as the old one is."""
    token = world.open().json["token"]
    world.store.announcer = LocalAnnouncer  # one that nobody hears
    Revocations(world.store, world.clock).revoke("acme.test", "kid")
    fresh = world.beat(token, 1)
    assert fresh.status_code == 200
    world.service.revocations.stale()
    assert code(world.beat(fresh.json["token"], 2)) == REVOKED


def test_a_session_that_is_opened_after_a_revocation_elsewhere_is_good(world: World) -> None:
    """Opening looks at the log at that moment."""
    Revocations(world.store, world.clock).revoke("acme.test", "kid")
    token = world.open().json["token"]
    world.service.revocations.stale()
    assert world.beat(token, 1).status_code == 200


def test_entering_and_leaving_the_mode_revokes(world: World) -> None:
    """A token of one mode is none of the other; putting a child as it was leaves its tokens alone."""
    token = world.open().json["token"]
    world.put(age_band="12-16")
    assert world.beat(token, 1).status_code == 200
    world.put(mode="off")
    assert code(world.beat(token, 2)) == REVOKED
    token = world.open().json["token"]
    world.put()
    assert code(world.beat(token, 1)) == REVOKED


def test_erasure_revokes(world: World) -> None:
    """Also for a child that is put again under the same id."""
    token = world.open().json["token"]
    assert world.call("DELETE", "/v1/subjects/kid").status_code == 204
    world.put()
    assert code(world.call("POST", "/v1/checks", {"token": token, "question": {"type": "time"}})) == REVOKED


def test_one_tenants_revocation_is_none_of_anothers(world: World) -> None:
    """The same id with another tenant, or of a test key and a live key, is another subject."""
    token = world.open().json["token"]
    for tenant, live in (("other", False), ("acme", True)):
        key = world.new_key(tenant=tenant, live=live)
        assert code(world.call("POST", "/v1/subjects/kid/revocations", key=key)) == (404, "not-found")
        world.call("PUT", "/v1/subjects/kid", {"policy": "short-video"}, key=key)
        assert world.call("POST", "/v1/subjects/kid/revocations", key=key).status_code == 200
    assert world.beat(token, 1).status_code == 200


@pytest.mark.parametrize("role", ["app", "guardian-agent", "operator"])
def test_who_may_erase_may_revoke(world: World, role: str) -> None:
    """The three roles may, and an auditor may not."""
    assert world.call("POST", "/v1/subjects/kid/revocations", key=world.new_key(role)).status_code == 200
    auditor = world.new_key("auditor")
    assert code(world.call("POST", "/v1/subjects/kid/revocations", key=auditor)) == (403, "forbidden")


def test_a_put_that_is_refused_revokes_nothing(world: World) -> None:
    """Whatever is wrong with it: the policy, its revision, or the clock."""
    token = world.open().json["token"]
    world.call("POST", "/v1/test-clocks", {"id": "clock-1", "now": "2026-11-24T12:00:00+08:00"})
    key = world.new_key("guardian-agent", "operator")
    for wrong in ({"policy": "none"}, {"policy_revision": 7}, {"test_clock": "none"}, {"test_clock": "clock-1"}):
        body = {"policy": "short-video", "mode": "off", **wrong}
        assert world.call("PUT", "/v1/subjects/kid", body, key=key).status_code in {404, 409, 422}
    assert world.beat(token, 1).status_code == 200


def test_a_mode_that_changes_while_a_session_is_opened_revokes_that_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is opened before the change is written, no token of the old mode outlives it."""
    revoke, opened = world.service.revocations.revoke, []

    def overtaken(namespace: str, subject: str) -> int:
        epoch = revoke(namespace, subject)
        if not opened:
            opened.append(open_elsewhere(world))
        return epoch

    monkeypatch.setattr(world.service.revocations, "revoke", overtaken)
    world.put(mode="off")
    assert code(world.beat(opened[0], 1)) == REVOKED


def open_elsewhere(world: World) -> str:
    """The token of a session that another process opened, which no lock of this one holds up."""
    other = World.make(store=world.store, clock=world.clock)
    other.service.scoped("acme.test", live=False)._shell.lock = lambda _subject: threading.Lock()
    return other.open(key=world.key).json["token"]


@pytest.mark.parametrize("change", [{"path": "/v1/subjects/kid/revocations", "method": "POST"}, {"method": "DELETE"}])
def test_what_is_revoked_between_opening_and_its_answer_is_refused(world: World, change: dict[str, str]) -> None:
    """Another worker is faster than the answer with the token; it is as if the session had been opened before."""
    other, guard = World.make(store=world.store, clock=world.clock), world.service.scoped("acme.test", live=False)
    open_session = guard.open_session

    def overtaken(*about: Any, **more: Any) -> Any:
        opened = open_session(*about, **more)
        other.call(**{"path": "/v1/subjects/kid", **change}, key=world.key)
        return opened

    guard.open_session = overtaken
    token = world.open().json["token"]
    world.service.revocations.stale()
    assert code(world.call("POST", "/v1/checks", {"token": token, "question": {"type": "time"}})) == REVOKED


def test_no_session_is_opened_between_erasure_and_revocation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The erasure comes first, so nobody is there whose session could be opened."""
    revoke, opened = world.service.revocations.revoke, []

    def overtaken(namespace: str, subject: str) -> int:
        epoch = revoke(namespace, subject)
        opened.append(code(world.open()))
        return epoch

    monkeypatch.setattr(world.service.revocations, "revoke", overtaken)
    assert world.call("DELETE", "/v1/subjects/kid").status_code == 204
    assert opened == [(404, "not-found")]
