"""R12: the keys that sign tokens turn under load: no good token is refused, and no retired key's is taken."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

from minorguard.storage import open_store
from minorguard_service.signing import SigningKeys
from tests.reliability.chaos import often, report
from tests.reliability.serving import Client, Deployment, Served
from tests.storage.servers import Server

ROTATIONS = often(2, 100)
LOADERS = 3
BETWEEN_CALLS_SECONDS = 0.01
POLICY = """
policy: test
timezone: UTC
bands:
  "0-18": {time: {quota: {daily: 24h}}}
"""


@dataclass
class Edge:
    """Verifies tokens offline, and fetches the key set only for a key that it does not know."""

    workers: list[Client]
    keys: dict[str, Any] = field(default_factory=dict)
    fetched: int = 0

    def verify(self, token: str) -> str:
        """The id of the key that signed. Raises `KeyError` for one that is nowhere published."""
        kid = jwt.get_unverified_header(token)["kid"]
        if kid not in self.keys:
            self.fetched += 1
            worker = self.workers[self.fetched % len(self.workers)]
            found = worker.surely("GET", "/.well-known/jwks.json")[1]["keys"]
            self.keys = {one["kid"]: jwt.PyJWK(one).key for one in found}
        jwt.decode(token, self.keys[kid], algorithms=["EdDSA"], audience="minorguard")
        return str(kid)


@dataclass
class Load(threading.Thread):
    """A child whose beats go to the workers in turns, and whose every token an edge verifies."""

    child: str
    workers: list[Client]
    edge: Edge
    stopped: threading.Event
    beats: int = 0
    kids: dict[int, str] = field(default_factory=dict)
    """Which key each worker signed with last."""
    token: str = ""
    wrong: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(name=self.child)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until it is told to stop, or refused."""
        boss = self.workers[0]
        boss.surely("PUT", f"/v1/subjects/{self.child}", {"policy": "test"})
        self.token = boss.surely("POST", "/v1/sessions", {"subject_id": self.child, "device": "tablet"})[1]["token"]
        try:
            while not self.stopped.wait(BETWEEN_CALLS_SECONDS):
                self._beat()
        except Exception as error:  # whatever it was, the test must say so
            self.wrong.append(repr(error))

    def _beat(self) -> None:
        self.beats += 1
        worker = self.beats % len(self.workers)
        body = {"token": self.token, "seq": self.beats}
        status, answer = self.workers[worker].surely("POST", "/v1/heartbeats", body)
        if status != 200:
            raise AssertionError((status, answer))
        self.token = answer["token"]
        self.kids[worker] = self.edge.verify(self.token)


def test_r12_keys_turn_under_load_on_sqlite(tmp_path: Path) -> None:
    """Over two processes on one file."""
    _turn(Deployment(tmp_path / "d", POLICY), "sqlite")


def test_r12_keys_turn_under_load_on_redis(tmp_path: Path, redis_server: Server) -> None:
    """Over two processes on one Redis."""
    _turn(Deployment(tmp_path / "d", POLICY, redis_server.url), "redis")


def _turn(deployment: Deployment, name: str) -> None:
    stopped = threading.Event()
    with (
        closing(open_store(deployment.store)) as store,
        deployment.serve() as one,
        deployment.serve() as two,
    ):
        ring, services = SigningKeys(store), (one, two)
        loads = [Load(f"kid-{n}", _clients(services), Edge(_clients(services)), stopped) for n in range(LOADERS)]
        for load in loads:
            load.start()
        accepted = sum(_rotate(ring, services, loads) for _ in range(ROTATIONS))
        stopped.set()
        for load in loads:
            load.join()
        assert len(ring.ring()) == 1
    wrong = [one for load in loads for one in load.wrong]
    beats = sum(load.beats for load in loads)
    figures = {"beats": beats, "false_refusals": len(wrong), "retired_accepted": accepted}
    report("R12", store=name, rotations=ROTATIONS, **figures)
    assert wrong == []
    assert accepted == 0


def _clients(services: tuple[Served, ...]) -> list[Client]:
    return [served.client() for served in services]


def _rotate(ring: SigningKeys, services: tuple[Served, ...], loads: list[Load]) -> int:
    """Publish, sign, retire, drop; how many workers took a token of the dropped key a second later."""
    watching, old = _clients(services), ring.signing().kid
    _until(lambda: all(len(load.kids) == len(services) for load in loads), loads)
    now = int(time.time())
    new = ring.stage(now).kid
    _until(lambda: all(new in _published(client) for client in watching), loads)
    samples = [load.token for load in loads]
    ring.promote(now, at_once=True)  # the edges of this test fetch the key set when they need it
    _until(lambda: all(set(load.kids.values()) == {new} for load in loads), loads)
    ring.drop(old)
    dropped = time.monotonic()
    _until(lambda: time.monotonic() - dropped >= 1, loads)
    question = {"type": "time"}
    answers = [
        client.surely("POST", "/v1/checks", {"token": token, "question": question})
        for client in watching
        for token in samples
        if _kid(token) == old
    ]
    for client in watching:
        client.close()
    assert answers
    return sum(answer[1].get("code") != "token-refused" for answer in answers)


def _published(client: Client) -> set[str]:
    return {key["kid"] for key in client.surely("GET", "/.well-known/jwks.json")[1]["keys"]}


def _kid(token: str) -> str:
    part = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"])


def _until(happened: Callable[[], bool], loads: list[Load]) -> None:
    pause = threading.Event()
    for _ in range(6_000):
        if happened():
            return
        assert [one for load in loads for one in load.wrong] == []
        pause.wait(0.01)
    raise AssertionError("it did not happen")
