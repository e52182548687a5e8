"""R4: the primary dies while its replica lags behind, and the replica takes its place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from minorguard import MinorGuard
from minorguard.clock import SystemClock
from minorguard.errors import StoreError
from minorguard.storage import open_store
from minorguard.storage.codec import decode
from minorguard_service.revocations import Revocations
from minorguard_service.tokens import TokenRefused
from tests.reliability.chaos import dice, often, report
from tests.reliability.proxy import Proxy
from tests.reliability.serving import Client, Deployment, Served, free_port
from tests.reliability.test_publishing import Office
from tests.service.test_revocations import token
from tests.storage.servers import LOG, Server, programs, until

FAILOVERS = often(2, 20)
BEATS = 10
TRIES = 500
KIDS = """
policy: kids
timezone: UTC
bands:
  "0-18":
    time: {quota: {daily: 8h}}
    features: {default: allow}
    spending: {currency: CNY, per_day: 10000}
guardian: {may_extend: {daily: 1h, per_day: 8h}}
"""
PUBLISHED = "policy: test\ntimezone: Asia/Shanghai\nbands:\n  0-18: {features: {default: deny, allow: [one]}}\n"


class Pair:
    """A primary and its replica. Everybody meets the primary at `front`; the replica follows it over `link`."""

    def __init__(self, folder: Path) -> None:
        program = next(iter(programs().values()))
        self.primary, self.replica = (Server(program, folder / name, LOG) for name in ("a", "b"))
        self.front = Proxy(self.primary.port, dice("r4/front"))
        self.link = Proxy(self.primary.port, dice("r4/link"))
        self.primary.start()
        self._follow()

    @property
    def url(self) -> str:
        """A durable write waits for the replica."""
        return f"redis://127.0.0.1:{self.front.port}/0?replicas=1"

    def lag(self) -> None:
        """The replica hears nothing more."""
        self.link.target = free_port()
        self.link.reset()

    def fail_over(self) -> None:
        """The primary is killed, the replica promoted; then the old one comes back, forgets itself and follows."""
        self.primary.kill()
        self.replica.ask("REPLICAOF", "NO", "ONE")
        self.primary, self.replica = self.replica, self.primary
        self.front.target = self.link.target = self.primary.port
        self.front.reset()
        self._follow()

    def close(self) -> None:
        """End all."""
        for one in (self.front, self.link):
            one.close()
        for server in (self.primary, self.replica):
            server.stop()

    def _follow(self) -> None:
        self.replica.options = (*LOG, "--replicaof", "127.0.0.1", str(self.link.port))
        self.replica.start()
        until(self._followed, "the replica follows")

    def _followed(self) -> bool:
        with self.replica.client() as client:
            return client.info("replication")["master_link_status"] == "up"


@dataclass
class Durable:
    """What was acknowledged and must be there whatever dies."""

    grants: set[str] = field(default_factory=set)
    purchases: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    revoked: dict[str, int] = field(default_factory=dict)
    revisions: dict[int, str] = field(default_factory=dict)

    def lost(self, guard: MinorGuard, office: Office) -> int:
        """How much of it is not there."""
        store = office.store
        stored = store.load("subject/acme.test/kid")
        assert stored is not None
        state = decode("subject/acme.test/kid", stored.blob)
        log = Revocations(store, SystemClock())
        found = [
            len(self.grants - {grant.id for grant in state.grants}),
            len(self.purchases - {purchase.id for purchase in state.purchases}),
            sum(store.load(f"subject/acme.test/{child}") is not None for child in self.erased),
            sum(not _refused(log, child, epoch) for child, epoch in self.revoked.items()),
            sum(office.desk("x").store.revision("test", number) is None for number in self.revisions),
        ]
        return sum(found)


def _refused(log: Revocations, child: str, epoch: int) -> bool:
    try:
        log.check(token(epoch - 1, child))
    except TokenRefused:
        return True
    return False


@contextmanager
def _pair(folder: Path) -> Iterator[Pair]:
    pair = Pair(folder)
    try:
        yield pair
    finally:
        pair.close()


def test_r4_a_failover_loses_nothing_that_must_survive_and_sessions_heal(tmp_path: Path) -> None:
    """Grants, purchases, revisions, erasures, revocations: refused while nobody could vouch for them, else kept."""
    with _pair(tmp_path) as pair:
        deployment = Deployment(tmp_path / "d", PUBLISHED, pair.url)
        (deployment.folder / "policies" / "kids.yaml").write_text(KIDS)
        with closing(open_store(pair.url)) as store, deployment.serve() as served:
            office = Office(deployment, store)
            guard = MinorGuard(store, office.published.view("acme.test"), namespace="acme.test")
            guard.put_subject("kid", policy="kids", age_band="12-16")
            session, durable = Session(served.client()), Durable()
            refused = lost = 0
            for turn in range(FAILOVERS):
                _keep(durable, guard, office, served, turn)
                session.beat(BEATS)
                pair.lag()
                session.beat(BEATS)
                refused += _is_refused(guard, turn)
                pair.fail_over()
                lost += _surely(lambda: durable.lost(guard, office))
                session.beat(BEATS)
            healed = session.healed
    kept = len(durable.grants) + len(durable.purchases) + len(durable.erased) + len(durable.revoked)
    figures = {"kept": kept + len(durable.revisions), "lost": lost, "refused_while_lagging": refused}
    report("R4", failovers=FAILOVERS, **figures, sessions_opened_anew=session.opened - 1)
    assert lost == 0
    assert refused == FAILOVERS
    assert healed >= FAILOVERS * BEATS


class Session:
    """A child that beats; where its session was lost with the primary, it opens a new one."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.opened = self.healed = 0
        self._token, self._seq = "", 0
        _surely(lambda: self._call("PUT", "/v1/subjects/beater", {"policy": "kids"}))
        self._open()

    def beat(self, times: int) -> None:
        """Each until it is acknowledged."""
        for _ in range(times):
            self._seq += 1
            body = {"token": self._token, "seq": self._seq}
            answer = _surely(lambda body=body: self._call("POST", "/v1/heartbeats", body))
            if answer is None:
                self._open()
            else:
                self._token = answer["token"]
            self.healed += 1

    def _open(self) -> None:
        self.opened += 1
        self._seq = 0
        body = {"subject_id": "beater", "device": "tablet"}
        answer = _surely(lambda: self._call("POST", "/v1/sessions", body))
        assert answer is not None
        self._token = answer["token"]

    def _call(self, method: str, path: str, body: object) -> dict[str, Any] | None:
        """None: there is no such session."""
        status, answer = self._client.call(method, path, body)
        if status == 503:
            raise ConnectionError(answer)
        assert status in {200, 201, 404}, answer
        return None if status == 404 else answer


def _keep(durable: Durable, guard: MinorGuard, office: Office, served: Served, turn: int) -> None:
    """One of each, until it is acknowledged."""
    _surely(lambda: guard.give_grant("kid", seconds=60, grant_id=f"grant-{turn}"))
    durable.grants.add(f"grant-{turn}")
    assert _surely(lambda: guard.purchase("kid", 100, "CNY", purchase_id=f"purchase-{turn}")).allowed
    durable.purchases.add(f"purchase-{turn}")
    client, child = served.client(), f"gone-{turn}"
    _surely(lambda: _http(client, "PUT", f"/v1/subjects/{child}", {"policy": "kids"}))
    durable.revoked[child] = _surely(lambda: _http(client, "POST", f"/v1/subjects/{child}/revocations"))["epoch"]
    _surely(lambda: _http(client, "DELETE", f"/v1/subjects/{child}"))
    durable.erased.add(child)
    revision, digest = _surely(lambda: office.publish(turn, max(durable.revisions, default=1)))
    durable.revisions[revision] = digest


def _http(client: Client, method: str, path: str, body: object = None) -> Any:
    status, answer = client.call(method, path, body)
    if status == 503:
        raise ConnectionError(answer)
    assert status in {200, 204}, answer
    return answer


def _is_refused(guard: MinorGuard, turn: int) -> bool:
    """Whether a grant is refused that only the primary would have."""
    with pytest.raises(StoreError):
        guard.give_grant("kid", seconds=60, grant_id=f"lagging-{turn}")
    return True


def _surely(call: Callable[[], Any]) -> Any:
    """What a call gives once the store is well."""
    pause = threading.Event()
    for _ in range(TRIES):
        try:
            return call()
        except (OSError, StoreError) as error:
            last = error
            pause.wait(0.02)
    raise last
