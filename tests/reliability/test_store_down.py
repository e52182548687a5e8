"""R6: the store is killed, hangs, or breaks every connection, under load."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reliability.chaos import LONG, dice, often, quantile, report
from tests.reliability.proxy import Fault, Proxy
from tests.reliability.serving import Client, Deployment
from tests.storage.servers import Server

CLIENTS = 6
BETWEEN_CALLS_SECONDS = 0.03
DOWN_SECONDS = 1.5 if not LONG else 5.0
OUTAGES = often(1, 5)
ANSWER_SECONDS = 0.25 if LONG else 1.0
"""At p99; the short form shares its machine with other tests."""
HEALTHY_SECONDS = 2.0 if LONG else 5.0
POLICY = """
policy: test
timezone: UTC
bands:
  "0-18": {time: {quota: {daily: 24h}}}
"""


@dataclass(frozen=True)
class Answered:
    """One call."""

    sent_at: float
    at: float
    status: int


@dataclass
class Load(threading.Thread):
    """Opens and beats without an end, and writes down how each was answered."""

    client: Client
    child: str
    stopped: threading.Event
    answers: list[Answered] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(name=self.child)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """A session, twenty beats, a session …"""
        while not self.stopped.wait(BETWEEN_CALLS_SECONDS):
            opened = self._call("/v1/sessions", {"subject_id": self.child, "device": "tablet"})
            seq = 0
            while opened is not None and seq < 20 and not self.stopped.wait(BETWEEN_CALLS_SECONDS):
                seq += 1
                self._call("/v1/heartbeats", {"token": opened["token"], "seq": seq})

    def _call(self, path: str, body: object) -> dict[str, str] | None:
        sent_at = time.monotonic()
        try:
            status, answer = self.client.call("POST", path, body)
        except OSError:
            status, answer = 0, None
        self.answers.append(Answered(sent_at, time.monotonic(), status))
        return answer if status in {200, 201} else None


@contextmanager
def killed(server: Server, _: Proxy) -> Iterator[None]:
    """No process."""
    server.kill()
    yield
    server.start()


@contextmanager
def hanging(server: Server, _: Proxy) -> Iterator[None]:
    """A process that does nothing."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    yield
    server.process.send_signal(signal.SIGCONT)


@contextmanager
def resetting(_: Server, way: Proxy) -> Iterator[None]:
    """Every connection ends before anything has passed."""
    way.rates = {Fault.LOSE_REQUEST: 1.0}
    way.reset()
    yield
    way.rates = {}


@pytest.mark.parametrize("outage", [killed, hanging, resetting])
def test_r6_a_store_that_is_down_gives_no_lease_and_is_missed_no_longer_than_it_is_away(
    tmp_path: Path, redis_server: Server, outage: Callable[[Server, Proxy], Iterator[None]]
) -> None:
    """No lease while it is down, answers that come soon, and all is well soon after it is back."""
    deployment = Deployment(tmp_path / "d", POLICY, redis_server.url)
    way, stopped = Proxy(redis_server.port, dice("r6")), threading.Event()
    with deployment.serve(workers=2, store=f"redis://127.0.0.1:{way.port}/0") as served:
        loads = [Load(served.client(), f"kid-{number}", stopped) for number in range(CLIENTS)]
        for load in loads:
            assert load.client.call("PUT", f"/v1/subjects/{load.child}", {"policy": "test"})[0] == 200
            load.start()
        took, leases, healthy = [], [], []
        for _ in range(OUTAGES):
            _all_answered(loads, time.monotonic())
            with outage(redis_server, way):
                down = time.monotonic()
                stopped.wait(DOWN_SECONDS)
                back = time.monotonic()
            again = time.monotonic()
            healthy.append(_all_answered(loads, again) - again)
            during = [one for load in loads for one in load.answers if down <= one.sent_at and one.at <= back]
            took += [one.at - one.sent_at for one in during]
            leases += [one for one in during if one.status in {200, 201}]
            assert {one.status for one in during} <= {503}
        stopped.set()
        for load in loads:
            load.join()
    way.close()
    figures = {"calls": len(took), "leases": len(leases), "p99_ms": round(quantile(took, 0.99) * 1000)}
    report("R6", outage=outage.__name__, outages=OUTAGES, **figures, healthy_s=[round(one, 2) for one in healthy])
    assert leases == []
    assert len(took) > OUTAGES * CLIENTS
    assert quantile(took, 0.99) <= ANSWER_SECONDS
    assert max(healthy) <= HEALTHY_SECONDS


def _all_answered(loads: list[Load], since: float) -> float:
    """When the last of them had its first good answer since then."""
    pause = threading.Event()
    for _ in range(3_000):
        firsts = [
            next((one.at for one in list(load.answers) if one.sent_at >= since and one.status in {200, 201}), None)
            for load in loads
        ]
        if None not in firsts:
            return max(one for one in firsts if one is not None)
        pause.wait(0.01)
    raise AssertionError("the service did not come back")


def test_r6_a_worker_that_begins_while_the_store_is_down_waits_for_it(tmp_path: Path, redis_server: Server) -> None:
    """Neither a reload nor a crash of a worker at such a time ends the service."""
    deployment = Deployment(tmp_path / "d", POLICY, redis_server.url)
    with deployment.serve(workers=2) as served:
        redis_server.kill()
        served.process.send_signal(signal.SIGHUP)
        _until(lambda: b"a worker waits for its store" in served.log.read_bytes())
        redis_server.start()
        _until(lambda: _status(served.client()) == 200)
        assert served.process.poll() is None


def _status(client: Client) -> int:
    try:
        return client.call("PUT", "/v1/subjects/kid", {"policy": "test"})[0]
    except OSError:
        return 0


def _until(happened: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(3_000):
        if happened():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")
