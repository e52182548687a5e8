"""R1: no second is counted twice or lost, whatever the network does between app and service, and service and store."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.reliability.chaos import dice, often, report
from tests.reliability.life import POLICY, Life, run_all
from tests.reliability.proxy import Fault, Proxy
from tests.reliability.serving import Deployment
from tests.storage.servers import Server

LIVES = often(3, 10)
BEATS = often(60, 1_600)
TIMEOUT_SECONDS = 1.0
TO_SERVICE = {
    Fault.LOSE_REQUEST: 0.03,
    Fault.LOSE_REPLY: 0.05,
    Fault.HANG: 0.01,
    Fault.DELAY: 0.03,
    Fault.REPEAT: 0.04,
}
TO_STORE = {Fault.LOSE_REQUEST: 0.01, Fault.LOSE_REPLY: 0.02, Fault.HANG: 0.002, Fault.DELAY: 0.01}


def test_r1_no_time_is_counted_twice_or_lost_on_sqlite(tmp_path: Path) -> None:
    """Beats lost, doubled, late and out of order, over two processes on one file: 0 s off the oracle."""
    _live(Deployment(tmp_path / "d", POLICY), "sqlite", [])


def test_r1_no_time_is_counted_twice_or_lost_on_redis(tmp_path: Path, redis_server: Server) -> None:
    """The same on Redis, to which the way is bad, too: writes whose replies are lost."""
    ways = [Proxy(redis_server.port, dice(f"r1/store/{number}")) for number in range(2)]
    _live(Deployment(tmp_path / "d", POLICY, redis_server.url), "redis", ways)
    for way in ways:
        way.close()


def _live(deployment: Deployment, name: str, to_store: list[Proxy]) -> None:
    stores = [f"redis://127.0.0.1:{way.port}/0" for way in to_store] or [deployment.store] * 2
    with deployment.serve(store=stores[0]) as one, deployment.serve(store=stores[1]) as two:
        ways = [Proxy(served.port, dice(f"r1/{name}/{served.port == two.port}"), TO_SERVICE) for served in (one, two)]
        lives = [
            Life(
                name=f"kid-{number}",
                good=(one, two)[number % 2].client(),
                bad=[one.client(port=way.port, timeout=TIMEOUT_SECONDS) for way in ways],
                dice=dice(f"r1/{name}/{number}"),
                devices=number % 3 + 1,
            )
            for number in range(LIVES)
        ]
        for way in to_store:
            way.rates = TO_STORE
        run_all(lives, BEATS)
        for way in ways:
            way.close()
    met = sum((way.met for way in (*ways, *to_store)), Counter[Fault]())
    beats, denied, off = (sum(getattr(life, name) for life in lives) for name in ("beats", "denied", "off"))
    report("R1", store=name, beats=beats, denied=denied, faults=met.total(), met=met, seconds_off=off)
    assert [wrong for life in lives for wrong in life.wrong] == []
    assert off == 0
    assert beats >= LIVES * BEATS
    assert denied > 0
    assert met.total() >= beats // 10
    assert {Fault.LOSE_REQUEST, Fault.LOSE_REPLY, Fault.REPEAT} <= set(met)
