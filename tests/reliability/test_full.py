"""R18: a disk that is full and a Redis without room: what was acknowledged stays, and everything else is denied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.chaos import report
from tests.reliability.serving import Client, Deployment
from tests.storage.servers import LOG, Server, programs, running

MOST_BYTES = 400_000
MOST = 1_000
POLICY = f"""
policy: test
timezone: UTC
bands:
  "0-18": {{time: {{quota: {{daily: 24h}}}}, features: {{default: deny, limit: {{comment: {MOST}/day}}}}}}
"""


def test_r18_a_full_disk_denies_and_resets_nothing(tmp_path: Path) -> None:
    """Uses are counted until nothing can be written: then each is refused, what was counted stays; room heals it."""
    deployment = Deployment(tmp_path / "d", POLICY)
    with deployment.serve(workers=2, most_bytes=MOST_BYTES) as served:
        client = served.client()
        used = _use_until_refused(client)
        assert [_use(client, f"more-{number}") for number in range(20)] == [503] * 20
        assert client.call("POST", "/v1/sessions", {"subject_id": "kid", "device": "tablet"})[0] == 503
        assert _counted(client) == used
    with deployment.serve() as served:
        client = served.client()
        assert _counted(client) == used
        assert _use(client, "with-room") == 200
    report("R18", store="sqlite", acknowledged=used, lost=0)


def test_r18_a_full_redis_denies_and_resets_nothing(tmp_path: Path, redis_server: Server) -> None:
    """One that evicts nothing refuses writes; what was counted stays, and room heals it."""
    deployment = Deployment(tmp_path / "d", POLICY, redis_server.url)
    with deployment.serve(workers=2) as served:
        client = served.client()
        assert client.call("PUT", "/v1/subjects/kid", {"policy": "test"})[0] == 200
        assert [_use(client, f"first-{number}") for number in range(20)] == [200] * 20
        redis_server.ask("CONFIG", "SET", "maxmemory", "1mb")
        assert [_use(client, f"more-{number}") for number in range(20)] == [503] * 20
        assert client.call("POST", "/v1/sessions", {"subject_id": "kid", "device": "tablet"})[0] == 503
        assert client.call("GET", "/readyz")[0] == 503
        redis_server.ask("CONFIG", "SET", "maxmemory", "0")
        _until_well(client)
        assert _counted(client) == 20
        assert _use(client, "with-room") == 200
    report("R18", store="redis", acknowledged=20, lost=0)


def test_r18_a_redis_that_evicts_is_refused_at_the_start(tmp_path: Path) -> None:
    """It would forget children silently; the service says what to change."""
    program = next(iter(programs().values()))
    options = (*LOG, "--maxmemory", "100mb")
    with running(Server(program, tmp_path / "redis", options)) as (server,):
        deployment = Deployment(tmp_path / "d", POLICY, server.url)
        server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        with pytest.raises(AssertionError, match=r"evicts keys .* set it to `noeviction`"), deployment.serve():
            pass


def _use(client: Client, key: str) -> int:
    return client.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"}, Idempotency_Key=key)[0]


def _use_until_refused(client: Client) -> int:
    assert client.call("PUT", "/v1/subjects/kid", {"policy": "test"})[0] == 200
    for number in range(MOST):
        status = _use(client, f"use-{number}")
        if status != 200:
            assert status == 503
            return number
    raise AssertionError("it was never full")


def _counted(client: Client) -> int:
    question = {"subject_id": "kid", "question": {"type": "feature", "feature": "comment"}}
    return MOST - int(client.call("POST", "/v1/checks", question)[1]["decision"]["remaining"]["uses"])


def _until_well(client: Client) -> None:
    for _ in range(1_000):
        if client.call("GET", "/readyz")[0] == 200:
            return
    raise AssertionError("it did not heal")
