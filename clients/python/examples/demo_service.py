"""The real service as a child process, for a demo: fresh folder, free port, test key."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 15.0
STOP_SECONDS = 10.0
MINORGUARD = (sys.executable, "-m", "minorguard.cli")


@dataclass(frozen=True, slots=True)
class Running:
    """Where the service is, and a test key for it."""

    url: str
    key: str


@contextmanager
def running_service() -> Iterator[Running]:
    """Start the service, wait until it is ready, and stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="minorguard-demo-") as folder:
        key, bind = _init(folder), f"127.0.0.1:{free_port()}"
        log = Path(folder, "service.log")
        with log.open("wb") as out, _process(folder, bind, out.fileno()) as process:
            _wait(f"http://{bind}/readyz", process, log)
            yield Running(f"http://{bind}", key)


def _init(folder: str) -> str:
    made = subprocess.run([*MINORGUARD, "init", folder, "--demo", "--json"], check=True, capture_output=True)  # noqa: S603
    return str(json.loads(made.stdout)["demo_key"]["key"])


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(folder: str, bind: str, out: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [*MINORGUARD, "serve", "--config", f"{folder}/minorguard.toml", "--bind", bind, "--workers", "1"]
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, timeout=1.0).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"the service did not start; it said:\n{log.read_text('utf-8', 'replace')}")
