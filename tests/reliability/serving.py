"""The real service in processes of its own, on a free loopback port, and a small HTTP client for tests."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

from minorguard.clock import NANOSECONDS
from minorguard.policy import PolicyBook
from minorguard.storage import open_store
from minorguard_service.keys import create_api_key
from minorguard_service.server import Server, run
from minorguard_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_RUN = "import sys; from tests.reliability.serving import serve_here; sys.exit(serve_here(*sys.argv[1:]))"


def serve_here(config: str, clock: str = "", most_bytes: str = "") -> int:
    """The service in a process of its own, as `minorguard serve` runs it.

    `clock`: a file with the time it lives by; `most_bytes`: no file may grow past them, as on a disk that is full.
    """
    settings = Settings.load(Path(config), os.environ)
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    if not clock:
        return run(settings)
    Arbiter(Server(settings, PolicyBook.load(settings.policies), FileClock(Path(clock)))).run()
    return 0


@dataclass
class FileClock:
    """A clock that stands still until somebody writes another second into its file."""

    path: Path

    def now_ns(self) -> int:
        """As the file says."""
        return int(self.path.read_bytes() or b"0") * NANOSECONDS

    def set(self, at: int) -> None:
        """Jump; readers see the old second or the new one."""
        new = self.path.with_suffix(".new")
        new.write_bytes(b"%d" % at)
        new.replace(self.path)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Deployment:
    """A folder with policies and a store, by default a database in it, and a test key for them."""

    folder: Path
    policy: str
    store: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "policies").mkdir(parents=True)
        (self.folder / "policies" / "test.yaml").write_text(self.policy)
        self.store = self.store or f"sqlite:///{self.folder}/guard.db"
        self.key = self.new_key("app")

    def new_key(self, *roles: str) -> str:
        """The text of a new test key."""
        with closing(open_store(self.store)) as store:
            return create_api_key(store, tenant="acme", roles=roles, live=False, name="test", now=0)[0]

    @contextmanager
    def serve(
        self, *, workers: int = 1, clock: FileClock | None = None, store: str = "", most_bytes: int | None = None
    ) -> Iterator[Served]:
        """A service over the store, or another way to it; its processes are killed at the end, whatever happened."""
        port = free_port()
        config = self.folder / f"{port}.toml"
        config.write_text(
            f'[service]\nstore = "{store or self.store}"\npolicies = "policies"\nbind = "127.0.0.1:{port}"\n'
            f'workers = {workers}\nlog_level = "error"\n'
        )
        path = os.pathsep.join((str(ROOT), str(ROOT / "service")))
        log = self.folder / f"{port}.log"
        command = [sys.executable, "-c", _RUN, str(config), str(clock.path) if clock else "", str(most_bytes or "")]
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command, env={**os.environ, "PYTHONPATH": path}, start_new_session=True, stderr=errors
            )
        served = Served(process, port, self.key, log)
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
    log: Path
    clients: list[Client] = field(default_factory=list)

    def client(self, *, port: int = 0, key: str = "", timeout: float = 30) -> Client:
        """A connection of one's own, closed with the service. `port`: that of a proxy in front of it."""
        self.clients.append(Client(port or self.port, key or self.key, timeout))
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
                raise AssertionError(f"it ended with {self.process.returncode}: {self.log.read_text()}")
            try:
                if client.call("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            pause.wait(0.05)
        raise AssertionError("the service did not become ready")


class Client:
    """JSON over one kept connection."""

    def __init__(self, port: int, key: str, timeout: float = 30) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
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

    def surely(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """As `call`, again while the store is too slow for the service: where other work shares the machine."""
        pause = threading.Event()
        status, answer = self.call(method, path, body, **headers)
        while status == 503:
            pause.wait(0.02)
            status, answer = self.call(method, path, body, **headers)
        return status, answer

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
