"""R11: revoked tokens are refused by all workers within a second, under load."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.chaos import LONG, often, quantile, report
from tests.reliability.serving import Client, Deployment, Served
from tests.storage.servers import Server

REVOKED = often(12, 1_000)
BATCH = often(6, 25)
"""Revoked one after the other, and then watched on all workers."""
BETWEEN_CALLS_SECONDS = 0.01
LOADERS = often(2, 6)
WITHIN_SECONDS = 1.0 if LONG else 3.0
"""At p99; the short form shares its machine with other tests."""
POLICY = """
policy: test
timezone: UTC
bands:
  "0-18": {time: {quota: {daily: 24h}}, features: {default: deny, allow: [search]}}
"""
QUESTION = {"type": "time"}


@dataclass
class Load(threading.Thread):
    """Beats of a child whom nobody revokes: never refused."""

    client: Client
    child: str
    stopped: threading.Event
    calls: int = 0
    wrong: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(name=self.child)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until it is told to stop."""
        self.client.surely("PUT", f"/v1/subjects/{self.child}", {"policy": "test"})
        token = self.client.surely("POST", "/v1/sessions", {"subject_id": self.child, "device": "tablet"})[1]["token"]
        while not self.stopped.wait(BETWEEN_CALLS_SECONDS):
            self.calls += 1
            status, answer = self.client.surely("POST", "/v1/heartbeats", {"token": token, "seq": self.calls})
            if status != 200:
                self.wrong.append((status, answer))
                return
            token = answer["token"]


@dataclass
class Watcher(threading.Thread):
    """Asks one worker with revoked tokens, in turns, until it has refused each."""

    client: Client
    revoked: Sequence[tuple[str, float]]
    """Tokens, and when their revocation was acknowledged."""
    after: list[float] = field(default_factory=list)
    """Seconds from there to the last call that was accepted, or 0."""
    calls: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Bounded by the number of rounds."""
        left = {token: (at, 0.0) for token, at in self.revoked}
        for _ in range(1_000):
            for token, (at, last) in list(left.items()):
                asked = time.monotonic()
                self.calls += 1
                status, answer = self.client.surely("POST", "/v1/checks", {"token": token, "question": QUESTION})
                if status == 200:
                    left[token] = (at, asked - at)
                    continue
                assert answer["code"] == "token-revoked", answer
                self.after.append(last)
                del left[token]
            if not left:
                return


def test_r11_revoked_tokens_are_refused_by_all_workers_on_sqlite(tmp_path: Path) -> None:
    """Workers look at the log of revocations before they answer."""
    _revoke(Deployment(tmp_path / "d", POLICY), "sqlite")


def test_r11_revoked_tokens_are_refused_by_all_workers_on_redis(tmp_path: Path, redis_server: Server) -> None:
    """Workers are told, besides."""
    _revoke(Deployment(tmp_path / "d", POLICY, redis_server.url), "redis")


def _revoke(deployment: Deployment, name: str) -> None:
    stopped = threading.Event()
    with deployment.serve() as one, deployment.serve() as two:
        loads = [Load((one, two)[n % 2].client(), f"other-{n}", stopped) for n in range(LOADERS)]
        for load in loads:
            load.start()
        began = time.monotonic()
        watchers = [watcher for turn in range(REVOKED // BATCH) for watcher in _batch((one, two), turn)]
        took = time.monotonic() - began
        stopped.set()
        for load in loads:
            load.join()
    after = [late for watcher in watchers for late in watcher.after]
    calls = sum(one.calls for one in (*loads, *watchers))
    figures = {"p50_s": round(quantile(after, 0.5), 3), "p99_s": round(quantile(after, 0.99), 3), "max_s": max(after)}
    report("R11", store=name, revoked=REVOKED, calls_per_second=round(calls / took), **figures)
    assert [wrong for load in loads for wrong in load.wrong] == []
    assert len(after) == REVOKED // BATCH * BATCH * 2
    assert quantile(after, 0.99) <= WITHIN_SECONDS


def _batch(services: tuple[Served, Served], turn: int) -> list[Watcher]:
    """Revoke some children at one worker, and watch both."""
    clients = [served.client() for served in services]
    opened = [_open(clients[n % 2], f"kid-{turn}-{n}") for n in range(BATCH)]
    for client in clients:
        for _, token in opened:
            assert client.surely("POST", "/v1/checks", {"token": token, "question": QUESTION})[0] == 200
    revoked = []
    for child, token in opened:
        assert clients[turn % 2].surely("POST", f"/v1/subjects/{child}/revocations")[0] == 200
        revoked.append((token, time.monotonic()))
    watchers = [Watcher(client, revoked) for client in clients]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    for client in clients:
        client.close()
    return watchers


def _open(client: Client, child: str) -> tuple[str, str]:
    assert client.surely("PUT", f"/v1/subjects/{child}", {"policy": "test"})[0] == 200
    return child, client.surely("POST", "/v1/sessions", {"subject_id": child, "device": "tablet"})[1]["token"]
