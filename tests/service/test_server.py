"""The real server: two processes over one SQLite file, reloads, graceful stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.service.world import POLICY
from tests.storage import servers

_PROGRAM = """
import sys
from pathlib import Path
from minorguard_service.server import run
from minorguard_service.settings import Settings
sys.exit(run(Settings.load(Path(sys.argv[1]), {})))
"""
_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 20.0


class Deployment:
    """A folder with settings and policies, and the service that runs on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        (folder / "policies").mkdir()
        self.write(POLICY)
        (folder / "minorguard.toml").write_text(f'[service]\nbind = "127.0.0.1:{port}"\ndemo = true\n')

    def write(self, policy: str) -> None:
        """Change the policy."""
        (self.folder / "policies" / "p.yaml").write_text(policy, "utf-8")

    def start(self) -> subprocess.Popen[str]:
        """Start the service; its stderr goes to a file."""
        paths = os.pathsep.join(str(path) for path in (_ROOT, _ROOT / "service"))
        with (self.folder / "err").open("w") as err:
            command = [sys.executable, "-c", _PROGRAM, str(self.folder / "minorguard.toml")]
            return subprocess.Popen(command, stderr=err, text=True, env={**os.environ, "PYTHONPATH": paths})

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """The service, ready; stopped by force if the block did not stop it."""
        process = self.start()
        try:
            until(lambda: self.status("/readyz") == 200)
            key = re.search(r"demo key: (\S+)", self.said())
            assert key is not None
            self.client.headers["Authorization"] = f"Bearer {key[1]}"
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def status(self, path: str) -> int:
        """The status of a GET; 0 when nobody answers."""
        try:
            return self.client.get(path).status_code
        except httpx.TransportError:
            return 0

    def digest(self) -> str:
        """The digest of the loaded policy."""
        return self.client.get("/v1/policies").json()["policies"][0]["digest"]

    def said(self) -> str:
        """What the service wrote to stderr."""
        return (self.folder / "err").read_text()


def until(holds: object) -> None:
    """Wait for other processes, not for time."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment that is not running yet."""
    made = Deployment(tmp_path)
    yield made
    made.client.close()


def test_sessions_reloads_and_a_graceful_stop(deployment: Deployment) -> None:
    """A session lives through a good reload and a bad one; SIGTERM ends with 0."""
    with deployment.running() as process:
        client = deployment.client
        client.put("/v1/subjects/kid", json={"policy": "short-video", "birth_date": "1990-01-01"}).raise_for_status()
        opened = client.post("/v1/sessions", json={"subject_id": "kid", "device": "tv"})
        assert opened.status_code == 201
        token = opened.json()["token"]

        before = deployment.digest()
        deployment.write(POLICY.replace("40m", "30m"))
        process.send_signal(signal.SIGHUP)
        until(lambda: deployment.digest() != before)
        after = deployment.digest()

        deployment.write(POLICY + "bands: 7\n")
        process.send_signal(signal.SIGHUP)
        until(lambda: "policies.refused" in deployment.said())
        until(lambda: "minorguard_policy_reload_failures_total 1.0" in client.get("/metrics").text)
        assert (200, after) == (deployment.status("/readyz"), deployment.digest())

        chunked = client.post("/v1/sessions", content=(b" " * 8192 for _ in range(10)))
        assert (chunked.status_code, chunked.json()["code"]) == (413, "too-large")
        body = client.post("/v1/heartbeats", json={"token": token, "seq": 1}).json()
        assert (body["seq"], body["decision"]["effect"]) == (1, "allow")

        process.send_signal(signal.SIGTERM)
        assert process.wait(_PATIENCE_SECONDS) == 0
    said = deployment.said()
    assert "Traceback" not in said
    assert token not in said


def test_what_only_a_real_server_makes_of_a_request(deployment: Deployment) -> None:
    """No header moves a path past a proxy's rules, and a chunk that is none is the caller's mistake."""
    with deployment.running():
        client = deployment.client
        assert client.get("/livez", headers={"SCRIPT_NAME": "/v1"}).status_code == 200
        moved = client.get("/v1/heartbeats/metrics", headers={"SCRIPT_NAME": "/v1/heartbeats"})
        assert (moved.status_code, moved.json()["code"]) == (404, "no-route")
        headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json", "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**client.headers, **headers}.items())
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as line:
            line.sendall(f"POST /v1/checks HTTP/1.1\r\nHost: x\r\n{head}\r\nzz\r\n".encode())
            answer = b"".join(iter(lambda: line.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 400")
        assert b'"code":"malformed-json"' in answer
    assert "Traceback" not in deployment.said()


def test_two_processes_count_each_use_once(deployment: Deployment) -> None:
    """Forty at once, two allowed; both processes take part, and the counters of both are told."""
    with deployment.running() as process:
        client = deployment.client
        client.put("/v1/subjects/kid", json={"policy": "short-video", "age_band": "12-16"}).raise_for_status()
        deployment.write(POLICY.replace('curfew: ["22:00-06:00"]', "").replace("{daily: 40m},", "{daily: 24h}"))
        process.send_signal(signal.SIGHUP)
        before = deployment.digest()
        until(lambda: deployment.digest() != before)

        def use(_: int) -> str:
            sent = client.post("/v1/uses", json={"subject_id": "kid", "feature": "comment"})
            return sent.json()["decision"]["effect"]

        with ThreadPoolExecutor(8) as threads:
            effects = list(threads.map(use, range(40)))
        assert (effects.count("allow"), effects.count("deny")) == (2, 38)
        counted = [line for line in client.get("/metrics").text.splitlines() if 'route="/v1/uses"' in line]
        assert any(line.startswith("minorguard_requests_total") and line.endswith(" 40.0") for line in counted)


@pytest.mark.parametrize(
    ("policy", "settings", "words"),
    [
        (POLICY + "bands: 7\n", "", "key.duplicate"),
        (POLICY, 'store = "memory://"\n', "memory is not shared by processes"),
        (POLICY, 'store = "sqlite:////nowhere/x.db"\n', "there is no folder"),
        (
            POLICY,
            'recall_url = "http://127.0.0.1"\nwebhook_secret = "short"\n',
            "webhook_secret: must have 16 characters",
        ),
        (POLICY, 'classifier_url = "ftp://127.0.0.1"\n', "classifier_url: must be an http or https URL"),
    ],
)
def test_what_cannot_work_does_not_start(deployment: Deployment, policy: str, settings: str, words: str) -> None:
    """Exit code 2, and the reason on stderr."""
    deployment.write(policy)
    config = deployment.folder / "minorguard.toml"
    config.write_text(config.read_text() + settings)
    assert deployment.start().wait(_PATIENCE_SECONDS) == 2
    said = deployment.said()
    assert words in said
    assert "Traceback" not in said


def test_a_redis_that_may_lose_a_second_is_warned_of_at_the_start(deployment: Deployment) -> None:
    """One line for the whole service, with what to change; and it serves."""
    program = next(iter(servers.programs().values()))
    with servers.running(servers.Server(program, deployment.folder / "redis")) as (redis,):
        settings = deployment.folder / "minorguard.toml"
        settings.write_text(f'{settings.read_text()}store = "redis://127.0.0.1:{redis.port}"\n')
        with deployment.running():
            lines = [line for line in deployment.said().splitlines() if "store.caution" in line]
    assert len(lines) == 1
    assert json.loads(lines[0])["level"] == "warning"
    assert "set `appendfsync always`" in json.loads(lines[0])["help"]
