"""The real service in processes of its own, on a free loopback port, and a small HTTP client for tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from minorguard.storage import open_store
from minorguard_service.keys import create_api_key

ROOT = Path(__file__).resolve().parents[2]
_RUN = "import os, sys; from pathlib import Path; from minorguard_service.settings import Settings; "
_RUN += "from minorguard_service.server import run; sys.exit(run(Settings.load(Path(sys.argv[1]), os.environ)))"


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Deployment:
    """A folder with policies and a database, and a test key for them."""

    folder: Path
    policy: str
    key: str = field(init=False)
    store: str = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "policies").mkdir(parents=True)
        (self.folder / "policies" / "test.yaml").write_text(self.policy)
        self.store = f"sqlite:///{self.folder}/guard.db"
        store = open_store(self.store)
        self.key, _ = create_api_key(store, tenant="acme", roles=["app"], live=False, name="test", now=0)
        store.close()

    @contextmanager
    def serve(self, *, workers: int = 1) -> Iterator[Served]:
        """A service over the folder's database; its processes are killed at the end, whatever happened."""
        port = free_port()
        config = self.folder / f"{port}.toml"
        config.write_text(
            f'[service]\nstore = "{self.store}"\npolicies = "policies"\nbind = "127.0.0.1:{port}"\n'
            f'workers = {workers}\nlog_level = "error"\n'
        )
        path = os.pathsep.join((str(ROOT), str(ROOT / "service")))
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(config)], env={**os.environ, "PYTHONPATH": path}, start_new_session=True
        )
        served = Served(process, port, self.key)
        try:
            served.wait_until_ready()
            yield served
        finally:
            served.kill()
            for client in served.clients:  # not before: threads may still be reading what is left of an answer
                client.close()


@dataclass
class Served:
    """A running service."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    clients: list[Client] = field(default_factory=list)

    def client(self) -> Client:
        """A connection of one's own, closed with the service."""
        self.clients.append(Client(self.port, self.key))
        return self.clients[-1]

    def kill(self) -> None:
        """`kill -9` of the master and all workers at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_ready(self) -> None:
        """Until `/readyz` answers 200; bounded by the number of tries."""
        pause = threading.Event()
        client = self.client()
        for _ in range(600):
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended with {self.process.returncode}")
            try:
                if client.call("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            pause.wait(0.05)
        raise AssertionError("the service did not become ready")


class Client:
    """JSON over one kept connection."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._key = key

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """The status and the parsed body. Raises `OSError` when the connection breaks."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (HTTPException, OSError, ValueError) as error:
            self._connection.close()
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
