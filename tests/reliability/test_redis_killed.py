"""R2 and R5: a Redis that is killed, and one that stands still, under load."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reliability.chaos import dice, often, report
from tests.reliability.life import POLICY, Life, run_all
from tests.reliability.serving import Client, Deployment
from tests.storage.servers import LOG, Server, programs, running

KILLS = often(3, 50)
BETWEEN_KILLS = 60
"""Acknowledged uses."""
LOADERS = often(4, 8)
STOPS = often(2, 50)
STOPPED_SECONDS = 1.3
BEATS_BETWEEN_STOPS = 12
MOST = 1_000
COUNTING = f"""
policy: test
timezone: UTC
bands:
  "0-18": {{time: {{quota: {{daily: 24h}}}}, features: {{default: deny, limit: {{comment: {MOST}/day}}}}}}
"""


@dataclass
class Uses(threading.Thread):
    """Uses of one child, each sent again until it is acknowledged."""

    client: Client
    child: str
    acknowledged: list[str] = field(default_factory=list)
    tries: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(name=self.child)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until it is told to stop; the last one is still acknowledged."""
        pause = threading.Event()
        while not self.stopped.is_set():
            key = f"{self.child}-{len(self.acknowledged)}"
            while not self.used(key):
                pause.wait(0.02)
            self.acknowledged.append(key)

    def used(self, key: str) -> bool:
        """Whether a use was acknowledged now."""
        self.tries += 1
        try:
            body = {"subject_id": self.child, "feature": "comment"}
            status, answer = self.client.call("POST", "/v1/uses", body, Idempotency_Key=key)
        except OSError:
            return False
        return status == 200 and answer["decision"]["effect"] == "allow"


def left(client: Client, child: str) -> int:
    """How many uses a child has left."""
    question = {"subject_id": child, "question": {"type": "feature", "feature": "comment"}}
    return int(client.call("POST", "/v1/checks", question)[1]["decision"]["remaining"]["uses"])


def until(happened: Callable[[], bool]) -> None:
    """Bounded by the number of looks: some 60 s."""
    pause = threading.Event()
    for _ in range(6_000):
        if happened():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


@pytest.fixture
def strict_server(tmp_path: Path) -> Iterator[Server]:
    """One that syncs its log before it answers: with `everysec` it may answer first while the disk is busy."""
    options = (*LOG, "--appendfsync", "always")
    with running(Server(next(iter(programs().values())), tmp_path / "redis", options)) as (server,):
        yield server


def test_r2_a_killed_redis_loses_no_acknowledged_write(tmp_path: Path, strict_server: Server) -> None:
    """Killed again and again under load and started on its log: each use is counted, and once, though it is retried."""
    deployment = Deployment(tmp_path / "d", COUNTING, strict_server.url)
    with deployment.serve(workers=2) as served:
        loaders = [Uses(served.client(), f"kid-{number}") for number in range(LOADERS)]
        for loader in loaders:
            assert loader.client.call("PUT", f"/v1/subjects/{loader.child}", {"policy": "test"})[0] == 200
            loader.start()
        for turn in range(1, KILLS + 1):
            until(lambda turn=turn: sum(len(one.acknowledged) for one in loaders) >= turn * BETWEEN_KILLS)
            strict_server.kill()
            strict_server.start()
        for loader in loaders:
            loader.stopped.set()
            loader.join()
        counted = {one.child: MOST - left(one.client, one.child) for one in loaders}
    acknowledged = {one.child: len(one.acknowledged) for one in loaders}
    tries = sum(one.tries for one in loaders)
    lost = sum(acknowledged.values()) - sum(counted.values())
    report("R2", kills=KILLS, acknowledged=sum(acknowledged.values()), tries=tries, lost=lost)
    assert counted == acknowledged
    assert tries > sum(acknowledged.values())


def test_r5_an_ambiguous_timeout_costs_nothing(tmp_path: Path, redis_server: Server) -> None:
    """Redis stands still for longer than anybody waits, then does what it was told: 0 s off the oracle."""
    deployment = Deployment(tmp_path / "d", POLICY, redis_server.url)
    over = threading.Event()
    with deployment.serve() as one, deployment.serve() as two:
        lives = [
            Life(f"kid-{number}", one.client(), [one.client(), two.client()], dice(f"r5/{number}"))
            for number in range(LOADERS)
        ]
        stopper = threading.Thread(target=_stop_and_go, args=(redis_server, lives, over))
        stopper.start()
        run_all(lives, STOPS * BEATS_BETWEEN_STOPS + BEATS_BETWEEN_STOPS)
        over.set()
        stopper.join()
    beats, retries, off = (sum(getattr(life, name) for life in lives) for name in ("beats", "retries", "off"))
    report("R5", stops=STOPS, beats=beats, retries=retries, seconds_off=off)
    assert [wrong for life in lives for wrong in life.wrong] == []
    assert off == 0
    assert retries >= STOPS


def _stop_and_go(server: Server, lives: list[Life], over: threading.Event) -> None:
    assert server.process is not None
    for turn in range(1, STOPS + 1):
        while not over.is_set() and min(life.beats for life in lives) < turn * BEATS_BETWEEN_STOPS:
            over.wait(0.005)
        server.process.send_signal(signal.SIGSTOP)
        over.wait(STOPPED_SECONDS)
        server.process.send_signal(signal.SIGCONT)
