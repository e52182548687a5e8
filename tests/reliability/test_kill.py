"""R3: `kill -9` of the whole service under load; nothing acknowledged is lost."""

from __future__ import annotations

import threading
from pathlib import Path

from minorguard import MinorGuard
from tests.reliability.chaos import often, report
from tests.reliability.serving import Client, Deployment

KILLS = often(4, 60)
LOADERS = 4
ACKNOWLEDGED_BEFORE_EACH_KILL = 30
POLICY = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-18":
    time: {quota: {daily: 24h}}
    features: {default: deny, limit: {comment: 1000/day}}
"""


class Load:
    """Uses and beats as fast as they are answered, until the service dies; what was acknowledged is written down."""

    def __init__(self) -> None:
        self.attempted: set[str] = set()
        self.acknowledged: set[str] = set()
        self.beaten: dict[str, int] = {}
        self.enough = threading.Event()

    def run(self, client: Client, number: int, turn: int) -> None:
        """One loader: a session of its own, then a use and a beat in turns."""
        try:
            opened = client.call("POST", "/v1/sessions", {"subject_id": f"kid-{number}", "device": f"d-{turn}"})[1]
            for seq in range(1, 10_000):
                self._use(client, number, f"{turn}-{number}-{seq}", ACKNOWLEDGED_BEFORE_EACH_KILL * (turn + 1))
                status, _ = client.call("POST", "/v1/heartbeats", {"token": opened["token"], "seq": seq})
                if status == 200:
                    self.beaten[opened["session_id"]] = seq
        except OSError:
            return  # the service was killed, as it should

    def _use(self, client: Client, number: int, key: str, enough: int) -> None:
        self.attempted.add(key)
        body = {"subject_id": f"kid-{number}", "feature": "comment"}
        status, answer = client.call("POST", "/v1/uses", body, Idempotency_Key=key)
        if status == 200 and answer["decision"]["effect"] == "allow":
            self.acknowledged.add(key)
        if len(self.acknowledged) >= enough:
            self.enough.set()


def test_r3_kill_nine_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After each kill the service starts again; in the end every acknowledged use and beat is there."""
    deployment = Deployment(tmp_path / "d", POLICY)
    load = Load()
    for turn in range(KILLS):
        with deployment.serve() as served:
            client = served.client()
            for number in range(LOADERS):
                client.call("PUT", f"/v1/subjects/kid-{number}", {"policy": "test"})
            load.enough.clear()
            loaders = [
                threading.Thread(target=load.run, args=(served.client(), number, turn)) for number in range(LOADERS)
            ]
            for loader in loaders:
                loader.start()
            assert load.enough.wait(60)
            served.kill()
            for loader in loaders:
                loader.join()
    assert len(load.acknowledged) >= KILLS * ACKNOWLEDGED_BEFORE_EACH_KILL
    _check_beats(deployment, load)
    _check_uses(deployment, load)
    report("R3", kills=KILLS, acknowledged=len(load.acknowledged), sessions=len(load.beaten), lost=0)


def _check_beats(deployment: Deployment, load: Load) -> None:
    guard = MinorGuard.open(deployment.store, policies=deployment.folder / "policies").scoped("acme.test")
    for session, seq in load.beaten.items():
        lease = guard.heartbeat(session, seq=1).lease  # seen already: changes nothing
        assert lease is not None
        assert lease.seq >= seq
    guard.close()


def _check_uses(deployment: Deployment, load: Load) -> None:
    """Every key again: what was counted is not counted anew, so that in the end each key is counted once."""
    left: dict[str, int] = {}
    with deployment.serve() as served:
        client = served.client()
        before = {n: _left(client, n) for n in range(LOADERS)}
        assert sum(1000 - left for left in before.values()) >= len(load.acknowledged)
        for key in sorted(load.acknowledged):
            body = {"subject_id": f"kid-{key.split('-')[1]}", "feature": "comment"}
            assert client.call("POST", "/v1/uses", body, Idempotency_Key=key)[1]["decision"]["effect"] == "allow"
        assert {n: _left(client, n) for n in range(LOADERS)} == before
        for key in sorted(load.attempted):
            body = {"subject_id": f"kid-{key.split('-')[1]}", "feature": "comment"}
            client.call("POST", "/v1/uses", body, Idempotency_Key=key)
        left = {n: _left(client, n) for n in range(LOADERS)}
    assert sum(1000 - uses for uses in left.values()) == len(load.attempted)


def _left(client: Client, number: int) -> int:
    question = {"subject_id": f"kid-{number}", "question": {"type": "feature", "feature": "comment"}}
    return int(client.call("POST", "/v1/checks", question)[1]["decision"]["remaining"]["uses"])
