"""R9: thirty-two clients on one subject, over two service processes that share one SQLite file, or one Redis."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.serving import Client, Deployment

CLIENTS = 32
POLICY = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-18":
    time:
      quota: {daily: 10m}
    features: {default: deny, limit: {comment: 20/day}}
"""
START = "2026-11-24T16:00:00+08:00"


@pytest.fixture(params=["sqlite", "redis"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Deployment:
    """On each kind of store that processes share."""
    store = request.getfixturevalue("redis_server").url if request.param == "redis" else ""
    return Deployment(tmp_path / "d", POLICY, store)


def test_r9_thirty_two_clients_on_one_subject_use_no_second_past_the_quota(deployment: Deployment) -> None:
    """Sessions opened and beaten at once, each beat twice: ten minutes are used to the second, and not one more."""
    with deployment.serve() as one, deployment.serve() as two, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [(one, two)[number % 2].client() for number in range(CLIENTS)]
        boss = one.client()
        assert boss.call("POST", "/v1/test-clocks", {"id": "qa", "now": START})[0] == 201
        subject = {"policy": "test", "age_band": "12-16", "test_clock": "qa"}
        assert boss.call("PUT", "/v1/subjects/kid", subject)[0] in {200, 201}

        def each(action: Callable[[int, Client], Any]) -> list[Any]:
            return list(pool.map(action, range(CLIENTS), clients))

        opened = each(_open)
        assert [status for status, _ in opened] == [201] * CLIENTS
        tokens = [body["token"] for _, body in opened]
        effects: set[str] = set()
        for seq in range(1, 22):
            boss.call("POST", "/v1/test-clocks/qa/advance", {"seconds": 30})
            answers = each(lambda number, client, seq=seq: _beat_twice(client, tokens[number], seq))
            assert {status for pair in answers for status, _ in pair} == {200}
            effects = {body["decision"]["effect"] for pair in answers for _, body in pair}
            assert effects == ({"allow"} if seq < 20 else {"deny"})
        usage = boss.call("GET", "/v1/subjects/kid/usage")[1]
        assert usage["used_seconds"] == 600
        assert len(boss.call("GET", "/v1/subjects/kid/timeline")[1]["intervals"]) == CLIENTS


def test_r9_thirty_two_clients_use_a_limited_feature_just_as_often_as_it_may_be(deployment: Deployment) -> None:
    """Of 96 uses at once, each sent twice, twenty are counted: no use is lost and none is counted twice."""
    with deployment.serve() as one, deployment.serve() as two, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [(one, two)[number % 2].client() for number in range(CLIENTS)]
        assert clients[0].call("PUT", "/v1/subjects/kid", {"policy": "test"})[0] in {200, 201}
        for turn in range(3):
            answers = list(
                pool.map(lambda n, client, turn=turn: _use_twice(client, f"{turn}-{n}"), range(CLIENTS), clients)
            )
            assert all(first[1]["decision"]["effect"] == second[1]["decision"]["effect"] for first, second in answers)
            effects = [first[1]["decision"]["effect"] for first, _ in answers]
            assert effects.count("allow") == (20 if turn == 0 else 0)


def _open(number: int, client: Client) -> tuple[int, Any]:
    return client.call("POST", "/v1/sessions", {"subject_id": "kid", "device": f"device-{number}"})


def _beat_twice(client: Client, token: str, seq: int) -> list[tuple[int, Any]]:
    return [client.call("POST", "/v1/heartbeats", {"token": token, "seq": seq}) for _ in range(2)]


def _use_twice(client: Client, key: str) -> list[tuple[int, Any]]:
    body = {"subject_id": "kid", "feature": "comment"}
    return [client.call("POST", "/v1/uses", body, Idempotency_Key=f"key-{key}") for _ in range(2)]
